"""SBCs in memory that break on order: the same promises as Kamailio behind its adapter.

sbcs = FakeDispatcher({"http://10.0.0.5:8080/RPC": {1: {"sip:a": TargetState.ACTIVE}}})
sbcs.lose_answer_after = 1     # the next change takes effect, and nobody hears of it
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicedr.ports.clock import Clock
from voicedr.ports.dispatcher import DispatcherRefused, DispatcherUnreachable, DispatcherUnsettled
from voicedr.program.execution.actions import SteerDispatcher
from voicedr.program.execution.plan_dispatchers import find, otherwise
from voicedr.program.scope.sbc import DispatcherTarget, TargetState


class FakeDispatcher:
    """A ``Dispatcher`` over dictionaries.

    Attributes:
        standing: By where an SBC is asked, by set, by target: how it stands.
        changes: Every change that took effect, in order.
        dead: Where nobody answers.
        lose_before, lose_answer_after: So many of the next changes are lost, without effect or with it.
        before_change, after_change: Called around each change; a test may raise there.
    """

    def __init__(
        self, standing: Mapping[str, Mapping[int, Mapping[str, TargetState]]], clock: Clock | None = None
    ) -> None:
        self.standing = {rpc: {n: dict(targets) for n, targets in sets.items()} for rpc, sets in standing.items()}
        self.clock = clock
        self.changes: list[tuple[str, int, str, TargetState]] = []
        self.dead: set[str] = set()
        self.lose_before = 0
        self.lose_answer_after = 0
        self.before_change: Callable[[], None] = lambda: None
        self.after_change: Callable[[], None] = lambda: None

    async def targets(self, rpc: str) -> tuple[DispatcherTarget, ...]:
        """See ``Dispatcher``."""
        await self._wait()
        if rpc in self.dead or rpc not in self.standing:
            raise DispatcherUnreachable(f"Kamailio cannot be asked at {rpc}. Nothing changed.")
        return tuple(
            DispatcherTarget(set_id, uri, state, state is TargetState.ACTIVE)
            for set_id, targets in self.standing[rpc].items()
            for uri, state in targets.items()
        )

    async def steer(self, action: SteerDispatcher) -> TargetState:
        """See ``Dispatcher``."""
        seen = await self.targets(action.rpc)
        there = find(seen, action.set_id, action.target)
        if action.undoes and there is not None and there.state is action.to:
            return action.to
        if (words := otherwise(action, seen)) is not None:
            raise DispatcherRefused(f"{words}, and was {action.was} when this was planned. Nothing was done.")
        others = [one for one in seen if one.set_id == action.set_id and one.uri != action.target and one.in_service]
        if there is not None and there.in_service and action.to is not TargetState.ACTIVE and not others:
            raise DispatcherRefused(f"{action.target} is the last target of set {action.set_id} in service.")
        await self._wait()
        self.before_change()
        if self.lose_before:
            self.lose_before -= 1
            raise DispatcherUnsettled(f"{action.target} on {action.sbc}: no answer; it may have taken effect.")
        self.standing[action.rpc][action.set_id][action.target] = action.to
        self.changes.append((action.rpc, action.set_id, action.target, action.to))
        self.after_change()
        if self.lose_answer_after:
            self.lose_answer_after -= 1
            raise DispatcherUnsettled(f"{action.target} on {action.sbc}: no answer; it may have taken effect.")
        return action.to

    async def _wait(self) -> None:
        if self.clock is not None:
            await self.clock.sleep(0.005)

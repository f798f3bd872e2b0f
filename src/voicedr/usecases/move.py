"""Does the actions of an execution: intent, act, what was seen. The only place that changes the provider.

An answer that was lost is settled by looking, never by repeating on a guess.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, assert_never

from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextError, ContextLost, ContextSwitch
from voicedr.ports.dispatcher import (
    Dispatcher,
    DispatcherError,
    DispatcherRefused,
    DispatcherUnreachable,
    DispatcherUnsettled,
)
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider, Throttled, Unreachable, Unsettled
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, SteerDispatcher, SwitchContext, action_id, goes_to
from voicedr.program.execution.assertions import breaks_residency
from voicedr.program.execution.plan_dispatchers import find
from voicedr.program.execution.state import ActionState, Execution, Stage
from voicedr.program.vocabulary import US1, Region
from voicedr.usecases.guard import Guard
from voicedr.usecases.recorder import Recorder

AT_ONCE_MAX = 64
"""Requests in flight. The provider limits concurrency per account without saying how far; pace keeps us below rates."""

ACTS_S = 0.5
"""So many seconds' worth of acts are under way, with their intents and answers still on the way to the disk."""

ACTS_MAX = 256
"""And no more than this: after a crash each of them is looked at before anything else."""

ATTEMPTS_MAX = 8
"""A request that was certainly not done is said so many times, then a person is asked."""

LOOKS_MAX = 20
"""A lost answer is looked for so many times, then a person is asked."""

AGAIN_S = (0.5, 10.0)
"""The first and the longest wait before saying it, or looking, again."""

CONFIRM_S_MAX = 30.0
"""Instances have so long to say that they follow a new context."""


class _Stopped(Exception):
    """It was not sent."""


class _Shown(NamedTuple):
    """What an answer or a look shows: a Region, or how a dispatcher's target stands; and who says so."""

    region: Region | None
    source: str
    state: str = ""


class Mover:
    """Moves what may be moved. ``step`` is called again and again until the execution is over."""

    def __init__(
        self,
        recorder: Recorder,
        provider: RegionalProvider,
        context: ContextSwitch | None,
        clock: Clock,
        guard: Guard,
        residency: Sequence[Region] = (),
        dispatcher: Dispatcher | None = None,
    ) -> None:
        self._recorder = recorder
        self._provider = provider
        self._context = context
        self._dispatcher = dispatcher
        self._clock = clock
        self._guard = guard
        self._residency = tuple(residency)
        self._slots = asyncio.Semaphore(acts_at_once(recorder.execution.plan.requests_per_second))
        self._requests = asyncio.Semaphore(AT_ONCE_MAX)
        self._looks: dict[str, int] = {}
        self._unseen: dict[str, str] = {}
        self.gave_up = False
        """True once a lost answer was looked for in vain for so long that only a person can go on."""
        self._tries: dict[str, int] = {}
        self._not_before: dict[str, float] = {}

    async def step(self) -> int:
        """Do everything that is ready now and come back when it is done. Gives how many actions were tried.

        A pause or an abort is obeyed between two actions; what is in flight is finished. An emergency stop is obeyed
        right before a request is sent, also if its intent is written already.
        """
        ready = deque(ready_actions(self._recorder.execution, self._clock.monotonic_s(), self._not_before))
        if not ready:
            return 0
        count = len(ready)
        async with asyncio.TaskGroup() as group:
            while ready:
                await self._slots.acquire()
                state = ready.popleft()
                if not may_act(self._recorder.execution, state):
                    self._slots.release()
                    continue
                task = group.create_task(self._settle(state) if state.stage is Stage.UNSETTLED else self._act(state))
                task.add_done_callback(lambda _task: self._slots.release())
        return count

    def stuck(self) -> str | None:
        """Why somebody must look, if a lost answer could not be looked for, again and again."""
        worst = max(self._looks.items(), key=lambda item: item[1], default=None)
        if worst is None or worst[1] < LOOKS_MAX:
            return None
        self._looks.clear()
        self.gave_up = True
        return (
            f"how {worst[0]!r} stands could not be settled by looking {LOOKS_MAX} times: {self._unseen[worst[0]]}."
            f" Resume looks again; skip leaves it as it is and goes on"
        )

    async def _act(self, state: ActionState) -> None:
        name = action_id(state.action)
        record = self._recorder.record
        if await self._guard.stopped():
            return
        await record(ev.Intended(at=self._clock.now(), action=name, attempt=state.attempts + 1))
        to = goes_to(state.action)
        rules = (self._recorder.execution.plan.residency, self._residency)
        if to is not None and (why := breaks_residency(to, *rules)) is not None:
            await record(ev.NotDone(at=self._clock.now(), action=name, why=why, final=True))
            return
        try:
            async with self._requests:
                if await self._guard.stopped():
                    raise _Stopped("somebody stopped everything before it was sent")
                shown = await self._do(state.action)
        except _Stopped as exc:
            await record(ev.NotDone(at=self._clock.now(), action=name, why=str(exc), final=False))
        except (Unsettled, ContextLost, DispatcherUnsettled) as exc:
            await record(ev.AnswerLost(at=self._clock.now(), action=name, why=str(exc)))
        except (Refused, DispatcherRefused) as exc:
            await record(ev.NotDone(at=self._clock.now(), action=name, why=str(exc), final=True))
        except (Throttled, Unreachable, ContextError, DispatcherUnreachable) as exc:
            tries = self._tries[name] = self._tries.get(name, 0) + 1
            final = tries >= ATTEMPTS_MAX
            if final:
                self._tries[name] = 0
            self._wait(name, tries)
            await record(ev.NotDone(at=self._clock.now(), action=name, why=str(exc), final=final))
        else:
            await record(
                ev.Answered(
                    at=self._clock.now(), action=name, region=shown.region, source=shown.source, state=shown.state
                )
            )

    async def _do(self, action: Action) -> _Shown:
        match action:
            case SetRoute(subject=subject, to=to):
                route = await self._provider.set_route(subject, to)
                return _Shown(route.region, f"the answer of {self._provider.region}'s routes host")
            case SwitchContext(to=to):
                if self._context is None:
                    raise ContextError(f"the plan switches {action.application}, and no context is configured for it")
                active = await self._context.switch(to)
                if doubts := await self._await_instances(to):
                    raise ContextLost(f"the context says {active.region}, but: {'; '.join(doubts)}")
                return _Shown(active.region, f"context epoch {active.epoch}, confirmed by every instance")
            case SteerDispatcher(sbc=sbc):
                state = await self._asked(action).steer(action)
                return _Shown(None, f"the dispatcher list of {sbc}, read back,", state)
            case _:
                assert_never(action)

    async def _settle(self, state: ActionState) -> None:
        name = action_id(state.action)
        try:
            async with self._requests:
                shown = await self._look(state.action)
        except (ProviderError, ContextError, DispatcherError) as exc:
            self._unseen[name] = str(exc)
            looks = self._looks[name] = self._looks.get(name, 0) + 1
            self._wait(name, looks)
            return
        self._looks.pop(name, None)
        await self._recorder.record(
            ev.Looked(at=self._clock.now(), action=name, region=shown.region, source=shown.source, state=shown.state)
        )

    async def _look(self, action: Action) -> _Shown:
        match action:
            case SetRoute(subject=subject):
                route = await self._provider.route(subject)
                region = US1 if route is None else route.region
                return _Shown(region, f"read from {self._provider.region}'s routes host")
            case SwitchContext(to=to):
                if self._context is None:
                    raise ContextError(f"no context is configured for {action.application}")
                active = await self._context.active()
                # Instances had their time when it was switched; a look is one look.
                if active is not None and active.region == to and (doubts := await self._context.unconfirmed(to)):
                    raise ContextLost("; ".join(doubts))
                return _Shown(None if active is None else active.region, "the context document and its instances")
            case SteerDispatcher(sbc=sbc, rpc=rpc, set_id=set_id, target=target):
                there = find(await self._asked(action).targets(rpc), set_id, target)
                if there is None or there.state is None:
                    stands = "is not in its set any more" if there is None else "is in a state that nobody knows"
                    raise DispatcherError(f"{target} {stands} on {sbc}")
                return _Shown(None, f"the dispatcher list of {sbc}", there.state)
            case _:
                assert_never(action)

    def _asked(self, action: SteerDispatcher) -> Dispatcher:
        if self._dispatcher is None:
            raise DispatcherUnreachable(
                f"the plan steers {action.sbc}, and nothing that could ask it is installed here. Nothing changed."
            )
        return self._dispatcher

    async def _await_instances(self, region: Region) -> list[str]:
        """The instances that do not follow after ``CONFIRM_S_MAX``."""
        if self._context is None:
            return []
        deadline_s = self._clock.monotonic_s() + CONFIRM_S_MAX
        while True:
            doubts = await self._context.unconfirmed(region)
            if not doubts or self._clock.monotonic_s() >= deadline_s:
                return doubts
            await self._clock.sleep(0.5)

    def _wait(self, name: str, times: int) -> None:
        first_s, longest_s = AGAIN_S
        self._not_before[name] = self._clock.monotonic_s() + min(longest_s, first_s * 2 ** (times - 1))


def acts_at_once(requests_per_second: float) -> int:
    """How many acts may be under way at a pace: enough to keep to it on a slow disk, few enough to pause soon."""
    return max(AT_ONCE_MAX, min(ACTS_MAX, int(requests_per_second * ACTS_S)))


def ready_actions(execution: Execution, now_s: float, not_before: dict[str, float]) -> list[ActionState]:
    """Actions that may be tried now: first those to be looked at, then the pending ones, in the plan's order.

    The targets of one SBC come one after another: one is put into service before the other is taken out.
    """
    states = [
        state
        for cohort in execution.current
        if cohort.started_at is not None
        for state in _in_turn(cohort.actions)
        if may_act(execution, state) and not_before.get(action_id(state.action), 0.0) <= now_s
    ]
    return sorted(states, key=lambda state: state.stage is not Stage.UNSETTLED)


def _in_turn(states: Sequence[ActionState]) -> Iterator[ActionState]:
    """Without the targets of an SBC of which an earlier one is not over."""
    waiting: set[str] = set()
    for state in states:
        if isinstance(state.action, SteerDispatcher):
            if state.action.sbc in waiting:
                continue
            if state.stage not in (Stage.DONE, Stage.SKIPPED):
                waiting.add(state.action.sbc)
        yield state


def may_act(execution: Execution, state: ActionState) -> bool:
    """Looking is always allowed; sending only while nothing halts the execution, and what must hold was seen to."""
    if state.stage is Stage.UNSETTLED:
        return True
    return state.stage is Stage.PENDING and not execution.halted and execution.cohorts[state.cohort].fit

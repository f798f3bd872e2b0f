"""The customer's dispatchers: ``voicedr.runtime.sipkit`` behind our port.

It stands here and not among the adapters because adapters know nothing of what customers run beside their systems.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voicedr.adapters.secrets import SecretError, resolve
from voicedr.ports.dispatcher import (
    DispatcherError,
    DispatcherRefused,
    DispatcherUnreachable,
    DispatcherUnsettled,
)
from voicedr.program.execution.actions import STEER_S_MAX, SteerDispatcher
from voicedr.program.execution.plan_dispatchers import find, otherwise
from voicedr.program.scope.sbc import REFERENCES, DispatcherTarget, TargetState, why_no_place
from voicedr.runtime.sipkit.dispatcher import Destination, SetState, State
from voicedr.runtime.sipkit.kamailio_rpc import Answered, NotSent, Rpc, RpcError, Unsettled, WrongPlace, rpc_at
from voicedr.runtime.sipkit.steer import Changed, NotTaken, listed, steer

LOOK_S_MAX = 10.0
"""Kamailio has 5 s to answer; more is a machine that takes connections and does nothing else."""


class KamailioDispatcher:
    """``Dispatcher`` over Kamailio's JSON-RPC.

    Args:
        held: Why nothing may be sent by this process any more; None while it may.
    """

    def __init__(self, held: Callable[[], str | None] = lambda: None) -> None:
        self._held = held

    async def targets(self, rpc: str) -> tuple[DispatcherTarget, ...]:
        """See ``Dispatcher``."""
        place = _place(rpc)
        try:
            async with asyncio.timeout(LOOK_S_MAX):
                return tuple(map(_target, await listed(place)))
        except TimeoutError as exc:
            raise DispatcherUnreachable(
                f"Kamailio at {rpc}: no list within {LOOK_S_MAX:g} s. Nothing changed."
            ) from exc
        except Unsettled as exc:
            raise DispatcherUnreachable(
                f"Kamailio at {rpc} was asked for its list and did not answer. Nothing changed: this only looks."
            ) from exc
        except RpcError as exc:
            raise _meant(rpc, place, exc) from exc

    async def steer(self, action: SteerDispatcher) -> TargetState:
        """See ``Dispatcher``."""
        place = _place(action.rpc)
        seen = await self.targets(action.rpc)
        there = find(seen, action.set_id, action.target)
        if action.undoes and there is not None and there.state is action.to:
            return action.to
        if (words := otherwise(action, seen)) is not None:
            raise DispatcherRefused(
                f"{words}, and was {action.was} when this was planned. Nothing was done. Find out who steers it; skip"
                f" leaves it"
            )
        if (why := self._held()) is not None:
            raise DispatcherUnreachable(f"{action.target} on {action.sbc}: not sent: {why}. Nothing changed.")
        was = action.was if there is None or there.state is None else there.state
        try:
            async with asyncio.timeout(STEER_S_MAX):
                done = await steer(place, SetState(action.set_id, action.target, _flags(was), State(action.to.value)))
        except TimeoutError as exc:
            raise DispatcherUnsettled(
                f"{action.target} on {action.sbc}: no end after {STEER_S_MAX:g} s; it may have taken effect. Look"
                f" before repeating."
            ) from exc
        except RpcError as exc:
            raise _meant(action.rpc, place, exc) from exc
        read = find(tuple(map(_target, done.after)), action.set_id, action.target)
        if read is None or read.state is None:
            raise DispatcherUnsettled(f"{action.target} on {action.sbc} was steered and is not read back. Look at it.")
        return read.state


def _place(rpc: str) -> Rpc:
    """Who is asked; what a reference stands for is held to the same rules as what stands in the workbook."""
    try:
        address = resolve(rpc) if rpc.startswith(REFERENCES) else rpc
    except SecretError as exc:
        raise DispatcherUnreachable(f"where the SBC is asked is not known: {exc}. Nothing changed.") from exc
    why = why_no_place(address) if not address.startswith(REFERENCES) else "it is a reference again"
    if why is not None:
        raise DispatcherUnreachable(f"{rpc}: {why}. Nothing changed.")
    try:
        return rpc_at(address)
    except WrongPlace as exc:
        raise DispatcherUnreachable(f"{rpc} names no place where Kamailio could be asked. Nothing changed.") from exc


def _meant(rpc: str, place: Rpc, exc: RpcError) -> DispatcherError:
    """What a failure of the kit means to an execution. What a reference stands for stays out of the message."""
    said = str(exc).replace(place.where, rpc) if rpc.startswith(REFERENCES) else str(exc)
    match exc:
        case Changed() | Answered():
            return DispatcherRefused(said)
        case NotSent():
            return DispatcherUnreachable(said)
        case Unsettled() | NotTaken():
            return DispatcherUnsettled(said)
        case _:
            return DispatcherUnsettled(f"{said} Look before repeating.")


def _target(one: Destination) -> DispatcherTarget:
    state = None if one.state is None else TargetState(one.state.value)
    return DispatcherTarget(one.set_id, one.uri, state, one.in_service)


def _flags(state: TargetState) -> str:
    return State(state.value).word.upper()

"""An action on a dispatcher, carried out: looked at right before, done once, read back.

A request whose answer was lost is never repeated on a guess: the list is read, and says whether it took effect.
"""

from __future__ import annotations

import asyncio

import msgspec

from voicedr.runtime.sipkit.dispatcher import (
    Action,
    Destination,
    Reload,
    SetState,
    UnreadableList,
    done,
    inverse,
    leaves_nobody,
    read_list,
    to_take_out_again,
    why_not,
)
from voicedr.runtime.sipkit.kamailio_rpc import Answered, NotSent, Rpc, RpcError, Unsettled

READ_BACKS_MAX = 5
READ_BACK_EVERY_S = 0.1

RELOAD_TRIES_MAX = 8
RELOAD_EVERY_S = 1.0
"""Kamailio takes one reload in 5 s (``reload_delta``) and answers 500 in between."""

EMPTY = 404
"""What Kamailio 5.6 answers to a list without any set."""


class Changed(RpcError):
    """It does not stand as it did when the action was planned, or must not be done as it stands. Nothing was done."""


class NotTaken(RpcError):
    """Kamailio said yes, and the read-back says otherwise: somebody else, or a ping, changed it at once."""


class Steered(msgspec.Struct, frozen=True):
    """An action that was carried out.

    Attributes:
        before: The list, read right before.
        after: The list, read back.
        again: What a reload had put back into service and was taken out again.
    """

    action: Action
    before: tuple[Destination, ...]
    after: tuple[Destination, ...]
    again: tuple[SetState, ...] = ()


async def listed(rpc: Rpc) -> tuple[Destination, ...]:
    """Every target of every set.

    Raises:
        RpcError: If it cannot be read. Nothing changed: this only looks.
    """
    try:
        return read_list(await rpc.call("dispatcher.list"))
    except Answered as exc:
        if exc.code in (EMPTY, 500) and "no destination" in str(exc).lower():
            return ()
        raise
    except UnreadableList as exc:
        raise NotSent(f"{rpc.where}: {exc}. Nothing changed.") from exc


async def steer(rpc: Rpc, action: Action) -> Steered:
    """Carry out an action.

    Raises:
        Changed: If it must not be done as things stand. Nothing was done.
        NotSent, Answered: If Kamailio could not be asked or refused. Nothing was done.
        NotTaken: If the read-back contradicts.
        Unsettled: If it is not known. It may have taken effect.
    """
    before = await listed(rpc)
    if why := why_not(action, before):
        raise Changed(f"{why}. Nothing was done.")
    if isinstance(action, Reload):
        return await _reload(rpc, action, before)
    after = await _set(rpc, action)
    if leaves_nobody(action, after):
        # Kamailio compares nothing: whoever takes the other one out in the same moment is seen only now.
        back = inverse(action)
        await _set(rpc, back)
        raise Changed(
            f"{action.uri} was the last target of set {action.set_id} in service by the time it was out: it was put"
            f" back as {back.to.value}."
        )
    return Steered(action, before, after)


async def _set(rpc: Rpc, action: SetState) -> tuple[Destination, ...]:
    lost: Unsettled | None = None
    try:
        await rpc.call("dispatcher.set_state", action.to.word, action.set_id, action.uri)
    except Unsettled as exc:
        lost = exc
    after: tuple[Destination, ...] = ()
    for _ in range(READ_BACKS_MAX):
        try:
            after = await listed(rpc)
        except RpcError as exc:
            raise Unsettled(f"{lost or exc} It was not read back: {exc}") from exc
        if done(action, after):
            return after
        await asyncio.sleep(READ_BACK_EVERY_S)
    if lost is not None:
        raise lost
    raise NotTaken(
        f"{action.uri} was set to {action.to.value} and is read back as"
        f" {next((one.flags for one in after if one.uri == action.uri and one.set_id == action.set_id), 'gone')}."
    )


async def _reload(rpc: Rpc, action: Reload, before: tuple[Destination, ...]) -> Steered:
    for tried in range(RELOAD_TRIES_MAX):
        try:
            await rpc.call("dispatcher.reload")
            break
        except Answered as exc:
            if "ongoing reload" not in str(exc).lower() or tried == RELOAD_TRIES_MAX - 1:
                raise
        await asyncio.sleep(RELOAD_EVERY_S)
    after = await listed(rpc)
    again = to_take_out_again(before, after) if action.keep else ()
    for one in again:
        after = await _set(rpc, one)
    return Steered(action, before, after, again)

"""Every address of a name, looked at one by one and all at once: OPTIONS, and an INVITE if somebody wants it.

An SBC tries the addresses of a name one after another, 4 s each. Here each has its own 4 s, and they run together, so
that the answer for two hundred is there when the slowest is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from voicedr.runtime.sipkit.lines import Line, LineDown, Trust, new_token, open_line
from voicedr.runtime.sipkit.requests import in_dialog, invite, options
from voicedr.runtime.sipkit.standing import PER_ADDRESS_S, Heard, Probed
from voicedr.runtime.sipkit.talk import Asked, Talk
from voicedr.runtime.sipkit.targets import Target
from voicedr.wire.sip.messages import Response, cancel_of

AT_ONCE_MAX = 256
"""Sockets that are open at once: fewer than the 1,024 that a process may have by default."""

FROM_USER = "probe"

TAKE_BACK_S = 2.0
"""For the end of a call that was taken back: 487, or the BYE of one that was answered too quickly."""


async def probe(
    targets: Sequence[Target],
    *,
    per_address_s: float = PER_ADDRESS_S,
    at_once: int = AT_ONCE_MAX,
    invite_to: str | None = None,
    source: str | None = None,
    trust: Trust | None = None,
    from_user: str = FROM_USER,
) -> tuple[Probed, ...]:
    """Look at every target; one result each, in the same order. Never raises for what a target does.

    Args:
        per_address_s: Seconds for connecting and for the first response together.
        at_once: How many are looked at together.
        invite_to: Also call this user at each address and take the call back at the first provisional response. It
            may ring, and it may cost: nobody is called without it.
        source: The address of this machine to come from; None leaves it to the system.
        trust: Whose signatures on certificates are believed; None believes those that this machine does.
        from_user: Who asks, in From and Contact.
    """
    # Reading the authorities of this machine takes longer than a probe: only if somebody speaks TLS.
    believed = trust or (Trust() if any(one.transport == "tls" for one in targets) else None)
    gate = asyncio.Semaphore(max(1, at_once))

    async def one(target: Target) -> Probed:
        async with gate:
            return await _one(target, per_address_s, invite_to, source, believed, from_user)

    return tuple(await asyncio.gather(*(one(target) for target in targets)))


async def _one(
    target: Target, patience_s: float, invite_to: str | None, source: str | None, trust: Trust | None, from_user: str
) -> Probed:
    loop = asyncio.get_running_loop()
    began = loop.time()
    ends_at = began + patience_s
    try:
        line = await open_line(target, ends_at, trust=trust, source=source)
    except LineDown as exc:
        return Probed(target, Heard(why=str(exc), ours=exc.ours))
    connect_s = loop.time() - began if line.reliable else None
    try:
        talk = Talk(line)
        asked = talk.ask(options(target.name, line.here, new_token(), from_user))
        heard, _ = await _heard(talk, asked, ends_at, patience_s)
        invited = None
        if invite_to is not None:
            invited = await _invited(talk, line, invite_to, patience_s, from_user)
        return Probed(target, heard, connect_s, line.certificate, invited)
    except ValueError as exc:
        # The name, or who is to be called, cannot stand in a SIP URI.
        return Probed(target, Heard(why=f"{target.name} cannot be asked: {exc}", ours=True), connect_s)
    finally:
        line.close()


async def _heard(talk: Talk, asked: Asked, ends_at: float, patience_s: float) -> tuple[Heard, Response | None]:
    """What comes back to one request, until a final response or the end; to an INVITE, the first of all."""
    loop = asyncio.get_running_loop()
    first: Response | None = None
    answer_s: float | None = None
    why, ours = f"no response within {patience_s:g} s", False
    try:
        while (got := await talk.response(asked, ends_at)) is not None:
            if answer_s is None:
                answer_s = loop.time() - asked.sent_at
            first = got if first is None or got.code >= 200 else first
            if got.code >= 200 or asked.request.method == "INVITE":
                break
    except LineDown as exc:
        why, ours = str(exc), exc.ours
    if first is None:
        return Heard(sent=asked.sent, why=why, ours=ours), None
    return Heard(first.code, first.phrase, answer_s, asked.sent), first


async def _invited(talk: Talk, line: Line, to: str, patience_s: float, from_user: str) -> Heard:
    """Call, and take it back at the first provisional response: no earlier (RFC 3261 section 9.1)."""
    loop = asyncio.get_running_loop()
    asked = talk.ask(invite(line.target.name, to, line.here, new_token(), from_user))
    heard, first = await _heard(talk, asked, loop.time() + patience_s, patience_s)
    if first is None or first.code >= 300:
        return heard
    ends_at = loop.time() + TAKE_BACK_S
    with suppress(LineDown):  # What was to be known is known; the call ends with its connection.
        answered: Response | None = first
        if first.code < 200:
            talk.ask(cancel_of(asked.request))
            answered = await talk.final(asked, ends_at)
        if answered is not None and answered.code < 300:
            # It was picked up before it could be taken back.
            talk.tell(in_dialog("ACK", asked.request, answered, line.here, new_token()))
            await talk.final(talk.ask(in_dialog("BYE", asked.request, answered, line.here, new_token())), ends_at)
    return heard

"""Ringing one or several called parties at once until the first of them answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import FarEnd, Interruption, Place, RegionLost, Script, SipFarEnd, Wait, Watch
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.origination import call_status
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.sip_leg import call_sip, is_sip, tell_of_failure
from voicedr.twin.calls.status_callback import tell

CALL_MAX_S = 4 * 3600.0
"""No call lasts longer (the default timeLimit of Dial, and the longest trunk call)."""

_NEAR_S = 1e-3
"""What is due within this is due: clocks tell microseconds, and sums of floats a little less."""

_LOOK_S = 0.25
"""How often several own numbers that ring at once are looked at."""


@dataclass(slots=True)
class Called:
    """One party that is rung.

    Attributes:
        line: Its leg. The leg's call has the address in ``to``.
        status: How it stands: ringing, in-progress, or why not: busy, failed, no-answer, canceled.
        sip_code: The final SIP response, 0 as long as there is none.
        talks_s: How long it stays once it has answered; unlimited at the far end of the network.
        far_end: The call through the network, if the address is a number of this account; or the one over SIP.
        invited: The call over SIP, if it is a real one.
        login: User name and password for SIP equipment that asks.
        phone: What a real phone that calls it is connected with; None if there is none.
    """

    line: Line
    status: str = "ringing"
    sip_code: int = 0
    talks_s: float = inf
    far_end: FarEnd | None = None
    invited: SipFarEnd | None = None
    login: tuple[str, str] | None = None
    phone: Phone | None = None
    _due_at: float = field(default=inf)
    _becomes: str = ""


def ring(called: list[Called], timeout_s: float, *, synthetic: bool) -> Script[Called | None]:
    """Ring all of them. Gives the first that answers, or None if none did in time; the others are given up.

    A number of the account is called through the network, so it arrives in whichever Region its route says; others
    are parties outside.
    """
    office = called[0].line.office
    give_up_at = office.now + timeout_s
    try:
        for one in called:
            yield from _start(one, synthetic)
        while True:
            winner = yield from _settle(called)
            open_ones = [one for one in called if one.status == "ringing"]
            if winner is not None or not open_ones or office.now >= give_up_at - _NEAR_S:
                yield from _give_up(called, "no-answer" if winner is None else "canceled")
                return winner
            until_s = max(0.0, min(give_up_at, *(one._due_at for one in open_ones)) - office.now)
            far_ends = [one.far_end for one in open_ones if one.far_end is not None]
            if far_ends:
                yield Watch(far_ends[0], until_s if len(far_ends) == 1 else min(until_s, _LOOK_S))
            else:
                yield Wait(until_s)
    except RegionLost:
        drop(called)
        raise
    except Interruption:
        yield from _give_up(called, "canceled")
        raise


def connect(dials: Phone | None, called: Called) -> Phone | None:
    """Let two real phones hear each other; gives the one to disconnect, or None if one of the two is simulated."""
    other = called.phone or called.line.person.phone
    if dials is None or other is None or other is dials:
        return None
    dials.connect(other)
    return dials


def finish(one: Called, status: str) -> Script[None]:
    """A called leg is over: its log entry and its last status callback."""
    call = one.line.call
    one.status = call.status = status
    call.ended_at = one.line.office.now
    if one.far_end is not None:
        one.far_end.hang_up()
    yield from tell(one.line, "completed")


def drop(called: list[Called]) -> None:
    """The Region is lost and every leg with it. Nobody is told."""
    for one in called:
        if one.line.call.ended_at is None:
            one.status = one.line.call.status = "failed"
            one.line.call.ended_at = one.line.office.now
        if one.far_end is not None:
            one.far_end.hang_up()


def _start(one: Called, synthetic: bool) -> Script[None]:
    line = one.line
    call, office = line.call, line.office
    call.started_at = office.now
    yield from tell(line, "initiated", "initiated")
    call.status = "ringing"
    yield from tell(line, "ringing")
    if call.to in office.world.numbers:
        one.phone = _network_end(line)
        one.far_end = yield Place(call.from_, call.to, Caller(hangs_up_after_s=CALL_MAX_S), synthetic, one.phone)
        return
    if is_sip(call.to) and office.calls_for_real(call.to):
        yield from _invite(one)
        return
    party = office.party(call.to)
    if party.busy:
        one._becomes, one.sip_code = "busy", 486
    elif party.sip_code >= 300:
        one._becomes, one.sip_code = call_status(party.sip_code), party.sip_code
    elif party.answers:
        one._becomes, one.sip_code, one.talks_s = "in-progress", 200, party.talks_s
    else:
        return
    one._due_at = office.now + party.after_s


def _invite(one: Called) -> Script[None]:
    one.far_end = one.invited = yield from call_sip(one.line, one.login)
    if one.invited is None:
        one._becomes, one._due_at = "failed", one.line.office.now


def _network_end(line: Line) -> Phone | None:
    """Who is at this end of a call through the network: the phone that sent it there, or an end for the one that dials.

    The one that dials hears ringing meanwhile, and there may be several such calls for it at once.
    """
    if line.parent is None:
        return line.person.phone
    dials = line.parent.person.phone
    return None if dials is None else dials.extension()


def _settle(called: list[Called]) -> Script[Called | None]:
    """Let whatever is due become so; gives who answered, the first in order."""
    winner: Called | None = None
    for one in called:
        if one.status != "ringing" or winner is not None:
            continue
        becomes = ""
        if one.invited is not None:
            becomes = _invited(one, one.invited)
        elif one.far_end is not None:
            if one.far_end.answered:
                becomes, one.sip_code = "in-progress", 200
            elif one.far_end.over:
                becomes = _unanswered(one.far_end.outcome)
        elif one._due_at <= one.line.office.now + _NEAR_S:
            becomes = one._becomes
        if becomes == "in-progress":
            winner = one
            one.status = becomes
            one.line.answer()
            yield from tell(one.line, "answered")
        elif becomes:
            yield from finish(one, becomes)
    return winner


def _invited(one: Called, far_end: SipFarEnd) -> str:
    """What becomes of a leg over SIP; empty while it rings."""
    if far_end.answered:
        one.sip_code = far_end.sip_code
        one.line.person.phone, one.line.sip = far_end.phone, far_end
        return "in-progress"
    if not far_end.over:
        return ""
    one.sip_code = far_end.sip_code
    tell_of_failure(one.line, far_end)
    return call_status(one.sip_code) if one.sip_code else "failed"


def _unanswered(outcome: str) -> str:
    """The status of a leg whose network call ended without being answered."""
    if outcome in {"busy", "failed"}:
        return outcome
    return "failed" if outcome == "not-connected" else "no-answer"


def _give_up(called: list[Called], status: str) -> Script[None]:
    for one in called:
        if one.status == "ringing":
            yield from finish(one, status)

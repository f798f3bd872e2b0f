"""A call that a trunk takes to the customer's own equipment (https://www.twilio.com/docs/sip-trunking)."""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.twin.calls.commands import Invite, Script, SipFarEnd, Wait, Watch
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.origination import NO_RESPONSE_S, call_status, order, stops
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.world.model import REGIONS, OriginationUrl, Trunk


@dataclass(frozen=True, slots=True)
class Reached:
    """A target gave a final response that ends the search. ``status`` is the call's final one."""

    status: str


@dataclass(frozen=True, slots=True)
class Diverted:
    """No target could be reached: the disaster recovery URL is next, if there is one."""

    status: str


def reach(line: Line, trunk: Trunk) -> Script[Reached | Diverted]:
    """Try the origination URIs and, if one takes the call, stay until it hangs up.

    Every failed attempt is a warning 32011 (https://www.twilio.com/docs/api/errors/32011); no enabled URI is the
    error 32010. A response that stops the search does not lead to disaster recovery. (Assumption: neither that, nor
    that having no URI enabled does, is documented.)
    """
    office = line.office
    line.hears("ringing")
    targets = order(trunk.origination_urls.values(), office.world.draw)
    if not targets:
        office.alert(
            line.region,
            32010,
            f"trunk {trunk.friendly_name or trunk.sid} has no enabled origination URI; enable one or set a disaster "
            "recovery URL",
            resource_sid=line.call.sid,
        )
    for target in targets:
        if office.calls_for_real(target.sip_url):
            far_end = yield from _invited(line, trunk, target)
            if far_end.answered:
                return Reached("completed")
            if stops(far_end.sip_code):
                return Reached(call_status(far_end.sip_code))
            _failed(line, target, far_end.why)
            continue
        party = office.party(target.sip_url)
        responds = party.answers or party.busy or party.sip_code >= 300
        if not responds:
            yield Wait(NO_RESPONSE_S)
            _failed(line, target, f"no response within {NO_RESPONSE_S:g} s")
            continue
        code = 486 if party.busy else party.sip_code
        # A provisional response is taken to stop the 4 s, so it may ring for as long as the caller likes.
        yield Wait(party.after_s)
        if not stops(code):
            _failed(line, target, f"SIP {code}")
            continue
        if code >= 300:
            return Reached(call_status(code))
        line.answer()
        line.hears("talking", target.sip_url)
        yield Wait(min(party.talks_s, CALL_MAX_S))
        return Reached("completed")
    return Diverted("failed")


def _invited(line: Line, trunk: Trunk, target: OriginationUrl) -> Script[SipFarEnd]:
    """Call a target over SIP and stay until one side hangs up. However this ends, the SIP side is told."""
    far_end: SipFarEnd = yield Invite(
        target.sip_url,
        line.call.from_,
        line.call.to,
        REGIONS[line.region],
        trunk.domain_name or "pstn.twilio.com",
        NO_RESPONSE_S,
    )
    try:
        yield Watch(far_end, CALL_MAX_S)
        if far_end.answered:
            line.answer()
            line.hears("talking", target.sip_url)
            yield Watch(far_end, CALL_MAX_S, until_over=True)
    finally:
        far_end.hang_up()
    return far_end


def _failed(line: Line, target: OriginationUrl, how: str) -> None:
    line.office.alert(
        line.region,
        32011,
        f"{target.sip_url}: {how}",
        resource_sid=line.call.sid,
        url=target.sip_url,
        method="INVITE",
        level="warning",
    )

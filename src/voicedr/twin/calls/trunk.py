"""A call that a trunk takes to the customer's own equipment (https://www.twilio.com/docs/sip-trunking)."""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.twin.calls.commands import Invite, Script, SipFarEnd, Wait, Watch
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.origination import NO_RESPONSE_S, call_status, order, stops
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.sip_leg import redirect_failed
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
    error 32010. One 302 of a call is followed; where that leads nowhere it is the error 32219. A response that stops
    the search does not lead to disaster recovery. (Assumption: neither that, nor that having no URI enabled does, is
    documented.)
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
    redirected = False
    for target in targets:
        if office.calls_for_real(target.sip_url):
            far_end = yield from _invited(line, trunk, target, may_redirect=not redirected)
            redirected = redirected or far_end.redirected
            if far_end.answered:
                return Reached("completed")
            if far_end.redirect_failed:
                redirect_failed(line, far_end.redirect_failed, target.sip_url)
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


def _invited(line: Line, trunk: Trunk, target: OriginationUrl, *, may_redirect: bool) -> Script[SipFarEnd]:
    """Call a target over SIP and stay until one side hangs up. However this ends, the SIP side is told."""
    far_end: SipFarEnd = yield Invite(
        target.sip_url,
        line.call.from_,
        line.call.to,
        REGIONS[line.region],
        trunk.domain_name or "pstn.twilio.com",
        NO_RESPONSE_S,
        may_redirect=may_redirect,
    )
    phone = line.person.phone
    try:
        yield Watch(far_end, CALL_MAX_S)
        if far_end.answered:
            line.answer()
            line.hears("talking", target.sip_url)
            if phone is not None and far_end.phone is not None:
                phone.connect(far_end.phone)
            yield Watch(far_end, CALL_MAX_S, until_over=True)
    finally:
        if phone is not None:
            phone.disconnect()
        far_end.hang_up()
        if far_end.referred:
            transfer_refused(line, trunk)
    return far_end


def transfer_refused(line: Line, trunk: Trunk) -> None:
    """Write down that a REFER was refused because the trunk allows none (https://www.twilio.com/docs/api/errors/32218).

    Where it allows them they are refused all the same, since nobody carries them out here; that is no error of yours.
    """
    if trunk.transfer_mode == "disable-all":
        text = f"trunk {trunk.friendly_name or trunk.sid}: a REFER came and TransferMode is disable-all; it was refused"
        line.office.alert(line.region, 32218, text, resource_sid=line.call.sid, method="REFER")


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

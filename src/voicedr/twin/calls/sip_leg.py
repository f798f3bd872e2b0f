"""Calling a SIP address for real: equipment at a URI, or the devices registered at a SIP domain of the account.

A registered user is dialled as ``sip:user@name.sip.twilio.com``, and every device of theirs rings
(https://www.twilio.com/docs/voice/api/sip-registration):
  a domain that is not the account's .............................. 32214
  no user in the address .......................................... 32223
  an edge in the name ............................................. 32220
  the legacy name sip.us1.twilio.com, and nobody registered there . 32221
  nobody registered ............................................... 32009
The page of 13255, which refuses all of ``.sip.twilio.com``, is older than registration. It holds where SIP is
simulated, since nobody can register there.

Anything else is called where it is, from the edge named with the Region unless ``edge=`` says another. The page
https://www.twilio.com/docs/voice/api/receiving-sip has ashburn as the default and says nothing of Regions
(assumption).
"""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote, unquote

from voicedr.twin.calls.commands import Device, Invite, Script, SipFarEnd
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.origination import stops
from voicedr.twin.calls.sip_domain import domain_of
from voicedr.twin.world.model import REGIONS

NO_RESPONSE_S = 32.0
"""How long a first response is waited for: timer B (RFC 3261 section 17.1.1.2). Assumption."""

LEGACY = {"us1": "ashburn", "us1-ix": "ashburn-ix"}
"""Names with which registered users may still be dialled (https://www.twilio.com/docs/api/errors/32220)."""

_ADDRESS = re.compile(r"sips?:(?:(?P<user>[^@;?]*)@)?(?P<host>[^:;?]+)", re.IGNORECASE)


def is_sip(address: str) -> bool:
    """Whether this is a SIP address."""
    return address.lower().startswith(("sip:", "sips:"))


def of_provider(address: str) -> tuple[str, str, str] | None:
    """User, SIP domain and edge of an address at a SIP domain; None if it is elsewhere."""
    found = _ADDRESS.match(address)
    named = domain_of(found["host"]) if found is not None else None
    return None if found is None or named is None else (found["user"] or "", *named)


def call_sip(line: Line, login: tuple[str, str] | None) -> Script[SipFarEnd | None]:
    """Call the address in ``line.call.to``. None if that cannot be done; then it has been told of."""
    call, office = line.call, line.office
    devices: tuple[Device, ...] = ()
    domain = f"{office.world.account_sid.lower()}.sip.twilio.com"
    registered = of_provider(call.to)
    if registered is not None:
        devices, domain = _devices(line, *registered), registered[1]
        if not devices:
            return None
    far_end: SipFarEnd = yield Invite(
        call.to, caller_user(call.from_), "", REGIONS[line.region], domain, NO_RESPONSE_S, login, devices
    )
    return far_end


def tell_of_failure(line: Line, far_end: SipFarEnd) -> None:
    """Write down what went wrong with a call that was not answered, unless that is an ordinary end of a call.

    No response or a wrong one is the warning 32011, as with a trunk (https://www.twilio.com/docs/api/errors/32011).
    """
    if far_end.redirect_failed:
        redirect_failed(line, far_end.redirect_failed, line.call.to)
    elif not stops(far_end.sip_code):
        _tell(line, 32011, f"{line.call.to}: {far_end.why}", "warning")


def redirect_failed(line: Line, why: str, uri: str) -> None:
    """Write down that a 302 led nowhere (https://www.twilio.com/docs/api/errors/32219)."""
    text = f"{uri}: {why}"
    line.office.alert(line.region, 32219, text, resource_sid=line.call.sid, url=uri, method="INVITE")


def _devices(line: Line, user: str, domain: str, edge: str) -> tuple[Device, ...]:
    """The devices to ring; none if nobody can be, and then it has been told of."""
    office = line.office
    stores = office.world.regions.values()
    global_uri = f"sip:{user}@{domain}"
    if not any(one.domain_name == domain for store in stores for one in store.sip_domains.values()):
        text = f"{domain} is no SIP domain of this account; only users of its own can be dialled"
        _tell(line, 32214, text, "warning")
        return ()
    if not user:
        _tell(line, 32223, f"{domain} cannot be dialled; dial a registered user, {global_uri.replace('@', 'user@')}")
        return ()
    if edge and edge not in LEGACY:
        _tell(line, 32220, f"the address names the edge {edge}; dial {global_uri}, which rings every device")
        return ()
    devices = office.sip.registered(user, domain) if office.sip is not None else ()
    here = tuple(device for device in devices if not edge or device.edge == LEGACY[edge])
    if not here and edge:
        _tell(line, 32221, f"no device of {user} is registered at {domain} through {edge}; dial {global_uri}")
    elif not here:
        _tell(line, 32009, f"{user} is not registered at {domain}; nobody was called", "warning")
    return here


def _tell(line: Line, code: int, text: str, level: Literal["error", "warning"] = "error") -> None:
    call = line.call
    line.office.alert(line.region, code, text, resource_sid=call.sid, url=call.to, method="INVITE", level=level)


def caller_user(from_: str) -> str:
    """The user part of a caller: a number as it is, the user of a SIP address."""
    found = _ADDRESS.match(from_)
    user = (found["user"] or "anonymous") if found is not None else from_.removeprefix("client:")
    return quote(unquote(user), safe="+*#_.!~'()-")

"""Who may call a SIP domain, and who may register there (https://www.twilio.com/docs/voice/api/sending-sip).

INVITE, REGISTER ──> which domain ──> Region of its route, now
  a Region that is down .......................... silence
  a domain that is not there ..................... 404, 32002
  Max-Forwards 0 ................................. 483, 32006
  secure and no TLS .............................. 403, 32209
INVITE
  neither list mapped to its calls ............... 403, 32200
  an address that is not in its IP lists ......... 403, 32201
  no credentials, if it has credential lists ..... 407; wrong ones: 403, 32202
  no VoiceUrl .................................... 404
  otherwise ...................................... 180, and the TwiML
REGISTER
  registration is off, or a trunk's domain ....... 405, 32210
  no credential list mapped to its registrations . 403, 32212
  no credentials ................................. 401; wrong ones: 403, 32202
  credentials of another user name ............... 403, 32106
  otherwise ...................................... the registrar

Both lists are enforced if both are mapped, and 407 is documented, on the page above; the codes on
https://www.twilio.com/docs/api/errors. Assumption: the other responses are not documented.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from voicedr.twin import faults
from voicedr.twin.calls.arrival import Arrival, Refused, Registrant, Silence, ToDomain
from voicedr.twin.calls.guard import known, listed
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.sip_domain import Addressed, domain_of, handler_of
from voicedr.twin.world.model import SipDomain
from voicedr.twin.world.routes import effective_region

_Refuse = Callable[[int, int, str], Refused]


def admit_to_domain(office: Office, arrival: Arrival) -> Silence | Refused | ToDomain:
    """Decide what becomes of an INVITE to a SIP domain."""
    found = _found(office, arrival)
    if not isinstance(found, tuple):
        return found
    region, domain, refuse = found
    store = office.store(region)
    if not domain.auth_type:
        return refuse(
            403, 32200, "it has neither an IP access control list nor a credential list; map one to its calls"
        )
    if domain.ip_access_control_lists and not listed(store, domain.ip_access_control_lists, arrival.source):
        return refuse(403, 32201, f"{arrival.source} is in none of its IP access control lists")
    username = ""
    if domain.credential_lists:
        if arrival.shown is None:
            return Refused(407, domain.domain_name)
        if not known(store, domain.credential_lists, arrival.shown, arrival.method):
            return refuse(403, 32202, "user name or password is wrong")
        username = arrival.shown.username
    if handler_of(domain) is None:
        return Refused(404)
    edge = domain_of(arrival.host)
    dialled = Addressed(domain.domain_name, edge[1] if edge is not None else "", arrival.uri, arrival.headers)
    return ToDomain(region, domain, dialled, arrival, username)


def admit_registration(office: Office, arrival: Arrival) -> Silence | Refused | Registrant:
    """Decide whether a device may register; what it registers is the registrar's."""
    if domain_of(arrival.host) is None:
        if arrival.host.lower().endswith(".twilio.com"):
            region = effective_region(office.world, "Trunks", arrival.host.lower(), office.now)
            text = f"{arrival.host}: registration is for SIP domains, and this is none"
            office.alert(region, 32210, text, method="REGISTER")
        return Refused(405)
    found = _found(office, arrival)
    if not isinstance(found, tuple):
        return found
    region, domain, refuse = found
    if not domain.sip_registration:
        return refuse(405, 32210, "registration is off; switch SipRegistration on")
    mapped = domain.registration_credential_lists
    if not mapped:
        return refuse(403, 32212, "no credential list is mapped to its registrations; map one")
    if arrival.shown is None:
        return Refused(401, domain.domain_name)
    if not known(office.store(region), mapped, arrival.shown, arrival.method):
        return refuse(403, 32202, "user name or password is wrong")
    if arrival.shown.username != arrival.user:
        return refuse(
            403, 32106, f"{arrival.shown.username!r} cannot register {arrival.user!r}; use the same user name"
        )
    return Registrant(region, domain, arrival.user)


def warn_registrant(office: Office, registrant: Registrant, code: int, text: str) -> None:
    """Put what was wrong with a registration that was allowed into its Region's feed."""
    domain = registrant.domain
    text = f"{registrant.user}@{domain.domain_name}: {text}"
    office.alert(registrant.region, code, text, resource_sid=domain.sid, method="REGISTER", level="warning")


def _found(office: Office, arrival: Arrival) -> Silence | Refused | tuple[str, SipDomain, _Refuse]:
    """The Region and the domain, and how the latter refuses."""
    named = domain_of(arrival.host)
    if named is None:
        return Refused(404)
    name = named[0]
    region = effective_region(office.world, "SipDomains", name, office.now)
    if faults.region_down(office.world, region, office.now) is not None:
        return Silence()
    domain = next((one for one in office.store(region).sip_domains.values() if one.domain_name == name), None)
    if domain is None:
        text = f"there is no SIP domain {name} in {region}, where its route leads; create it there"
        office.alert(region, 32002, text, method=arrival.method, level="warning")
        return Refused(404)
    sid = domain.sid

    def refuse(code: int, error: int, text: str) -> Refused:
        level: Literal["error", "warning"] = "warning" if error in _WARNINGS else "error"
        office.alert(region, error, f"{name}: {text}", resource_sid=sid, method=arrival.method, level=level)
        return Refused(code)

    if arrival.max_forwards == 0:
        return refuse(483, 32006, "Max-Forwards is 0; send at least 20")
    if domain.secure and arrival.transport != "tls":
        return refuse(403, 32209, f"it is secure and this came by {arrival.transport.upper()}")
    return region, domain, refuse


_WARNINGS = frozenset({32006, 32212})

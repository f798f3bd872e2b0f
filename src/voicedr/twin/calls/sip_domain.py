"""A call that comes in over SIP to a domain of the account (https://www.twilio.com/docs/voice/api/sip-twiml).

The domain's name decides the Region, by its route; the edge in the name decides only the way in. A name without an edge
comes in through ashburn, as it is documented for registrations
(https://www.twilio.com/docs/voice/api/sip-registration).

Simulated, nothing goes over a socket: the caller is somebody's PBX that dials ``sip:sales@acme.sip.dublin.twilio.com``,
and what the INVITE says is taken from that URI. The PBX is taken to be on the domain's lists: a domain that has neither
an access control list nor a credential list takes no traffic
(https://www.twilio.com/docs/voice/sip/api/sip-domain-resource), one that has takes this call. Whoever sends a real
INVITE has to be on them (``sip_domain_desk``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from voicedr.twin.calls.handler import Handler, of_voice
from voicedr.twin.world.model import RegionStore, SipDomain
from voicedr.wire.overrides import EDGES, INTERCONNECT_EDGES, UNSUPPORTED_EDGES

HEADERS_MAX = 50
PBX = "pbx.invalid"
"""Where a simulated caller is, if they do not say: a name that nobody can have (RFC 2606 §2)."""

_ADDRESS = re.compile(
    r"(?:sip|sips):(?P<user>[^@?;]+)@(?P<name>[a-z0-9-]+)\.sip(?:\.(?P<edge>[a-z-]+))?\.twilio\.com(?::\d{1,5})?"
    r"(?P<parameters>;[^?]*)?(?:\?(?P<headers>.*))?",
    re.IGNORECASE,
)
_HOST = re.compile(r"([a-z0-9-]+)\.sip(?:\.([a-z0-9-]+))?\.twilio\.com\.?")
_WAYS_IN = (EDGES | INTERCONNECT_EDGES | UNSUPPORTED_EDGES) - {"roaming"}


@dataclass(frozen=True, slots=True)
class Addressed:
    """A SIP domain as it was dialled.

    Attributes:
        domain_name: Without the edge: what routes and resources are called by.
        uri: What the INVITE asks for.
        headers: What the caller put behind ``?``; RFC 3261 §19.1.1 makes them headers of the INVITE.
    """

    domain_name: str
    edge: str
    uri: str
    headers: tuple[tuple[str, str], ...] = ()


def addressed(to: str) -> Addressed | None:
    """The SIP domain in an address; None if it is no SIP URI or not one of a SIP domain."""
    found = _ADDRESS.fullmatch(to)
    if found is None:
        return None
    edge = (found["edge"] or "ashburn").lower()
    if edge not in _WAYS_IN:
        return None
    headers = tuple(parse_qsl(found["headers"] or "")[:HEADERS_MAX])
    return Addressed(f"{found['name'].lower()}.sip.twilio.com", edge, to.partition("?")[0], headers)


def domain_of(host: str) -> tuple[str, str] | None:
    """The SIP domain that a host names, without its edge, and the edge or legacy id; None if it names none.

    ``acme.sip.dublin.twilio.com`` is ``acme.sip.twilio.com`` and ``dublin``.
    """
    found = _HOST.fullmatch(host.lower())
    return None if found is None else (f"{found[1]}.sip.twilio.com", found[2] or "")


def standing(store: RegionStore, domain_name: str) -> SipDomain | None:
    """The domain of this name in this Region, if it takes traffic there."""
    domain = next((one for one in store.sip_domains.values() if one.domain_name == domain_name), None)
    return domain if domain is not None and domain.auth_type else None


def handler_of(domain: SipDomain) -> Handler | None:
    """Its VoiceUrl with fallback and status callback; None if it has no VoiceUrl."""
    return of_voice(domain.voice)


def caller_uri(from_: str) -> str:
    """The From of the INVITE."""
    return from_ if from_.lower().startswith(("sip:", "sips:")) else f"sip:{from_}@{PBX}"


def parameters(
    domain: SipDomain, dialled: Addressed, call_id: str, username: str, source: str = "127.0.0.1"
) -> dict[str, str]:
    """What webhooks of such a call say besides the usual.

    Of the headers only ``X-...`` and ``User-to-User`` are passed (https://www.twilio.com/docs/voice/api/sip-twiml).
    """
    fields = {
        "SipCallId": call_id,
        "SipDomain": domain.domain_name,
        "SipDomainSid": domain.sid,
        "SipSourceIp": source,
    }
    if "CREDENTIAL_LIST" in domain.auth_type:
        fields["SipUsername"] = username
    for name, value in dialled.headers:
        if name.lower().startswith("x-") or name.lower() == "user-to-user":
            fields[f"SipHeader_{name}"] = value
    return fields

"""SIP domains: regional; the same domain name may stand in several Regions and a route makes one of them active.

Source: https://www.twilio.com/docs/voice/sip/api/sip-domain-resource (read 2026-11-21).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.voice_fields import changed_voice
from voicedr.twin.world.model import SipDomain, Voice
from voicedr.wire.http import Response

DOMAINS_MAX = 100
"""SIP domains of an account (https://www.twilio.com/docs/api/errors/21230). Here: in each Region."""


def show(ask: Ask, domain: SipDomain) -> dict[str, Any]:
    """A SIP domain. An empty ``auth_type`` means that it takes no traffic."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/Domains/{domain.sid}"
    return {
        "sid": domain.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": domain.friendly_name,
        "domain_name": domain.domain_name,
        "auth_type": domain.auth_type,
        "voice_url": domain.voice.voice_url,
        "voice_method": domain.voice.voice_method,
        "voice_fallback_url": domain.voice.voice_fallback_url,
        "voice_fallback_method": domain.voice.voice_fallback_method,
        "voice_status_callback_url": domain.voice.status_callback,
        "voice_status_callback_method": domain.voice.status_callback_method,
        "sip_registration": domain.sip_registration,
        "secure": domain.secure,
        "emergency_calling_enabled": False,
        "emergency_caller_sid": None,
        "byoc_trunk_sid": None,
        "api_version": "2010-04-01",
        "date_created": rfc2822(domain.created_at),
        "date_updated": rfc2822(domain.updated_at),
        "uri": uri + ".json",
        "subresource_uris": {
            "auth": uri + "/Auth.json",
            "credential_list_mappings": uri + "/CredentialListMappings.json",
            "ip_access_control_list_mappings": uri + "/IpAccessControlListMappings.json",
        },
    }


def list_(ask: Ask) -> Response:
    """The Region's SIP domains."""
    return page_2010(ask, "domains", list(ask.store.sip_domains.values()), lambda domain: show(ask, domain))


def fetch(ask: Ask) -> Response:
    """One SIP domain."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new SIP domain. It takes no traffic until a list is mapped to it."""
    if len(ask.store.sip_domains) >= DOMAINS_MAX:
        raise Refused(400, 21230, f"The account has {DOMAINS_MAX} SIP domains in {ask.region}, which is the most")
    name = _domain_name(ask, None)
    voice = changed_voice(ask, Voice())
    domain = SipDomain(
        sid=ask.world.mint("SD"),
        domain_name=name,
        friendly_name=ask.given("FriendlyName") or name,
        voice=voice,
        auth_type="",
        sip_registration=ask.flag("SipRegistration", False),
        secure=ask.flag("Secure", False),
        created_at=ask.now,
        updated_at=ask.now,
    )
    ask.store.sip_domains[domain.sid] = domain
    return resource(show(ask, domain), 201)


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    domain = _one(ask)
    name = _domain_name(ask, domain)
    domain.voice = changed_voice(ask, domain.voice)
    domain.domain_name = name
    if (friendly_name := ask.given("FriendlyName")) is not None:
        domain.friendly_name = friendly_name
    domain.sip_registration = ask.flag("SipRegistration", domain.sip_registration)
    domain.secure = ask.flag("Secure", domain.secure)
    domain.updated_at = ask.now
    return resource(show(ask, domain))


def delete(ask: Ask) -> Response:
    """Delete it in this Region."""
    del ask.store.sip_domains[_one(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> SipDomain:
    domain = ask.store.sip_domains.get(ask.ids["sid"])
    if domain is None:
        raise ask.not_found()
    return domain


def _domain_name(ask: Ask, of: SipDomain | None) -> str:
    name = ask.given("DomainName")
    if name is None and of is not None:
        return of.domain_name
    left, _, right = (name or "").partition(".sip.")
    if right != "twilio.com" or not left or not all(c.isalnum() or c == "-" for c in left):
        raise Refused(400, 21231, f"DomainName {name!r} is invalid; give letters, digits and - and .sip.twilio.com")
    if any(other.domain_name == name and other is not of for other in ask.store.sip_domains.values()):
        raise Refused(400, 21232, f"DomainName {name} is taken in {ask.region}")
    return name or ""


endpoints = (
    Endpoint("api", "2010-04-01", "SIP/Domains", {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", "SIP/Domains/{sid}", {"GET": fetch, "POST": update, "DELETE": delete}),
)

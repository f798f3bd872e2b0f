"""The lists that are mapped to a SIP domain: for its calls in the old form and the new, and for registrations.

Sources: https://www.twilio.com/docs/voice/sip/api/sip-domain-mappings-resource and the pages of the ``Auth/Calls`` and
``Auth/Registrations`` mappings beside it (read 2026-11-21). Old and new form of a call mapping are the same mapping:
what is made in one is seen in the other. A mapping's id is the id of its list, and in the new form the list of a page
is called ``contents``. That mapping a list twice is refused with 21231 is an assumption.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.model import SipDomain
from voicedr.twin.world.sip_lists import CredentialList, IpAccessControlList, settle_auth_type
from voicedr.wire.http import Response


@dataclass(frozen=True, slots=True)
class _Form:
    """One kind of mapping and how it is told.

    Attributes:
        lists: Where the Region and the domain keep the lists of this kind.
        mapped: Where the domain keeps the mappings.
        old: The old form has ``domain_sid`` and ``uri`` and its own list key.
    """

    path: str
    field: str
    lists: Literal["ip_access_control_lists", "credential_lists"]
    mapped: Literal["ip_access_control_lists", "credential_lists", "registration_credential_lists"]
    key: str = "contents"
    old: bool = False


_FORMS = (
    _Form("IpAccessControlListMappings", "IpAccessControlListSid", "ip_access_control_lists",
          "ip_access_control_lists", "ip_access_control_list_mappings", old=True),
    _Form("CredentialListMappings", "CredentialListSid", "credential_lists", "credential_lists",
          "credential_list_mappings", old=True),
    _Form("Auth/Calls/IpAccessControlListMappings", "IpAccessControlListSid", "ip_access_control_lists",
          "ip_access_control_lists"),
    _Form("Auth/Calls/CredentialListMappings", "CredentialListSid", "credential_lists", "credential_lists"),
    _Form("Auth/Registrations/CredentialListMappings", "CredentialListSid", "credential_lists",
          "registration_credential_lists"),
)  # fmt: skip


def show(form: _Form, ask: Ask, domain: SipDomain, made: IpAccessControlList | CredentialList) -> dict[str, Any]:
    """A mapping: its id is the list's."""
    at = rfc2822(_mapped(form, domain)[made.sid])
    shown = {
        "account_sid": ask.world.account_sid,
        "sid": made.sid,
        "friendly_name": made.friendly_name,
        "date_created": at,
        "date_updated": at,
    }
    if form.old:
        base = f"/2010-04-01/Accounts/{ask.world.account_sid}/SIP/Domains/{domain.sid}"
        shown |= {"domain_sid": domain.sid, "uri": f"{base}/{form.path}/{made.sid}.json"}
    return shown


def list_(form: _Form, ask: Ask) -> Response:
    """The lists that are mapped."""
    domain = _domain(ask)
    return page_2010(ask, form.key, list(_lists(form, ask, domain)), lambda made: show(form, ask, domain, made))


def fetch(form: _Form, ask: Ask) -> Response:
    """One mapping."""
    domain = _domain(ask)
    return resource(show(form, ask, domain, _one(form, ask, domain)))


def create(form: _Form, ask: Ask) -> Response:
    """Map a list of this Region. The domain takes traffic from then on."""
    domain, sid = _domain(ask), ask.required(form.field)
    made = _known(form, ask).get(sid)
    if made is None:
        raise Refused(404, 20404, f"{form.field} {sid} was not found in {ask.region}")
    mapped = _mapped(form, domain)
    if sid in mapped:
        raise Refused(400, 21231, f"{sid} is mapped to {domain.sid} already")
    mapped[sid] = ask.now
    _settle(form, ask, domain)
    return resource(show(form, ask, domain, made), 201)


def delete(form: _Form, ask: Ask) -> Response:
    """Take the list off. With the last one gone the domain takes no traffic."""
    domain = _domain(ask)
    del _mapped(form, domain)[_one(form, ask, domain).sid]
    _settle(form, ask, domain)
    return NO_CONTENT


def _settle(form: _Form, ask: Ask, domain: SipDomain) -> None:
    if form.mapped != "registration_credential_lists":
        settle_auth_type(domain)
        domain.updated_at = ask.now


def _domain(ask: Ask) -> SipDomain:
    domain = ask.store.sip_domains.get(ask.ids["domain"])
    if domain is None:
        raise ask.not_found()
    return domain


def _mapped(form: _Form, domain: SipDomain) -> dict[str, float]:
    match form.mapped:
        case "ip_access_control_lists":
            return domain.ip_access_control_lists
        case "credential_lists":
            return domain.credential_lists
        case "registration_credential_lists":
            return domain.registration_credential_lists


def _known(form: _Form, ask: Ask) -> dict[str, IpAccessControlList] | dict[str, CredentialList]:
    return ask.store.credential_lists if form.lists == "credential_lists" else ask.store.ip_access_control_lists


def _lists(form: _Form, ask: Ask, domain: SipDomain) -> Iterator[IpAccessControlList | CredentialList]:
    known = _known(form, ask)
    for sid in list(_mapped(form, domain)):
        if (made := known.get(sid)) is not None:
            yield made


def _one(form: _Form, ask: Ask, domain: SipDomain) -> IpAccessControlList | CredentialList:
    for made in _lists(form, ask, domain):
        if made.sid == ask.ids["sid"]:
            return made
    raise ask.not_found()


endpoints = tuple(
    endpoint
    for form in _FORMS
    for endpoint in (
        Endpoint(
            "api",
            "2010-04-01",
            f"SIP/Domains/{{domain}}/{form.path}",
            {"GET": partial(list_, form), "POST": partial(create, form)},
        ),
        Endpoint(
            "api",
            "2010-04-01",
            f"SIP/Domains/{{domain}}/{form.path}/{{sid}}",
            {"GET": partial(fetch, form), "DELETE": partial(delete, form)},
        ),
    )
)

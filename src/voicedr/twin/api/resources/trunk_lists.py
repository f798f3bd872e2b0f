"""The lists that are mapped to a trunk: who may send calls through it to the public network.

Sources: https://www.twilio.com/docs/sip-trunking/api/ipaccesscontrollist-resource and
https://www.twilio.com/docs/sip-trunking/api/credentiallist-resource (read 2026-11-21): added and taken off by the id of
the list, which is also the id of the mapping; there is no update. A list that is on the trunk already is 21245
(https://www.twilio.com/docs/api/errors/21245).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources.trunks import one_trunk
from voicedr.twin.world.model import Trunk
from voicedr.twin.world.sip_lists import CredentialList, IpAccessControlList, settle_auth_type
from voicedr.wire.http import Response


@dataclass(frozen=True, slots=True)
class _Kind:
    """Lists of addresses, or of credentials."""

    path: str
    field: str
    key: str
    credentials: bool


_KINDS = (
    _Kind("IpAccessControlLists", "IpAccessControlListSid", "ip_access_control_lists", credentials=False),
    _Kind("CredentialLists", "CredentialListSid", "credential_lists", credentials=True),
)


def show(kind: _Kind, ask: Ask, trunk: Trunk, made: IpAccessControlList | CredentialList) -> dict[str, Any]:
    """A list that is on the trunk."""
    at = iso(_mapped(kind, trunk)[made.sid])
    return {
        "sid": made.sid,
        "account_sid": ask.world.account_sid,
        "trunk_sid": trunk.sid,
        "friendly_name": made.friendly_name,
        "date_created": at,
        "date_updated": at,
        "url": f"https://{ask.host.name}/v1/Trunks/{trunk.sid}/{kind.path}/{made.sid}",
    }


def list_(kind: _Kind, ask: Ask) -> Response:
    """The lists on the trunk."""
    trunk, known = one_trunk(ask), _known(kind, ask)
    found = [known[sid] for sid in _mapped(kind, trunk) if sid in known]
    return page_of_product(ask, kind.key, found, lambda made: show(kind, ask, trunk, made))


def fetch(kind: _Kind, ask: Ask) -> Response:
    """One list on the trunk."""
    trunk = one_trunk(ask)
    return resource(show(kind, ask, trunk, _one(kind, ask, trunk)))


def create(kind: _Kind, ask: Ask) -> Response:
    """Put a list of this Region on the trunk."""
    trunk, sid = one_trunk(ask), ask.required(kind.field)
    made = _known(kind, ask).get(sid)
    if made is None:
        raise Refused(404, 20404, f"{kind.field} {sid} was not found in {ask.region}")
    mapped = _mapped(kind, trunk)
    if sid in mapped:
        raise Refused(400, 21245, f"{sid} is associated with trunk {trunk.sid} already")
    mapped[sid] = trunk.updated_at = ask.now
    settle_auth_type(trunk)
    return resource(show(kind, ask, trunk, made), 201)


def delete(kind: _Kind, ask: Ask) -> Response:
    """Take a list off. With the last one gone nothing may be sent through the trunk."""
    trunk = one_trunk(ask)
    del _mapped(kind, trunk)[_one(kind, ask, trunk).sid]
    trunk.updated_at = ask.now
    settle_auth_type(trunk)
    return NO_CONTENT


def _mapped(kind: _Kind, trunk: Trunk) -> dict[str, float]:
    return trunk.credential_lists if kind.credentials else trunk.ip_access_control_lists


def _known(kind: _Kind, ask: Ask) -> dict[str, IpAccessControlList] | dict[str, CredentialList]:
    return ask.store.credential_lists if kind.credentials else ask.store.ip_access_control_lists


def _one(kind: _Kind, ask: Ask, trunk: Trunk) -> IpAccessControlList | CredentialList:
    sid = ask.ids["sid"]
    made = _known(kind, ask).get(sid)
    if made is None or sid not in _mapped(kind, trunk):
        raise ask.not_found()
    return made


endpoints = tuple(
    endpoint
    for kind in _KINDS
    for endpoint in (
        Endpoint(
            "trunking",
            "v1",
            f"Trunks/{{trunk}}/{kind.path}",
            {"GET": partial(list_, kind), "POST": partial(create, kind)},
        ),
        Endpoint(
            "trunking",
            "v1",
            f"Trunks/{{trunk}}/{kind.path}/{{sid}}",
            {"GET": partial(fetch, kind), "DELETE": partial(delete, kind)},
        ),
    )
)

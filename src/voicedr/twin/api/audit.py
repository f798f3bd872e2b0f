"""The audit trail: every change that the REST API makes, kept in the Region whose host was asked.

Source: https://www.twilio.com/docs/usage/monitor-events (read 2026-11-21): an event has a type such as
``phone-number.updated``, the resource, who did it and when. Calls are not in it: they are in the call log. The names of
the types beyond numbers, keys and applications are assumptions. An event's id follows from the Region and a count, so
that keeping the trail changes no other id and no chance.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

import msgspec

from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.world.permissions import AuditEvent
from voicedr.wire.http import Response

EVENTS_MAX = 20_000
"""Kept in each Region; the oldest are dropped. At 200 bytes each this is 4 MB."""

_TYPES = {
    "IncomingPhoneNumbers": "phone-number",
    "Applications": "application",
    "Keys": "api-key",
    "SigningKeys": "api-key",
    "OutgoingCallerIds": "caller-id",
    "Queues": "queue",
    "SIP/Domains": "sip-domain",
    "SIP/IpAccessControlLists": "sip-ip-access-control-list",
    "SIP/CredentialLists": "sip-credential-list",
    "Trunks": "sip-trunk",
    "PhoneNumbers": "inbound-processing-region",
    "SipDomains": "inbound-processing-region",
    "DialingPermissions": "dialing-permissions",
    "Recordings": "recording",
    "AuthTokens": "auth-token",
    "Addresses": "address",
    "RegulatoryCompliance/Bundles": "regulatory-bundle",
    "Services": "messaging-service",
    "Webhooks/Settings": "webhook-setting",
    "Webhooks/Rules": "webhook-rule",
    "Webhooks/AuthProfiles": "webhook-auth-profile",
    "Webhooks/SharedKeys": "webhook-shared-key",
}


def note_change(ask: Ask, endpoint: Endpoint, response: Response) -> None:
    """Keep what a request changed, if it changed something that is audited."""
    if ask.method not in ("POST", "PATCH", "DELETE") or response.status >= 300:
        return
    kind = _type(endpoint.path)
    if kind is None:
        return
    verb = "deleted" if ask.method == "DELETE" else "created" if response.status == 201 else "updated"
    sid = next(reversed(ask.ids.values()), "")
    if ask.method != "DELETE":
        shown: dict[str, Any] = msgspec.json.decode(response.body)
        sid = str(shown.get("sid") or shown.get("id") or sid)
    trail = ask.store.audit
    if len(trail) >= EVENTS_MAX:
        del trail[: EVENTS_MAX // 10]
    ask.store.audited += 1
    text = f"{ask.world.seed}:AE:{ask.region}:{ask.store.audited}"
    made = "AE" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    trail.append(AuditEvent(made, f"{kind}.{verb}", sid, kind, ask.user, ask.now))


@cache
def _type(of: str) -> str | None:
    for path, kind in _TYPES.items():
        if of == path or of.startswith(path + "/"):
            return kind
    return None

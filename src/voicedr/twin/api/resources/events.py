"""Monitor Events: who changed what through the REST API, newest first.

Source: https://www.twilio.com/docs/usage/monitor-events (read 2026-11-21). Whether ``monitor`` has regional hosts is
not documented; here each Region's host shows what was changed through that Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import instant
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.world.permissions import AuditEvent
from voicedr.wire.http import Response

SOURCE_IP = "127.0.0.1"
"""All who reach the twin are on its own machine."""


def show(ask: Ask, event: AuditEvent) -> dict[str, Any]:
    """An event. ``actor_sid`` is a person's; who uses a key or a token is none."""
    url = f"https://{ask.host.name}/v1/Events/{event.sid}"
    by_key = event.actor[:2] == "SK"
    return {
        "sid": event.sid,
        "account_sid": ask.world.account_sid,
        "event_type": event.kind,
        "event_date": iso(event.at),
        "event_data": {"credential_sid": event.actor},
        "description": None,
        "actor_sid": None,
        "actor_type": "api-key" if by_key else "account",
        "resource_sid": event.resource_sid or None,
        "resource_type": event.resource_type,
        "source": "api",
        "source_ip_address": SOURCE_IP,
        "url": url,
        "links": {},
    }


def list_(ask: Ask) -> Response:
    """By type, resource, address and time."""
    return page_of_product(ask, "events", _matching(ask), lambda event: show(ask, event))


def fetch(ask: Ask) -> Response:
    """One event."""
    for event in reversed(ask.store.audit):
        if event.sid == ask.ids["sid"]:
            return resource(show(ask, event))
    raise ask.not_found()


def _matching(ask: Ask) -> Iterator[AuditEvent]:
    kind, sid, address = (ask.wanted(name) for name in ("EventType", "ResourceSid", "SourceIpAddress"))
    oldest, newest = instant(ask, "StartDate"), instant(ask, "EndDate")
    if address not in (None, SOURCE_IP) or ask.wanted("ActorSid") is not None:
        return
    for event in reversed(ask.store.audit):
        if kind not in (None, event.kind) or sid not in (None, event.resource_sid):
            continue
        if (oldest is None or event.at >= oldest) and (newest is None or event.at <= newest):
            yield event


endpoints = (
    Endpoint("monitor", "v1", "Events", {"GET": list_}),
    Endpoint("monitor", "v1", "Events/{sid}", {"GET": fetch}),
)

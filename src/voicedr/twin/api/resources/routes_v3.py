"""Routes v3: numbers only, through us1 only; other Regions refuse it.

Source: https://www.twilio.com/docs/global-infrastructure/inbound-processing-api (read 2026-11-21). Fields and keys
in camel case, as in the published schema; the page itself shows snake case.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.resources.routes_v2 import read_entry, write_entry
from voicedr.twin.world.model import RouteEntry
from voicedr.wire.http import Response


def show(ask: Ask, entry: RouteEntry, region: str) -> dict[str, Any]:
    """A route. The Region of messages is not modelled: it stays us1."""
    changed_at = entry.changes[-1].at if entry.changes else entry.created_at
    return {
        "phoneNumber": entry.name,
        "url": f"https://{ask.host.name}/v3/PhoneNumbers/{entry.name}",
        "accountSid": ask.world.account_sid,
        "friendlyName": entry.friendly_name,
        "voiceRegion": region,
        "messagingRegion": "us1",
        "dateCreated": iso(entry.created_at),
        "dateUpdated": iso(changed_at),
    }


def fetch(ask: Ask) -> Response:
    """The route of a number."""
    return resource(show(ask, *read_entry(ask, "PhoneNumbers")))


def update(ask: Ask) -> Response:
    """Set the route of a number."""
    entry = write_entry(ask, "PhoneNumbers", ask.given("voiceRegion"), ask.given("friendlyName"))
    return resource(show(ask, entry, entry.stored()))


endpoints = (Endpoint("routes", "v3", "PhoneNumbers/{name}", {"GET": fetch, "POST": update}, us1_realm=True),)

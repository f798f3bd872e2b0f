"""Routes v2: the Region that gets the calls of a number, a trunk domain or a SIP domain.

Source: https://www.twilio.com/docs/global-infrastructure/inbound-processing-api (read 2026-11-21). The path has the
number or the domain name, in the plural forms PhoneNumbers, Trunks, SipDomains. GET is 404 until the first POST;
POST is an upsert and answers 200. Not documented, and so assumptions: the code of a bad Region (20001), and of a
number, trunk or domain that the account does not have (404, 20404).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from voicedr.twin import faults
from voicedr.twin.api.answers import Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.world.model import REGIONS, RouteEntry, RouteKind
from voicedr.twin.world.routes import owned, stored_at, write_route
from voicedr.wire.http import Response

_NAME_KEYS: dict[RouteKind, str] = {
    "PhoneNumbers": "phone_number",
    "Trunks": "sip_trunk_domain",
    "SipDomains": "sip_domain",
}


def show(ask: Ask, entry: RouteEntry, region: str) -> dict[str, Any]:
    """A route. ``region`` is the one that a read shows."""
    changed_at = entry.changes[-1].at if entry.changes else entry.created_at
    return {
        _NAME_KEYS[entry.kind]: entry.name,
        "url": f"https://{ask.host.name}/v2/{entry.kind}/{entry.name}",
        "sid": entry.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": entry.friendly_name,
        "voice_region": region,
        "date_created": iso(entry.created_at),
        "date_updated": iso(changed_at),
    }


def read_entry(ask: Ask, kind: RouteKind) -> tuple[RouteEntry, str]:
    """The route as this Region's host reads it, and the Region it shows.

    Raises:
        Refused: 404 if it was never set, or was not yet as far as this host has read.
    """
    entry = ask.world.routes.get((kind, ask.ids["name"]))
    if entry is None:
        raise ask.not_found()
    lag_s = faults.route_lag_s(ask.world, ask.region, ask.now) if ask.world.faults else 0.0
    shown = stored_at(entry, ask.now - lag_s) if lag_s else entry.stored()
    if shown is None:
        raise ask.not_found()
    return entry, shown


def write_entry(ask: Ask, kind: RouteKind, region: str | None, friendly_name: str | None) -> RouteEntry:
    """Set the route.

    Raises:
        Refused: If the Region is none, or the account does not have the thing. Nothing changed.
    """
    name = ask.ids["name"]
    if region is not None and region not in REGIONS:
        raise Refused(400, 20001, f"Invalid VoiceRegion: {region!r}; it is one of {', '.join(REGIONS)}")
    if friendly_name is not None and len(friendly_name) > 64:
        raise Refused(400, 20001, f"FriendlyName has {len(friendly_name)} characters; at most 64")
    if not owned(ask.world, kind, name):
        raise ask.not_found()
    held_until = faults.route_held_until(ask.world, ask.region, name, ask.now) if ask.world.faults else None
    return write_route(
        ask.world,
        kind,
        name,
        ask.now,
        region=region,
        via=ask.region,
        friendly_name=friendly_name,
        held_until=held_until,
    )


def _fetch(kind: RouteKind) -> Callable[[Ask], Response]:
    def fetch(ask: Ask) -> Response:
        entry, region = read_entry(ask, kind)
        return resource(show(ask, entry, region))

    return fetch


def _update(kind: RouteKind) -> Callable[[Ask], Response]:
    def update(ask: Ask) -> Response:
        entry = write_entry(ask, kind, ask.given("VoiceRegion"), ask.given("FriendlyName"))
        return resource(show(ask, entry, entry.stored()))

    return update


endpoints = tuple(
    Endpoint("routes", "v2", f"{kind}/{{name}}", {"GET": _fetch(kind), "POST": _update(kind)})
    for kind in cast(tuple[RouteKind, ...], tuple(_NAME_KEYS))
)

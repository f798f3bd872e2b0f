"""Voice Insights in detail: what happened on a call's way, and samples of its sound, edge by edge.

Sources: https://www.twilio.com/docs/voice/voice-insights/api/call/call-events-resource and
https://www.twilio.com/docs/voice/voice-insights/api/call/call-metrics-resource (read 2026-11-21): metrics are samples
of ten seconds, and both are gone after 30 days (17002). The twin has no sound, so that its samples are those of a call
without loss; the names of the events, and what is in an edge of either, are assumptions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import Refused, iso
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_of_product
from voicedr.twin.api.resources.insights import KEPT_S, allowed, kind_of, one_call
from voicedr.twin.world.model import Call
from voicedr.wire.http import Response

SAMPLE_S = 10
SAMPLES_MAX = 8640
"""A day of samples: no call lasts longer."""

EDGES: dict[str, tuple[str, ...]] = {
    "carrier": ("carrier_edge",),
    "sip": ("sip_edge",),
    "trunking": ("sip_edge", "carrier_edge"),
    "client": ("sdk_edge", "client_edge"),
}
"""Which media edges a call of each kind has."""

_EVERY_EDGE = ("carrier_edge", "sip_edge", "sdk_edge", "client_edge")


def events(ask: Ask) -> Response:
    """What happened: initiated, ringing, answered, completed, at each edge."""
    call = _seen(ask)
    wanted = _edge(ask)
    found = [row for row in _events(ask, call) if wanted in (None, row.what["edge"])]
    return page_of_product(ask, "events", found, lambda row: row.what)


def metrics(ask: Ask) -> Response:
    """A sample for each ten seconds in which the call was answered, both ways."""
    call = _seen(ask)
    wanted, direction = _edge(ask), ask.wanted("Direction")
    if direction not in (None, "unknown", "inbound", "outbound", "both"):
        raise Refused(400, 17400, f"Direction is {direction!r}; give inbound, outbound, both or unknown")
    found = (
        row
        for row in _metrics(ask, call)
        if wanted in (None, row.what["edge"]) and direction in (None, "both", row.what["direction"])
    )
    return page_of_product(ask, "metrics", found, lambda row: row.what)


def _events(ask: Ask, call: Call) -> Iterator[Row[dict[str, Any]]]:
    steps = [("initiated", call.created_at), ("ringing", call.started_at), ("answered", call.answered_at)]
    steps.append((call.status, call.ended_at))
    for name, at in steps:
        if at is None:
            continue
        for edge in EDGES[kind_of(call)]:
            level = "ERROR" if name == "failed" else "INFO"
            detail = {"signaling_region": ask.region}
            shown = {
                **_about(ask, call, at, edge, detail),
                "group": "connection",
                "level": level,
                "name": name,
                "conversation_relay_data": None,
            }
            yield Row(f"{name}:{edge}", shown)


def _metrics(ask: Ask, call: Call) -> Iterator[Row[dict[str, Any]]]:
    if call.answered_at is None:
        return
    until = call.ended_at if call.ended_at is not None else ask.now
    for sample in range(min(int(until - call.answered_at) // SAMPLE_S, SAMPLES_MAX)):
        at = call.answered_at + (sample + 1) * SAMPLE_S
        for edge in EDGES[kind_of(call)]:
            for direction in ("inbound", "outbound"):
                packets = (sample + 1) * SAMPLE_S * 50
                detail = {"cumulative": {"packets_received": packets, "packets_lost": 0}, "media_region": ask.region}
                shown = {**_about(ask, call, at, edge, detail), "direction": direction}
                yield Row(f"{sample}:{edge}:{direction}", shown)


def _about(ask: Ask, call: Call, at: float, edge: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {
        "timestamp": iso(at),
        "call_sid": call.sid,
        "account_sid": ask.world.account_sid,
        "edge": edge,
        **{name: detail if name == edge else None for name in _EVERY_EDGE},
    }


def _seen(ask: Ask) -> Call:
    allowed(ask)
    call = one_call(ask)
    if ask.now - call.created_at > KEPT_S:
        raise Refused(404, 17002, f"Call {call.sid} is older than 30 days; its details are gone")
    return call


def _edge(ask: Ask) -> str | None:
    wanted = ask.wanted("Edge")
    if wanted not in (None, "unknown_edge", *_EVERY_EDGE):
        raise Refused(400, 17400, f"Edge is {wanted!r}; give one of {', '.join(_EVERY_EDGE)}")
    return wanted


endpoints = (
    Endpoint("insights", "v1", "Voice/{call}/Events", {"GET": events}),
    Endpoint("insights", "v1", "Voice/{call}/Metrics", {"GET": metrics}),
)

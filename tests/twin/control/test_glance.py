"""The twin at a glance, and its last webhooks, in virtual time."""

from __future__ import annotations

import json
from typing import Any

from asking_the_twin import N0, N1, Client, small_world
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.control.glance import glance
from voicedr.twin.twin import Twin
from voicedr.wire.http import Request, Response, Timeouts


async def _welcome(request: Request, timeouts: Timeouts) -> Response:
    return Response(200, (("Content-Type", "text/xml"),), b"<Response><Say>Welcome</Say></Response>")


async def _ask(twin: Twin, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    data = b"" if body is None else json.dumps(body).encode()
    response = await twin.answer(Request(method, "http://127.0.0.1:8740" + path, (), data))
    assert isinstance(response, Response)
    return response.status, json.loads(response.body) if response.body else None


def test_what_is_seen_at_a_glance() -> None:
    """Calls now and in the last minute, routes where the edges use them, those never set, and those on their way."""

    async def main(clock: VirtualClock) -> None:
        twin = Twin(small_world(), clock, _welcome)
        try:
            begun = glance(twin.world, twin.switchboard, clock.now().timestamp())
            assert begun.regions["us1"].routes == {"PhoneNumbers": 3, "Trunks": 1}
            assert (begun.never_set, begun.moving, begun.calls) == (2, 0, [])
            status, call = await _ask(twin, "POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": N0})
            assert (status, call["outcome"]) == (201, "served")
            await _ask(twin, "POST", "/_twin/calls", {"from": "+16465550123", "to": N0})
            await clock.sleep(0.1)
            client = Client(twin.world, "ie1")
            client.now = clock.now().timestamp()
            assert client.post("routes", f"v2/PhoneNumbers/{N1}", {"VoiceRegion": "ie1"})[0] in (200, 201)
            _, seen = await _ask(twin, "GET", "/_twin/glance")
            assert seen["regions"]["us1"]["outcomes"] == {"served": 1}
            assert sum(region["calls_now"] for region in seen["regions"].values()) == 1
            assert (seen["never_set"], seen["moving"], len(seen["calls"])) == (1, 1, 2)
            await clock.sleep(120)
            _, later = await _ask(twin, "GET", "/_twin/glance")
            assert later["regions"]["ie1"]["routes"] == {"PhoneNumbers": 1}
            assert (later["moving"], later["calls"], later["regions"]["us1"]["outcomes"]) == (0, [], {})
        finally:
            await twin.close()

    run_virtual(main)


def test_webhooks_and_those_that_a_fault_stops() -> None:
    """Each attempt is there with its Region, its edge and its end, also one that never left because of a fault."""

    async def main(clock: VirtualClock) -> None:
        twin = Twin(small_world(), clock, _welcome)
        try:
            await _ask(twin, "POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": N0})
            _, first = await _ask(twin, "GET", "/_twin/webhooks")
            (seen,) = first["webhooks"]
            assert (seen["region"], seen["edge"], seen["status"]) == ("us1", "ashburn", 200)
            assert seen["params"]["To"] == N0
            assert seen["response"].startswith("<Response>")
            await _ask(twin, "POST", "/_twin/faults", {"fault": "webhook-unreachable", "region": "us1"})
            await _ask(twin, "POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": N0})
            _, after = await _ask(twin, "GET", f"/_twin/webhooks?after={seen['id']}")
            assert after["webhooks"]
            assert all(one["failure"] and not one["status"] for one in after["webhooks"])
        finally:
            await twin.close()

    run_virtual(main)


def test_no_client_without_sockets() -> None:
    """A twin without sockets says that no client can reach it, and how one could."""

    async def main(clock: VirtualClock) -> None:
        twin = Twin(small_world(), clock, _welcome)
        try:
            status, told = await _ask(twin, "GET", "/_twin/client")
            assert status == 404
            assert "voicedr twin up" in told["error"]
        finally:
            await twin.close()

    run_virtual(main)

"""Faults at the sockets of an edge, as a client outside sees them: silence, resets, 503, lateness."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sip_scene import ask_by_udp, by_stream, sip_twin, trunk_world, trusting
from sipp_peer import TALKS_AND_HANGS_UP, peer
from switchboard_scene import CALLER, NUMBER
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller

ASHBURN = {"edge": "ashburn"}
NOTHING_S = 0.4
"""How long is waited for what is not to come."""


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("edge-down", {**ASHBURN, "mode": "refuse"}),
        ("edge-down", {**ASHBURN, "mode": "black-hole"}),
        ("edge-flapping", {**ASHBURN, "down_s": 100, "up_s": 1}),
        ("region-down", {"region": "us1", "edge_too": "yes"}),
        ("sip-address-down", {**ASHBURN, "number": "1"}),
    ],
)
def test_nothing_is_answered(tmp_path: Path, fault: str, params: dict[str, Any]) -> None:
    """OPTIONS and INVITE by UDP get nothing, an open connection freezes, another edge works; healed, all works."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            async with by_stream(twin.place()) as open_before:
                assert await open_before.ask("OPTIONS") == 200
                begun = faults.begin(world, fault, params, twin.now())
                heard = await asyncio.gather(
                    ask_by_udp(twin.place(), "OPTIONS", wait_s=NOTHING_S),
                    ask_by_udp(twin.place(), "INVITE", wait_s=NOTHING_S),
                    ask_by_udp(twin.place("dublin"), "OPTIONS"),
                )
                assert [one.codes for one in heard] == [[], [], [200]]
                assert await open_before.ask("OPTIONS", wait_s=0.3) is None
                faults.end(world, begun.id, twin.now())
                assert await open_before.ask("OPTIONS") == 200
            assert (await ask_by_udp(twin.place(), "INVITE")).codes[-1] == 200

    asyncio.run(main())


def test_only_that_address(tmp_path: Path) -> None:
    """Of four addresses one is silent, and the other three take calls."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, "sip-address-down", {**ASHBURN, "number": "3"}, twin.now())
            silent = {3: NOTHING_S}
            heard = await asyncio.gather(
                *(ask_by_udp(twin.place(number=at), "INVITE", wait_s=silent.get(at, 3.0)) for at in (1, 2, 3, 4))
            )
            assert [one.codes[-1:] for one in heard] == [[200], [200], [], [200]]

    asyncio.run(main())


async def read_one(place: tuple[str, int]) -> bytes:
    """Connect and wait for a byte."""
    async with by_stream(place) as client:
        return await client.reader.readexactly(1)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    ("fault", "params", "resets"),
    [
        ("edge-down", {**ASHBURN, "mode": "refuse"}, True),
        ("edge-down", {**ASHBURN, "mode": "black-hole"}, False),
        ("sip-address-down", {}, False),
        ("sip-address-down", {"mode": "refuse"}, True),
    ],
)
def test_new_connections(tmp_path: Path, fault: str, params: dict[str, Any], resets: bool, tls: bool) -> None:
    """A connection is reset, or accepted and left waiting; so is one for TLS, before its handshake."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, fault, params, twin.now())
            if resets:
                with pytest.raises((ConnectionError, asyncio.IncompleteReadError)) as found:
                    await read_one(twin.place(tls=tls))
                assert found.type is ConnectionResetError
                return
            async with by_stream(twin.place(tls=tls)) as client:
                if tls:
                    with pytest.raises(ConnectionAbortedError):
                        await client.writer.start_tls(trusting(twin.ca_file), ssl_handshake_timeout=0.3)
                else:
                    assert await client.ask("OPTIONS", wait_s=0.3) is None

    asyncio.run(main())


def test_a_region_that_is_down_leaves_its_edge(tmp_path: Path) -> None:
    """By itself a Region that is down takes no calls, and its edge goes on to answer OPTIONS."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, "region-down", {"region": "us1"}, twin.now())
            heard = await asyncio.gather(
                ask_by_udp(twin.place(), "OPTIONS"), ask_by_udp(twin.place(), "INVITE", wait_s=NOTHING_S)
            )
            assert [one.codes for one in heard] == [[200], []]

    asyncio.run(main())


@pytest.mark.parametrize(("options", "expected"), [("200", 200), ("503", 503)])
def test_503(tmp_path: Path, options: str, expected: int) -> None:
    """A new call gets 503 at once and is not logged; OPTIONS is answered as the parameter says; others take calls."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            params = {**ASHBURN, "number": "1", "options": options}
            faults.begin(world, "sip-address-answers-503", params, twin.now())
            heard = await asyncio.gather(
                ask_by_udp(twin.place(), "INVITE"),
                ask_by_udp(twin.place(), "OPTIONS"),
                ask_by_udp(twin.place(number=2), "INVITE"),
            )
            assert [one.codes[-1] for one in heard] == [503, expected, 200]
            assert heard[0].codes == [503]
            assert ";tag=" in next(line for line in heard[0].texts[0].split("\r\n") if line.startswith("To:"))
            async with by_stream(twin.place()) as client:
                assert await client.ask("INVITE") == 503

    asyncio.run(main())
    assert len(world.regions["us1"].calls) == 1


@pytest.mark.parametrize("response", [100, 180])
def test_one_response_and_no_more(tmp_path: Path, response: int) -> None:
    """A call gets one provisional response and then nothing; OPTIONS is answered; no call is logged."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, "sip-ringing-only", {**ASHBURN, "response": str(response)}, twin.now())
            heard = await asyncio.gather(
                ask_by_udp(twin.place(), "INVITE", wait_s=0.8), ask_by_udp(twin.place(), "OPTIONS")
            )
            assert [one.codes for one in heard] == [[response], [200]]

    asyncio.run(main())
    assert world.regions["us1"].calls == {}


def test_late_responses(tmp_path: Path) -> None:
    """Every response leaves so much later, and none is lost."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, "sip-slow", {**ASHBURN, "delay_s": 0.7}, twin.now())
            slow, quick = await asyncio.gather(
                ask_by_udp(twin.place(), "INVITE", wait_s=5), ask_by_udp(twin.place("dublin"), "INVITE")
            )
            assert slow.codes[-1] == quick.codes[-1] == 200
            assert min(slow.at_s) >= 0.7
            assert min(quick.at_s) < min(slow.at_s)

    asyncio.run(main())


def test_a_share(tmp_path: Path) -> None:
    """At a rate of one half about half of the calls get nothing, each time the same ones."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            faults.begin(world, "sip-address-down", {**ASHBURN, "rate": 0.5}, twin.now())
            heard = await asyncio.gather(*(ask_by_udp(twin.place(), "OPTIONS", wait_s=1.0) for _ in range(60)))
            assert 12 <= sum(one.codes == [200] for one in heard) <= 48

    asyncio.run(main())


@pytest.mark.slow
def test_no_call_leaves_an_edge_that_is_down(tmp_path: Path) -> None:
    """A target that is called from a dead edge costs 4 s, and the next, from another edge, takes the call."""
    with peer(tmp_path, *TALKS_AND_HANGS_UP) as sbc:
        near, far = f"sip:{sbc.host}:{sbc.port};edge=ashburn", f"sip:{sbc.host}:{sbc.port};edge=dublin"
        world, _ = trunk_world((near, 1, 1), (far, 2, 1))

        async def main() -> None:
            async with sip_twin(world, tmp_path) as twin:
                faults.begin(world, "edge-down", {**ASHBURN, "mode": "black-hole"}, twin.now())
                placed = twin.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=20))
                call = await asyncio.wait_for(twin.switchboard.ended(placed.id), 20)
                assert call.outcome == "served"
                assert 3.9 <= call.heard[0].for_s <= 5.0

        asyncio.run(main())
        assert sbc.invites() == 1
    assert [alert.error_code for alert in world.regions["us1"].alerts] == ["32011"]

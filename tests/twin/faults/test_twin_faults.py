"""Each fault: what a request, a call, a webhook or somebody who is rung gets, and that it ends."""

from __future__ import annotations

from typing import Any

import pytest

from asking_the_twin import N0, N1, Client, failure, read, small_world
from voicedr.twin import faults
from voicedr.twin.world.model import World
from voicedr.twin.world.routes import effective_region

ROUTE = f"v2/PhoneNumbers/{N0}"


def _broken(fault: str, for_s: float | None = None, **params: Any) -> tuple[World, Client, Client]:
    world = small_world()
    us1, ie1 = Client(world, "us1"), Client(world, "ie1")
    faults.begin(world, fault, params, us1.now, for_s)
    return world, us1, ie1


@pytest.mark.parametrize(
    ("mode", "seen"), [("refuse", "connect-refused"), ("black-hole", "read-timeout"), ("503", 503), ("slow", 200)]
)
def test_region_down(mode: str, seen: object) -> None:
    """Its REST fails by mode, its calls are not taken, its webhooks stop; the other Region works; requests count."""
    world, us1, ie1 = _broken("region-down", region="us1", mode=mode, delay_s=9)
    answer = us1.answer("GET", "routes", ROUTE)
    if isinstance(seen, str):
        assert failure(answer) == seen
    else:
        assert answer.response.status == seen  # type: ignore[union-attr]
        assert answer.delay_s == (9 if mode == "slow" else 0)
    if mode == "503":
        assert b"<html>" in answer.response.body  # type: ignore[union-attr]
    assert ie1.get("routes", ROUTE)[0] == 200
    effect = faults.call_setup(world, "us1", N0, us1.now)
    assert effect is not None
    assert effect.outcome == "silence"
    assert faults.call_setup(world, "ie1", N0, us1.now) is None
    assert faults.webhook(world, "us1", "https://app.example/", us1.now) is not None
    assert faults.region_down(world, "us1", us1.now) == mode
    assert faults.region_down(world, "ie1", us1.now) is None
    assert world.requests == {"routes.ashburn.us1.twilio.com": 1, "routes.dublin.ie1.twilio.com": 1}


def test_route_writes_may_need_us1() -> None:
    """With the assumption set, a write through the standby fails while us1 is down, and reads work."""
    world, _, ie1 = _broken("region-down", region="us1")
    assert ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})[0] == 200
    world.settings.routes_write_needs_us1 = True
    assert failure(ie1.answer("POST", "routes", ROUTE, {"VoiceRegion": "us1"})) == "read-timeout"
    assert ie1.get("routes", ROUTE)[1]["voice_region"] == "ie1"


def test_api_down() -> None:
    """REST fails and calls are taken."""
    world, us1, _ = _broken("api-down", region="us1", product="routes", mode="503")
    assert us1.answer("GET", "routes", ROUTE).response.status == 503  # type: ignore[union-attr]
    assert us1.get("api", "A/Applications.json")[0] == 200
    assert faults.call_setup(world, "us1", N0, us1.now) is None


def test_edge_down() -> None:
    """Hosts that name the edge do not answer; others of the Region do."""
    _, us1, ie1 = _broken("edge-down", edge="ashburn")
    assert failure(us1.answer("GET", "routes", ROUTE)) == "connect-refused"
    assert ie1.get("routes", ROUTE)[0] == 200


def test_webhook_unreachable() -> None:
    """By Region and host; a slow one is late and a bad one answers a status."""
    world, us1, _ = _broken("webhook-unreachable", region="ie1", host="app.example", mode="503")
    effect = faults.webhook(world, "ie1", "https://app.example/v", us1.now)
    assert effect is not None
    assert effect.status == 503
    assert faults.webhook(world, "us1", "https://app.example/v", us1.now) is None
    assert faults.webhook(world, "ie1", "https://fallback.example/v", us1.now) is None


def test_route_write_lost() -> None:
    """The write takes effect and the client cannot know."""
    _, _, ie1 = _broken("route-write-lost")
    assert failure(ie1.answer("POST", "routes", ROUTE, {"VoiceRegion": "ie1"})) == "read-timeout"
    assert ie1.get("routes", ROUTE)[1]["voice_region"] == "ie1"


def test_route_write_slow() -> None:
    """The write works, late; reads are not late."""
    _, _, ie1 = _broken("route-write-slow", delay_s=12)
    answer = ie1.answer("POST", "routes", ROUTE, {"VoiceRegion": "ie1"})
    assert (read(answer)[0], answer.delay_s) == (200, 12)
    assert ie1.answer("GET", "routes", ROUTE).delay_s == 0


def test_route_write_refused() -> None:
    """Only the named route is refused, and it stays as it was."""
    _, _, ie1 = _broken("route-write-refused", status="409", name=N0)
    assert ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})[1]["code"] == 20409
    assert ie1.get("routes", ROUTE)[1]["voice_region"] == "us1"
    assert ie1.post("routes", f"v2/PhoneNumbers/{N1}", {"VoiceRegion": "ie1"})[0] == 200


def test_propagation_stuck() -> None:
    """The route reads as new and calls go to the old Region until it is healed, and then an ordinary time more."""
    world, _, ie1 = _broken("propagation-stuck")
    assert ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})[1]["voice_region"] == "ie1"
    assert effective_region(world, "PhoneNumbers", N0, ie1.now + 1e6) == "us1"
    (fault_id,) = world.faults
    faults.end(world, fault_id, ie1.now + 1000)
    assert effective_region(world, "PhoneNumbers", N0, ie1.now + 1001) == "us1"
    assert effective_region(world, "PhoneNumbers", N0, ie1.now + 1007) == "ie1"


def test_propagation_stuck_for_a_time() -> None:
    """A write that was on its way is held too, and arrives by itself when the time is over."""
    world = small_world()
    ie1 = Client(world, "ie1")
    ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})
    faults.begin(world, "propagation-stuck", {}, ie1.now, 100)
    assert effective_region(world, "PhoneNumbers", N0, ie1.now + 99) == "us1"
    assert effective_region(world, "PhoneNumbers", N0, ie1.now + 107) == "ie1"


def test_credential_revoked() -> None:
    """401 with 20003 for the key, or for all of the Region's."""
    world, us1, ie1 = _broken("credential-revoked", region="ie1")
    assert ie1.get("routes", ROUTE)[1]["code"] == 20003
    assert us1.get("routes", ROUTE)[0] == 200
    faults.end(world, next(iter(world.faults)), us1.now)
    faults.begin(world, "credential-revoked", {"region": "ie1", "key": "SK" + "0" * 32}, us1.now)
    assert ie1.get("routes", ROUTE)[0] == 200


def test_call_setup_failing() -> None:
    """A share of calls fails; the share is the rate."""
    world, us1, _ = _broken("call-setup-failing", region="us1", rate=0.25)
    failed = sum(faults.call_setup(world, "us1", N0, us1.now) is not None for _ in range(2000))
    assert 400 < failed < 600
    assert faults.call_setup(world, "ie1", N0, us1.now) is None


def test_api_throttled() -> None:
    """429 with 20429, nothing executed."""
    _, us1, ie1 = _broken("api-throttled", region="ie1")
    assert ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})[1]["code"] == 20429
    assert us1.get("routes", ROUTE)[1]["voice_region"] == "us1"


@pytest.mark.parametrize(
    ("address", "down"), [("sip:x@sbc1.acme.example;edge=dublin", True), ("sip:sbc1.acme.example", False), (N1, False)]
)
def test_party_down_by_host(address: str, down: bool) -> None:
    """A host stands for everybody there; an exact address for itself."""
    world, us1, _ = _broken("party-down", address="sbc1.acme.example")
    assert (faults.party(world, address, us1.now) is not None) == down


def test_stale_read() -> None:
    """A read shows the past and the edges do not: a write looks as if it had not happened."""
    world, us1, ie1 = _broken("stale-read", lag_s=30, region="ie1")
    us1.now = ie1.now = us1.now + 100
    ie1.post("routes", ROUTE, {"VoiceRegion": "ie1"})
    ie1.now += 29
    assert ie1.get("routes", ROUTE)[1]["voice_region"] == "us1"
    assert us1.get("routes", ROUTE)[1]["voice_region"] == "ie1"
    assert effective_region(world, "PhoneNumbers", N0, ie1.now) == "ie1"
    ie1.now += 2
    assert ie1.get("routes", ROUTE)[1]["voice_region"] == "ie1"


def test_a_fault_ends_by_its_time() -> None:
    """``for_s`` heals it without anybody."""
    world, us1, _ = _broken("region-down", for_s=60, region="us1")
    us1.now += 61
    assert us1.get("routes", ROUTE)[0] == 200
    faults.expire(world, us1.now)
    assert world.faults == {}


@pytest.mark.parametrize(
    ("fault", "params", "told"),
    [
        ("regoin-down", {}, "there is no fault"),
        ("region-down", {}, "needs region"),
        ("region-down", {"region": "jp1"}, "one of us1, ie1, au1"),
        ("region-down", {"region": "us1", "mode": "gone"}, "one of refuse, black-hole, slow, 503"),
        ("region-down", {"region": "us1", "colour": "red"}, "has no parameter 'colour'"),
        ("call-setup-failing", {"region": "us1", "rate": 2}, "a number from 0 to 1"),
        ("stale-read", {"lag_s": -1}, "a number of 0 or more"),
        ("party-down", {"address": ""}, "a text that is not empty"),
    ],
)
def test_bad_faults_break_nothing(fault: str, params: dict[str, Any], told: str) -> None:
    """What is wrong is told with what would be right, and nothing breaks."""
    world = small_world()
    with pytest.raises(faults.BadFault, match=told):
        faults.begin(world, fault, params, 0.0)
    assert world.faults == {}


def test_every_fault_says_what_is_seen() -> None:
    """Each fault's file says what callers and what an operator see; so does each parameter."""
    assert len(faults.kinds()) >= 13
    for name, meaning in faults.meanings().items():
        assert "aller" in meaning, name
        assert "operator" in meaning or "REST" in meaning, name
        assert all(parameter.meaning for parameter in faults.kinds()[name].parameters), name

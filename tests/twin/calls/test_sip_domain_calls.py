"""Calls to a SIP domain: its route, its handler, its parameters (https://www.twilio.com/docs/voice/api/sip-twiml)."""

from __future__ import annotations

import pytest

from switchboard_scene import (
    FALLBACK,
    PRIMARY,
    SERVES,
    STATUS,
    T0,
    Answer,
    Scene,
    heard,
    make_world,
    play,
)
from voicedr.twin import faults
from voicedr.twin.calls.sip_domain import addressed
from voicedr.twin.world.model import NetworkCall, RouteChange, RouteEntry, SipDomain, Voice, World
from voicedr.wire.http import Failure, Response

DOMAIN = "acme.sip.twilio.com"
TO = f"sip:sales@{DOMAIN}"
PBX = "sip:alice@pbx.example"


def _world(*regions: str, route: str = "", auth_type: str = "IP_ACL") -> World:
    world = make_world()
    for region in regions or ("us1", "ie1"):
        voice = Voice(PRIMARY, "POST", FALLBACK, "POST", STATUS)
        sid = world.mint("SD")
        world.regions[region].sip_domains[sid] = SipDomain(sid, DOMAIN, "Sales", voice, auth_type, False, False, T0, T0)
    if route:
        change = RouteChange(T0, route, T0, "ie1")
        world.routes[("SipDomains", DOMAIN)] = RouteEntry("QQ1", "SipDomains", DOMAIN, "", T0, [change])
    return world


def _dial(
    answers: dict[str, Answer] | None = None, *, world: World | None = None, to: str = TO, from_: str = PBX
) -> tuple[NetworkCall, Scene]:
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        network = scene.switchboard.dial(from_, to)
        calls.append(await scene.switchboard.ended(network.id))
        await scene.clock.sleep(0.01)

    scene = play(script, answers or {PRIMARY: SERVES}, world=world or _world())
    return calls[0], scene


def test_parameters() -> None:
    """The webhook says the URIs of the INVITE, the domain, and where the call comes from."""
    world = _world()
    (domain,) = world.regions["us1"].sip_domains.values()
    call, scene = _dial(world=world)
    (told,) = scene.app.fields(PRIMARY)
    assert call.outcome == "served"
    assert call.region == "us1"
    assert told.pop("SipCallId").endswith("@pbx.invalid")
    assert told == {
        "AccountSid": world.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.call_sid,
        "CallStatus": "ringing",
        "Called": TO,
        "Caller": PBX,
        "Direction": "inbound",
        "From": PBX,
        "SipDomain": DOMAIN,
        "SipDomainSid": domain.sid,
        "SipSourceIp": "127.0.0.1",
        "To": TO,
    }
    (logged,) = scene.logged()
    assert (logged.from_, logged.to, logged.direction, logged.status) == (PBX, TO, "inbound", "completed")
    assert logged.phone_number_sid == ""


def test_status_callback_only_completed() -> None:
    """The domain's status callback is told of the end and of nothing else, with the SIP parameters."""
    _, scene = _dial()
    (told,) = scene.app.fields(STATUS)
    assert (told["CallStatus"], told["SipDomain"]) == ("completed", DOMAIN)


@pytest.mark.parametrize(
    "bad", [Response(500), Failure.CONNECT_REFUSED, Response(200, (("Content-Type", "text/xml"),))]
)
def test_fallback(bad: Answer) -> None:
    """A VoiceUrl that fails, or whose TwiML is invalid, gives way to the domain's fallback."""
    call, scene = _dial({PRIMARY: bad, FALLBACK: SERVES})
    (told,) = scene.app.fields(FALLBACK)
    assert told["ErrorUrl"] == PRIMARY
    assert told["SipDomain"] == DOMAIN
    assert call.outcome == "served"


def test_route_decides_the_region() -> None:
    """The route of the domain's name says which Region takes it; without a route it is us1."""
    for route, region in (("", "us1"), ("ie1", "ie1"), ("us1", "us1")):
        call, scene = _dial(world=_world(route=route))
        assert (call.region, call.outcome) == (region, "served")
        assert [bool(scene.logged(where)) for where in ("us1", "ie1")] == [region == "us1", region == "ie1"]


@pytest.mark.parametrize(
    ("world", "to"),
    [
        (_world("us1", route="ie1"), TO),  # not in the Region that the route says
        (_world(auth_type=""), TO),  # no list is mapped: it takes no traffic
        (_world(), "sip:sales@other.sip.twilio.com"),
        (_world(), "sip:sales@acme.sip.mars.twilio.com"),
        (_world(), "sip:sales@acme.example"),
        (_world(), "sip:acme.sip.twilio.com"),
    ],
)
def test_not_connected(world: World, to: str) -> None:
    """A domain that is not in its Region, or that nobody may call, is refused: no log, no webhook."""
    call, scene = _dial(world=world, to=to)
    assert call.outcome == "not-connected"
    assert scene.app.asked == []
    assert scene.logged("us1") + scene.logged("ie1") == []


def test_edges() -> None:
    """The edge in the name is the way in: if it is down nobody answers, and another edge's name still works."""
    world = _world(route="ie1")
    faults.begin(world, "edge-down", {"edge": "dublin"}, T0)
    call, scene = _dial(world=world, to="sip:sales@acme.sip.dublin.twilio.com")
    assert (call.outcome, heard(call)[:2], scene.app.asked) == ("silence", ["ringing", "silence"], [])
    call, _ = _dial(world=world, to="sip:sales@acme.sip.frankfurt.twilio.com:5061;transport=tls")
    assert (call.outcome, call.region) == ("served", "ie1")
    world = _world(route="ie1")
    faults.begin(world, "edge-down", {"edge": "ashburn", "mode": "black-hole"}, T0)
    assert _dial(world=world)[0].outcome == "silence"


def test_region_down() -> None:
    """A Region that is down takes no SIP call either; after the route has moved, the other does."""
    world = _world()
    faults.begin(world, "region-down", {"region": "us1"}, T0)
    assert _dial(world=world)[0].outcome == "silence"
    world = _world(route="ie1")
    faults.begin(world, "region-down", {"region": "us1"}, T0)
    assert _dial(world=world)[0].outcome == "served"


def test_headers_and_credentials() -> None:
    """``X-`` headers and User-to-User arrive as SipHeader_ parameters, others do not; a login is told by its user."""
    to = TO + "?X-Team=blue%20one&User-to-User=abc&Subject=no"
    _, scene = _dial(world=_world(auth_type="CREDENTIAL_LIST,IP_ACL"), to=to, from_="+16465550001")
    (told,) = scene.app.fields(PRIMARY)
    assert {name: value for name, value in told.items() if name.startswith("SipHeader_")} == {
        "SipHeader_X-Team": "blue one", "SipHeader_User-to-User": "abc",
    }  # fmt: skip
    assert (told["To"], told["From"], told["SipUsername"]) == (TO, "sip:+16465550001@pbx.invalid", "+16465550001")


def test_rejected() -> None:
    """A Reject is what the caller hears, and no call is answered."""
    call, scene = _dial({PRIMARY: "<Reject reason='busy'/>"})
    assert call.outcome == "busy"
    assert scene.logged()[0].status == "busy"


def test_addresses() -> None:
    """Names compare without case; the edge is no part of the domain's name."""
    found = addressed("SIP:Bob@ACME.sip.Sao-Paulo.twilio.com;transport=tls?X-A=1&X-B=2")
    assert found is not None
    assert (found.domain_name, found.edge) == (DOMAIN, "sao-paulo")
    assert found.headers == (("X-A", "1"), ("X-B", "2"))
    assert found.uri == "SIP:Bob@ACME.sip.Sao-Paulo.twilio.com;transport=tls"
    for wrong in ("", "+14155550100", "sip:bob@acme.pstn.twilio.com", "sip:bob@acme.sip.twilio.com.evil.example"):
        assert addressed(wrong) is None

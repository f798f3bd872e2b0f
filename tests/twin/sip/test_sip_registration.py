"""SIPp registers at a SIP domain; and the bindings alone, with a clock that is wound by hand.

The rules are those of https://www.twilio.com/docs/voice/api/sip-registration.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sip_device import (
    DOMAIN,
    PASSWORD,
    USER,
    Stage,
    alerts,
    domain_of,
    domain_world,
    on_stage,
    register,
    registers,
    told,
)
from sip_samples import octets
from voicedr.twin import faults
from voicedr.twin.calls.commands import Device
from voicedr.twin.sip.challenges import ALGORITHMS, NONCE_S, Challenges
from voicedr.twin.sip.locations import BINDINGS_MAX, Asked, Declined, Locations
from voicedr.twin.sip.reading import asked_of
from voicedr.twin.sip.table import Flow
from voicedr.twin.world.model import World
from voicedr.wire.sip.digest import answer, read_challenge
from voicedr.wire.sip.messages import URI, MalformedSip, Request, parse

ADDRESS = f"{USER}@{DOMAIN}"
WAY = Flow("udp", ("127.60.10.1", 5060), ("127.0.0.9", 5070))


def run(directory: Path, world: World, *steps: str, edge: str = "ashburn", transport: str = "u1", for_s: float = 10,
        expect: int = 0) -> Stage:  # fmt: skip
    """One SIPp with these steps, which has to go as it says; what was registered then is kept."""

    async def script(stage: Stage) -> None:
        code = await stage.runs_sipp(*steps, edge=edge, transport=transport, for_s=for_s)
        assert code == expect, stage.heard()
        stage.registered = stage.sip.registrations()

    return on_stage(directory, world, script)


def final(stage: Stage) -> str:
    """The last response that SIPp got."""
    return stage.heard().rpartition("SIP/2.0 ")[2]


@pytest.mark.parametrize(("edge", "transport"), [("ashburn", "u1"), ("dublin", "t1")])
def test_a_device_registers(tmp_path: Path, edge: str, transport: str) -> None:
    """401, then 200 that says how long; every edge knows the device, and the edge that it registered through."""
    world = domain_world()
    host = DOMAIN if edge == "ashburn" else f"acme.sip.{edge}.twilio.com"
    stage = run(tmp_path, world, *registers(host), edge=edge, transport=transport)
    (device,) = stage.registered
    assert (device.address, device.edge, device.user_agent) == (f"sip:{ADDRESS}", edge, "SIPp")
    assert (device.transport, 3590 < device.expires_in_s <= 3600) == ({"u1": "udp", "t1": "tcp"}[transport], True)
    assert re.search(r"Contact: <sip:alice@127\.[\d.:]+;transport=\w+>;expires=3600", final(stage))
    assert alerts(world) == []


def test_what_is_registered_is_told_and_removed(tmp_path: Path) -> None:
    """Without a Contact the bindings are told; with ``*`` and Expires 0 they are gone."""
    world = domain_world()
    steps = (
        *registers(),
        register(sequence=3, password=PASSWORD, contact="", expires=None), told(200),
        register(sequence=4, password=PASSWORD, contact="Contact: *\n", expires=0), told(200),
    )  # fmt: skip
    stage = run(tmp_path, world, *steps)
    third, fourth = stage.heard().split("SIP/2.0 200 OK")[2:]
    assert "CSeq: 3 REGISTER\nContact: <sip:alice@" in third
    assert "Contact:" not in fourth
    assert stage.registered == []


def test_both_algorithms_are_offered(tmp_path: Path) -> None:
    """The challenge is there for MD5 and for SHA-256, with one nonce."""
    stage = run(tmp_path, domain_world(), register(), told(401))
    offered = [read_challenge(value) for value in re.findall(r"WWW-Authenticate: (.*)", stage.heard())]
    assert [one.algorithm for one in offered] == ["MD5", "SHA-256"]
    assert {(one.realm, one.nonce) for one in offered} == {(DOMAIN, offered[0].nonce)}


@pytest.mark.parametrize(("expires", "code"), [(60, 423), (599, 423), (600, 200), (90_000, 200)])
def test_how_long(tmp_path: Path, expires: int, code: int) -> None:
    """Less than 600 s is 423 with Min-Expires; more than 3,600 s is cut."""
    steps = (register(expires=expires), told(401), register(sequence=2, password=PASSWORD, expires=expires), told(code))
    stage = run(tmp_path, domain_world(), *steps)
    if code == 423:
        assert "Min-Expires: 600" in final(stage)
        assert stage.registered == []
    else:
        assert f"expires={min(expires, 3600)}" in final(stage)


def off(world: World) -> None:
    """Registration is off."""
    domain_of(world).sip_registration = False


def unmapped(world: World) -> None:
    """No list is mapped to registrations."""
    domain_of(world).registration_credential_lists.clear()


def secure(world: World) -> None:
    """The domain wants TLS."""
    domain_of(world).secure = True


def gone(world: World) -> None:
    """There is no such domain."""
    world.regions["us1"].sip_domains.clear()


@pytest.mark.parametrize(
    ("change", "code", "error"),
    [(off, 405, "32210"), (unmapped, 403, "32212"), (secure, 403, "32209"), (gone, 404, "32002")],
)
def test_domains_that_register_nobody(tmp_path: Path, change: Callable[[World], None], code: int, error: str) -> None:
    """Registration that is off, that no list guards, or at no domain at all is refused with its code."""
    world = domain_world()
    change(world)
    stage = run(tmp_path, world, register(), told(code))
    assert (alerts(world), stage.registered) == ([error], [])


def test_a_trunk_registers_nobody(tmp_path: Path) -> None:
    """A REGISTER to a trunk's domain is refused, and is the error 32210."""
    world = domain_world()
    run(tmp_path, world, register("acme.pstn.twilio.com"), told(405))
    assert alerts(world) == ["32210"]


@pytest.mark.parametrize(
    ("user", "login", "password", "error"),
    [(USER, USER, "wrong", "32202"), (USER, "bob", PASSWORD, "32106"), ("Alice", USER, PASSWORD, "32106"),
     ("carol", "carol", PASSWORD, "32202")],
)  # fmt: skip
def test_who_may_register(tmp_path: Path, user: str, login: str, password: str, error: str) -> None:
    """The password has to be right, and its user name the very one that is registered."""
    world = domain_world()
    again = register(user=user, sequence=2, password=password, login=login)
    stage = run(tmp_path, world, register(user=user), told(401), again, told(403))
    assert (alerts(world), stage.registered) == ([error], [])


def test_an_eleventh_device(tmp_path: Path) -> None:
    """Ten devices of an address are registered; the eleventh is refused, and is the warning 32007."""
    world = domain_world()
    many = "".join(f"Contact: <sip:alice@127.0.0.9:{6000 + n}>\n" for n in range(10))
    steps = (
        register(contact=many), told(401),
        register(contact=many, sequence=2, password=PASSWORD), told(200),
        register(sequence=3, password=PASSWORD), told(403),
    )  # fmt: skip
    stage = run(tmp_path, world, *steps)
    assert (alerts(world), len(stage.registered)) == (["32007"], 10)


def test_too_often(tmp_path: Path) -> None:
    """A sixth REGISTER within a second is refused with 503, and is the warning 32008."""
    world = domain_world()
    steps = [register(), told(401)]
    for sequence in range(2, 7):
        steps += [register(sequence=sequence, password=PASSWORD), told(200)]
    stage = run(tmp_path, world, *steps, register(sequence=7, password=PASSWORD), told(503))
    assert (alerts(world), len(stage.registered)) == (["32008"], 1)


def test_a_region_that_is_down_registers_nobody(tmp_path: Path) -> None:
    """A registrar whose Region is down says nothing."""
    world = domain_world()
    faults.begin(world, "region-down", {"region": "us1", "mode": "black-hole"}, 0.0)
    stage = run(tmp_path, world, register(), told(401), for_s=1.0, expect=-9)
    assert "message received" not in stage.heard()


def asks(*contacts: tuple[str, int | None], call: str = "c", sequence: int = 1, expires: int | None = None) -> Asked:
    """A REGISTER of alice."""
    uris = tuple((URI.parse(uri), seconds) for uri, seconds in contacts)
    return Asked(ADDRESS, call, sequence, WAY, "ashburn", uris, expires_s=expires)


def test_a_binding_runs_out() -> None:
    """It is there until its time, which every refreshing REGISTER sets anew, and keeps its id."""
    locations = Locations()
    locations.register(asks(("sip:a@127.0.0.9", 600)), 0.0)
    (first,) = locations.at(ADDRESS, 599.9)
    locations.register(asks(("sip:a@127.0.0.9", 900), sequence=2), 599.9)
    assert [(one.id, one.expires_at) for one in locations.at(ADDRESS, 1499.8)] == [(first.id, 1499.9)]
    assert locations.at(ADDRESS, 1499.9) == []
    assert locations.all(1499.9) == []


@pytest.mark.parametrize(
    ("again", "code"),
    [
        (asks(("sip:a@127.0.0.9", 0), sequence=5), 500),
        (asks(("sip:a@127.0.0.9", 600), sequence=4), 500),
        (asks(("sip:a@127.0.0.9", 600), sequence=6), 200),
        (asks(("sip:a@127.0.0.9", 600), call="new", sequence=1), 200),
        (asks(("sip:b@127.0.0.9", 600), ("sip:a@127.0.0.9", 600), sequence=5), 500),
    ],
)
def test_what_comes_late_changes_nothing(again: Asked, code: int) -> None:
    """Within one Call-ID a REGISTER with a number that is not higher is refused as a whole (RFC 3261 10.3)."""
    locations = Locations()
    before = locations.register(asks(("sip:a@127.0.0.9", 900), sequence=5), 0.0)
    done = locations.register(again, 1.0)
    if code == 500:
        assert done == Declined(500)
        assert locations.at(ADDRESS, 1.0) == before
    else:
        assert isinstance(done, list)
        assert [one.expires_at for one in done] == [601.0]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("sip:a@127.0.0.9", "sip:a@127.0.0.9;ob", True),
        ("sip:a@PBX.example", "sip:a@pbx.example", True),
        ("sip:a@127.0.0.9", "sip:a@127.0.0.9;transport=tcp", False),
        ("sip:a@127.0.0.9", "sip:a@127.0.0.9:5062", False),
        ("sip:a@127.0.0.9", "sip:A@127.0.0.9", False),
    ],
)
def test_which_contacts_are_one_device(one: str, other: str, same: bool) -> None:
    """Contacts are compared as URIs, not as text (RFC 3261 19.1.4)."""
    locations = Locations()
    locations.register(asks((one, 600)), 0.0)
    done = locations.register(asks((other, 600), sequence=2), 0.0)
    assert isinstance(done, list)
    assert len(done) == (1 if same else 2)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 13), st.sampled_from([0, 599, 600, 3600, 7200, None]), st.booleans()),
                max_size=40))  # fmt: skip
def test_never_too_many_never_too_long(steps: list[tuple[int, int | None, bool]]) -> None:
    """Whatever is registered, an address has ten bindings at most, none beyond an hour; a refusal changes nothing."""
    locations, now = Locations(), 0.0
    for sequence, (device, expires, everything) in enumerate(steps, 1):
        before = locations.at(ADDRESS, now)
        asked = Asked(ADDRESS, "c", sequence, WAY, "ashburn", (), True, 0) if everything and expires == 0 else asks(
            (f"sip:a@127.0.0.9:{6000 + device}", expires), sequence=sequence
        )  # fmt: skip
        done = locations.register(asked, now)
        if isinstance(done, Declined):
            assert locations.at(ADDRESS, now) == before
        else:
            assert done == locations.at(ADDRESS, now)
            assert len(done) <= BINDINGS_MAX
            assert all(now < one.expires_at <= now + 3600 for one in done)
        now += 100.0


def test_the_pace_of_an_address() -> None:
    """Five in any second, each address for itself; what was refused does not count."""
    locations = Locations()
    assert [locations.too_often("a", at) for at in (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.99)] == [False] * 5 + [True] * 2
    assert locations.too_often("b", 0.5) is False
    assert [locations.too_often("a", at) for at in (1.05, 1.06, 1.15)] == [False, True, False]


def test_an_old_nonce_is_stale() -> None:
    """Credentials with a nonce that is too old are asked for again as stale; a good one is read for both algorithms."""
    now = 0.0
    challenges = Challenges(lambda prefix: f"{prefix}nonce", lambda: now)
    shown = [
        answer(read_challenge(value), username=USER, password=PASSWORD, method="REGISTER", uri="sip:x", cnonce="c")
        for value in challenges.ask(DOMAIN)
    ]
    assert [one.algorithm for one in shown] == list(ALGORITHMS)
    for one in shown:
        assert challenges.read([one.header()]) == (one, False)
        assert one.proves("REGISTER", PASSWORD)
        assert not one.proves("INVITE", PASSWORD)
    now = NONCE_S + 1
    assert challenges.read([shown[0].header()]) == (None, True)
    assert challenges.read(["Basic x", "Digest nonsense"]) == (None, False)
    assert all("stale=true" in value for value in challenges.ask(DOMAIN, stale=True))


REGISTER = """REGISTER sip:acme.sip.twilio.com SIP/2.0
Via: SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK1
From: <sip:alice@acme.sip.twilio.com>;tag=1
To: <sip:alice@acme.sip.twilio.com>
Call-ID: r1
CSeq: 7 REGISTER
{contacts}
Path: <sip:127.0.0.3;lr>, <sip:127.0.0.4;lr>
Max-Forwards: 70
Content-Length: 0

"""


@pytest.mark.parametrize(
    ("contacts", "read"),
    [
        ("Expires: 700", ([], False, 700)),
        ("Contact: *\nExpires: 0", ([], True, 0)),
        ('Contact: "A, B" <sip:a@127.0.0.9;x=1>;expires=900, <sip:b@127.0.0.9>',
         ([("sip:a@127.0.0.9;x=1", 900), ("sip:b@127.0.0.9", None)], False, None)),
        ("Contact: sip:a@127.0.0.9;expires=soon\nExpires: later", ([("sip:a@127.0.0.9", None)], False, None)),
    ],
)  # fmt: skip
def test_what_a_register_says(contacts: str, read: tuple[list[tuple[str, int | None]], bool, int | None]) -> None:
    """Contacts one by one with their seconds, and the proxies of Path; what cannot be read was not said."""
    request = parse(octets(REGISTER.format(contacts=contacts)))
    assert isinstance(request, Request)
    asked = asked_of(request, ADDRESS, WAY, lambda flow: "dublin")
    assert ([(str(uri), seconds) for uri, seconds in asked.contacts], asked.everything, asked.expires_s) == read
    assert (asked.path, asked.edge, asked.sequence) == (("<sip:127.0.0.3;lr>", "<sip:127.0.0.4;lr>"), "dublin", 7)


@pytest.mark.parametrize("contact", ["<mailto:a@b.example>", "<sip:>", "nonsense"])
def test_contacts_that_cannot_be(contact: str) -> None:
    """A Contact that is no SIP address is refused."""
    request = parse(octets(REGISTER.format(contacts=f"Contact: {contact}")))
    assert isinstance(request, Request)
    with pytest.raises(MalformedSip, match="is no"):
        asked_of(request, ADDRESS, WAY, lambda flow: "ashburn")


def test_bindings_are_found_by_their_ids() -> None:
    """What is dialled is what is still there then."""
    locations = Locations()
    done = locations.register(asks(("sip:a@127.0.0.9", 600), ("sip:b@127.0.0.9", 900)), 0.0)
    assert isinstance(done, list)
    devices = [Device(one.id, one.address, one.edge) for one in done]
    assert [str(one.uri) for one in locations.of(devices, 700.0)] == ["sip:b@127.0.0.9"]


def test_there_is_an_end_to_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """One address too many is 503; those that have run out make room, and refreshing needs none."""
    monkeypatch.setattr("voicedr.twin.sip.locations.ALL_BINDINGS_MAX", 3)
    locations = Locations()
    for user, seconds in (("a", 600), ("b", 900), ("c", 900)):
        asked = replace(asks((f"sip:{user}@127.0.0.9", seconds)), address=user)
        assert isinstance(locations.register(asked, 0.0), list)
    late = replace(asks(("sip:d@127.0.0.9", 600)), address="d")
    assert locations.register(late, 599.0) == Declined(503)
    assert isinstance(locations.register(replace(asked, sequence=2), 599.0), list)
    assert isinstance(locations.register(late, 601.0), list)
    assert [one.address for one in locations.all(601.0)] == ["b", "c", "d"]

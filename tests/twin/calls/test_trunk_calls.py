"""A trunk's calls try its targets by priority and weight, and end at the disaster recovery URL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchboard_scene import FALLBACK, PRIMARY, SERVES, call_once, heard, make_world, put_trunk
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.office import addresses
from voicedr.twin.calls.origination import order, stops
from voicedr.twin.world.model import OriginationUrl, Party, World
from voicedr.wire.http import Response

A, B, C = "sip:sbc1.acme.example", "sip:sbc2.acme.example", "sip:sbc3.acme.example"
RECOVERY = "https://dr.example/voice"
PATIENT = Caller(hangs_up_after_s=60)


def target(name: str, priority: int = 1, weight: int = 1, enabled: bool = True) -> OriginationUrl:
    """An origination URI."""
    return OriginationUrl(name, f"sip:{name}", priority, weight, enabled, name, 0.0, 0.0)


def drawer(seed: int) -> Callable[[], float]:
    """Chance from a seed."""
    return World("AC", seed, {}).draw


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 100), st.booleans()), max_size=10),
    st.integers(0, 1000),
)
def test_order_is_by_priority_and_has_every_enabled_target_once(made: list[tuple[int, int, bool]], seed: int) -> None:
    """Every enabled target is tried exactly once, lower priority numbers first; disabled ones never."""
    targets = [target(str(at), *row) for at, row in enumerate(made)]
    tried = order(targets, drawer(seed))
    assert sorted(one.sid for one in tried) == sorted(one.sid for one in targets if one.enabled)
    assert [one.priority for one in tried] == sorted(one.priority for one in tried)


def test_weights_are_shares() -> None:
    """Among equal priority the first place is shared in proportion to the weights."""
    draw = drawer(7)
    first = Counter(order([target("a", 1, 10), target("b", 1, 30), target("c", 2, 1000)], draw)[0].sid
                    for _ in range(4000))  # fmt: skip
    assert first["c"] == 0
    assert first["b"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_stop_codes() -> None:
    """These final responses end the search, all others move on."""
    assert [code for code in (200, 400, 404, 405, 410, 416, 482, 484, 486, 600, 603) if not stops(code)] == []
    assert [code for code in (401, 403, 407, 408, 480, 487, 488, 500, 502, 503, 504) if stops(code)] == []


def test_names_of_a_sip_address() -> None:
    """A target is known by its full URI, without parameters, by host and port, and by host."""
    assert addresses("sip:+1415@sbc1.acme.example:5060;transport=tls?X-a=b") == [
        "sip:+1415@sbc1.acme.example:5060;transport=tls?X-a=b",
        "sip:+1415@sbc1.acme.example:5060",
        "sip:sbc1.acme.example:5060",
        "sip:sbc1.acme.example",
        "sbc1.acme.example",
    ]
    assert addresses("+14155550100") == ["+14155550100"]


def test_first_target_takes_the_call() -> None:
    """A target that answers talks until it hangs up; the application is not asked, and the log says which trunk."""
    world = make_world()
    trunk = put_trunk(world, (A, 1, 1), (B, 2, 1))
    world.parties[A] = Party(after_s=2, talks_s=20)
    call, scene = call_once(caller=PATIENT, world=world)
    assert call.outcome == "served"
    assert [(stretch.what, stretch.detail, stretch.for_s) for stretch in call.heard] == [
        ("ringing", "", 2.3), ("talking", A, 20.0),
    ]  # fmt: skip
    (logged,) = scene.logged()
    assert (logged.direction, logged.trunk_sid, logged.status) == ("trunking-originating", trunk.sid, "completed")
    assert scene.app.asked == []
    assert scene.codes() == []


def test_dead_targets_cost_four_seconds_each() -> None:
    """A target without any response is left after 4 s, each with its own warning 32011, for the next priority."""
    world = make_world()
    put_trunk(world, (A, 1, 1), (B, 2, 1), (C, 3, 1))
    world.parties[A] = Party(answers=False)
    faults.begin(world, "party-down", {"address": "sbc2.acme.example"}, 0.0)
    call, scene = call_once(caller=PATIENT, world=world)
    assert call.heard[0].for_s == pytest.approx(0.3 + 4 + 4 + 1)
    assert call.heard[1].detail == C
    assert scene.codes() == ["32011", "32011"]
    assert [alert.request_url for alert in world.regions["us1"].alerts] == [A, B]
    assert {alert.log_level for alert in world.regions["us1"].alerts} == {"warning"}


@pytest.mark.parametrize(
    ("party", "outcome", "status", "moves_on"),
    [
        (Party(sip_code=503), "served", "completed", True),
        (Party(sip_code=480), "served", "completed", True),
        (Party(sip_code=404), "failed", "failed", False),
        (Party(sip_code=603), "failed", "failed", False),
        (Party(busy=True), "busy", "busy", False),
    ],
)
def test_final_responses(party: Party, outcome: str, status: str, moves_on: bool) -> None:
    """An error response moves on, a stop code ends the call at once and never leads to disaster recovery."""
    world = make_world()
    put_trunk(world, (A, 1, 1), (B, 2, 1), recovery=RECOVERY)
    world.parties[A] = party
    call, scene = call_once({RECOVERY: SERVES}, PATIENT, world=world)
    assert call.outcome == outcome
    assert scene.logged()[0].status == status
    assert scene.codes() == (["32011"] if moves_on else [])
    assert scene.app.asked == []


def test_disaster_recovery_url() -> None:
    """When no target can be reached, the disaster recovery URL runs as an ordinary call, and only for this call."""
    world = make_world()
    put_trunk(world, (A, 1, 1), (B, 2, 1), recovery=RECOVERY)
    world.parties[A] = world.parties[B] = Party(answers=False)
    call, scene = call_once({RECOVERY: SERVES}, PATIENT, world=world)
    assert call.outcome == "served"
    assert scene.codes() == ["32011", "32011"]
    (told,) = scene.app.fields(RECOVERY)
    assert (told["To"], told["CallStatus"], told["Direction"]) == (call.to, "ringing", "inbound")
    assert [(logged.direction, logged.status) for logged in scene.logged()] == [
        ("trunking-originating", "failed"), ("inbound", "completed"),
    ]  # fmt: skip
    assert scene.app.urls() == [RECOVERY]


def test_disaster_recovery_has_no_fallback() -> None:
    """If the disaster recovery URL fails too, the caller hears the error message."""
    world = make_world()
    put_trunk(world, (A, 1, 1), recovery=RECOVERY)
    world.parties[A] = Party(answers=False)
    call, scene = call_once({RECOVERY: Response(500), FALLBACK: SERVES, PRIMARY: SERVES}, PATIENT, world=world)
    assert call.outcome == "error-message"
    assert scene.codes() == ["32011", "11200"]
    assert scene.app.urls() == [RECOVERY]


@pytest.mark.parametrize(("recovery", "outcome"), [(RECOVERY, "served"), ("", "failed")])
def test_no_enabled_target(recovery: str, outcome: str) -> None:
    """A trunk without an enabled target is the error 32010; only a disaster recovery URL saves the call."""
    world = make_world()
    trunk = put_trunk(world, (A, 1, 1), recovery=recovery)
    next(iter(trunk.origination_urls.values())).enabled = False
    call, scene = call_once({RECOVERY: SERVES}, PATIENT, world=world)
    assert call.outcome == outcome
    assert scene.codes() == ["32010"]


def test_nobody_answers_and_no_recovery() -> None:
    """Without a disaster recovery URL the call has failed, and the caller hears a tone."""
    world = make_world()
    put_trunk(world, (A, 1, 1))
    world.parties[A] = Party(answers=False)
    call, _ = call_once(caller=PATIENT, world=world)
    assert call.outcome == "failed"
    assert heard(call) == ["ringing", "tone"]


def test_caller_gives_up_while_targets_are_tried() -> None:
    """A caller who gives up first was not answered."""
    world = make_world()
    put_trunk(world, (A, 1, 1), (B, 1, 1), (C, 1, 1))
    for sip in (A, B, C):
        world.parties[sip] = Party(answers=False)
    call, scene = call_once(caller=Caller(hangs_up_after_s=7), world=world)
    assert (call.outcome, scene.logged()[0].status) == ("no-answer", "no-answer")
    assert call.heard[-1].what == "hang-up"

"""What every fault has: a share, coming and going, and numbers that change while it lasts."""

from __future__ import annotations

from typing import Any

import pytest

from asking_the_twin import N0, Client, read, small_world
from voicedr.twin import faults
from voicedr.twin.world.model import World
from voicedr.twin.world.state import as_json, from_json

ROUTE = f"v2/PhoneNumbers/{N0}"


def _broken(fault: str, **params: Any) -> tuple[World, Client, float]:
    world = small_world()
    us1 = Client(world, "us1")
    began = us1.now
    faults.begin(world, fault, params, began)
    return world, us1, began


def _statuses(us1: Client, count: int = 1) -> list[int]:
    return [read(us1.answer("GET", "routes", ROUTE))[0] for _ in range(count)]


def test_a_share_goes_wrong_and_the_same_seed_breaks_the_same() -> None:
    """About the rate, by chance from the seed."""
    first, second = (_statuses(_broken("api-errors", rate=0.3)[1], 300) for _ in range(2))
    assert first == second
    assert 60 < first.count(500) < 120


def test_a_call_fares_the_same_as_long_as_it_lasts() -> None:
    """A call is among the share that is deaf or is not; it does not change from prompt to prompt."""
    world, us1, _ = _broken("audio-lost", rate=0.5)
    calls = [f"CA{number}" for number in range(200)]
    deaf = [faults.media(world, "us1", N0, call, us1.now) is not None for call in calls]
    assert deaf == [faults.media(world, "us1", N0, call, us1.now) is not None for call in calls]
    assert 60 < sum(deaf) < 140


def test_a_share_of_the_numbers_is_stuck() -> None:
    """With propagation-partial the same numbers stay behind, whenever they are written."""
    world, us1, _ = _broken("propagation-partial", rate=0.4)
    names = [f"+1415555{number:04}" for number in range(200)]
    stuck = [name for name in names if faults.route_held_until(world, "ie1", name, us1.now) is not None]
    assert 50 < len(stuck) < 110
    assert stuck == [name for name in names if faults.route_held_until(world, "us1", name, us1.now) is not None]


def test_it_comes_and_goes() -> None:
    """There for ``down_s``, gone for ``up_s``, from its beginning on."""
    _, us1, began = _broken("api-errors", down_s=10, up_s=20)
    seen = []
    for after_s in (0, 9, 10, 29, 30, 39, 40):
        us1.now = began + after_s
        seen += _statuses(us1)
    assert seen == [500, 500, 200, 200, 500, 500, 200]


@pytest.mark.parametrize("rate", [{"from": 0, "to": 1, "over_s": 100}, "0..1@100"])
def test_a_number_changes_over_time(rate: Any) -> None:
    """A ramp is nothing at first, half in the middle, and stays at its end; JSON and text are the same ramp."""
    _, us1, began = _broken("api-errors", rate=rate)
    shares = []
    for after_s in (0, 50, 100, 500):
        us1.now = began + after_s
        shares.append(_statuses(us1, 200).count(500) / 200)
    assert (shares[0], shares[2], shares[3]) == (0, 1, 1)
    assert 0.35 < shares[1] < 0.65


def test_any_number_may_change() -> None:
    """Also a delay, and downwards."""
    _, us1, began = _broken("api-slow", delay_s="10..2@80")
    delays = []
    for after_s in (0, 40, 80, 90):
        us1.now = began + after_s
        delays.append(us1.answer("GET", "routes", ROUTE).delay_s)
    assert delays == [10, 6, 2, 2]


def test_delays_add_up_and_a_failure_ends_them() -> None:
    """Two slow faults are slower; what fails fails as late as it is slow."""
    world, us1, began = _broken("api-slow", delay_s=2)
    faults.begin(world, "api-answers-late", {"answer_s": 1}, began)
    assert us1.answer("GET", "routes", ROUTE).delay_s == 3
    faults.begin(world, "api-errors", {}, began)
    answer = us1.answer("GET", "routes", ROUTE)
    assert (read(answer)[0], answer.delay_s) == (500, 2)


def test_what_was_taken_away_survives_a_restart() -> None:
    """A state that is saved and loaded knows what to put back."""
    world, _, began = _broken("number-config-lost", region="us1", number=N0)
    (fault_id,) = world.faults
    sid = world.numbers[N0].sid
    loaded = from_json(as_json(world))
    assert sid not in loaded.regions["us1"].numbers
    faults.end(loaded, fault_id, began + 1)
    assert loaded.regions["us1"].numbers[sid].voice.voice_url == "https://app.example/voice"


def test_healing_does_not_undo_somebodys_work() -> None:
    """What was configured anew meanwhile stays."""
    world, _, began = _broken("fallback-url-cleared", region="us1", number=N0)
    configured = world.regions["us1"].numbers[world.numbers[N0].sid]
    configured.voice.voice_fallback_url = "https://new.example/voice"
    faults.end(world, next(iter(world.faults)), began + 1)
    assert configured.voice.voice_fallback_url == "https://new.example/voice"


@pytest.mark.parametrize(
    ("fault", "params", "told"),
    [
        ("api-errors", {"rate": "0..2@10"}, "a number from 0 to 1 at both ends"),
        ("api-errors", {"rate": "much"}, "a number from 0 to 1"),
        ("api-errors", {"rate": {"from": 0, "to": 1, "over_s": 0}}, "a number from 0 to 1"),
        ("api-errors", {"down_s": 5}, "give both as seconds above 0, or neither"),
        ("api-errors", {"down_s": 5, "up_s": 0}, "give both as seconds above 0, or neither"),
        ("number-config-lost", {"region": "us1", "number": "+1999"}, r"\+1999 is not configured in us1"),
        ("number-config-lost", {"region": "us1", "number": N0, "rate": 0.5}, "has no parameter 'rate'"),
        ("application-missing", {"region": "au1", "application": "Support"}, "au1 has no application 'Support'"),
        ("trunk-missing", {"region": "us1", "trunk": "x"}, r"it has yard.pstn.twilio.com"),
        ("credential-expires", {"after_s": "1..2@3"}, "cannot change over time"),
        ("route-reverted", {"name": "+1999"}, "no number of this account"),
    ],
)
def test_what_makes_no_sense_breaks_nothing(fault: str, params: dict[str, Any], told: str) -> None:
    """Each mistake is told with what would be right."""
    world = small_world()
    with pytest.raises(faults.BadFault, match=told):
        faults.begin(world, fault, params, 0.0)
    assert world.faults == {}

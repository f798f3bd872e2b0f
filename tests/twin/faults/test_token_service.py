"""A token service that is down: clients stay until their token is over, and the service's paths answer 503."""

from __future__ import annotations

from typing import Any

import pytest

from fault_probes import APP, N0, T0, answered_by, stage
from switchboard_scene import FALLBACK, SERVES, call_once, make_world, voice_of
from voicedr.twin import faults
from voicedr.twin.calls.office import Office


@pytest.mark.parametrize(
    ("given", "address", "after_s", "there"),
    [
        ({}, "client:jane", 0, False),
        ({}, N0, 0, True),
        ({}, "sip:jane@pbx.example", 0, True),
        ({"identity": "joe"}, "client:jane", 0, True),
        ({"identity": "jane"}, "client:jane", 0, False),
        ({"life_s": 3600}, "client:jane", 3599, True),
        ({"life_s": 3600}, "client:jane", 3600, False),
    ],
)
def test_clients_are_gone_when_their_token_is_over(
    given: dict[str, Any], address: str, after_s: float, there: bool
) -> None:
    """Only clients, only the one that is named, and not before the tokens that they have are over; healed, they are."""
    world = stage()
    begun = faults.begin(world, "token-service-down", given, T0)
    office = Office(world, T0 + after_s)
    assert (office.party(address).sip_code < 300) is there
    faults.end(world, begun.id, T0 + after_s)
    assert office.party(address).sip_code < 300


def test_the_service_answers_503() -> None:
    """A webhook to its path fails so, and one to another path does not."""
    for path, codes in (("/token", ["11200"]), ("/voice", [])):
        world = make_world()
        url = f"https://app.example{path}"
        voice_of(world).voice.voice_url = url
        faults.begin(world, "token-service-down", {}, T0)
        assert call_once({url: SERVES, FALLBACK: SERVES}, world=world)[1].codes() == codes


def test_a_caller_hears_that_nobody_is_there() -> None:
    """The Dial of a client ends without an answer, and the application goes on."""
    world = stage()
    answered = answered_by(APP)(world)
    faults.begin(world, "token-service-down", {}, T0)
    unanswered = answered_by(APP)(world)
    assert "talking" in str(answered)
    assert "talking" not in str(unanswered)
    assert "Nobody is there" in str(unanswered)

"""Checks of numbers and of what answers them: what passes each, what fails it, and what it cannot know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from one_check import conclude, fails, is_unknown, passes
from readiness_scene import (
    A_TRUNK,
    APPLICATION,
    BY_APPLICATION,
    BY_TRUNK,
    NUMBERS,
    TRUNK,
    URL,
    a_flow,
    an_estate,
    number_resource,
    snapshot,
)
from ready_application import declaring, resource, seen
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.resources import Routable
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Cohort

FIRST = NUMBERS[0]
NO = Unobserved("forbidden")
OTHER = "AP" + "9" * 32


def standby(**kinds: Any) -> Snapshot:
    """A snapshot whose standby has another estate: resources, or a fact in place of them."""
    return snapshot(standby={"estate": _estate(kinds)})


def primary(**kinds: Any) -> Snapshot:
    """The same of the primary."""
    return snapshot(primary={"estate": _estate(kinds)})


def _estate(kinds: dict[str, Any]) -> dict[str, Any]:
    usual: dict[str, Any] = {kind: seen(found) for kind, found in an_estate().items()}
    return usual | {
        kind.replace("_", "-"): found if isinstance(found, Unobserved) else seen(tuple(found))
        for kind, found in kinds.items()
    }


def numbers(e164: str = FIRST, **changes: Any) -> list[Resource]:
    """Every number, one of them changed."""
    return [number_resource(one, **(changes if one == e164 else {})) for one in NUMBERS]


def application(sid: str = APPLICATION.sid, **changes: Any) -> Resource:
    """The TwiML App, changed."""
    usual = an_estate()["application"][0]
    return msgspec.structs.replace(usual, sid=sid, fields=usual.fields | changes)


def queue(**changes: Any) -> Resource:
    """The queue, changed."""
    return resource("queue", "QU" + "2" * 32, **({"friendly_name": "support", "max_size": 50} | changes))


CHECKS = (
    "number_answered_alike",
    "number_names_own_region",
    "number_asks_alike",
    "number_receives_voice",
    "number_regulated_alike",
    "number_emergency_alike",
    "application_in_standby",
    "application_configured_alike",
    "queue_in_standby",
    "regulatory_is_settled",
)


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_alike_in_both_regions_passes(check: str) -> None:
    """With the same in both Regions every check passes, and says whose eyes or whose word that rests on."""
    assert passes(conclude(check))


FAILS = [
    (
        "number_answered_alike",
        standby(number=numbers(BY_APPLICATION, voice_application_sid=None, voice_url=URL)),
        "a URL answers it in ie1, and TwiML App support in us1",
    ),
    (
        "number_answered_alike",
        standby(number=numbers(BY_TRUNK, trunk_sid=None, voice_url=URL)),
        f"and trunk {TRUNK.name} in us1",
    ),
    (
        "number_answered_alike",
        standby(application=[application(friendly_name="other")]),
        "TwiML App other answers it in ie1",
    ),
    ("number_names_own_region", standby(application=[application(OTHER)]), "names one that us1 has"),
    (
        "number_names_own_region",
        standby(number=numbers(voice_application_sid=OTHER)),
        "names one that ie1 does not have",
    ),
    ("number_names_own_region", standby(number=numbers(sms_application_sid=OTHER)), "sms_application_sid in ie1"),
    ("number_names_own_region", standby(trunk=[]), "trunk_sid in ie1 names one that us1 has"),
    ("number_asks_alike", standby(number=numbers(voice_method="GET")), "not as in us1: voice_method"),
    ("number_asks_alike", standby(number=numbers(voice_caller_id_lookup=True)), "voice_caller_id_lookup"),
    (
        "number_asks_alike",
        standby(number=numbers(voice_method="GET", voice_fallback_method="GET")),
        "voice_method, voice_fallback_method",
    ),
    ("number_receives_voice", standby(number=numbers(voice_receive_mode="fax")), "voice_receive_mode is fax in ie1"),
    ("number_regulated_alike", standby(number=numbers(bundle_sid=None)), "not as in us1: bundle_sid"),
    ("number_emergency_alike", standby(number=numbers(emergency_status="Active")), "emergency_status"),
    ("number_emergency_alike", primary(number=numbers(emergency_address_sid="AD1")), "emergency_address_sid"),
    ("application_in_standby", standby(application=[]), "ie1 has no TwiML App of this name"),
    (
        "application_in_standby",
        standby(application=[application(), application(OTHER)]),
        "ie1 has 2 TwiML Apps of this name",
    ),
    (
        "application_configured_alike",
        standby(application=[application(voice_fallback_url=None)]),
        "not as in the primary: voice_fallback_url",
    ),
    ("application_configured_alike", standby(application=[application(voice_method="GET")]), "voice_method"),
    ("application_configured_alike", standby(application=[application(status_callback=URL)]), "status_callback"),
    ("queue_in_standby", standby(queue=[]), "no queue of this name"),
    ("queue_in_standby", standby(queue=[queue(max_size=10)]), "it takes 10 callers in ie1, and 50 in the primary"),
]


@pytest.mark.parametrize(("check", "facts", "says"), FAILS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FAILS)])
def test_a_difference_that_hurts_is_a_gap(check: str, facts: Snapshot, says: str) -> None:
    """Each single difference fails its check, says what differs, and rests on what was seen."""
    assert fails(conclude(check, facts), says)


COULD_NOT_LOOK = [
    *((check, standby(number=NO)) for check in CHECKS if check.startswith("number_")),
    *((check, primary(number=NO)) for check in CHECKS if check.endswith("_alike")),
    ("number_answered_alike", standby(application=NO)),
    ("number_answered_alike", primary(trunk=NO)),
    ("number_names_own_region", standby(application=NO)),
    ("number_names_own_region", standby(trunk=NO)),
    ("application_in_standby", standby(application=NO)),
    ("application_in_standby", primary(application=NO)),
    ("application_in_standby", primary(number=NO)),
    ("application_configured_alike", standby(application=NO)),
    ("queue_in_standby", standby(queue=NO)),
    ("queue_in_standby", primary(queue=NO)),
]


@pytest.mark.parametrize(
    ("check", "facts"), COULD_NOT_LOOK, ids=[f"{n}-{row[0]}" for n, row in enumerate(COULD_NOT_LOOK)]
)
def test_an_estate_that_could_not_be_read_is_unknown(check: str, facts: Snapshot) -> None:
    """Not being allowed to look is neither alike nor different, and the reason is kept."""
    assert is_unknown(conclude(check, facts), "forbidden")


def test_a_url_may_be_another_one_in_the_standby() -> None:
    """The standby's own application may live elsewhere: that there is one is what counts."""
    elsewhere = "https://ie.acme.example/other/path"
    facts = standby(number=numbers(voice_url=elsewhere), application=[application(voice_url=elsewhere, sms_url=None)])
    assert passes(conclude("number_asks_alike", facts))
    assert passes(conclude("application_configured_alike", facts))


def test_a_default_and_nothing_are_the_same() -> None:
    """The provider answers a field that is not set with its default, with null or with nothing."""
    facts = standby(number=numbers(voice_method=None, voice_receive_mode=None, voice_caller_id_lookup=None))
    assert passes(conclude("number_asks_alike", facts))
    assert passes(conclude("number_receives_voice", facts))


def test_what_a_number_does_not_use_is_not_compared() -> None:
    """The URLs' settings of a number that a trunk or an application answers do not count."""
    for one in (BY_TRUNK, BY_APPLICATION):
        facts = standby(number=numbers(one, voice_method="GET"))
        assert passes(conclude("number_asks_alike", facts))
    without = [number_resource(one, bundle_sid=None, emergency_status=None) for one in NUMBERS]
    bare = snapshot(standby={"estate": _estate({"number": without})}, primary={"estate": _estate({"number": without})})
    assert conclude("number_regulated_alike", bare) == []
    assert conclude("number_emergency_alike", bare) == []


def test_an_application_of_two_numbers_is_looked_at_once() -> None:
    """A TwiML App is one thing however many numbers it answers."""
    facts = primary(number=numbers(FIRST, voice_application_sid=APPLICATION.sid))
    assert len(conclude("application_in_standby", facts)) == 1
    assert conclude("application_in_standby", primary(number=[number_resource(FIRST)])) == []


def test_a_number_that_is_in_one_region_only_is_another_checks_business() -> None:
    """What is not there at all is said once, by the check of handlers."""
    gone = standby(number=[number_resource(one) for one in NUMBERS[1:]])
    assert len(conclude("number_answered_alike", gone)) == len(NUMBERS) - 1
    assert passes(conclude("number_answered_alike", gone))


def test_ten_thousand_numbers_are_compared_quickly() -> None:
    """An estate is laid out once for all numbers of a flow."""
    many = [f"+1415{n:07d}" for n in range(10_000)]
    flow = a_flow(cohorts=(Cohort("all", tuple(Routable("number", one) for one in many)),))
    estate = _estate({"number": [number_resource(one) for one in many]})
    facts = snapshot(standby={"estate": estate}, primary={"estate": estate})
    assert len(conclude("number_answered_alike", facts, flow=flow)) == len(many)


def test_regulation_is_somebodys_word() -> None:
    """Nobody's word is unknown, an empty one is a gap, and a word keeps its owner."""
    assert is_unknown(conclude("regulatory_is_settled", said=declaring(None, About.REGULATORY)), "nobody has declared")
    assert fails(conclude("regulatory_is_settled", said=declaring({About.REGULATORY: ""})), "wrote nothing there")
    said = conclude("regulatory_is_settled")[0]
    assert said.outcome is Outcome.PASS
    assert said.said is not None
    assert said.said.owner == "ann"


def test_the_trunk_of_the_scene_is_the_one_that_is_compared() -> None:
    """The estate's trunk and the typed one are of one SID, or the tables above would prove nothing."""
    assert an_estate()["trunk"][0].sid == A_TRUNK.sid

"""Checks of scope, people, and what only people can say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from one_check import conclude, fails, is_unknown, passes
from readiness_scene import NUMBERS, TRICKLE, a_flow, snapshot
from ready_application import PEOPLE, declaring, seen
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.resources import Routable, Route
from voicedr.program.scope.authority import Hours
from voicedr.program.scope.workbook import Failback, Flow, Person, Roles
from voicedr.program.vocabulary import IE1, US1

DAYS = (0, 1, 2, 3, 4, 5, 6)
OFFICE = Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60, "Europe/Dublin")

CHECKS = (
    "scope_is_written",
    "success_is_written",
    "failback_is_decided",
    "residency_allows_standby",
    "trickle_lives_in_standby",
    "function_has_deputy",
    "hours_cover_the_clock",
    "approvals_can_be_given",
    "people_have_contacts",
    "people_were_reached",
    "second_way_is_known",
    "release_keeps_standby",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_flow_with_people_and_a_scope_passes(check: str) -> None:
    """With everything written and said every check passes, on the workbook's or somebody's word."""
    assert passes(conclude(check))


FLOWS: list[tuple[str, Flow, str]] = [
    ("scope_is_written", a_flow(must_survive=()), "nothing is written under must_survive"),
    ("scope_is_written", a_flow(can_wait=(), out_of_scope=()), "can_wait, out_of_scope"),
    ("success_is_written", a_flow(success=()), "nothing is written under success"),
    ("failback_is_decided", a_flow(failback=Failback()), "nothing but 1800 s of health of us1"),
    ("residency_allows_standby", a_flow(residency=(US1,)), "residency allows us1, and not ie1"),
    ("trickle_lives_in_standby", a_flow(trickle=()), "no number lives in ie1"),
    ("trickle_lives_in_standby", a_flow(trickle=(TRICKLE, Routable("number", NUMBERS[0]))), "is routed to us1"),
    (
        "approvals_can_be_given",
        a_flow(roles=Roles("noc", "tel", "biz", ("lead",), 3)),
        "3 approvals are asked for, and 2",
    ),
    ("approvals_can_be_given", a_flow(roles=Roles("noc", "tel", "biz", ("lead",), 1)), "one approval is enough"),
    (
        "function_has_deputy",
        a_flow(roles=Roles("nobody", "tel", "biz", ("lead",))),
        "nobody in the workbook has the role",
    ),
]


@pytest.mark.parametrize(("check", "flow", "says"), FLOWS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FLOWS)])
def test_what_the_workbook_leaves_out_is_a_gap(check: str, flow: Flow, says: str) -> None:
    """What is not written there is not decided."""
    assert fails(conclude(check, flow=flow), says)


def people(**changes: Any) -> list[Person]:
    """The people, the first one changed."""
    return [msgspec.structs.replace(PEOPLE[0], **changes), *PEOPLE[1:]]


def test_one_person_is_no_function() -> None:
    """Whoever is alone in a function has no deputy, and it says who."""
    assert fails(conclude("function_has_deputy", people=people(roles=("lead",))), "only Cy Ode: there is no deputy")
    assert fails(conclude("function_has_deputy", people=[]), "nobody in the workbook has the role")


def test_hours_with_a_hole_are_a_gap() -> None:
    """Two people in office hours leave the night to nobody; one person at any time fills it."""
    office = [msgspec.structs.replace(person, hours=(OFFICE,)) for person in PEOPLE]
    assert fails(conclude("hours_cover_the_clock", people=office), "nobody is on from")
    assert passes(
        conclude("hours_cover_the_clock", people=[*office, Person("al", "Al", ("noc", "tel", "biz", "lead"))])
    )
    day, night = (Hours(DAYS, begin, end, "UTC") for begin, end in ((480, 1200), (1200, 480)))
    shifts = [msgspec.structs.replace(PEOPLE[0], hours=(day,), roles=("noc", "tel", "biz", "lead"))]
    shifts += [msgspec.structs.replace(PEOPLE[1], hours=(night,), roles=("noc", "tel", "biz", "lead"))]
    assert passes(conclude("hours_cover_the_clock", people=shifts))
    assert conclude("hours_cover_the_clock", people=[]) == []


def test_somebody_without_a_number_is_a_gap() -> None:
    """Each person is named; nobody at all is a gap, too."""
    assert fails(conclude("people_have_contacts", people=people(contact=None)), "no contact")
    assert fails(conclude("people_have_contacts", people=[]), "nobody in the workbook has a role")
    outsider = Person("zo", "Zo", ("cook",))
    assert passes(conclude("people_have_contacts", people=[*PEOPLE, outsider]))


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("2026-08-23", Outcome.PASS),
        ("2026-08-22", Outcome.FAIL),
        ("2026-11-22", Outcome.UNKNOWN),
        ("last week", Outcome.UNKNOWN),
        (None, Outcome.UNKNOWN),
    ],
)
def test_a_test_call_counts_for_ninety_days(said: str | None, outcome: Outcome) -> None:
    """Neither an old call, nor one of tomorrow, nor no day at all passes."""
    reached = {person.id: "2026-11-01" for person in PEOPLE} | {"ann": said}
    found = conclude("people_were_reached", said=declaring({About.PEOPLE_REACHED: reached}))
    assert found[0].outcome is outcome
    assert all(one.outcome is Outcome.PASS for one in found[1:])


def test_people_whom_nobody_called_are_unknown() -> None:
    """No word about anybody."""
    assert is_unknown(conclude("people_were_reached", said=declaring(None, About.PEOPLE_REACHED)))
    assert fails(conclude("people_were_reached", people=[]), "nobody in the workbook")


@pytest.mark.parametrize(
    ("check", "about"),
    [("second_way_is_known", About.SECOND_WAY), ("release_keeps_standby", About.RELEASE_PROCESS)],
)
def test_what_only_people_can_say(check: str, about: About) -> None:
    """No word is unknown, and an empty one is a gap."""
    assert is_unknown(conclude(check, said=declaring(None, about)), "nobody has declared")
    assert fails(conclude(check, said=declaring({about: ""})), "wrote nothing there")


def test_a_trickle_whose_route_nobody_read_is_unknown() -> None:
    """Written down is not moved."""
    assert is_unknown(conclude("trickle_lives_in_standby", snapshot(routes={TRICKLE: Unobserved("silence")})))
    there = snapshot(routes={TRICKLE: seen(Route(TRICKLE, IE1))})
    assert passes(conclude("trickle_lives_in_standby", there))

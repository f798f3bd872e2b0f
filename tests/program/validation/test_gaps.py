"""A gap has an owner and a day, and another test says of it only what it looked at."""

from __future__ import annotations

import msgspec
import pytest

from made_journals import Writer, another, at, good_failover, make_plan, rolled_back
from voicedr.program.execution import events as ev
from voicedr.program.scope.workbook import Flow, Person, Roles
from voicedr.program.validation.chapters import Deficiency
from voicedr.program.validation.gaps import DUE_DAYS, NO_OWNER, gaps_of, retested, seen_again
from voicedr.program.validation.planned import longest_stretch
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import IE1, US1

FLOW = Flow("s", "S", 1, US1, IE1, 900.0, (), Roles("noc", "voice engineer", "duty", ("lead", "director")))
PEOPLE = (Person("ana", "Ana", ("voice engineer", "lead")),)


def test_every_deficiency_is_a_gap_with_owner_and_day() -> None:
    """The roles are the workbook's; the day counts from the end of the run."""
    story = tell(rolled_back())
    gaps = gaps_of(story, FLOW, PEOPLE)
    assert [gap.what for gap in gaps] == [one.what for one in story.deficiencies]
    by_name = {gap.name: gap for gap in gaps}
    assert by_name["gate-no-go low-risk"].owner == "voice engineer (Ana)"
    assert by_name["approval-unsigned"].owner == "lead and director (Ana)"
    for gap in gaps:
        assert gap.due_at is not None
        assert (gap.due_at.date() - at(0).date()).days == DUE_DAYS[gap.hurts]
        assert (gap.state, gap.retested_by) == ("open", "")


def test_what_runs_still_has_no_day_and_what_is_not_in_the_workbook_no_owner() -> None:
    """Neither is made up."""
    gaps = gaps_of(tell(Writer().approve(signed=False).run().journal), None)
    assert gaps
    assert {(gap.owner, gap.due_at) for gap in gaps} == {(NO_OWNER, None)}
    nobody = gaps_of(tell(rolled_back()), FLOW)
    assert all("nobody has it" in gap.owner for gap in nobody)


def test_the_names_of_gaps_are_the_same_in_every_run_and_different_from_each_other() -> None:
    """That is how two tests are compared."""
    first, second = tell(rolled_back()), tell(another(rolled_back(), "x-0043", 7))
    assert [one.name for one in first.deficiencies] == [one.name for one in second.deficiencies]
    assert len({one.name for one in first.deficiencies}) == len(first.deficiencies)


GAP = Deficiency("proof", "gate-blind canary", "the gate was blind", "look")


@pytest.mark.parametrize(
    ("outcome", "hurts", "state"),
    [
        ("done", "proof", "not found again"),
        ("rolled-back", "proof", "not tested again"),
        ("rolled-back", "people", "not found again"),
        ("aborted", "plan", "not tested again"),
    ],
)
def test_absence_proves_something_only_where_the_other_test_went_as_far(outcome: str, hurts: str, state: str) -> None:
    """What was not looked at again is not gone."""
    later = msgspec.structs.replace(tell(good_failover()), outcome=outcome, deficiencies=())
    assert seen_again(msgspec.structs.replace(GAP, hurts=hurts), later) == state


def test_a_gap_that_is_there_again_is_found_again_whatever_the_outcome() -> None:
    """And it carries the words of the first time."""
    before, now = tell(rolled_back()), tell(another(rolled_back(), "x-0043", 7))
    assert {one.state for one in retested(before, now)} == {"found again"}
    gaps = gaps_of(before, FLOW, PEOPLE, now)
    assert {gap.retested_by for gap in gaps} == {"x-0043"}


def test_planned_and_actual_stand_side_by_side_for_every_cohort() -> None:
    """The forecast's own term, and what the journal says it took."""
    canary, rest = tell(good_failover()).compared
    assert canary.term.startswith("canary: 2 writes at 20/s")
    assert rest.term == ""
    assert canary.writes_planned_s == pytest.approx(3 / 20)
    assert canary.writes_actual_s == pytest.approx(0.14)
    assert canary.proof_actual_s == pytest.approx(202 - 166.14)
    assert (canary.calls_planned, canary.calls_actual) == (32, 30)
    assert canary.gate_actual_s == pytest.approx(251 - 202)
    assert canary.total_actual_s == pytest.approx(251 - 166)


def test_what_did_not_happen_is_not_known_and_not_zero() -> None:
    """A cohort that was never started has no times."""
    for one in tell(Writer().journal).compared:
        actual = (one.writes_actual_s, one.proof_actual_s, one.gate_actual_s, one.total_actual_s)
        assert actual == (None, None, None, None)


def test_the_longest_stretch_is_named_by_its_two_moments() -> None:
    """Where the time went."""
    assert longest_stretch(tell(good_failover())) == (
        'The longest stretch, 2 min, lies between "execution opened" and "last approval given".'
    )
    assert longest_stretch(tell([])) == ""


def test_a_plan_without_pace_has_no_planned_time() -> None:
    """Nothing is divided by zero."""
    opened = Writer(make_plan(requests_per_second=0.0)).journal
    assert isinstance(opened[0], ev.Opened)
    assert tell(opened).compared[0].writes_planned_s == 0.0

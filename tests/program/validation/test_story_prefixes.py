"""Any beginning of a journal, and any order of records, can be told, and never claims more than it holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made_journals import Writer, at, crashed, good_failover, make_plan, rolled_back
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import action_id, inverse
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import AU1, E164, IE1, US1, Verdict

PLAN = make_plan()
NAMES = [action_id(action) for action in PLAN.actions] + [action_id(inverse(action)) for action in PLAN.actions]
NUMBERS = [E164(f"+1415555{n:04d}") for n in range(100, 107)]


def claims_hold(story: Story, events: list[ev.Event]) -> None:
    """What must be true of every story."""
    for cohort in story.cohorts:
        assert 0 <= cohort.proved <= cohort.numbers <= cohort.entry_points
        assert cohort.proved <= cohort.moved <= cohort.entry_points
        assert cohort.moved_back <= cohort.moved
        assert cohort.synthetic <= cohort.good + cohort.bad
        assert (cohort.all_proved_at is not None) <= (cohort.proved == cohort.numbers)
    proofs = {event.number for event in events if isinstance(event, ev.Proved) and event.region == PLAN.to}
    assert story.proved <= len(proofs)
    seen = [event for event in events if isinstance(event, ev.Answered | ev.Looked | ev.Proved)]
    assert story.moved <= len(seen)
    if story.promise.kept:
        assert story.moved == story.entry_points
        assert story.proved == story.numbers
        assert all(cohort.verdict is Verdict.GO or cohort.person_go for cohort in story.cohorts)
    if not any(isinstance(event, ev.Finished) for event in events):
        assert story.outcome is None
        assert story.requests_to_left_region is None
    if not any(isinstance(event, ev.Compared) for event in events):
        assert all(rollback.equal is None for rollback in story.rollbacks)
    assert len(story.timeline) == len(events) == story.records
    assert story.next_steps


@pytest.mark.parametrize("journal", [good_failover(), rolled_back(), crashed()], ids=["good", "rolled back", "crashed"])
def test_every_beginning_of_a_journal_can_be_told(journal: list[ev.Event]) -> None:
    """A run is told at every record as far as it has come."""
    for length in range(len(journal) + 1):
        claims_hold(tell(journal[:length]), journal[:length])


cohorts = st.sampled_from(["canary", "low-risk", "rollback", "ghost"])
actions = st.sampled_from([*NAMES, "route number +10000000 -> ie1"])
regions = st.sampled_from([US1, IE1, AU1])
times = st.integers(0, 2000).map(at)
words = st.text(max_size=12)


def records() -> st.SearchStrategy[ev.Event]:
    """Any record, in any order: a broken journal must not break its reader."""
    undo = st.lists(st.sampled_from([inverse(action) for action in PLAN.actions]), unique=True).map(tuple)
    calls = {"call_sid": st.sampled_from([f"CA{n}" for n in range(9)]), "number": st.sampled_from(NUMBERS)}
    return st.one_of(
        st.builds(ev.Approved, at=times, person=words, role=words, plan_hash=words, signed=st.booleans()),
        st.builds(ev.RunnerStarted, at=times, holder=words, term=st.integers(1, 9)),
        st.builds(ev.DriftFound, at=times, differences=st.lists(words, max_size=2).map(tuple)),
        st.builds(ev.CohortStarted, at=times, cohort=cohorts),
        st.builds(ev.Intended, at=times, action=actions, attempt=st.integers(1, 3)),
        st.builds(ev.Answered, at=times, action=actions, region=regions, source=words),
        st.builds(ev.Looked, at=times, action=actions, region=st.none() | regions, source=words),
        st.builds(ev.AnswerLost, at=times, action=actions, why=words),
        st.builds(ev.NotDone, at=times, action=actions, why=words, final=st.booleans()),
        st.builds(ev.Skipped, at=times, action=actions, by=words, why=words),
        st.builds(ev.Proved, at=times, region=regions, synthetic=st.booleans(), **calls),
        st.builds(
            ev.CallJudged, at=times, cohort=cohorts, good=st.booleans(), synthetic=st.booleans(), why=words, **calls
        ),
        st.builds(
            ev.GateSpoke,
            at=times,
            cohort=cohorts,
            verdict=st.sampled_from(Verdict),
            why=words,
            good=st.integers(0, 9),
            bad=st.integers(0, 9),
            synthetic=st.integers(0, 9),
        ),
        st.builds(ev.GateBlind, at=times, cohort=cohorts, why=words),
        st.builds(ev.DecisionAsked, at=times, cohort=cohorts, question=words, roles=st.just(("lead",))),
        st.builds(ev.DecisionTaken, at=times, cohort=cohorts, go=st.booleans(), by=words),
        st.builds(ev.Paused, at=times, by=words, why=words),
        st.builds(ev.Resumed, at=times, by=words),
        st.builds(ev.Aborted, at=times, by=words, why=words),
        st.builds(ev.RollbackOrdered, at=times, by=words, why=words, actions=undo),
        st.builds(ev.RollbackRefused, at=times, by=words, why=words, instead=st.just(("hold",))),
        st.builds(
            ev.Compared, at=times, subjects=st.integers(0, 9), differences=st.lists(words, max_size=1).map(tuple)
        ),
        st.builds(ev.Finished, at=times, outcome=st.sampled_from(["done", "rolled-back", "aborted", "drifted"])),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(records(), max_size=40), st.booleans())
def test_any_records_in_any_order_can_be_told(soup: list[ev.Event], opened: bool) -> None:
    """A journal that no runner wrote is still told without an exception and without a false claim."""
    events = [*(Writer(PLAN).events if opened else ()), *soup]
    claims_hold(tell(events), events)

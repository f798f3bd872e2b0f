"""A story says what its journal says, with the arithmetic, and names what is not known."""

from __future__ import annotations

import pytest

from made_journals import Writer, at, crashed, good_failover, make_plan, number, rolled_back, route
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SetRoute, action_id
from voicedr.program.readiness.resources import Routable
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import IE1, US1, Kind, Mode, Purpose, Verdict


def test_a_good_run_keeps_the_promise() -> None:
    """The clock runs from the detection until every number is proved and every gate passed."""
    story = tell(good_failover())
    assert story.outcome == "done"
    assert (story.moved, story.entry_points, story.proved, story.numbers) == (6, 6, 6, 6)
    assert story.promise.clock_from == "detection"
    assert story.promise.took_s == 342
    assert story.promise.kept is True
    assert "kept with 9 min 18 s to spare" in story.promise.words
    assert [moment.name for moment in story.moments] == [
        "detected",
        "opened",
        "decided",
        "first-intent",
        "first-proof",
        "first-good-call",
        "all-moved",
        "all-proved",
        "served",
        "finished",
    ]
    assert story.moments[2].after_s == 120


def test_without_a_detection_the_clock_starts_with_the_opening_and_says_so() -> None:
    """Nobody guesses when it began."""
    story = tell(Writer(detected=False).approve().finish(400))
    assert story.promise.clock_from == "opening"
    assert story.promise.started_at == at(40)
    assert any("When the failure was detected is not recorded" in one.what for one in story.deficiencies)


def test_moved_and_proved_without_a_gate_is_not_kept_yet() -> None:
    """Calls that arrive are not yet calls that are answered well."""
    w = Writer(make_plan({"canary": 2})).approve().run().move("canary", 166).prove("canary", 190)
    story = tell(w.journal)
    assert story.proved == 2
    assert story.promise.kept is None
    assert story.promise.words.startswith("not yet known")
    assert story.moment("served") is None


def test_late_is_missed_with_the_arithmetic() -> None:
    """One second over is over, and by how much is said."""
    w = Writer(make_plan({"canary": 2})).approve().run().move("canary", 166).prove("canary", 190)
    w.calls("canary", 200, 30).gate("canary", 901, Verdict.GO, 30, 0)
    story = tell(w.finish(902))
    assert story.promise.kept is False
    assert "missed by 1 s" in story.promise.words
    assert "15 min 01 s of 15 min" in story.promise.words
    assert story.deficiencies[0].hurts == "callers"


def test_a_running_clock_past_the_rto_is_missed_before_the_end() -> None:
    """What has not been proved in time can no longer be proved in time."""
    story = tell(Writer().approve().run().add(ev.CohortStarted(at=at(1000), cohort="canary")).journal)
    assert story.outcome is None
    assert story.promise.kept is False
    assert "missed" in story.promise.words


@pytest.mark.parametrize(
    ("plan", "kind", "words"),
    [
        (make_plan(purpose=Purpose.FAILBACK), Kind.REAL, "does not apply"),
        (make_plan(), Kind.DRY_RUN, "not tested"),
    ],
)
def test_a_promise_that_was_not_put_to_the_test_is_neither_kept_nor_missed(plan, kind, words) -> None:  # type: ignore[no-untyped-def]
    """A failback has no RTO, and a dry run moves nothing."""
    story = tell(Writer(plan, kind=kind).finish(50))
    assert story.promise.kept is None
    assert story.promise.words.startswith(words)


def test_a_rollback_tells_its_equality_proof_and_its_reason() -> None:
    """How many were compared, how many differ, and why it went back."""
    story = tell(rolled_back())
    (rollback,) = story.rollbacks
    assert (rollback.planned, rollback.undone, rollback.compared, rollback.equal) == (7, 7, 7, True)
    assert story.moved_back == 6
    assert story.promise.kept is False
    assert story.next_steps[0].startswith("Correct what made it go back")
    (decision,) = story.decisions
    assert (decision.go, decision.by) == (False, "B. Chen")
    assert story.cohorts[1].verdict is Verdict.NO_GO


def test_a_rollback_that_left_differences_is_not_equal_and_comes_first() -> None:
    """Callers who are not where they were are the first thing to put right."""
    w = Writer(make_plan({"canary": 2})).approve().run().move("canary", 166)
    w.roll_back(200, ("canary",), ("+14155550100 is routed to ie1, was us1",))
    story = tell(w.finish(300, "rolled-back"))
    assert story.rollbacks[0].equal is False
    assert any("1 difference remain" in one.what for one in story.deficiencies)


def test_nobody_compared_is_not_equal() -> None:
    """Undone is not proved equal."""
    w = Writer(make_plan({"canary": 2})).approve().run().move("canary", 166).roll_back(200, ("canary",))
    story = tell([event for event in w.journal if not isinstance(event, ev.Compared)])
    assert story.rollbacks[0].undone == 3
    assert story.rollbacks[0].equal is None
    assert any("Nobody has compared" in one.what for one in story.deficiencies)


def test_a_journal_that_stops_in_the_middle_is_told_as_such() -> None:
    """A process that ended leaves a lost answer that the next one settles; what is in flight at the end is said."""
    story = tell(crashed())
    assert story.outcome is None
    assert story.outcome_words.startswith("not finished: the journal stops at 14:06:02")
    (lost,) = story.lost_answers
    assert lost.settled_at == at(231)
    assert lost.how is not None
    assert "it had not taken effect" in lost.how
    assert story.in_flight == (action_id(route(103)),)
    assert story.stops[0].kind == "nobody running"
    assert "29 s" in story.stops[0].words
    assert any("may or may not have taken effect" in one.what for one in story.deficiencies)


def test_an_answer_that_was_lost_and_found_counts_as_moved_only_after_the_look() -> None:
    """Sent is not done."""
    name = action_id(route(100))
    w = Writer(make_plan({"canary": 1})).add(
        ev.Intended(at=at(170), action=name, attempt=1),
        ev.AnswerLost(at=at(180), action=name, why="no answer after 10 s"),
    )
    assert tell(w.journal).moved == 0
    w.add(ev.Looked(at=at(181), action=name, region=IE1, source="routes.ie1"))
    assert tell(w.journal).moved == 1


def test_an_answer_that_shows_another_region_moves_nothing() -> None:
    """What the answer shows counts, not what was asked."""
    name = action_id(route(100))
    w = Writer(make_plan({"canary": 1})).add(
        ev.Intended(at=at(170), action=name, attempt=1),
        ev.Answered(at=at(171), action=name, region=US1, source="routes.ie1"),
    )
    story = tell(w.journal)
    assert story.moved == 0
    assert any("the provider answered us1" in one.what for one in story.deficiencies)


def test_a_look_that_contradicts_a_proof_takes_it_back() -> None:
    """The last thing that was seen holds."""
    w = Writer(make_plan({"canary": 1})).move("canary", 166).prove("canary", 180)
    w.add(ev.Looked(at=at(190), action=action_id(route(100)), region=US1, source="routes.ie1"))
    story = tell(w.journal)
    assert (story.moved, story.proved) == (0, 0)


def test_approvals_say_who_when_what_and_whether_it_can_be_checked() -> None:
    """A second approval of one person and one of another plan do not count; an unsigned one is somebody's word."""
    w = Writer()
    w.add(
        ev.Approved(at=at(50), person="A. Ruiz", role="on-call lead", plan_hash=w.hash, signed=True),
        ev.Approved(at=at(60), person="A. Ruiz", role="operations director", plan_hash=w.hash, signed=True),
        ev.Approved(at=at(70), person="C. Moss", role="intern", plan_hash="0" * 64),
        ev.Approved(at=at(80), person="D. Oh", role="intern", plan_hash=w.hash),
        ev.Intended(at=at(75), action=action_id(route(100)), attempt=1),
    )
    story = tell(w.journal)
    assert [approval.counts for approval in story.approvals] == [True, False, False, True]
    said = " ".join(one.what for one in story.deficiencies)
    assert "first request was sent with 1 of 2 approvals" in said
    assert "approved plan 000000000000" in said
    assert "D. Oh (intern) is not signed" in said
    assert "D. Oh approved as intern" in said


def test_a_decision_is_made_when_the_last_needed_approval_is_given() -> None:
    """One of two is no decision."""
    w = Writer().approve()
    assert tell(w.journal).moment("decided") is not None
    assert tell(w.journal[:-1]).moment("decided") is None


def test_what_was_skipped_or_refused_keeps_the_promise_from_being_kept() -> None:
    """An entry point that never moved has callers."""
    w = Writer(make_plan({"canary": 2})).approve().run()
    name = action_id(route(100))
    w.add(
        ev.Intended(at=at(170), action=name, attempt=1),
        ev.NotDone(at=at(171), action=name, why="404: no such number", final=True),
        ev.Skipped(at=at(180), action=name, by="A. Ruiz", why="ported away"),
    )
    story = tell(w.finish(200))
    assert story.refusals[0].final
    assert not story.refusals[0].done_later
    assert story.promise.kept is False
    assert "0 of 2 entry points are moved" in story.promise.words
    said = " ".join(one.what for one in story.deficiencies)
    assert "1 action was refused and never done" in said
    assert "ported away" in said


def test_a_trunk_is_moved_but_no_call_proves_it() -> None:
    """A person's word is the gate of a cohort without numbers, and the story says whose."""
    trunk = SetRoute(Routable("trunk", "acme.pstn.twilio.com"), was=US1, to=IE1)
    base = make_plan({"canary": 1})
    cohort = base.cohorts[0].__class__("trunks", (trunk,), base.cohorts[0].gate)
    w = Writer(make_plan(cohorts=(cohort,))).approve().run().move("trunks", 166)
    w.add(
        ev.DecisionAsked(at=at(170), cohort="trunks", question="Is it good?", roles=("operations director",)),
        ev.DecisionTaken(at=at(200), cohort="trunks", go=True, by="B. Chen"),
    )
    story = tell(w.finish(201))
    assert story.promise.kept is True
    assert "not counting 1 trunk or SIP domain" in story.promise.words
    assert any("no call to a number proves" in one.what for one in story.deficiencies)
    assert any("because B. Chen said so" in one.what for one in story.deficiencies)
    assert story.planned_actual is not None
    assert story.planned_actual.waited_for_people_s == 30


def test_pauses_and_questions_that_overlap_are_waited_for_once() -> None:
    """Thirty seconds in which two things waited are thirty seconds."""
    w = Writer(make_plan({"canary": 1}))
    w.add(
        ev.Paused(at=at(200), by="voicedr", why="no-go"),
        ev.DecisionAsked(at=at(210), cohort="canary", question="Go on?", roles=()),
        ev.DecisionTaken(at=at(220), cohort="canary", go=True, by="B. Chen"),
        ev.Resumed(at=at(230), by="B. Chen"),
    )
    actual = tell(w.journal).planned_actual
    assert actual is not None
    assert actual.waited_for_people_s == 30


def test_requests_to_the_left_region_are_a_fault_only_in_ungraceful_mode() -> None:
    """Graceful may ask both Regions."""
    for mode, fault in ((Mode.UNGRACEFUL, True), (Mode.GRACEFUL, False)):
        story = tell(Writer(make_plan(mode=mode)).finish(300, "aborted", requests=2))
        assert story.requests_to_left_region == 2
        assert any("2 requests went to us1" in one.what for one in story.deficiencies) is fault


def test_callers_are_not_measured_unless_somebody_counted() -> None:
    """The journal cannot know what callers met."""
    assert any("Nobody counted callers" in one.what for one in tell(good_failover()).deficiencies)
    tally = CallerTally("the twin", 10, 8, 2, first_lost_at=at(0), last_lost_at=at(400))
    story = tell(good_failover(), tally)
    assert "2 of 10 calls were lost" in story.deficiencies[0].what
    assert "after every gate had passed" in story.deficiencies[0].do


def test_drift_a_blind_gate_and_unknowns_are_deficiencies() -> None:
    """What the plan took on itself, what differed, and what could not be measured are all named."""
    w = Writer(make_plan(unknowns=("how us1 stands",)))
    w.add(
        ev.GateBlind(at=at(100), cohort="canary", why="call log: 503"),
        ev.DriftFound(at=at(101), differences=("+14155550100 is routed to au1",)),
    )
    story = tell(w.finish(102, "drifted"))
    said = " ".join(one.what for one in story.deficiencies)
    assert "how us1 stands" in said
    assert "call log: 503" in said
    assert "routed to au1" in said
    assert story.next_steps[0].startswith("The world is not as the plan had it")


def test_records_that_do_not_fit_the_plan_are_said_and_not_counted() -> None:
    """A proof of a number that the plan does not move proves nothing."""
    w = Writer(make_plan({"canary": 1}))
    w.add(
        ev.Proved(at=at(170), number=number(4000), call_sid="CA1", region=IE1, synthetic=True),
        ev.CallJudged(at=at(171), cohort="ghost", call_sid="CA2", number=number(1), good=True, synthetic=False, why=""),
    )
    story = tell(w.journal)
    assert (story.proved, story.good) == (0, 0)
    assert sum("does not fit its plan" in one.what for one in story.deficiencies) == 2


def test_a_clock_that_stepped_back_is_said() -> None:
    """Durations across a step are not exact."""
    w = Writer().add(ev.CohortStarted(at=at(200), cohort="canary"), ev.CohortStarted(at=at(190), cohort="low-risk"))
    assert any("stepped back by up to 10 s" in one.what for one in tell(w.events).deficiencies)


def test_a_no_go_after_a_go_stops_the_clock_from_having_stopped() -> None:
    """Gates stay armed."""
    w = Writer(make_plan({"canary": 2})).approve().run().move("canary", 166).prove("canary", 190)
    w.gate("canary", 230, Verdict.GO, 30, 0)
    assert tell(w.journal).promise.stopped_at == at(230)
    w.gate("canary", 240, Verdict.NO_GO, 30, 3)
    assert tell(w.journal).promise.stopped_at is None


def test_an_empty_journal_says_that_nothing_can_be_said() -> None:
    """No opening record, no claim."""
    story = tell([])
    assert story.plan is None
    assert story.promise.kept is None
    assert "voicedr verify" in story.next_steps[0]

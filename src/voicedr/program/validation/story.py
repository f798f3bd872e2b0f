"""An execution's story, told from its journal: what happened, when, by whose word, and what is not known.

Any beginning of a journal can be told: a run that is going on, or one whose process ended in the middle, is told up to
its last record and says that it stops there. Telling costs one pass over the records.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from voicedr.program.execution.events import Approved, Event, Opened
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.chapters import (
    Approval,
    CohortChapter,
    ModeChange,
    Moment,
    Outcome,
    Said,
    Story,
    TimelineLine,
)
from voicedr.program.validation.cohort_so_far import CohortSoFar
from voicedr.program.validation.deficiencies import find_deficiencies, what_now
from voicedr.program.validation.fold import Known
from voicedr.program.validation.gate import pass_bound, step_good
from voicedr.program.validation.planned import compare_cohorts
from voicedr.program.validation.promise import compare_with_plan, judge_promise
from voicedr.program.validation.spoken import clock, count, listed, short
from voicedr.program.validation.timeline import said_reconciled, timeline_line
from voicedr.program.vocabulary import Kind

KINDS = {
    Kind.REAL: "REAL",
    Kind.DRILL_TWIN: "drill on the twin",
    Kind.DRILL_LIVE: "drill on the live account",
    Kind.DRY_RUN: "dry run",
}


def tell(events: Sequence[Event], callers: CallerTally | None = None, *, head: str | None = None) -> Story:
    """Tell an execution.

    Args:
        events: The journal's events in order, from the first; any number of them.
        callers: What callers met, counted from outside; None: nobody counted.
        head: The hash of the last record, if the caller has it.
    """
    known = Known()
    timeline: list[TimelineLine] = []
    for event in events:
        known.see(event)
        timeline.append(timeline_line(event))
    opened = known.opened
    plan = None if opened is None else opened.plan
    outcome: Outcome | None = None if known.finished is None else known.finished.outcome
    cohorts = tuple(_chapter(known, cohort) for cohort in known.cohorts.values())
    unprovable = sum(cohort.entry_points - cohort.numbers for cohort in cohorts)
    approvals = _approvals(known)
    promise = judge_promise(opened, cohorts, outcome, known.last_at, unprovable)
    waited_s = _waited_for_people_s(known)
    running_from = known.runners[0] if known.runners else known.first_intent_at
    story = Story(
        title=_title(opened),
        execution=opened.execution if opened else None,
        flow=plan.flow if plan else None,
        purpose=plan.purpose if plan else None,
        mode=known.switched[-1].mode if known.switched else plan.mode if plan else None,
        kind=opened.kind if opened else None,
        leaves=plan.leaves if plan else None,
        to=plan.to if plan else None,
        plan_hash=opened.plan_hash if opened else None,
        opened_by=opened.by if opened else None,
        outcome=outcome,
        outcome_words="",
        summary=(),
        moments=_moments(known, cohorts, approvals, promise.stopped_at),
        promise=promise,
        approvals=approvals,
        approvals_needed=plan.approvals if plan else 0,
        cohorts=cohorts,
        decisions=tuple(known.decisions),
        stops=tuple(known.stops),
        aborts=tuple(known.aborts),
        rollbacks=tuple(known.rollbacks),
        rollbacks_refused=tuple(known.rollbacks_refused),
        reconciled=tuple(Said(one.at, one.region, said_reconciled(one)) for one in known.reconciled),
        lost_answers=tuple(known.lost),
        in_flight=tuple(known.in_flight),
        refusals=tuple(
            msgspec.structs.replace(refusal, done_later=refusal.action in known.done) for refusal in known.refusals
        ),
        skipped=tuple(known.skipped),
        already=plan.already if plan else (),
        blind=tuple(known.blind),
        drift=tuple(known.drift),
        sightings=opened.sightings if opened else (),
        requests_to_left_region=known.finished.requests_to_left_region if known.finished else None,
        planned_actual=compare_with_plan(opened, running_from, promise, outcome, waited_s) if opened else None,
        deficiencies=(),
        next_steps=(),
        callers=callers,
        calls=tuple(known.calls),
        timeline=tuple(timeline),
        plan=plan,
        records=len(events),
        head=head,
        runners=len(known.runners),
        last_at=known.last_at,
        mode_changes=tuple(ModeChange(one.at, one.mode, one.by, timeline_line(one).words) for one in known.switched),
        assertions=tuple(known.assertions),
        compared=compare_cohorts(plan, cohorts) if plan else (),
    )
    story = msgspec.structs.replace(story, outcome_words=_outcome_words(story))
    if plan is not None:
        story = msgspec.structs.replace(story, deficiencies=find_deficiencies(story, known, plan, unprovable))
    return msgspec.structs.replace(story, summary=tuple(_summary(story, opened)), next_steps=what_now(story))


def _title(opened: Opened | None) -> str:
    if opened is None:
        return "A journal without an opening record"
    plan = opened.plan
    return f"{plan.flow}: {plan.purpose} {plan.leaves} → {plan.to}, {plan.mode}, {KINDS[opened.kind]}"


def _outcome_words(story: Story) -> str:
    if story.plan is None:
        return "nothing can be said: there is no opening record"
    moved = f"{story.moved} of {count(story.entry_points, 'entry point')} moved"
    proved = f"{story.proved} of {count(story.numbers, 'number')} proved by a call"
    match story.outcome:
        case "done" if story.kind is Kind.DRY_RUN:
            return "done: a dry run, nothing was changed"
        case "done":
            return f"done: {moved}, {proved}"
        case "rolled-back":
            return f"rolled back: {story.moved_back} of {story.moved} moved entry points are back in {story.leaves}"
        case "aborted":
            return f"aborted: {moved}, {proved}; what was moved stayed where it is"
        case "drifted":
            return "not begun: the world was not as the plan had it, nothing was changed"
        case _:
            return f"not finished: the journal stops at {clock(story.last_at)} with {moved}, {proved}"


def _summary(story: Story, opened: Opened | None) -> Iterable[str]:
    if story.plan is None or opened is None:
        return
    detected = story.moment("detected")
    if detected is not None:
        bad = sum(sighting.bad for sighting in story.sightings)
        signals = f" by {bad} of {count(len(story.sightings), 'signal')}" if story.sightings else ""
        yield f"Trouble with {story.leaves} was detected at {clock(detected.at)}{signals}."
    if opened.rule:
        yield f"It was opened WITHOUT PEOPLE, by the rule {opened.rule}."
    for words in opened.broke:
        yield f"GLASS BROKEN over {words}."
    given = [approval for approval in story.approvals if approval.counts]
    if given:
        who = listed([f"{approval.person} ({approval.role})" for approval in given])
        yield f"{who} approved plan {short(story.plan_hash or '')}: {len(given)} of {story.approvals_needed} needed."
    else:
        yield f"Nobody's approval is recorded; {story.approvals_needed} were needed."
    if story.good + story.bad:
        yield (
            f"{count(story.good + story.bad, 'call')} judged in {story.to}: {story.good} good, {story.bad} bad;"
            f" {story.synthetic} of them our own test calls."
        )
    for change in story.mode_changes:
        yield f"At {clock(change.at)}: {change.words}."
    for rollback in story.rollbacks:
        equal = {
            True: "equal to the snapshot, field by field",
            False: "not equal to the snapshot",
            None: "not known to be equal",
        }
        read = "nobody compared" if rollback.compared is None else f"{rollback.compared} compared"
        yield f"{rollback.by} ordered the rollback ({rollback.why}); afterwards {equal[rollback.equal]}, {read}."
    for said in story.reconciled[-1:]:
        yield f"{clock(said.at)}: {said.words}."
    if story.outcome is None:
        yield "The journal has no end: it is still running, or the process that ran it has ended."


def _chapter(known: Known, cohort: CohortSoFar) -> CohortChapter:
    test = cohort.planned.gate.test
    to_go = max(0, math.ceil((pass_bound(test) - cohort.ratio) / step_good(test)))
    return CohortChapter(
        name=cohort.planned.name,
        entry_points=len(cohort.routes),
        numbers=len(cohort.numbers),
        moved=len(cohort.there & cohort.routes),
        proved=len(cohort.proved),
        moved_back=len(cohort.back & cohort.routes),
        context=known.context_of(cohort),
        good=cohort.good,
        bad=cohort.bad,
        synthetic=cohort.synthetic,
        verdict=cohort.verdict,
        verdict_at=cohort.verdict_at,
        verdict_words=cohort.verdict_words,
        person_go=cohort.person_go,
        person=cohort.person,
        good_to_go=to_go,
        started_at=cohort.started_at,
        first_intent_at=cohort.first_intent_at,
        first_moved_at=cohort.first_moved_at,
        all_moved_at=cohort.all_moved_at,
        first_proved_at=cohort.first_proved_at,
        all_proved_at=cohort.all_proved_at,
        go_at=cohort.go_at,
        unproved=tuple(number for number in cohort.order if number not in cohort.proved),
    )


def _approvals(known: Known) -> tuple[Approval, ...]:
    plan_hash = known.opened.plan_hash if known.opened else None
    counting: dict[str, Approved] = {}
    # Of several by one person the first counts, and a signed one before their word.
    for approved in sorted(known.approved, key=lambda approved: (not approved.signed, approved.at)):
        if approved.plan_hash == plan_hash and not approved.refused:
            counting.setdefault(approved.person, approved)
    told: list[Approval] = []
    for approved in sorted(known.approved, key=lambda approved: approved.at):
        counts = counting.get(approved.person) is approved
        told.append(
            Approval(
                approved.person,
                approved.role,
                approved.at,
                approved.plan_hash,
                approved.signed,
                counts,
                approved.note,
                approved.key,
                approved.refused,
            )
        )
    return tuple(told)


def _moments(
    known: Known, cohorts: Sequence[CohortChapter], approvals: Sequence[Approval], served_at: datetime | None
) -> tuple[Moment, ...]:
    opened = known.opened
    if opened is None:
        return ()
    to = opened.plan.to
    counting = [approval.at for approval in approvals if approval.counts]
    decided_at = counting[-1] if counting and len(counting) >= opened.plan.approvals else None
    moved = [cohort.all_moved_at for cohort in cohorts if cohort.entry_points]
    proved = [cohort.all_proved_at for cohort in cohorts if cohort.numbers]
    candidates: list[tuple[str, str, datetime | None]] = [
        ("detected", "failure detected", opened.detected_at),
        ("opened", "execution opened", opened.at),
        ("decided", "last approval given", decided_at),
        ("first-intent", "first request sent", known.first_intent_at),
        ("first-proof", f"first call seen in {to}", known.first_proved_at),
        ("first-good-call", f"first good call in {to}", known.first_good_at),
        ("all-moved", "everything moved", _latest(moved)),
        ("all-proved", "every number proved by a call", _latest(proved)),
        ("served", "every gate passed: the clock stops", served_at),
        ("rollback", "rollback ordered", known.rollbacks[0].ordered_at if known.rollbacks else None),
        ("undone", "everything moved back", known.rollbacks[-1].undone_at if known.rollbacks else None),
        ("finished", "finished", known.finished.at if known.finished else None),
    ]
    happened = sorted(
        ((at, rank, name, title) for rank, (name, title, at) in enumerate(candidates) if at is not None),
        key=lambda moment: moment[:2],
    )
    moments: list[Moment] = []
    for at, _, name, title in happened:
        after_s = (at - moments[-1].at).total_seconds() if moments else None
        moments.append(Moment(name, title, at, after_s))
    return tuple(moments)


def _latest(times: Sequence[datetime | None]) -> datetime | None:
    """The latest of the times if all are known and there is one."""
    known = [at for at in times if at is not None]
    return max(known) if known and len(known) == len(times) else None


def _waited_for_people_s(known: Known) -> float:
    """Seconds in which it was paused or held by a question, each counted once."""
    waits = [(stop.from_at, stop.to_at) for stop in known.stops if stop.kind != "nobody running"]
    waits += [(decision.asked_at, decision.taken_at) for decision in known.decisions if decision.asked_at]
    total_s = 0.0
    until: datetime | None = None
    for start, end in sorted((start, end or known.last_at or start) for start, end in waits):
        begin = start if until is None or start > until else until
        if end > begin:
            total_s += (end - begin).total_seconds()
            until = end
    return total_s

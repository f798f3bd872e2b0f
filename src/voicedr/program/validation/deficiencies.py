"""What went wrong, or stayed unknown, in words, each with what to do about it; and what must be done now.

A drill that finds nothing has usually not looked: this list is the reason for the report. Callers come first in it,
then what is not proved, then people, then the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from voicedr.program.execution.plan import Plan
from voicedr.program.validation.chapters import Deficiency, Story
from voicedr.program.validation.fold import Known
from voicedr.program.validation.spoken import clock, count, listed, short, span
from voicedr.program.vocabulary import Kind, Mode, Purpose, Verdict

_ORDER = ("callers", "proof", "people", "plan")

CLOCK_STEP_S_MIN = 1.0
"""A smaller step back is two processes' rounding, not a wrong clock."""


def find_deficiencies(story: Story, known: Known, plan: Plan, unprovable: int) -> tuple[Deficiency, ...]:
    """Everything in an execution that was not as it should be, callers first.

    Args:
        story: The telling so far; its own deficiencies are not looked at.
        known: What the records say.
        plan: The plan that was opened.
        unprovable: Entry points that no call to a number can prove (trunk and SIP domains).
    """
    found = [
        *_callers(story),
        *_proofs(story, known, unprovable),
        *_people(story, known, plan),
        *_plan(story, known, plan),
    ]
    return tuple(sorted(found, key=lambda deficiency: _ORDER.index(deficiency.hurts)))


def what_now(story: Story) -> tuple[str, ...]:
    """What must be done, the most urgent first. Never empty."""
    steps: list[str] = []
    run = story.execution or "the execution"
    if story.plan is None:
        return ("The journal has no opening record, so nothing can be said: check that it is whole (voicedr verify).",)
    for decision in story.decisions:
        if decision.taken_at is None and story.outcome is None:
            steps.append(
                f"Decide on {decision.cohort}: {decision.question} ({listed(decision.roles)}). It holds until then."
            )
    if story.outcome is None:
        paused = next((stop for stop in story.stops if stop.kind != "nobody running" and stop.to_at is None), None)
        if paused is not None and paused.kind == "stopped":
            steps.append(
                f"Everything was stopped {paused.words}. Nothing is sent until a person resumes with a reason:"
                f" voicedr resume {run} --why REASON"
            )
        elif paused is not None:
            steps.append(f"It is paused {paused.words}. Resume, roll back or abort it: voicedr resume {run}")
        elif not story.runners:
            steps.append(f"Nothing has been started. When it is approved: voicedr resume {run}")
        else:
            steps.append(f"It has not finished. If no process is running it, finish it: voicedr resume {run}")
    match story.outcome:
        case "rolled-back":
            steps.append("Correct what made it go back, then make and approve a new plan: " + _why_back(story))
        case "aborted":
            steps.append(
                f"{story.moved - story.moved_back} of {story.entry_points} entry points are in {story.to}, the rest in"
                f" {story.leaves}. Decide where they belong: roll back, or make a plan for the rest."
            )
        case "drifted":
            steps.append(f"The world is not as the plan had it. Make the plan again: voicedr failover {story.flow}")
    urgent = ("callers", "proof")
    steps.extend(deficiency.do for deficiency in story.deficiencies if deficiency.hurts in urgent)
    if story.outcome == "done" and story.purpose == Purpose.FAILOVER and story.kind is not Kind.DRY_RUN:
        steps.append(
            f"{story.flow} now lives in {story.to}. Bring it home when {story.leaves} has been well for long enough:"
            f" voicedr failback {story.flow}"
        )
    steps.extend(deficiency.do for deficiency in story.deficiencies if deficiency.hurts not in urgent)
    return tuple(dict.fromkeys(steps)) or ("Nothing.",)


def _callers(story: Story) -> Iterator[Deficiency]:
    failover = story.purpose == Purpose.FAILOVER
    if failover and story.promise.kept is False and story.outcome not in ("rolled-back", "aborted", "drifted"):
        yield Deficiency(
            "callers",
            "rto-missed",
            f"The promise was {story.promise.words}",
            "Find the longest stretch among the moments: shorten the decision, the cohorts or the gates, or promise a"
            " longer RTO in the workbook.",
        )
    if story.callers is not None and story.callers.lost:
        lost, served_at = story.callers, story.promise.stopped_at
        yield Deficiency(
            "callers",
            "calls-lost",
            f"{lost.lost} of {count(lost.placed, 'call')} were lost, the first at {clock(lost.first_lost_at)}, the last"
            f" at {clock(lost.last_lost_at)}, as {lost.source} counted.",
            "Calls were lost after every gate had passed: find out where they went."
            if served_at is not None and lost.last_lost_at is not None and lost.last_lost_at > served_at
            else "Tell those whose calls were lost.",
        )
    for cohort in story.cohorts:
        if cohort.verdict is Verdict.NO_GO:
            yield Deficiency(
                "callers",
                f"gate-no-go {cohort.name}",
                f"{cohort.name}: the gate says no-go: {cohort.verdict_words}.",
                f"Find out why calls to {cohort.name} go badly in {story.to}; its gate has to pass in a drill.",
            )
        elif cohort.bad:
            yield Deficiency(
                "callers",
                f"calls-bad {cohort.name}",
                f"{cohort.name}: {cohort.bad} of {count(cohort.good + cohort.bad, 'judged call')} in {story.to}"
                f" {'was' if cohort.bad == 1 else 'were'} bad.",
                f"Read the bad calls of {cohort.name} in the timeline, each with its reason.",
            )
    final = [refusal for refusal in story.refusals if refusal.final and not refusal.done_later]
    if final:
        yield Deficiency(
            "callers",
            "refused-for-good",
            f"{count(len(final), 'action was', 'actions were')} refused and never done: "
            + listed([f"{refusal.action} ({refusal.why})" for refusal in final], 4)
            + ".",
            "Correct what was refused: these entry points are where they were before.",
        )
    if story.skipped:
        left = [f"{said.subject} ({said.words})" for said in story.skipped]
        yield Deficiency(
            "callers",
            "skipped",
            f"{count(len(left), 'action was', 'actions were')} skipped: {listed(left, 4)}.",
            f"Decide what becomes of the callers of what was skipped: they are still in {story.leaves}.",
        )
    for rollback in story.rollbacks:
        if rollback.equal is False:
            yield Deficiency(
                "callers",
                "rollback-not-equal",
                f"After the rollback {count(len(rollback.differences), 'difference')} remain:"
                f" {listed(rollback.differences)}.",
                "Set these by hand as the snapshot has them, and compare again.",
            )
    if story.mode == Mode.UNGRACEFUL and story.requests_to_left_region:
        yield Deficiency(
            "callers",
            "left-region-asked",
            f"{count(story.requests_to_left_region, 'request')} went to {story.leaves}, which is not to be asked for"
            " anything in ungraceful mode.",
            "Report it as a fault of voicedr with this file: the target is zero.",
        )


def _proofs(story: Story, known: Known, unprovable: int) -> Iterator[Deficiency]:
    unproved = [number for cohort in story.cohorts for number in cohort.unproved if cohort.touched]
    if unproved and not (story.outcome == "rolled-back" and not story.proved):
        ended = story.outcome is not None
        by_hand = f"call these numbers and look for the calls in the call log of {story.to}: {listed(unproved)}."
        yield Deficiency(
            "proof",
            "numbers-not-proved",
            f"{len(unproved)} of {count(story.numbers, 'number')} were started and"
            f" {'never' if ended else 'not yet'} proved by a call in {story.to}: {listed(unproved)}.",
            f"C{by_hand[1:]}" if ended else f"A running execution proves them itself; where none runs, {by_hand}",
        )
    if unprovable and story.moved:
        yield Deficiency(
            "proof",
            "trunks-not-proved",
            f"{count(unprovable, 'trunk or SIP domain')} in the plan: no call to a number proves where its calls land.",
            "Place a call over each trunk and SIP domain, and look for it in the new Region's call log.",
        )
    open_ = [lost.action for lost in story.lost_answers if lost.settled_at is None] + list(story.in_flight)
    if open_:
        yield Deficiency(
            "proof",
            "unsettled",
            f"{count(len(open_), 'request')} may or may not have taken effect; nobody has looked: {listed(open_, 4)}.",
            "Read these back before anything is repeated: voicedr resume does it first.",
        )
    yield from _asserted(known)
    for words in known.wrong_answers:
        yield Deficiency(
            "proof",
            "wrong-answer",
            f"Not what was asked for: {words}.",
            "Read the route back, and set it again if it is wrong.",
        )
    by_cohort = Counter(said.subject for said in story.blind)
    for name, times in by_cohort.items():
        last = next(said for said in reversed(story.blind) if said.subject == name)
        yield Deficiency(
            "proof",
            f"gate-blind {name}",
            f"{name}: the gate could not measure ({count(times, 'time')}; last: {last.words}).",
            "Restore what the gate reads, or name a second signal in the workbook.",
        )
    for cohort in story.cohorts:
        ended_open = cohort.verdict is Verdict.NOT_ENOUGH_DATA or (cohort.verdict is None and cohort.touched)
        if story.outcome == "done" and ended_open:
            yield Deficiency(
                "proof",
                f"gate-undecided {cohort.name}",
                f"{cohort.name}: the gate never had enough calls to say go or no-go.",
                "Let test calls count at this gate, or give it longer.",
            )
    for rollback in story.rollbacks:
        if rollback.compared is None:
            yield Deficiency(
                "proof",
                "rollback-not-compared",
                "Nobody has compared the account with the snapshot after the rollback.",
                "Finish the rollback: it ends with that comparison.",
            )
        elif rollback.unread:
            yield Deficiency(
                "proof",
                "rollback-not-all-read",
                f"{len(rollback.unread)} of {count(rollback.compared, 'subject')} could not be read after the rollback:"
                f" {listed(rollback.unread)}.",
                "Read these again and compare them with the snapshot.",
            )
    if story.callers is None and story.outcome is not None and story.kind is not Kind.DRY_RUN:
        yield Deficiency(
            "plan",
            "callers-not-counted",
            "Nobody counted callers from outside, so how long they were hurt is not known.",
            "Have the carrier's call records, or a load of test callers, counted in the next run.",
        )
    if known.clock_back_s >= CLOCK_STEP_S_MIN:
        yield Deficiency(
            "proof",
            "clock-stepped-back",
            f"The clock stepped back by up to {span(known.clock_back_s)} between two records: durations across it are"
            " not exact.",
            "Set the clocks of the machines that run voicedr by NTP.",
        )
    for words in known.strange:
        yield Deficiency(
            "proof",
            "journal-does-not-fit",
            f"The journal does not fit its plan: {words}.",
            "Check the journal: voicedr verify",
        )


def _asserted(known: Known) -> Iterator[Deficiency]:
    """Of each cohort, before and after, what was looked at last."""
    latest = {(one.cohort, one.when): one for one in known.assertions}
    for (cohort, when), said in latest.items():
        if not said.failed and not said.unseen:
            continue
        names = listed([f"{one.subject} ({one.words})" for one in (*said.failed, *said.unseen)], 4)
        moved = "moved" if when == "before" else "was called good"
        taken_on = f"{cohort} {moved} in spite of it, because {said.waived_by} said so" if said.waived_by else cohort
        yield Deficiency(
            "proof",
            f"assertion-{when} {cohort}",
            f"What must hold {when} a move did not, or was not seen: {names}; {taken_on}.",
            f"Call what is named here and look for the calls in the call log: {names}."
            if when == "after"
            else f"Correct what is named here before the next run: {names}.",
        )


def _people(story: Story, known: Known, plan: Plan) -> Iterator[Deficiency]:
    counting = [approval for approval in story.approvals if approval.counts]
    if known.first_intent_at is not None:
        before = {a.person for a in counting if a.at <= known.first_intent_at}
        if len(before) < plan.approvals:
            yield Deficiency(
                "people",
                "begun-without-approvals",
                f"The first request was sent with {len(before)} of {count(plan.approvals, 'approval')}.",
                "Review who started it and by which rule.",
            )
    for approval in story.approvals:
        if approval.counts and not approval.signed:
            yield Deficiency(
                "people",
                "approval-unsigned",
                f"The approval of {approval.person} ({approval.role}) is not signed: it is somebody's word.",
                "Have the approver confirm it in writing, and keep that with this report; have the next one signed"
                " (approvals.allowed_signers in the workbook).",
            )
        if not approval.counts and approval.plan_hash != story.plan_hash:
            yield Deficiency(
                "people",
                "approval-of-another-plan",
                f"{approval.person} approved plan {short(approval.plan_hash)}, which is not the one that was opened.",
                "Ask which plan was meant.",
            )
        if approval.counts and plan.approval_roles and approval.role not in plan.approval_roles:
            yield Deficiency(
                "people",
                "approval-in-another-role",
                f"{approval.person} approved as {approval.role}; the plan asks for {listed(plan.approval_roles)}.",
                "Correct the roles in the workbook, or review the approval.",
            )
    for decision in story.decisions:
        if decision.asked_at is not None and decision.taken_at is None and story.outcome is not None:
            yield Deficiency(
                "people",
                f"no-answer {decision.cohort}",
                f"{decision.cohort}: nobody answered {decision.question!r} ({listed(decision.roles)}).",
                "Name deputies for these roles in the workbook.",
            )
    for cohort in story.cohorts:
        if cohort.person_go and cohort.verdict is not Verdict.GO:
            yield Deficiency(
                "people",
                f"passed-by-word {cohort.name}",
                f"{cohort.name} was called good because {cohort.person} said so; its gate had not passed.",
                "Have the decision reviewed by somebody else.",
            )
    taken_over = [stop for stop in story.stops if stop.kind == "nobody running"]
    if taken_over:
        yield Deficiency(
            "people",
            "runner-replaced",
            f"The process that ran it ended and was replaced {count(len(taken_over), 'time')}: "
            + listed([stop.words for stop in taken_over], 3)
            + ".",
            "Find out why it ended, if nobody ended it on purpose.",
        )


def _plan(story: Story, known: Known, plan: Plan) -> Iterator[Deficiency]:
    for words in plan.unknowns:
        yield Deficiency(
            "plan",
            f"accepted-unknown: {words}",
            f"Accepted with the plan, and not known: {words}.",
            f"Settle before the next run: {words}.",
        )
    if known.opened is not None and known.opened.detected_at is None and plan.purpose is Purpose.FAILOVER:
        yield Deficiency(
            "plan",
            "detection-not-recorded",
            "When the failure was detected is not recorded, so the clock starts with the opening.",
            "Let voicedr watch record the detection, so that the decision is in the time.",
        )
    if not plan.forecast.reachable and plan.purpose is Purpose.FAILOVER:
        yield Deficiency(
            "plan",
            "forecast-over-rto",
            f"The plan's longest course, {span(plan.forecast.longest_s)}, was over the RTO of"
            f" {span(plan.forecast.rto_s)} before anything began.",
            "Shorten the plan (fewer cohorts, more calls per second) or promise a longer RTO.",
        )
    actual = story.planned_actual
    if actual is not None and actual.actual_s is not None and actual.actual_s > actual.longest_s:
        yield Deficiency(
            "plan",
            "forecast-wrong",
            f"Forecast: {actual.words}.",
            "Correct the limits in the workbook to what was measured.",
        )
    if story.drift:
        yield Deficiency(
            "plan",
            "drift",
            f"{count(len(story.drift), 'difference')} from the plan before the first act: {listed(story.drift)}.",
            "Have changes of the account go through the release process, or take them into the workbook.",
        )
    for refused in story.rollbacks_refused:
        yield Deficiency(
            "plan",
            "rollback-refused",
            f"A rollback was asked for and refused: {refused.words}.",
            "Do what the refusal names instead.",
        )


def _why_back(story: Story) -> str:
    return story.rollbacks[-1].why if story.rollbacks else "the journal does not say what it was."

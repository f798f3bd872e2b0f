"""One record of a journal as one line a person can read. The terminal's log and the report say the same words."""

from __future__ import annotations

from typing import assert_never

from voicedr.program.execution.events import (
    Aborted,
    Answered,
    AnswerLost,
    Approved,
    Asserted,
    CallJudged,
    CohortStarted,
    CommandRefused,
    Compared,
    DecisionAsked,
    DecisionTaken,
    DriftFound,
    Event,
    Finished,
    GateBlind,
    GateSpoke,
    Intended,
    Looked,
    ModeSwitched,
    NotDone,
    Opened,
    Paused,
    Proved,
    Reconciled,
    Resumed,
    RollbackAsked,
    RollbackOrdered,
    RollbackRefused,
    RunnerStarted,
    Skipped,
    Stopped,
    TestCallPlaced,
)
from voicedr.program.validation.chapters import TimelineLine, proof_of
from voicedr.program.validation.spoken import count, listed, short, span
from voicedr.program.vocabulary import US1, Verdict


def timeline_line(event: Event) -> TimelineLine:
    """An event in words. Notable is what changes what a person would do, or what did not go as meant."""
    words, notable = _said(event)
    return TimelineLine(event.at, event.__struct_config__.tag, words, notable)  # type: ignore[arg-type]


def with_note(words: str, note: str) -> str:
    """``words: note``, or only the words where there is no note."""
    return f"{words}: {note}" if note else words


def said_approved(event: Approved) -> str:
    """Who approved what, and whether it can be checked."""
    proof = proof_of(event.signed, event.key, event.refused)
    return with_note(f"{event.person} ({event.role}) approved plan {short(event.plan_hash)}, {proof}", event.note)


def _how_opened(event: Opened) -> str:
    incident = f", for {event.incident}" if event.incident else ""
    rule = f", WITHOUT PEOPLE by the rule {event.rule}" if event.rule else ""
    broke = "".join(f"; GLASS BROKEN over {one}" for one in event.broke)
    return f"{incident}{rule}{broke}"


def _said(event: Event) -> tuple[str, bool]:
    match event:
        case Opened():
            plan = event.plan
            moves = sum(len(cohort.actions) for cohort in plan.cohorts)
            return (
                f"{event.by} opened {event.execution}: {plan.flow}, {plan.purpose} {plan.leaves} to {plan.to},"
                f" {plan.mode}, {event.kind}, {count(moves, 'action')} in {count(len(plan.cohorts), 'cohort')},"
                f" plan {short(event.plan_hash)}{_how_opened(event)}"
            ), True
        case Approved():
            return said_approved(event), True
        case RunnerStarted():
            gap = f", after {span(event.gap_s)} in which nobody had it" if event.gap_s else ""
            return f"{event.holder} took the execution in hand, term {event.term}{gap}", True
        case DriftFound():
            return f"not as the plan had it, nothing was changed: {listed(event.differences)}", True
        case CohortStarted():
            return f"{event.cohort}: may move from now on", True
        case Intended():
            return f"about to {event.action}" + (f", attempt {event.attempt}" if event.attempt > 1 else ""), False
        case Answered():
            return f"done: {event.action}; {event.source} answers {event.shows}", False
        case Looked():
            stands = f"never set, so {US1}" if event.region is None and not event.state else event.shows
            return f"looked: {event.action}; {event.source} shows {stands}", True
        case AnswerLost():
            return f"no answer: {event.action}; it may have taken effect ({event.why})", True
        case NotDone():
            again = "saying it again would be refused again" if event.final else "it will be said again"
            return f"not done: {event.action}; {event.why}; {again}", True
        case Skipped():
            return with_note(f"left where it is by {event.by}: {event.action}", event.why), True
        case TestCallPlaced():
            if event.call_sid is None:
                return f"test call to {event.number}: nobody knows whether it was placed ({event.why})", True
            return with_note(f"test call to {event.number}, {event.call_sid}", event.why), False
        case Proved():
            whose = "our test call" if event.synthetic else "a caller's call"
            return f"{event.number} proved: {whose} {event.call_sid} was seen in {event.region}", False
        case CallJudged():
            whose = "test call" if event.synthetic else "call"
            judged = "good" if event.good else "bad"
            veto = ", veto" if event.veto else ""
            words = f"{event.cohort}: {whose} {event.call_sid} to {event.number} {judged}{veto}"
            return with_note(words, event.why), event.veto or not event.good
        case GateSpoke():
            calls = f"{event.synthetic} of them test calls"
            return f"{event.cohort}: gate says {event.verdict}: {event.why} ({calls})", (
                event.verdict is not Verdict.NOT_ENOUGH_DATA
            )
        case GateBlind():
            return f"{event.cohort}: the gate cannot measure: {event.why}", True
        case DecisionAsked():
            return f"{event.cohort}: asked of {listed(event.roles)}: {event.question} Silence means hold", True
        case DecisionTaken():
            return with_note(f"{event.cohort}: {event.by} says {'go' if event.go else 'no-go'}", event.note), True
        case Paused():
            return with_note(f"paused by {event.by}", event.why), True
        case Resumed():
            return with_note(f"resumed by {event.by}", event.why), True
        case Stopped():
            return with_note(f"EMERGENCY STOP by {event.by}: nothing that changes anything is sent", event.why), True
        case CommandRefused():
            return f"{event.name} by {event.by} meant nothing: {event.why}", True
        case ModeSwitched():
            return _switched(event), True
        case Asserted():
            return _asserted(event), not event.holds or bool(event.waived_by)
        case Aborted():
            return with_note(f"aborted by {event.by}; what was moved stays where it is", event.why), True
        case RollbackAsked():
            alive = ", who says that the Region that was left is alive" if event.left_is_back else ""
            return with_note(f"rollback asked for by {event.by}{alive}", event.why), True
        case RollbackOrdered():
            undo = count(len(event.actions), "move")
            cohorts = f" in {count(len(event.batches), 'cohort')}" if len(event.batches) > 1 else ""
            return with_note(
                f"rollback ordered by {event.by}, {undo} to undo{cohorts}, last moved first", event.why
            ), True
        case RollbackRefused():
            return (
                f"rollback asked by {event.by} refused: {event.why}; nothing was changed"
                + (f"; instead: {listed(event.instead)}" if event.instead else "")
            ), True
        case Compared():
            return f"compared with the snapshot: {_comparison(event)}", True
        case Finished():
            asked = count(event.requests_to_left_region, "request")
            return f"finished: {event.outcome}; {asked} to the Region that was left", True
        case Reconciled():
            return said_reconciled(event), True
        case _:
            assert_never(event)


def said_reconciled(event: Reconciled) -> str:
    """What was fetched from the standby, and what is missing."""
    until = "until now: it was not home yet" if event.until is None else f"until {event.until:%Y-%m-%d %H:%M:%S} UTC"
    missing = f"{event.missing} not there, each with its reason" if event.missing else "nothing missing"
    if event.unsettled:
        missing += f", {event.unsettled} of them to be fetched again"
    return (
        f"{event.by} fetched what {event.region} held from {event.since:%Y-%m-%d %H:%M:%S} UTC {until}:"
        f" {count(event.calls, 'call')}, {count(event.recordings, 'recording')}"
        f" ({count(event.voicemails, 'voicemail')}, {event.media} with sound),"
        f" {count(event.transcriptions, 'transcription')},"
        f" {count(event.messages, 'message')}; {missing}; manifest {short(event.manifest)}"
    )


def _switched(event: ModeSwitched) -> str:
    role = f" ({event.role})" if event.role else ""
    words = f"{event.mode} from now on, by {event.by}{role}: {event.why}"
    if event.seen:
        words += f"; {event.seen}"
    return words + (f"; cannot be done any more: {listed(event.refuses)}" if event.refuses else "")


def _asserted(event: Asserted) -> str:
    when = "before it moves" if event.when == "before" else "after it has moved"
    parts = [count(event.checked, "entry point") + " looked at"]
    if event.failed:
        parts.append(
            f"{len(event.failed)} not as it must be ({listed([f'{a.subject} {a.words}' for a in event.failed], 3)})"
        )
    if event.unseen:
        parts.append(f"nobody could look: {listed([f'{a.subject} ({a.words})' for a in event.unseen], 3)}")
    parts += event.not_looked
    if event.waived_by:
        parts.append(f"{event.waived_by} goes on in spite of it")
    elif event.holds:
        parts.append("all as it must be")
    return f"{event.cohort}, {when}: {'; '.join(parts)}"


def _comparison(event: Compared) -> str:
    read = event.subjects - len(event.unread)
    words = f"{read} of {event.subjects} read, {count(len(event.differences), 'difference')}"
    if event.differences:
        words += f" ({listed(event.differences)})"
    if event.unread:
        words += f"; could not read {listed([subject.name for subject in event.unread])}"
    return words

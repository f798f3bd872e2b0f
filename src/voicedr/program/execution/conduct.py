"""What comes next in an execution, as a function of how it stands and of the time.

The runner asks again and again, records what comes out, and does what is ordered. Nothing here waits or sends.

While it moves, in this order:

    aborted                                   finish when nothing is in flight or unsettled
    stopped                                   nothing
    taken over after a long gap               pause, where the workbook asks for it
    a rollback was asked for                  when nothing is in flight: order it
    paused                                    nothing
    a request refused for good                pause: a person must look
    what must hold does not, or was not seen  pause: a person must look
    a started cohort's gate says no-go        pause, or roll back where the workbook says so; also after it had passed
    numbers unproved for too long             pause: a route may be stuck
    a gate undecided for too long             pause: silence is no answer
    moved, proved, go, and people are asked   ask once, then hold until they answer, or do what silence means
    a cohort is to move, or has moved         look at what must hold before, and after
    every cohort before it has passed, or they may overlap   start the next one
    all have passed                           finish

While it rolls back, cohort after cohort, the last moved first: refused requests pause; so does a Region to go back to
that is dead or cold by now; between two cohorts it waits as long as the workbook says; when all is moved back, compare
with the snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import name_of
from voicedr.program.execution.assertions import in_words
from voicedr.program.execution.moments import latest
from voicedr.program.execution.overlap import may_overlap
from voicedr.program.execution.silence import silence
from voicedr.program.execution.state import CohortState, Execution, Phase, Stage
from voicedr.program.vocabulary import Verdict

ITSELF = "voicedr"
"""Who paused, where no person did."""

NAMED_MAX = 3


@dataclass(frozen=True)
class RollBack:
    """Order: see whether the Region to go back to is alive, then undo, or refuse."""

    asked: ev.RollbackAsked


@dataclass(frozen=True)
class Compare:
    """Order: read every subject and compare it with the snapshot."""


@dataclass(frozen=True)
class Assert:
    """Order: look at what must hold before a cohort moves, or after it has moved."""

    cohort: str
    when: Literal["before", "after"]


Step = ev.Event | RollBack | Compare | Assert


def next_steps(execution: Execution, now: datetime, proof_grace_s: float) -> list[Step]:
    """What to record or to do now; empty if the answer is: wait.

    Args:
        execution: How it stands.
        now: The time.
        proof_grace_s: So long after the longest propagation a number may be unproved.
    """
    if execution.finished is not None:
        return []
    if execution.drift is not None:
        return [ev.Finished(at=now, outcome="drifted")]
    if execution.aborted is not None:
        busy = any(
            state.stage in (Stage.IN_FLIGHT, Stage.UNSETTLED)
            for cohort in execution.current
            for state in cohort.actions
        )
        return [] if busy else [ev.Finished(at=now, outcome="aborted")]
    if execution.stopped is not None:
        return []
    if execution.interrupted is not None:
        return [_interrupted(execution, execution.interrupted, now)]
    if execution.rollback_asked is not None and execution.rollback is None:
        flying = any(state.stage is Stage.IN_FLIGHT for state in execution.actions.values())
        return [] if flying else [RollBack(execution.rollback_asked)]
    if execution.paused is not None:
        return []
    if (refused := _refused(execution, now)) is not None:
        return [refused]
    if execution.phase is Phase.ROLLING_BACK:
        return _rolling_back(execution, now)
    return _moving(execution, now, proof_grace_s)


def _rolling_back(execution: Execution, now: datetime) -> list[Step]:
    pause = timedelta(seconds=0.0 if execution.rollback is None else execution.rollback.pause_s)
    moved_at: datetime | None = None
    for cohort in execution.current:
        name = cohort.plan.name
        if cohort.doubted is not None:
            return [_doubted(execution, cohort, cohort.doubted, now)]
        if cohort.started_at is None:
            if moved_at is not None and now - moved_at < pause:
                return []
            return [Assert(name, "before") if cohort.before is None else ev.CohortStarted(at=now, cohort=name)]
        if cohort.left:
            return [] if cohort.fit else [Assert(name, "before")]
        # The last one is looked at with all the others, field by field.
        if cohort.after is None and cohort is not execution.current[-1]:
            return [Assert(name, "after")]
        moved_at = cohort.moved_at
    if execution.compared is None:
        return [Compare()]
    if execution.compared.differences or execution.compared.unread:
        return [
            ev.Paused(
                at=now,
                by=ITSELF,
                why=f"after the rollback {len(execution.compared.differences)} subjects differ from the snapshot and"
                f" {len(execution.compared.unread)} could not be read; resume compares again",
            )
        ]
    return [ev.Finished(at=now, outcome="rolled-back")]


def _moving(execution: Execution, now: datetime, proof_grace_s: float) -> list[Step]:
    for cohort in execution.current:
        if cohort.reading is not None and cohort.reading.verdict is Verdict.NO_GO:
            return [_no_go(cohort, now)]
    for cohort in execution.current:
        if cohort.doubted is not None:
            return [_doubted(execution, cohort, cohort.doubted, now)]
    waiting: list[CohortState] = []
    for cohort in execution.current:
        name = cohort.plan.name
        if cohort.started_at is None:
            if waiting and not may_overlap(execution, cohort, waiting):
                return []
            return [Assert(name, "before") if cohort.before is None else ev.CohortStarted(at=now, cohort=name)]
        moved = execution.moved(name)
        if not moved and cohort.before is None:
            return [Assert(name, "before")]
        if moved and cohort.after is None:
            return [Assert(name, "after")]
        if execution.passed(name):
            continue
        if moved and (steps := _waiting(execution, cohort, now, proof_grace_s)):
            return steps
        waiting.append(cohort)
    return [] if waiting else [ev.Finished(at=now, outcome="done")]


def _interrupted(execution: Execution, taken_over: ev.RunnerStarted, now: datetime) -> ev.Paused:
    doing = "a gate was waited for" if execution.at_work_on() == "gating" else "entry points were being moved"
    return ev.Paused(
        at=now,
        by=ITSELF,
        why=f"nobody had the execution for {taken_over.gap_s:.0f} s while {doing}, and the workbook wants people asked"
        " then (on_interrupt). See how things stand; resume goes on",
    )


def _doubted(execution: Execution, cohort: CohortState, said: ev.Asserted, now: datetime) -> ev.Paused:
    """What an assertion that does not hold stops, with the names and what to do."""
    to, name = execution.plan.leaves if cohort.undoes else execution.plan.to, cohort.plan.name
    when = f"before {name} moves" if said.when == "before" else f"after {name} has moved"
    parts = []
    if said.failed:
        parts.append(f"{len(said.failed)} things do not hold ({in_words(said.failed)})")
    if said.unseen:
        parts.append(f"nobody could look at everything in {to} ({in_words(said.unseen)})")
    leaves = "leaves those where they are" if said.failed and said.when == "before" else "goes on in spite of it"
    return ev.Paused(
        at=now,
        by=ITSELF,
        why=f"{when}: {' and '.join(parts)}. Resume looks again; skip {leaves}",
    )


def _no_go(cohort: CohortState, now: datetime) -> Step:
    reading = cohort.reading
    said = reading.why if reading is not None else ""
    why = f"the gate of {cohort.plan.name} says no-go: {said}"
    if cohort.plan.gate.on_no_go == "roll-back":
        return ev.RollbackAsked(at=now, by=ITSELF, why=why)
    return ev.Paused(at=now, by=ITSELF, why=why)


def _waiting(execution: Execution, cohort: CohortState, now: datetime, proof_grace_s: float) -> list[Step]:
    name = cohort.plan.name
    gate = cohort.plan.gate
    since = latest(now, cohort.moved_at, cohort.gate_since, execution.runner_since)
    if cohort.decided is False:
        return [ev.Paused(at=now, by=cohort.decided_by, why=f"{cohort.decided_by} said no-go for {name}")]
    if not cohort.provable:
        lacks = (
            "none of its telephone numbers is known to be moved" if cohort.numbers else "it holds no telephone number"
        )
        question = f"No call can prove {name}: {lacks}. Is it good?"
        return [*silence(execution, cohort, now)] if cohort.asked else [_ask(execution, name, question, now)]
    if unproved := execution.unproved(name):
        limit_s = execution.plan.propagation_s_max + proof_grace_s
        if now - since > timedelta(seconds=limit_s):
            return [
                ev.Paused(
                    at=now,
                    by=ITSELF,
                    why=f"{len(unproved)} of {len(cohort.numbers)} numbers of {name} are not proved {limit_s:.0f} s"
                    f" after they were moved ({_some([str(number) for number in unproved])}): a route may be stuck",
                )
            ]
        return []
    reading = cohort.reading
    if reading is not None and reading.verdict is Verdict.GO:
        question = f"The gate of {name} says go ({reading.why}). Start the next cohort?"
        return [*silence(execution, cohort, now)] if cohort.asked else [_ask(execution, name, question, now)]
    if now - since > timedelta(seconds=gate.wait_s_max):
        said = reading.why if reading is not None else "no call was seen"
        return [
            ev.Paused(at=now, by=ITSELF, why=f"the gate of {name} has no answer after {gate.wait_s_max:.0f} s: {said}")
        ]
    return []


def _ask(execution: Execution, cohort: str, question: str, now: datetime) -> ev.DecisionAsked:
    return ev.DecisionAsked(at=now, cohort=cohort, question=question, roles=execution.plan.approval_roles)


def _refused(execution: Execution, now: datetime) -> ev.Paused | None:
    refused = [
        state
        for cohort in execution.current
        if cohort.started_at is not None
        for state in cohort.actions
        if state.stage is Stage.REFUSED
    ]
    if not refused:
        return None
    named = _some([f"{name_of(state.action)}: {state.why}" for state in refused])
    return ev.Paused(
        at=now,
        by=ITSELF,
        why=f"{len(refused)} changes were not done and need a person: {named}."
        f" Resume tries them again; skip leaves them",
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED_MAX])
    return shown if len(names) <= NAMED_MAX else f"{shown} and {len(names) - NAMED_MAX} more"

"""How an execution stands: the fold of its journal.

An action goes through these stages. Nothing else is possible, and a test walks the table.

    stage       event                       becomes
    PENDING     INTENDED                    IN_FLIGHT
    IN_FLIGHT   ANSWERED, as wanted         DONE
    IN_FLIGHT   ANSWERED, otherwise         UNSETTLED
    IN_FLIGHT   ANSWER_LOST                 UNSETTLED
    IN_FLIGHT   NOT_DONE                    PENDING
    IN_FLIGHT   NOT_DONE, final             REFUSED
    IN_FLIGHT   RUNNER_STARTED              UNSETTLED   a crash in flight is an answer lost
    UNSETTLED   LOOKED, as wanted           DONE
    UNSETTLED   LOOKED, otherwise           PENDING     it was not done, or not kept: it may be said again
    REFUSED     RESUMED                     PENDING     a person says: try again
    REFUSED     SKIPPED                     SKIPPED
    PENDING     SKIPPED                     SKIPPED
    UNSETTLED   SKIPPED                     SKIPPED     a person says: leave it; a rollback undoes it all the same

A cohort waits, moves, is proved and gated, and has passed. A rollback replaces the actions by their inverses, in one
last cohort, and from then on nothing is moved out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, action_id
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.scope.workbook import Gate
from voicedr.program.validation.gate import GateReading, JudgedCall, read_gate
from voicedr.program.vocabulary import E164, Region, Verdict

ROLLBACK = "rollback"
"""The name of the cohort that a rollback makes."""


class Stage(StrEnum):
    """How one action stands."""

    PENDING = "pending"
    IN_FLIGHT = "in flight"
    UNSETTLED = "unsettled"
    DONE = "done"
    REFUSED = "refused"
    SKIPPED = "skipped"


class Phase(StrEnum):
    """What the execution is about now."""

    OPEN = "open"
    MOVING = "moving"
    ROLLING_BACK = "rolling back"
    FINISHED = "finished"


class BrokenHistory(Exception):
    """An event that cannot follow the ones before it: the journal is not one that voicedr wrote."""


@dataclass
class ActionState:
    """One action and how it stands."""

    action: Action
    cohort: str
    stage: Stage = Stage.PENDING
    attempts: int = 0
    why: str = ""
    done_at: datetime | None = None
    intended_at: datetime | None = None

    @property
    def wanted(self) -> Region:
        """The Region that must be seen for this action to be done."""
        return self.action.to


@dataclass
class CohortState:
    """One cohort and how it stands."""

    plan: PlannedCohort
    actions: list[ActionState] = field(default_factory=list)
    left: int = 0
    started_at: datetime | None = None
    moved_at: datetime | None = None
    proved: dict[E164, datetime] = field(default_factory=dict)
    unproved: dict[E164, datetime] = field(default_factory=dict)
    """Numbers that were moved and that no call has been seen for yet, with the time of the move."""
    judged: dict[str, JudgedCall] = field(default_factory=dict)
    reading: GateReading | None = None
    asked: bool = False
    decided: bool | None = None
    decided_by: str = ""
    blind_since: datetime | None = None
    gate_since: datetime | None = None

    def __post_init__(self) -> None:
        # A dictionary, so that looking one up does not take longer in a larger cohort.
        self.numbers: dict[E164, None] = {
            E164(action.subject.name): None
            for action in self.plan.actions
            if isinstance(action, SetRoute) and action.subject.kind == "number"
        }
        """The telephone numbers that this cohort moves, in order."""

    def read(self) -> GateReading:
        """The gate's verdict on the calls judged since it was last opened."""
        return read_gate(self.plan.gate.test, self.judged.values(), len(self.numbers))


@dataclass
class Execution:
    """The whole state. Made by ``fold``, changed by ``apply`` and by nothing else."""

    opened: ev.Opened
    actions: dict[str, ActionState]
    cohorts: dict[str, CohortState]
    phase: Phase = Phase.OPEN
    approvals: list[ev.Approved] = field(default_factory=list)
    paused: ev.Paused | None = None
    aborted: ev.Aborted | None = None
    rollback_asked: ev.RollbackAsked | None = None
    rollback: ev.RollbackOrdered | None = None
    rollback_refused: ev.RollbackRefused | None = None
    compared: ev.Compared | None = None
    finished: ev.Finished | None = None
    drift: ev.DriftFound | None = None
    term: int = 0
    runner_since: datetime | None = None
    """When the present process took it in hand. While nobody did, nothing was waited for."""
    obeyed: int = 0
    """The newest command that was obeyed."""
    asked_calls: dict[E164, list[datetime]] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """What was approved."""
        return self.opened.plan

    @property
    def current(self) -> list[CohortState]:
        """The cohorts that count now: the plan's, or the rollback's one."""
        if self.rollback is not None:
            return [self.cohorts[ROLLBACK]]
        return [cohort for name, cohort in self.cohorts.items() if name != ROLLBACK]

    @property
    def halted(self) -> bool:
        """True if nothing new may be started."""
        waits = self.rollback_asked is not None and self.rollback is None
        return waits or self.paused is not None or self.aborted is not None or self.finished is not None

    @property
    def asks_people(self) -> bool:
        """True if it holds because a question has no answer yet."""
        return any(cohort.asked and cohort.decided is None for cohort in self.current)

    def of_cohort(self, name: str) -> list[ActionState]:
        """The actions of one cohort, in order."""
        return self.cohorts[name].actions

    def moved(self, name: str) -> bool:
        """True if every action of a cohort is done or was skipped by a person."""
        return self.cohorts[name].left == 0

    def unproved(self, name: str) -> list[E164]:
        """The cohort's numbers that were moved and that no call has been seen for yet."""
        return list(self.cohorts[name].unproved)

    def unsettled(self) -> list[ActionState]:
        """Actions that must be looked at before anything else happens to their subject."""
        return [state for state in self.actions.values() if state.stage is Stage.UNSETTLED]

    def done_actions(self) -> list[Action]:
        """Actions of the plan that took effect, or may have, in the order in which they were done."""
        own = [state for state in self.actions.values() if state.cohort != ROLLBACK]
        touched = [
            state
            for state in own
            if state.stage in (Stage.DONE, Stage.UNSETTLED, Stage.IN_FLIGHT)
            or (state.attempts > 0 and state.stage in (Stage.PENDING, Stage.REFUSED, Stage.SKIPPED))
        ]
        return [state.action for state in touched]

    def passed(self, name: str) -> bool:
        """True if the next cohort may start: moved, proved, gate says go, and people agreed where they are asked."""
        cohort = self.cohorts[name]
        if not self.moved(name) or self.unproved(name):
            return False
        if not cohort.numbers:
            return cohort.decided is True
        if cohort.reading is None or cohort.reading.verdict is not Verdict.GO:
            return False
        return cohort.plan.gate.on_go == "continue" or cohort.decided is True

    def apply(self, event: ev.Event) -> None:
        """Take one more event into account.

        Raises:
            BrokenHistory: If it cannot follow. The state is then not to be used.
        """
        self.obeyed = max(self.obeyed, event.command)
        _apply(self, event)


def fold(events: Iterable[ev.Event]) -> Execution:
    """The state after a journal's events.

    Raises:
        BrokenHistory: If the first event does not open an execution, or one cannot follow those before it.
    """
    feed = iter(events)
    first = next(feed, None)
    if not isinstance(first, ev.Opened):
        raise BrokenHistory("a journal begins with OPENED; this one does not")
    execution = Execution(opened=first, actions={}, cohorts={})
    for cohort in first.plan.cohorts:
        _add_cohort(execution, cohort)
    for event in feed:
        execution.apply(event)
    return execution


def _add_cohort(execution: Execution, cohort: PlannedCohort) -> None:
    state = CohortState(cohort, [ActionState(action, cohort.name) for action in cohort.actions], len(cohort.actions))
    execution.cohorts[cohort.name] = state
    execution.actions.update((action_id(one.action), one) for one in state.actions)


def _apply(execution: Execution, event: ev.Event) -> None:
    match event:
        case ev.Opened():
            raise BrokenHistory("OPENED stands twice")
        case ev.Approved():
            execution.approvals.append(event)
        case ev.RunnerStarted():
            execution.term = event.term
            execution.runner_since = event.at
            if execution.phase is Phase.OPEN:
                execution.phase = Phase.MOVING
            for state in execution.actions.values():
                if state.stage is Stage.IN_FLIGHT:
                    state.stage = Stage.UNSETTLED
                    state.why = "the process that sent it ended before the answer was recorded"
        case ev.DriftFound():
            execution.drift = event
        case ev.CohortStarted():
            execution.cohorts[event.cohort].started_at = event.at
            execution.cohorts[event.cohort].gate_since = event.at
        case ev.Intended() | ev.Answered() | ev.Looked() | ev.AnswerLost() | ev.NotDone() | ev.Skipped():
            _apply_to_action(execution, event)
        case ev.TestCallPlaced():
            execution.asked_calls.setdefault(event.number, []).append(event.at)
        case ev.Proved():
            for cohort in execution.current:
                if event.number in cohort.numbers:
                    cohort.proved.setdefault(event.number, event.at)
                    cohort.unproved.pop(event.number, None)
        case ev.CallJudged():
            cohort = execution.cohorts[event.cohort]
            cohort.judged[event.call_sid] = JudgedCall(
                event.call_sid, event.number, event.good, event.synthetic, event.why, event.veto
            )
            cohort.blind_since = None
        case ev.GateSpoke():
            cohort = execution.cohorts[event.cohort]
            cohort.reading = cohort.read()
            cohort.blind_since = None
        case ev.GateBlind():
            execution.cohorts[event.cohort].blind_since = event.at
        case ev.DecisionAsked():
            execution.cohorts[event.cohort].asked = True
        case ev.DecisionTaken():
            execution.cohorts[event.cohort].decided = event.go
            execution.cohorts[event.cohort].decided_by = event.by
        case ev.Paused():
            execution.paused = event
        case ev.Resumed():
            _resume(execution, event)
        case ev.Aborted():
            execution.aborted = event
        case ev.RollbackAsked():
            execution.rollback_asked = event
            execution.paused = None
        case ev.RollbackOrdered():
            execution.rollback = event
            execution.phase = Phase.ROLLING_BACK
            execution.paused = None
            execution.rollback_refused = None
            _add_cohort(execution, PlannedCohort(ROLLBACK, event.actions, Gate()))
            execution.cohorts[ROLLBACK].started_at = event.at
        case ev.RollbackRefused():
            execution.rollback_refused = event
            execution.rollback_asked = None
            execution.paused = ev.Paused(at=event.at, by=event.by, why=f"the rollback was refused: {event.why}")
        case ev.Compared():
            execution.compared = event
        case ev.Finished():
            execution.finished = event
            execution.phase = Phase.FINISHED


def _resume(execution: Execution, event: ev.Resumed) -> None:
    """What a person says by resuming: try the refused ones again, and judge afresh from here."""
    execution.paused = None
    execution.compared = None
    for state in execution.actions.values():
        if state.stage is Stage.REFUSED:
            state.stage = Stage.PENDING
    for name, cohort in execution.cohorts.items():
        if cohort.started_at is not None and not execution.passed(name):
            cohort.judged.clear()
            cohort.reading = None
            cohort.asked = False
            cohort.decided = None
            cohort.gate_since = event.at


_NEXT: dict[tuple[Stage, type[object]], Stage] = {
    (Stage.PENDING, ev.Intended): Stage.IN_FLIGHT,
    (Stage.IN_FLIGHT, ev.AnswerLost): Stage.UNSETTLED,
    (Stage.REFUSED, ev.Skipped): Stage.SKIPPED,
    (Stage.PENDING, ev.Skipped): Stage.SKIPPED,
    (Stage.UNSETTLED, ev.Skipped): Stage.SKIPPED,
}

ActionEvent = ev.Intended | ev.Answered | ev.Looked | ev.AnswerLost | ev.NotDone | ev.Skipped


def _apply_to_action(execution: Execution, event: ActionEvent) -> None:
    state = execution.actions.get(event.action)
    if state is None:
        raise BrokenHistory(f"{type(event).__name__} speaks of {event.action!r}, which the plan does not have")
    stage = _next_stage(state, event)
    if stage is None:
        raise BrokenHistory(f"{event.action!r} is {state.stage.value}; {type(event).__name__} cannot follow")
    state.stage = stage
    match event:
        case ev.Intended():
            state.attempts += 1
            state.intended_at = event.at
        case ev.AnswerLost() | ev.NotDone() | ev.Skipped():
            state.why = event.why
        case ev.Answered() | ev.Looked():
            state.why = "" if stage is Stage.DONE else f"it shows {event.region or 'no route'} ({event.source})"
    if stage is Stage.DONE:
        state.done_at = event.at
        _await_proof(execution.cohorts[state.cohort], state.action, event.at)
    if stage in (Stage.DONE, Stage.SKIPPED):
        cohort = execution.cohorts[state.cohort]
        cohort.left -= 1
        if cohort.left == 0:
            cohort.moved_at = event.at


def _await_proof(cohort: CohortState, action: Action, at: datetime) -> None:
    if isinstance(action, SetRoute) and action.subject.kind == "number":
        number = E164(action.subject.name)
        if number not in cohort.proved:
            cohort.unproved[number] = at


def _next_stage(state: ActionState, event: ActionEvent) -> Stage | None:
    match event:
        case ev.Answered() if state.stage is Stage.IN_FLIGHT:
            return Stage.DONE if event.region == state.wanted else Stage.UNSETTLED
        case ev.Looked() if state.stage is Stage.UNSETTLED:
            return Stage.DONE if event.region == state.wanted else Stage.PENDING
        case ev.NotDone() if state.stage is Stage.IN_FLIGHT:
            return Stage.REFUSED if event.final else Stage.PENDING
        case _:
            return _NEXT.get((state.stage, type(event)))

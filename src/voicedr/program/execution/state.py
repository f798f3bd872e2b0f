"""How an execution stands: the fold of its journal.

An action goes through the stages of the table in ``stages``; nothing else is possible, and a test walks it.

A cohort waits, moves, is proved and gated, and has passed. A rollback replaces the actions by their inverses, in
cohorts of its own, and from then on nothing is moved out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, action_id
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.execution.stages import ActionState, Stage, next_stage
from voicedr.program.scope.workbook import Gate
from voicedr.program.validation.gate import GateReading, JudgedCall, read_gate
from voicedr.program.vocabulary import E164, Mode, Verdict

__all__ = ["ROLLBACK", "ActionState", "BrokenHistory", "CohortState", "Execution", "Phase", "Stage", "fold"]

ROLLBACK = "rollback"
"""The name of a rollback's cohort where everything is moved back at once."""


class Phase(StrEnum):
    """What the execution is about now."""

    OPEN = "open"
    MOVING = "moving"
    ROLLING_BACK = "rolling back"
    FINISHED = "finished"


PHASES: tuple[tuple[Phase, type[ev.Event], Phase], ...] = (
    (Phase.OPEN, ev.RunnerStarted, Phase.MOVING),
    (Phase.OPEN, ev.RollbackOrdered, Phase.ROLLING_BACK),
    (Phase.MOVING, ev.RollbackOrdered, Phase.ROLLING_BACK),
    (Phase.OPEN, ev.Finished, Phase.FINISHED),
    (Phase.MOVING, ev.Finished, Phase.FINISHED),
    (Phase.ROLLING_BACK, ev.Finished, Phase.FINISHED),
)
"""Which events move an execution on. Pausing, stopping and aborting do not: they hold it where it is."""

_MOVES: dict[type, dict[Phase, Phase]] = {
    kind: {phase: becomes for phase, moved, becomes in PHASES if moved is kind} for _, kind, _ in PHASES
}


class BrokenHistory(Exception):
    """An event that cannot follow the ones before it: the journal is not one that voicedr wrote."""


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
    asked_at: datetime | None = None
    decided: bool | None = None
    decided_by: str = ""
    blind_since: datetime | None = None
    gate_since: datetime | None = None
    before: ev.Asserted | None = None
    """What was looked at before it moves, since somebody last took the execution up; None: nobody has looked."""
    after: ev.Asserted | None = None
    """What was looked at once it had moved."""
    undoes: bool = False
    """True if it moves back what other cohorts moved."""

    def __post_init__(self) -> None:
        # A dictionary, so that looking one up does not take longer in a larger cohort.
        self.numbers: dict[E164, None] = {
            E164(action.subject.name): None
            for action in self.plan.actions
            if isinstance(action, SetRoute) and action.subject.kind == "number"
        }
        """The telephone numbers that this cohort moves, in order."""
        self.skipped = 0
        """So many of its numbers were left by a person. The gate does not wait for calls to them."""

    @property
    def provable(self) -> bool:
        """True if it has a number that was moved, or is to be: calls to it can prove the cohort."""
        return len(self.numbers) > self.skipped

    @property
    def untouched(self) -> bool:
        """True if all of it was left by a person before anything of it was tried."""
        return all(state.stage is Stage.SKIPPED and state.attempts == 0 for state in self.actions)

    @property
    def fit(self) -> bool:
        """True if it may move: what must hold before it moves was seen to hold, or a person took it on."""
        return self.all_at_once or (self.before is not None and self.before.holds)

    @property
    def all_at_once(self) -> bool:
        """True for a rollback that is not divided: what must hold was seen right before it was ordered."""
        return self.undoes and self.plan.name == ROLLBACK

    @property
    def doubted(self) -> ev.Asserted | None:
        """The assertion that holds it up, if one does."""
        latest = self.after if self.left == 0 else self.before
        return None if latest is None or latest.holds else latest

    def read(self) -> GateReading:
        """The gate's verdict on the calls judged since it was last opened."""
        return read_gate(self.plan.gate.test, self.judged.values(), len(self.numbers) - self.skipped)


@dataclass
class Execution:
    """The whole state. Made by ``fold``, changed by ``apply`` and by nothing else."""

    opened: ev.Opened
    actions: dict[str, ActionState]
    cohorts: dict[str, CohortState]
    phase: Phase = Phase.OPEN
    approvals: list[ev.Approved] = field(default_factory=list)
    paused: ev.Paused | None = None
    stopped: ev.Stopped | None = None
    interrupted: ev.RunnerStarted | None = None
    """A process took over after so long a gap that the workbook wants people asked; cleared by the pause."""
    switched: list[ev.ModeSwitched] = field(default_factory=list)
    aborted: ev.Aborted | None = None
    rollback_asked: ev.RollbackAsked | None = None
    rollback: ev.RollbackOrdered | None = None
    rollback_refused: ev.RollbackRefused | None = None
    compared: ev.Compared | None = None
    finished: ev.Finished | None = None
    reconciled: ev.Reconciled | None = None
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
    def mode(self) -> Mode:
        """Whether the Region that is left may be asked, now."""
        return self.switched[-1].mode if self.switched else self.plan.mode

    @property
    def current(self) -> list[CohortState]:
        """The cohorts that count now: the plan's, or the rollback's."""
        undoes = self.rollback is not None
        return [cohort for cohort in self.cohorts.values() if cohort.undoes is undoes]

    @property
    def halted(self) -> bool:
        """True if nothing new may be started."""
        waits = self.rollback_asked is not None and self.rollback is None
        held = (self.paused, self.stopped, self.interrupted, self.aborted, self.finished)
        return waits or any(one is not None for one in held)

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
        own = [state for state in self.actions.values() if not self.cohorts[state.cohort].undoes]
        return [state.action for state in own if state.touched]

    def passed(self, name: str) -> bool:
        """True if the next cohort may start: moved, proved, gate says go, and people agreed where they are asked."""
        cohort = self.cohorts[name]
        if not self.moved(name) or self.unproved(name):
            return False
        if not cohort.provable:
            return cohort.untouched or cohort.decided is True
        if cohort.reading is None or cohort.reading.verdict is not Verdict.GO:
            return False
        return cohort.plan.gate.on_go == "continue" or cohort.decided is True

    def at_work_on(self) -> str:
        """What is under way, in the words of the workbook's ``on_interrupt``."""
        if self.rollback_asked is not None or self.rollback is not None:
            return "rolling_back"
        started = [cohort for cohort in self.current if cohort.started_at is not None]
        gating = bool(started) and all(cohort.left == 0 for cohort in started)
        return "gating" if gating and not all(self.passed(cohort.plan.name) for cohort in started) else "moving"

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


def _add_cohort(execution: Execution, cohort: PlannedCohort, *, undoes: bool = False) -> None:
    states = [ActionState(action, cohort.name) for action in cohort.actions]
    state = CohortState(cohort, states, len(states), undoes=undoes)
    execution.cohorts[cohort.name] = state
    execution.actions.update((action_id(one.action), one) for one in state.actions)


def _apply(execution: Execution, event: ev.Event) -> None:
    moves = _MOVES.get(type(event))
    if moves is not None:
        execution.phase = moves.get(execution.phase, execution.phase)
    match event:
        case ev.Opened():
            raise BrokenHistory("OPENED stands twice")
        case ev.Approved():
            execution.approvals.append(event)
        case ev.RunnerStarted():
            _take_over(execution, event)
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
            execution.cohorts[event.cohort].asked_at = event.at
        case ev.DecisionTaken():
            execution.cohorts[event.cohort].decided = event.go
            execution.cohorts[event.cohort].decided_by = event.by
        case ev.Asserted():
            cohort = execution.cohorts[event.cohort]
            if event.when == "before":
                cohort.before = event
            else:
                cohort.after = event
        case ev.Paused():
            execution.paused = event
            execution.interrupted = None
        case ev.Stopped():
            execution.stopped = event
        case ev.ModeSwitched():
            execution.switched.append(event)
        case ev.CommandRefused():
            pass  # that it was read is counted with every event; it changed nothing
        case ev.Resumed():
            _resume(execution, event)
        case ev.Aborted():
            execution.aborted = event
        case ev.RollbackAsked():
            execution.rollback_asked = event
            execution.paused = None
            execution.interrupted = None
        case ev.RollbackOrdered():
            execution.rollback = event
            execution.paused = None
            execution.rollback_refused = None
            _add_rollback(execution, event)
        case ev.RollbackRefused():
            execution.rollback_refused = event
            execution.rollback_asked = None
            execution.paused = ev.Paused(at=event.at, by=event.by, why=f"the rollback was refused: {event.why}")
        case ev.Compared():
            execution.compared = event
        case ev.Finished():
            execution.finished = event
        case ev.Reconciled():
            execution.reconciled = event


def _add_rollback(execution: Execution, event: ev.RollbackOrdered) -> None:
    """The rollback's cohorts. The first one has started, for what must hold before it was seen right before."""
    first = 0
    for batch in event.batches or (ev.Batch(ROLLBACK, len(event.actions)),):
        actions = event.actions[first : first + batch.size]
        _add_cohort(execution, PlannedCohort(batch.cohort, actions, Gate()), undoes=True)
        if first == 0:
            cohort = execution.cohorts[batch.cohort]
            cohort.started_at = event.at
            cohort.before = ev.Asserted(at=event.at, cohort=batch.cohort, when="before", checked=len(actions))
        first += batch.size
    if first != len(event.actions):
        raise BrokenHistory(f"the rollback's cohorts hold {first} actions of {len(event.actions)}")


def _take_over(execution: Execution, event: ev.RunnerStarted) -> None:
    """Requests in flight are answers lost, and what was seen to hold before a move is looked at again."""
    execution.term = event.term
    execution.runner_since = event.at
    for state in execution.actions.values():
        if (stage := next_stage(state, event)) is not None:
            state.stage = stage
            state.why = "the process that sent it ended before the answer was recorded"
            state.doubtful = True
    for cohort in execution.cohorts.values():
        # What held may hold no more. What did not is a person's to answer: it stands until they resume.
        if cohort.before is not None and cohort.before.holds and not cohort.before.waived_by and cohort.left > 0:
            cohort.before = None
    policy = execution.plan.on_interrupt
    if policy is not None and event.gap_s > policy.older_than_s and execution.finished is None:
        held = execution.paused is not None or execution.stopped is not None or execution.aborted is not None
        if policy.of(execution.at_work_on()) == "pause" and not held:
            execution.interrupted = event


def _resume(execution: Execution, event: ev.Resumed) -> None:
    """What a person says by resuming: try the refused ones again, look again, and judge afresh from here."""
    execution.paused = None
    execution.stopped = None
    execution.interrupted = None
    execution.compared = None
    for state in execution.actions.values():
        if (stage := next_stage(state, event)) is not None:
            state.stage = stage
    for cohort in execution.cohorts.values():
        if cohort.before is not None and not cohort.before.waived_by and cohort.left > 0:
            cohort.before = None
        if cohort.after is not None and not cohort.after.holds:
            cohort.after = None
    for name, cohort in execution.cohorts.items():
        if cohort.started_at is not None and not execution.passed(name):
            cohort.judged.clear()
            cohort.reading = None
            cohort.asked = False
            cohort.decided = None
            cohort.gate_since = event.at


ActionEvent = ev.Intended | ev.Answered | ev.Looked | ev.AnswerLost | ev.NotDone | ev.Skipped


def _apply_to_action(execution: Execution, event: ActionEvent) -> None:
    state = execution.actions.get(event.action)
    if state is None:
        raise BrokenHistory(f"{type(event).__name__} speaks of {event.action!r}, which the plan does not have")
    stage = next_stage(state, event)
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
            shows = event.state or event.region or "no route"
            state.why = "" if stage is Stage.DONE else f"it shows {shows} ({event.source})"
    if not isinstance(event, ev.Skipped):
        state.doubtful = stage is Stage.UNSETTLED
    if stage is Stage.DONE:
        state.done_at = event.at
        _await_proof(execution.cohorts[state.cohort], state.action, event.at)
    if stage in (Stage.DONE, Stage.SKIPPED):
        cohort = execution.cohorts[state.cohort]
        cohort.skipped += stage is Stage.SKIPPED and _is_number(state.action)
        cohort.left -= 1
        if cohort.left == 0:
            cohort.moved_at = event.at


def _is_number(action: Action) -> bool:
    return isinstance(action, SetRoute) and action.subject.kind == "number"


def _await_proof(cohort: CohortState, action: Action, at: datetime) -> None:
    if isinstance(action, SetRoute) and action.subject.kind == "number":
        number = E164(action.subject.name)
        if number not in cohort.proved:
            cohort.unproved[number] = at

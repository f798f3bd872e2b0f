"""The journal read once, front to back: what each record changes in what is known. ``story`` makes the telling of it.

Nothing is inferred from silence. A move counts when the provider's answer, a look, or a call in the new Region shows
it; a proof is a call that was seen there; what was sent and not answered stays open until somebody looked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, assert_never

import msgspec

from voicedr.program.execution.actions import Action, SetRoute, SteerDispatcher, SwitchContext, action_id, inverse
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
from voicedr.program.execution.state import ROLLBACK
from voicedr.program.scope.sbc import as_good_as
from voicedr.program.validation.chapters import CallMark, Decision, LostAnswer, Refusal, Rollback, Said, Stop
from voicedr.program.validation.cohort_so_far import CohortSoFar
from voicedr.program.validation.gate import pass_bound, step_bad, step_good
from voicedr.program.validation.spoken import listed, span
from voicedr.program.vocabulary import US1, Verdict


@dataclass
class Known:
    """Everything the records so far say. Feed it with ``see``, in order."""

    opened: Opened | None = None
    approved: list[Approved] = field(default_factory=list)
    cohorts: dict[str, CohortSoFar] = field(default_factory=dict)
    runners: list[datetime] = field(default_factory=list)
    first_intent_at: datetime | None = None
    first_proved_at: datetime | None = None
    first_good_at: datetime | None = None
    finished: Finished | None = None
    in_flight: dict[str, datetime] = field(default_factory=dict)
    lost: list[LostAnswer] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    wrong_answers: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    aborts: list[Said] = field(default_factory=list)
    rollbacks: list[Rollback] = field(default_factory=list)
    rollbacks_refused: list[Said] = field(default_factory=list)
    skipped: list[Said] = field(default_factory=list)
    blind: list[Said] = field(default_factory=list)
    drift: list[str] = field(default_factory=list)
    calls: list[CallMark] = field(default_factory=list)
    assertions: list[Asserted] = field(default_factory=list)
    switched: list[ModeSwitched] = field(default_factory=list)
    reconciled: list[Reconciled] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    """Records that do not fit the plan, in words."""
    clock_back_s: float = 0.0
    last_at: datetime | None = None
    done: set[str] = field(default_factory=set)
    _forward: dict[str, tuple[CohortSoFar, str]] = field(default_factory=dict)
    _undo: dict[str, tuple[CohortSoFar | None, str, str]] = field(default_factory=dict)
    _undone: set[str] = field(default_factory=set)
    _batches: set[str] = field(default_factory=set)
    _proved_back: set[str] = field(default_factory=set)
    _number: dict[str, tuple[CohortSoFar, str]] = field(default_factory=dict)
    _lost_open: dict[str, list[int]] = field(default_factory=dict)
    _paused: int | None = None

    def see(self, event: Event) -> None:
        """Take in one record."""
        if not isinstance(event, Approved | Reconciled):
            if self.last_at is not None:
                self.clock_back_s = max(self.clock_back_s, (self.last_at - event.at).total_seconds())
            if isinstance(event, RunnerStarted):
                self._runner(event)
            self.last_at = event.at
        match event:
            case Opened():
                self._open(event)
            case Approved():
                self.approved.append(event)
            case DriftFound(differences=differences):
                self.drift.extend(differences)
            case CohortStarted(cohort=name, at=at):
                cohort = self._cohort(name)
                if cohort is not None and cohort.started_at is None:
                    cohort.started_at = at
            case Intended():
                self._intended(event)
            case Answered(action=action, shows=region):
                self.in_flight.pop(action, None)
                self._settle(action, event.at, f"said again, and {event.source} answered {region}")
                self._stands(action, region, event.at)
            case Looked():
                self._looked(event)
            case AnswerLost(action=action, why=why, at=at):
                was_in_flight = self.in_flight.pop(action, None) is not None
                open_ones = self._lost_open.get(action)
                if was_in_flight or not open_ones:
                    self._lose(action, at, why)
                else:
                    earlier = self.lost[open_ones[-1]]
                    self.lost[open_ones[-1]] = msgspec.structs.replace(earlier, why=f"{earlier.why}; {why}")
            case NotDone(action=action, why=why, final=final, at=at):
                self.in_flight.pop(action, None)
                self.refusals.append(Refusal(action, at, why, final))
            case Proved():
                self._proved(event)
            case CallJudged():
                self._judged(event)
            case GateSpoke():
                self._gate(event)
            case GateBlind(cohort=name, why=why, at=at):
                self.blind.append(Said(at, name, why))
            case DecisionAsked():
                self.decisions.append(Decision(event.cohort, event.question, event.roles, event.at))
            case DecisionTaken():
                self._decided(event)
            case Paused(by=by, why=why, at=at):
                self._pause("paused", at, by, why)
            case Stopped(by=by, why=why, at=at):
                # It holds more than a pause, so a pause that lasts ends here.
                self._unpause(at)
                self._pause("stopped", at, by, why)
            case Asserted():
                self.assertions.append(event)
            case ModeSwitched():
                self.switched.append(event)
            case Resumed(at=at):
                self._unpause(at)
                for one in self.cohorts.values():
                    if one.go_at is None:
                        one.ratio = 0.0  # judged afresh from here
            case Aborted(by=by, why=why, at=at):
                self._unpause(at)
                self.aborts.append(Said(at, by, why))
            case RollbackOrdered():
                self._unpause(event.at)
                cohorts = len(event.batches) or 1
                self.rollbacks.append(Rollback(event.at, event.by, event.why, len(event.actions), cohorts=cohorts))
                self._batches = {batch.cohort for batch in event.batches}
                self._undone = set()
                self._undo = {action_id(action): self._inverse_of(action) for action in event.actions}
            case RollbackRefused(by=by, why=why, instead=instead, at=at):
                words = why + (f"; instead: {listed(instead)}" if instead else "")
                self.rollbacks_refused.append(Said(at, by, words))
            case Compared():
                self._compared(event)
            case Finished(at=at):
                self._unpause(at)
                self.finished = event
            case Skipped(action=action, by=by, why=why, at=at):
                self.skipped.append(Said(at, action, f"by {by}" + (f": {why}" if why else "")))
            case Reconciled():
                self.reconciled.append(event)
            case RunnerStarted() | TestCallPlaced() | RollbackAsked() | CommandRefused():
                pass  # the first is taken in above; the others are told in the timeline and change nothing yet
            case _:
                assert_never(event)

    def _open(self, event: Opened) -> None:
        if self.opened is not None:
            self.strange.append(f"opened twice: {self.opened.execution} and {event.execution}")
            return
        self.opened = event
        for planned in event.plan.cohorts:
            cohort = self.cohorts.setdefault(planned.name, CohortSoFar(planned))
            for action in planned.actions:
                name = action_id(action)
                self._forward[name] = (cohort, action.to)
                match action:
                    case SetRoute(subject=subject):
                        cohort.routes.add(name)
                        if subject.kind == "number":
                            cohort.numbers.add(subject.name)
                            cohort.order.append(subject.name)
                            self._number[subject.name] = (cohort, name)
                    case SwitchContext():
                        cohort.contexts.add(name)
                    case SteerDispatcher():
                        cohort.steered.add(name)

    def _cohort(self, name: str) -> CohortSoFar | None:
        cohort = self.cohorts.get(name)
        if cohort is None and name != ROLLBACK and name not in self._batches:
            self._odd(f"the journal names cohort {name!r}, which the plan does not have")
        return cohort

    def _odd(self, words: str) -> None:
        if words not in self.strange:
            self.strange.append(words)

    def _runner(self, event: RunnerStarted) -> None:
        if self.runners and self.last_at is not None:
            gap_s = max(0.0, (event.at - self.last_at).total_seconds())
            words = f"no record for {span(gap_s)}; then {event.holder} took over, term {event.term}"
            self.stops.append(Stop("nobody running", self.last_at, event.at, words))
        self.runners.append(event.at)
        for action, at in self.in_flight.items():
            self._lose(action, at, "no process recorded an answer before the next one took over")
        self.in_flight.clear()

    def _intended(self, event: Intended) -> None:
        self.in_flight[event.action] = event.at
        if self.first_intent_at is None:
            self.first_intent_at = event.at
        if event.action in self._undo:
            rollback = self.rollbacks[-1]
            if rollback.first_intent_at is None:
                self.rollbacks[-1] = msgspec.structs.replace(rollback, first_intent_at=event.at)
        elif event.action in self._forward:
            cohort = self._forward[event.action][0]
            if cohort.first_intent_at is None:
                cohort.first_intent_at = event.at
        else:
            self._odd(f"the journal names the action {event.action!r}, which the plan does not have")

    def _lose(self, action: str, at: datetime, why: str) -> None:
        self._lost_open.setdefault(action, []).append(len(self.lost))
        self.lost.append(LostAnswer(action, at, why))

    def _settle(self, action: str, at: datetime, how: str) -> None:
        for index in self._lost_open.pop(action, ()):
            self.lost[index] = msgspec.structs.replace(self.lost[index], settled_at=at, how=how)

    def _looked(self, event: Looked) -> None:
        self.in_flight.pop(event.action, None)
        region = event.shows
        target = self._target(event.action)
        effect = ""
        if target is not None:
            effect = ": it had taken effect" if as_good_as(region, target) else ": it had not taken effect"
        shows = f"never set, so {US1}" if event.region is None and not event.state else region
        self._settle(event.action, event.at, f"{event.source} shows {shows}{effect}")
        self._stands(event.action, region, event.at, looked=True)

    def _target(self, action: str) -> str | None:
        if action in self._undo:
            return self._undo[action][2]
        return self._forward[action][1] if action in self._forward else None

    def _stands(self, action: str, region: str, at: datetime, *, looked: bool = False) -> None:
        """An answer or a look shows where an action's subject is routed now, or how a target is steered."""
        target = self._target(action)
        if target is None:
            self._odd(f"the journal names the action {action!r}, which the plan does not have")
            return
        if not as_good_as(region, target):
            if not looked:
                self.wrong_answers.append(f"{action}: the provider answered {region}")
            if action in self._forward and action not in self._undo:
                self._not_there(self._forward[action][0], action)
            return
        self.done.add(action)
        if action in self._undo:
            self._moved_back(action, at)
        else:
            self._arrived(self._forward[action][0], action, at)

    def _arrived(self, cohort: CohortSoFar, action: str, at: datetime) -> None:
        cohort.there.add(action)
        if cohort.first_moved_at is None:
            cohort.first_moved_at = at
        if cohort.all_moved_at is None and len(cohort.there) == cohort.actions:
            cohort.all_moved_at = at

    def _not_there(self, cohort: CohortSoFar, action: str) -> None:
        """The last thing that was seen holds: what is routed elsewhere is neither moved nor proved."""
        cohort.there.discard(action)
        cohort.back.discard(action)
        cohort.all_moved_at = None
        self.done.discard(action)
        number = next((subject for subject in cohort.proved if self._number[subject][1] == action), None)
        if number is not None:
            cohort.proved.discard(number)
            cohort.all_proved_at = None

    def _moved_back(self, action: str, at: datetime) -> None:
        cohort, forward, _ = self._undo[action]
        if cohort is not None and forward in cohort.there:
            cohort.back.add(forward)
        self._undone.add(action)
        rollback = self.rollbacks[-1]
        done = len(self._undone)
        undone_at = rollback.undone_at or (at if done == rollback.planned else None)
        self.rollbacks[-1] = msgspec.structs.replace(rollback, undone=done, undone_at=undone_at)

    def _inverse_of(self, action: Action) -> tuple[CohortSoFar | None, str, str]:
        """The planned action that an inverse undoes, its cohort (None: not of this plan), and where it goes to."""
        match action:
            case SetRoute(subject=subject, was=was, to=to):
                forward = action_id(SetRoute(subject, to, was))
            case SwitchContext(application=application, was=was, to=to):
                forward = action_id(SwitchContext(application, to, was))
            case SteerDispatcher():
                forward = action_id(inverse(action))
        cohort = self._forward[forward][0] if forward in self._forward else None
        if cohort is None:
            self._odd(f"the rollback undoes {forward!r}, which the plan does not have")
        return cohort, forward, action.to

    def _proved(self, event: Proved) -> None:
        if self.opened is None:
            return
        if event.region != self.opened.plan.to:
            if self.rollbacks:
                self._proved_back.add(event.number)
                self.rollbacks[-1] = msgspec.structs.replace(self.rollbacks[-1], proved_back=len(self._proved_back))
            return
        if event.number not in self._number:
            self._odd(f"a call to {event.number} is called a proof, but the plan does not move that number")
            return
        cohort, action = self._number[event.number]
        if self.first_proved_at is None:
            self.first_proved_at = event.at
        if cohort.first_proved_at is None:
            cohort.first_proved_at = event.at
        cohort.proved.add(event.number)
        if action not in cohort.there:
            self._arrived(cohort, action, event.at)
            self.done.add(action)
        if cohort.all_proved_at is None and cohort.proved == cohort.numbers:
            cohort.all_proved_at = event.at

    def _judged(self, event: CallJudged) -> None:
        cohort = self._cohort(event.cohort)
        if cohort is None or event.call_sid in cohort.sids:
            return
        cohort.sids.add(event.call_sid)
        if event.good:
            cohort.good += 1
            if self.first_good_at is None:
                self.first_good_at = event.at
        else:
            cohort.bad += 1
        cohort.synthetic += event.synthetic
        test = cohort.planned.gate.test
        if test.synthetic or not event.synthetic:
            step = step_good(test) if event.good else step_bad(test)
            cohort.ratio = max(cohort.ratio + step, pass_bound(test))
        self.calls.append(CallMark(event.at, event.cohort, event.good, event.synthetic))

    def _gate(self, event: GateSpoke) -> None:
        cohort = self._cohort(event.cohort)
        if cohort is None:
            return
        cohort.verdict, cohort.verdict_at, cohort.verdict_words = event.verdict, event.at, event.why
        if event.verdict is Verdict.GO:
            cohort.go_at = cohort.go_at or event.at
        else:
            cohort.go_at = None

    def _decided(self, event: DecisionTaken) -> None:
        taken = {"taken_at": event.at, "go": event.go, "by": event.by, "note": event.note}
        for index in range(len(self.decisions) - 1, -1, -1):
            asked = self.decisions[index]
            if asked.cohort == event.cohort and asked.taken_at is None:
                self.decisions[index] = msgspec.structs.replace(asked, **taken)
                break
        else:
            self.decisions.append(Decision(event.cohort, None, (), None, event.at, event.go, event.by, event.note))
        cohort = self._cohort(event.cohort)
        if cohort is not None:
            cohort.person_go, cohort.person = event.go, event.by
            if not event.go:
                cohort.go_at = None
            elif not cohort.numbers:
                cohort.go_at = cohort.go_at or event.at  # no call can prove it, so a person's word is its gate

    def _pause(self, kind: Literal["paused", "stopped"], at: datetime, by: str, why: str) -> None:
        if self._paused is None:
            self._paused = len(self.stops)
            self.stops.append(Stop(kind, at, None, f"by {by}" + (f": {why}" if why else "")))

    def _unpause(self, at: datetime) -> None:
        if self._paused is not None:
            self.stops[self._paused] = msgspec.structs.replace(self.stops[self._paused], to_at=at)
            self._paused = None

    def _compared(self, event: Compared) -> None:
        if not self.rollbacks:
            self._odd("the journal compares with the snapshot, but nothing was rolled back")
            return
        self.rollbacks[-1] = msgspec.structs.replace(
            self.rollbacks[-1],
            compared_at=event.at,
            compared=event.subjects,
            differences=event.differences,
            unread=tuple(subject.name for subject in event.unread),
        )

    def context_of(self, cohort: CohortSoFar) -> Literal["none", "not switched", "switched", "switched back"]:
        """How a cohort's application context stands."""
        if not cohort.contexts:
            return "none"
        if cohort.contexts & cohort.back:
            return "switched back"
        return "switched" if cohort.contexts <= cohort.there else "not switched"

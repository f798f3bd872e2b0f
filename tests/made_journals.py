"""Journals made by hand: a small world in which the tests say what happened, second by second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, SwitchContext, action_id, inverse
from voicedr.program.execution.plan import Forecast, Plan, PlannedCohort, plan_hash
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Gate, SequentialTest
from voicedr.program.vocabulary import E164, IE1, US1, Kind, Mode, Purpose, Verdict

START = datetime(2026, 11, 21, 14, 2, 10, tzinfo=UTC)


def at(seconds: float) -> datetime:
    """So many seconds after the detection."""
    return START + timedelta(seconds=seconds)


def number(n: int) -> E164:
    """The n-th number of the tests."""
    return E164(f"+1415555{n:04d}")


def route(n: int) -> SetRoute:
    """The action that moves the n-th number."""
    return SetRoute(Routable("number", number(n)), was=US1, to=IE1)


def make_plan(sizes: dict[str, int] | None = None, **changes: Any) -> Plan:
    """A plan with so many numbers in each cohort, a trunk in none, the context in the first."""
    sizes = {"canary": 2, "low-risk": 4} if sizes is None else sizes
    cohorts = []
    n = 100
    for index, (name, size) in enumerate(sizes.items()):
        actions: list[Action] = [route(n + k) for k in range(size)]
        n += size
        if index == 0:
            actions.insert(0, SwitchContext("ivr", was=US1, to=IE1))
        cohorts.append(PlannedCohort(name, tuple(actions), Gate(SequentialTest())))
    settings: dict[str, Any] = {
        "flow": "support-line",
        "purpose": Purpose.FAILOVER,
        "mode": Mode.UNGRACEFUL,
        "leaves": US1,
        "to": IE1,
        "via": IE1,
        "cohorts": tuple(cohorts),
        "forecast": Forecast(
            120.0, 780.0, 900.0, ("canary: 2 writes at 20/s = 0.1 s + propagation 0 to 300 s + 29 calls",)
        ),
        "approval_roles": ("on-call lead", "operations director"),
        "approvals": 2,
        "requests_per_second": 20.0,
        "calls_per_second": 1.0,
        "propagation_s_max": 300.0,
        "test_caller": E164("+14155559999"),
    }
    return Plan(**{**settings, **changes})


class Writer:
    """Writes a journal. Every method appends what the runner would, at a time in seconds."""

    def __init__(self, plan: Plan | None = None, *, kind: Kind = Kind.DRILL_TWIN, detected: bool = True) -> None:
        self.plan = plan or make_plan()
        self.hash = plan_hash(self.plan)
        self.events: list[ev.Event] = [
            ev.Opened(
                at=at(40),
                execution="x-0042",
                plan=self.plan,
                plan_hash=self.hash,
                kind=kind,
                by="watch@noc1",
                detected_at=at(0) if detected else None,
                sightings=(
                    ev.Sighting("test calls us1", "5 of 5 silent", True),
                    ev.Sighting("status page", "ok", False),
                ),
            )
        ]

    def add(self, *events: ev.Event) -> Writer:
        """Append any events."""
        self.events.extend(events)
        return self

    @property
    def journal(self) -> list[ev.Event]:
        """What was written, in order of time."""
        return sorted(self.events, key=lambda event: event.at)

    def approve(self, s: float = 160, *, signed: bool = True) -> Writer:
        """Two people approve."""
        return self.add(
            ev.Approved(at=at(s - 60), person="A. Ruiz", role="on-call lead", plan_hash=self.hash, signed=True),
            ev.Approved(at=at(s), person="B. Chen", role="operations director", plan_hash=self.hash, signed=signed),
        )

    def run(self, s: float = 165, term: int = 1) -> Writer:
        """A process takes it in hand."""
        return self.add(ev.RunnerStarted(at=at(s), holder=f"ruiz@laptop:{4000 + term}", term=term))

    def actions(self, cohort: str) -> tuple[Action, ...]:
        """The planned actions of a cohort."""
        return next(one.actions for one in self.plan.cohorts if one.name == cohort)

    def move(self, cohort: str, s: float) -> Writer:
        """Start a cohort and do all its actions, 50 ms apart."""
        self.add(ev.CohortStarted(at=at(s), cohort=cohort))
        for n, action in enumerate(self.actions(cohort)):
            self.add(
                ev.Intended(at=at(s + 0.05 * n), action=action_id(action), attempt=1),
                ev.Answered(
                    at=at(s + 0.05 * n + 0.04), action=action_id(action), region=action.to, source="routes.ie1"
                ),
            )
        return self

    def prove(self, cohort: str, s: float, each_s: float = 12) -> Writer:
        """See a call to each of its numbers."""
        numbers = [a.subject.name for a in self.actions(cohort) if isinstance(a, SetRoute)]
        for n, name in enumerate(numbers):
            sid = f"CA{cohort}{n}"
            self.add(
                ev.TestCallPlaced(at=at(s + each_s * n - 3), number=E164(name), call_sid=sid),
                ev.Proved(at=at(s + each_s * n), number=E164(name), call_sid=sid, region=self.plan.to, synthetic=True),
            )
        return self

    def calls(self, cohort: str, s: float, good: int, bad: int = 0, each_s: float = 2, tag: str = "") -> Writer:
        """Judge calls: the good ones first. Two of three are our own."""
        name = next(a.subject.name for a in self.actions(cohort) if isinstance(a, SetRoute))
        for n in range(good + bad):
            self.add(
                ev.CallJudged(
                    at=at(s + each_s * n),
                    cohort=cohort,
                    call_sid=f"CAj{cohort}{tag}{n}",
                    number=E164(name),
                    good=n < good,
                    synthetic=n % 3 != 0,
                    why="" if n < good else "silence for 6 s",
                )
            )
        return self

    def gate(self, cohort: str, s: float, verdict: Verdict, good: int, bad: int, why: str = "") -> Writer:
        """The gate speaks."""
        words = why or f"{good} calls good, {bad} bad"
        return self.add(
            ev.GateSpoke(at=at(s), cohort=cohort, verdict=verdict, why=words, good=good, bad=bad, synthetic=good // 2)
        )

    def roll_back(self, s: float, cohorts: tuple[str, ...], differences: tuple[str, ...] = ()) -> Writer:
        """Move cohorts back and compare."""
        undo = tuple(inverse(action) for name in reversed(cohorts) for action in reversed(self.actions(name)))
        self.add(ev.RollbackOrdered(at=at(s), by="voicedr", why="the gate of low-risk says no-go", actions=undo))
        for n, action in enumerate(undo):
            self.add(
                ev.Intended(at=at(s + 1 + 0.05 * n), action=action_id(action), attempt=1),
                ev.Answered(
                    at=at(s + 1.04 + 0.05 * n), action=action_id(action), region=action.to, source="routes.ie1"
                ),
            )
        return self.add(ev.Compared(at=at(s + 30), subjects=len(undo), differences=differences))

    def finish(self, s: float, outcome: Any = "done", requests: int = 0) -> list[ev.Event]:
        """The end; gives the journal."""
        self.add(ev.Finished(at=at(s), outcome=outcome, requests_to_left_region=requests))
        return self.journal


def good_failover(kind: Kind = Kind.DRILL_TWIN) -> list[ev.Event]:
    """Everything goes as planned, within the RTO."""
    w = Writer(kind=kind).approve().run()
    w.move("canary", 166).prove("canary", 190).calls("canary", 192, 30)
    w.gate("canary", 251, Verdict.GO, 30, 0)
    w.move("low-risk", 252).prove("low-risk", 275).calls("low-risk", 280, 31)
    w.gate("low-risk", 342, Verdict.GO, 31, 0)
    return w.finish(343)


def rolled_back() -> list[ev.Event]:
    """The second cohort's calls go badly; it is paused, asked about, and rolled back. One answer is lost on the way."""
    w = Writer().approve(signed=False).run()
    w.move("canary", 166).prove("canary", 190).calls("canary", 192, 30)
    w.gate("canary", 251, Verdict.GO, 30, 0)
    first = action_id(w.actions("low-risk")[0])
    w.add(
        ev.CohortStarted(at=at(252), cohort="low-risk"),
        ev.Intended(at=at(252), action=first, attempt=1),
        ev.AnswerLost(at=at(262), action=first, why="no answer after 10.0 s"),
        ev.Looked(at=at(263), action=first, region=IE1, source="routes.ie1"),
    )
    for action in w.actions("low-risk")[1:]:
        w.add(
            ev.Intended(at=at(264), action=action_id(action), attempt=1),
            ev.Answered(at=at(264.1), action=action_id(action), region=IE1, source="routes.ie1"),
        )
    w.prove("low-risk", 280).calls("low-risk", 282, 3, 5, each_s=4)
    w.add(ev.GateBlind(at=at(300), cohort="low-risk", why="the call log of ie1 answered 503"))
    w.gate("low-risk", 312, Verdict.NO_GO, 3, 5, "5 of 8 calls bad: that speaks for a share of 10% or more, not for 1%")
    w.add(
        ev.Paused(at=at(312.2), by="voicedr", why="the gate of low-risk says no-go"),
        ev.DecisionAsked(at=at(313), cohort="low-risk", question="Go back?", roles=("operations director",)),
        ev.DecisionTaken(at=at(350), cohort="low-risk", go=False, by="B. Chen", note="callers hear nothing"),
    )
    w.roll_back(351, ("canary", "low-risk"))
    return w.finish(385, "rolled-back")


def crashed() -> list[ev.Event]:
    """The process ends with a request in flight; another one takes over and looks; then the journal stops again."""
    w = Writer().approve().run()
    w.move("canary", 166)
    first = action_id(w.actions("low-risk")[0])
    second = action_id(w.actions("low-risk")[1])
    w.add(
        ev.CohortStarted(at=at(200), cohort="low-risk"),
        ev.Intended(at=at(201), action=first, attempt=1),
    ).run(230, 2)
    return w.add(
        ev.Looked(at=at(231), action=first, region=US1, source="routes.ie1"),
        ev.Intended(at=at(232), action=second, attempt=1),
    ).journal


def another(events: list[ev.Event], execution: str, days: float) -> list[ev.Event]:
    """The same run on another day, under another name."""
    moved: list[ev.Event] = []
    for event in events:
        changes: dict[str, Any] = {"at": event.at + timedelta(days=days)}
        if isinstance(event, ev.Opened):
            detected = event.detected_at and event.detected_at + timedelta(days=days)
            changes |= {"execution": execution, "detected_at": detected}
        moved.append(msgspec.structs.replace(event, **changes))
    return moved

"""What happens in one trial, drawn from its seed: the plan, what people say, what breaks, and where processes die."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from bench.accounts import TEST_CALLER, numbers, plan
from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.commands import LEFT_IS_BACK, Name
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.moving import OnInterrupt, Overlap
from voicedr.program.scope.workbook import Gate, SequentialTest
from voicedr.program.vocabulary import E164, IE1, US1, Mode, Purpose, Region

CONTENT_AFTER_ONE = SequentialTest(bad_share_ok=0.01, bad_share_bad=0.9, missed_bad=0.5, numbers_min=1)
PROPAGATION_S_MAX = 6.0
DEATHS_MEAN = 6.0
DEATHS_MAX = 20
UNFIT_SHARE = 0.1

Where = Literal["before append", "after append", "before write", "in flight", "after write", "at"]
"""Append: of the journal. Write: a request that changes something. At: so many virtual seconds after it began."""

WHERES: tuple[Where, ...] = ("before append", "after append", "before write", "in flight", "after write", "at")


@dataclass(frozen=True)
class Death:
    """Where a process dies: at its n-th append or write, or after so many virtual seconds."""

    where: Where
    n: float
    absent_s: float
    """How long nobody has the execution then."""


@dataclass(frozen=True)
class Breakage:
    """A fault of the twin, from when, and for how long."""

    at_s: float
    fault: str
    for_s: float
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Story:
    """One trial. ``said`` is what people say: when, which command, and its note."""

    seed: int
    plan: Plan
    deaths: tuple[Death, ...]
    breaks: tuple[Breakage, ...]
    said: tuple[tuple[float, Name, str], ...]
    settings: dict[str, Any]
    unfit: frozenset[E164]
    """Numbers without a handler where they go."""

    standby_dies_s: float | None
    """When the application behind the Region that calls are moved to stops working."""

    def __str__(self) -> str:
        to = f"{self.plan.purpose.value}, {self.plan.mode.value}, {len(self.plan.actions)} numbers"
        dies = "; ".join(f"{one.where} {one.n:g}, absent {one.absent_s:.1f} s" for one in self.deaths)
        broken = "; ".join(f"{one.fault} at {one.at_s:.1f} s" for one in self.breaks)
        said = "; ".join(f"{name} at {at_s:.1f} s" for at_s, name, _ in self.said)
        return f"seed {self.seed}: {to}. Said: {said or '-'}. Broken: {broken or '-'}. Dies: {dies}"


def story(seed: int) -> Story:
    """The trial of a seed."""
    chance = random.Random(seed)
    failback = chance.random() < 0.25
    leaves, to = (IE1, US1) if failback else (US1, IE1)
    mode = Mode.GRACEFUL if failback or chance.random() < 0.5 else Mode.UNGRACEFUL
    planned = _plan(chance, leaves, to, mode, Purpose.FAILBACK if failback else Purpose.FAILOVER)
    every = [E164(one.subject.name) for one in planned.actions if isinstance(one, SetRoute)]
    unfit = frozenset(one for one in every if chance.random() < 0.2) if chance.random() < UNFIT_SHARE else frozenset()
    gives_up = any(cohort.gate.on_no_go == "roll-back" for cohort in planned.cohorts)
    return Story(
        seed=seed,
        plan=planned,
        deaths=tuple(_death(chance) for _ in range(min(DEATHS_MAX, 1 + int(chance.expovariate(1 / DEATHS_MEAN))))),
        breaks=tuple(_breakage(chance, to) for _ in range(chance.choice((0, 0, 1, 1, 2)))),
        said=tuple(sorted(_said(chance, planned))),
        settings={
            "propagation_s": [0, chance.choice((0, 2, 5))],
            "calls_per_second": 20,
            "answer_s": chance.choice((0.02, 0.1)),
            "setup_s": 0.1,
            # Below the plan's own pace now and then, so that the provider has to say so.
            "requests_per_second": chance.choice((None, None, None, 25)),
        },
        unfit=unfit,
        standby_dies_s=chance.uniform(2, 12) if gives_up and mode is Mode.GRACEFUL else None,
    )


def _plan(chance: random.Random, leaves: Region, to: Region, mode: Mode, purpose: Purpose) -> Plan:
    sizes = [chance.randint(1, 4) for _ in range(chance.randint(1, 3))]
    base = plan(
        {}, requests_per_second=50.0, calls_per_second=10.0, propagation_s_max=PROPAGATION_S_MAX
    )  # its cohorts follow
    gate = Gate(
        CONTENT_AFTER_ONE,
        on_go="ask" if chance.random() < 0.15 else "continue",
        on_no_go="roll-back" if chance.random() < 0.2 else "pause",
        wait_s_max=120.0,
    )
    every = iter(numbers(sum(sizes)))
    cohorts = tuple(
        PlannedCohort(
            f"cohort-{n}",
            tuple(SetRoute(Routable("number", next(every)), leaves, to) for _ in range(size)),
            gate,
        )
        for n, size in enumerate(sizes)
    )
    pauses = chance.random() < 0.2
    return msgspec.structs.replace(
        base,
        purpose=purpose,
        mode=mode,
        leaves=leaves,
        to=to,
        via=to,
        cohorts=cohorts,
        test_caller=TEST_CALLER,
        signals=("call-completes", "no-alert"),
        overlap=Overlap(cohorts_max=3, entry_points_max=8) if chance.random() < 0.4 else None,
        on_interrupt=OnInterrupt("pause" if pauses else "go-on", "go-on", older_than_s=3.0)
        if chance.random() < 0.5
        else None,
    )


def _death(chance: random.Random) -> Death:
    where = chance.choice(WHERES)
    absent_s = chance.choice((0.3, 1.0, 5.0, 20.0))
    if where == "at":
        return Death(where, chance.uniform(0.0, 8.0), absent_s)
    if where.endswith("append"):
        return Death(where, chance.randint(1, 16), absent_s)
    return Death(where, chance.randint(1, 5), absent_s)


def _breakage(chance: random.Random, to: Region) -> Breakage:
    at_s, for_s = chance.uniform(0.0, 10.0), chance.uniform(3.0, 25.0)
    match chance.randrange(5):
        case 0:
            return Breakage(at_s, "api-answer-lost", for_s, {"region": to, "rate": chance.uniform(0.1, 0.5)})
        case 1:
            return Breakage(at_s, "api-throttled", for_s, {"region": to, "rate": chance.uniform(0.1, 0.6)})
        case 2:
            return Breakage(at_s, "api-errors", for_s, {"region": to, "rate": chance.uniform(0.1, 0.6)})
        case 3:
            return Breakage(at_s, "api-reset", for_s, {"region": to, "rate": chance.uniform(0.1, 0.5)})
        case _:
            mode = chance.choice(("refuse", "black-hole", "503"))
            return Breakage(at_s, "api-down", for_s, {"region": to, "mode": mode})


def _said(chance: random.Random, planned: Plan) -> list[tuple[float, Name, str]]:
    """Commands of the trial. Whoever waits for them says what lets it go on again: see ``people`` in ``trial``."""
    at_s = chance.uniform(0.2, 15.0)
    back = "try home" if planned.mode is Mode.GRACEFUL else f"try home {LEFT_IS_BACK}"
    match chance.randrange(8):
        case 0:
            return [(at_s, Name.PAUSE, "coffee")]
        case 1:
            return [(at_s, Name.STOP, "smoke in the room")]
        case 2:
            return [(at_s, Name.ROLL_BACK, back)]
        case 3:
            return [(at_s, Name.ROLL_BACK, back), (at_s + chance.uniform(0.1, 3), Name.STOP, "not so fast")]
        case 4 if planned.mode is Mode.GRACEFUL:
            return [(at_s, Name.SWITCH_MODE, f"ungraceful: {planned.leaves} is silent"), (at_s + 1, Name.PAUSE, "so")]
        case 5 if chance.random() < 0.5:
            return [(at_s, Name.ABORT, "enough")]
        case _:
            return []

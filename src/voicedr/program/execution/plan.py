"""A plan: what will be done, in which order, and what must hold between. What people approve is its hash.

A plan is a function of the workbook and of the facts, so the same workbook over the same facts has the same hash, and
a plan whose facts have drifted has another one.
"""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from voicedr.program.execution.actions import Action
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.scope.workbook import Gate
from voicedr.program.vocabulary import E164, Mode, Purpose, Region


class PlannedCohort(msgspec.Struct, frozen=True):
    """A cohort with its actions in order, and the gate behind it."""

    name: str
    actions: tuple[Action, ...]
    gate: Gate
    calls_per_minute: float | None = None


class Forecast(msgspec.Struct, frozen=True):
    """How long it takes, in seconds, and whether that is soon enough. The arithmetic is in ``terms``."""

    shortest_s: float
    longest_s: float
    rto_s: float
    terms: tuple[str, ...]

    @property
    def reachable(self) -> bool:
        """True if even the longest course meets the recovery time objective."""
        return self.longest_s <= self.rto_s


class Plan(msgspec.Struct, frozen=True):
    """A whole plan. See ``plan_hash`` for what is approved.

    Attributes:
        via: The Region whose hosts carry out every request of the plan.
        leaves: The Region the flow is moved out of. In ungraceful mode nothing is asked of it.
        unknowns: What nobody could look at, in words. Approvers see it.
        overlap: Whether cohorts may overlap, and within which budget; None: one after another.
        on_interrupt: What a process does that takes over after a gap; None: it goes on.
        residency: The Regions where the flow's calls may be processed; empty in plans of earlier releases.
        rollback: How gradually it is moved back; None: the plan's own cohorts, the last moved first.
        on_no_answer: What silence means once a question has waited for ``answer_within_s``; None: it waits.
        already: Subjects of the flow that are where they should be, and so are not moved.
    """

    flow: str
    purpose: Purpose
    mode: Mode
    leaves: Region
    to: Region
    via: Region
    cohorts: tuple[PlannedCohort, ...]
    forecast: Forecast
    approval_roles: tuple[str, ...]
    approvals: int
    requests_per_second: float
    calls_per_second: float
    propagation_s_max: float
    on_no_answer: Literal["hold", "roll-back", "go-on"] = "hold"
    test_caller: E164 | None = None
    signals: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()
    context: str | None = None
    context_confirm: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    overlap: Overlap | None = None
    on_interrupt: OnInterrupt | None = None
    residency: tuple[Region, ...] = ()
    answer_within_s: float | None = None
    rollback: RollbackPace | None = None

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action in order."""
        return tuple(action for cohort in self.cohorts for action in cohort.actions)


def plan_hash(plan: Plan) -> str:
    """SHA-256 over the canonical plan in JSON (keys sorted, no spaces), in lower-case hex."""
    return hashlib.sha256(msgspec.json.encode(canonical(plan), order="sorted")).hexdigest()


def canonical(plan: Plan) -> Plan:
    """The plan as it comes back when it was kept: a whole number where a fraction may stand is written as one.

    A journal holds the canonical plan, so that its bytes there are the bytes under the hash, also for a later release
    whose plans have more fields.
    """
    return msgspec.json.decode(msgspec.json.encode(plan), type=Plan)

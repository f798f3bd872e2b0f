"""What lies around an execution, as values: the incident before it, the test before it, and what becomes of its gaps.

An execution's own journal tells none of it. ``None`` and an empty tuple mean that nobody recorded it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.execution.plan_diff import Change
from voicedr.program.governance.incident import Tick
from voicedr.program.vocabulary import Kind

Outcome = Literal["done", "rolled-back", "aborted", "drifted"]


class CohortCompared(msgspec.Struct, frozen=True):
    """One cohort, planned against actual, in seconds.

    Attributes:
        term: The forecast's arithmetic, as it was approved; empty if the plan has none for it.
        writes_planned_s: Its requests at the planned pace.
        writes_actual_s: From its first request to its last move.
        proof_planned_s_max: The longest propagation that the plan reckons with.
        proof_actual_s: From the last move to the last proof; below zero if proofs came while it moved still.
        calls_planned: Test calls that its proof and its gate need.
        calls_actual: Calls that were judged.
        gate_actual_s: From the last proof to the gate's go.
        total_actual_s: From its start until it passed.
    """

    cohort: str
    term: str
    writes_planned_s: float
    writes_actual_s: float | None
    proof_planned_s_max: float
    proof_actual_s: float | None
    calls_planned: int
    calls_actual: int
    gate_actual_s: float | None
    total_actual_s: float | None


class ApprovalBasis(msgspec.Struct, frozen=True):
    """What was there for an approver to see when they approved. That they read it, nobody can know.

    Attributes:
        plan_hash: What they approved; it covers all that the plan says.
        unknowns: What the plan, and the assessments until then, say is not known.
        assessed: The assessments until then, in words.
        approved_before: Who had approved before them.
        statement: The text that they signed; empty where it is their word.
        key: Kind and fingerprint of the key.
        after_detection_s: So long after the detection; None where that is not recorded.
    """

    person: str
    role: str
    at: datetime
    plan_hash: str
    counts: bool
    proof: str
    unknowns: tuple[str, ...]
    assessed: tuple[str, ...]
    approved_before: tuple[str, ...]
    statement: str
    key: str
    after_detection_s: float | None


class Glass(msgspec.Struct, frozen=True):
    """A rule that was broken over a plan, and its review. ``reviewed_at`` None: the review is open."""

    name: str
    rule: str
    by: str
    at: datetime
    why: str
    plan_hash: str
    key: str
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    note: str = ""


class Gap(msgspec.Struct, frozen=True):
    """A deficiency with somebody who owns it.

    Attributes:
        name: What kind of gap it is; the same in every execution of every flow, so that tests can be compared.
        hurts: Callers first.
        owner: The role that the workbook gives it to, with the people who have that role.
        due_at: By when; None where nothing says when the execution ended.
        state: ``open``: no test has been since; else what the next test found, in words.
        retested_by: The execution that tested it again; empty if none has.
    """

    name: str
    hurts: Literal["callers", "proof", "people", "plan"]
    what: str
    do: str
    owner: str
    due_at: datetime | None
    state: Literal["open", "not found again", "found again", "not tested again"]
    retested_by: str = ""


class OtherRun(msgspec.Struct, frozen=True):
    """Another finished execution of the same flow for the same purpose."""

    execution: str
    kind: Kind
    outcome: Outcome
    opened_at: datetime
    plan_hash: str


class Retested(msgspec.Struct, frozen=True):
    """A gap of the test before, looked for in this execution."""

    name: str
    what: str
    state: Literal["not found again", "found again", "not tested again"]


class SinceLastTest(msgspec.Struct, frozen=True):
    """What is otherwise than at the last test. ``changes`` empty: the plan would do the same."""

    last: OtherRun
    changes: tuple[Change, ...]
    retested: tuple[Retested, ...]


class Surroundings(msgspec.Struct, frozen=True):
    """All of it, for one execution.

    Attributes:
        clock: The decision, step by step, against the workbook's targets and the recovery time objective.
        since_last: None: there is no test before this one.
        incident: Its name; empty if the execution names none.
        workbook: How the workbook now stands to the one at the opening, in words.
    """

    clock: tuple[Tick, ...] = ()
    basis: tuple[ApprovalBasis, ...] = ()
    glass: tuple[Glass, ...] = ()
    gaps: tuple[Gap, ...] = ()
    since_last: SinceLastTest | None = None
    incident: str = ""
    workbook: str = ""

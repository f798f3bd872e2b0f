"""The workbook: what is protected, how far, by whom, and in which order. Values only; reading is next door.

Quantities are already numbers here (``rto_s``), whatever the file says (``15m``). Secrets are references
(``env:NAME``, ``file:/path``), never values.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from voicedr.program.readiness.declared import Declarations
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.authority import (
    Authority,
    Automatic,
    BreakGlass,
    DecisionTargets,
    FreezeWindow,
    Hours,
    Impact,
    OnNoAnswer,
)
from voicedr.program.scope.checkpoints import Checkpoints
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.scope.sbc import Sbc
from voicedr.program.scope.standby_copy import Sync
from voicedr.program.vocabulary import E164, REGIONS, Region


class RegionAccess(msgspec.Struct, frozen=True):
    """How one Region of the account is reached. The edge is part of the host name: without it the name means us1.

    ``auth_token`` is needed only to sign the readiness probe's requests as that Region signs its webhooks.
    """

    edge: str
    api_key: str
    api_secret: str
    auth_token: str | None = None


class Limits(msgspec.Struct, frozen=True):
    """The provider's limits as this account has them. Defaults are the cautious documented ones."""

    requests_per_second: float = 20.0
    calls_per_second: float = 1.0
    propagation_s_max: float = 300.0


class Account(msgspec.Struct, frozen=True):
    """The provider account. ``address`` sends every request to one place, Host kept: a twin, or a test."""

    sid: str
    regions: dict[Region, RegionAccess]
    limits: Limits = Limits()
    address: str | None = None


class Person(msgspec.Struct, frozen=True):
    """Somebody who may be asked. ``roles`` are the names that the flows use; no ``hours``: at any time."""

    id: str
    name: str
    roles: tuple[str, ...]
    contact: str | None = None
    hours: tuple[Hours, ...] = ()


class Approvals(msgspec.Struct, frozen=True):
    """How approvals are given.

    Attributes:
        allowed_signers: The file that gives keys to people, beside the workbook; None: nothing can be signed.
        required: True: an approval that is not signed does not count.
        valid_for_s: A signed approval is valid so long after it was given.
        clock_skew_s: So far may the clock of whoever signs be ahead of ours.
    """

    allowed_signers: str | None = None
    required: bool = False
    valid_for_s: float = 4 * 3600.0
    clock_skew_s: float = 120.0


class JournalPlace(msgspec.Struct, frozen=True):
    """Where executions are recorded.

    Attributes:
        at: A path beside the workbook, an address, or a reference to either; None: ``.voicedr/journal.db``.
        away_s_max: A runner waits so long for a journal that does not answer, then stops.
    """

    at: str | None = None
    away_s_max: float = 30.0


class SequentialTest(msgspec.Struct, frozen=True):
    """What a gate asks of calls, and how wrong it may be.

    Attributes:
        bad_share_ok: A share of bad calls we can live with.
        bad_share_bad: A share of bad calls that must stop us.
        false_stop: The chance of stopping a cohort whose share is ``bad_share_ok``.
        missed_bad: The chance of passing a cohort whose share is ``bad_share_bad``.
        calls_max: After so many calls without an answer, people decide.
        numbers_min: A pass needs calls to at least so many numbers (or to all of a smaller cohort).
        synthetic: Whether our own test calls count. They are shown apart in any case.
    """

    bad_share_ok: float = 0.01
    bad_share_bad: float = 0.10
    false_stop: float = 0.01
    missed_bad: float = 0.05
    calls_max: int = 150
    numbers_min: int = 2
    synthetic: bool = True


class Gate(msgspec.Struct, frozen=True):
    """A cohort's gate. ``on_go`` says whether a person is asked before the next cohort starts."""

    test: SequentialTest = SequentialTest()
    on_go: Literal["continue", "ask"] = "continue"
    on_no_go: Literal["pause", "roll-back"] = "pause"
    wait_s_max: float = 1800.0


class Cohort(msgspec.Struct, frozen=True):
    """A batch that is moved and judged together. Subjects are in the order in which they are moved.

    ``calls_per_minute`` is what they take in a busy hour; None where nobody said.
    """

    name: str
    subjects: tuple[Routable, ...]
    gate: Gate = Gate()
    switch_context: bool = False
    calls_per_minute: float | None = None

    @property
    def numbers(self) -> tuple[E164, ...]:
        """The cohort's telephone numbers."""
        return tuple(E164(subject.name) for subject in self.subjects if subject.kind == "number")


class ApplicationContext(msgspec.Struct, frozen=True):
    """The customer's application: the document that tells it which Region is active, and where it says so itself.

    Attributes:
        context: Where the document is.
        confirm: Where each instance says which Region it uses.
        signing_key: Where the private key is that signs the document; None: it is not signed.
    """

    name: str
    context: str
    confirm: tuple[str, ...] = ()
    signing_key: str | None = None


class SignalRule(msgspec.Struct, frozen=True):
    """A signal that counts towards a gate, or that stops it at once (``veto``)."""

    name: str
    veto: bool = False


class Roles(msgspec.Struct, frozen=True):
    """Who does what in the decision chain. Each names a role that people have."""

    detection: str
    technical_assessment: str
    business_impact: str
    approval: tuple[str, ...]
    approvals: int = 2


class FailbackApproval(msgspec.Struct, frozen=True):
    """Who may order the way home."""

    roles: tuple[str, ...]
    approvals: int = 2


class Failback(msgspec.Struct, frozen=True):
    """When the flow may come home, and by whose word.

    Attributes:
        criteria: What else must hold, in words; the approvers take it on.
        no_open_incident: The flow's incident must be closed.
        readiness: Every check of the primary must pass.
        hours: When it may begin; empty: at any time.
        approval: None: as for the failover.
        gate: The gate of every cohort on the way home; None: as on the way out.
    """

    primary_healthy_for_s: float = 1800.0
    criteria: tuple[str, ...] = ()
    no_open_incident: bool = False
    readiness: bool = False
    hours: tuple[Hours, ...] = ()
    approval: FailbackApproval | None = None
    gate: Gate | None = None


class Flow(msgspec.Struct, frozen=True):
    """One protected voice flow."""

    id: str
    title: str
    tier: int
    primary: Region
    standby: Region
    rto_s: float
    cohorts: tuple[Cohort, ...]
    roles: Roles
    must_survive: tuple[str, ...] = ()
    can_degrade: tuple[str, ...] = ()
    can_wait: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    success: tuple[str, ...] = ()
    residency: tuple[Region, ...] = tuple(REGIONS)
    trickle: tuple[Routable, ...] = ()
    application: ApplicationContext | None = None
    signals: tuple[SignalRule, ...] = (SignalRule("call-completes"), SignalRule("no-alert"))
    failback: Failback = Failback()
    test_caller: E164 | None = None
    on_no_answer: OnNoAnswer = OnNoAnswer.HOLD
    answer_within_s: float | None = None
    impact: Impact = Impact()
    decision_targets: DecisionTargets = DecisionTargets()
    automatic: Automatic | None = None
    overlap: Overlap | None = None
    on_interrupt: OnInterrupt | None = None
    rollback: RollbackPace | None = None
    sbcs: tuple[Sbc, ...] = ()

    @property
    def subjects(self) -> tuple[Routable, ...]:
        """Everything that moves, in order."""
        return tuple(subject for cohort in self.cohorts for subject in cohort.subjects)

    @property
    def numbers(self) -> tuple[E164, ...]:
        """Every telephone number that moves, in order."""
        return tuple(number for cohort in self.cohorts for number in cohort.numbers)


class Workbook(msgspec.Struct, frozen=True):
    """The whole DR program of one account. ``sha256`` is of the file it was read from; empty if it was not."""

    account: Account
    people: tuple[Person, ...]
    flows: tuple[Flow, ...]
    path: str = ""
    approvals: Approvals = Approvals()
    authority: Authority = Authority()
    break_glass: BreakGlass = BreakGlass()
    freeze: tuple[FreezeWindow, ...] = ()
    alerts: tuple[str, ...] = ()
    journal: JournalPlace = JournalPlace()
    checkpoints: Checkpoints = Checkpoints()
    declared: Declarations = Declarations()
    sync: Sync = Sync()
    sha256: str = ""

    def flow(self, flow_id: str) -> Flow | None:
        """A flow by its id, or None."""
        return next((flow for flow in self.flows if flow.id == flow_id), None)

"""Who may decide what, as the workbook says it: functions, hours, rules that may be broken, and what silence means.

Values only. Who may decide at this moment is worked out in ``governance/authority.py``.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec


class Function(StrEnum):
    """The four functions of the decision chain."""

    DETECTION = "detection"
    TECHNICAL_ASSESSMENT = "technical_assessment"
    BUSINESS_IMPACT = "business_impact"
    APPROVAL = "approval"


class Decision(StrEnum):
    """What a function may decide. The list is closed."""

    DECLARE = "declare"
    ASSESS = "assess"
    APPROVE_FAILOVER = "approve-failover"
    APPROVE_ROLLBACK = "approve-rollback"
    APPROVE_FAILBACK = "approve-failback"
    APPROVE_DRILL = "approve-drill"
    EXECUTE = "execute"
    BREAK_GLASS = "break-glass"
    STOP = "stop"


class Rule(StrEnum):
    """Rules that glass may be broken over. Residency, a dead target and an unknown plan are not among them."""

    QUORUM = "quorum"
    DIFFERENT_PEOPLE = "different-people"
    HOURS = "hours"
    READINESS_GAP = "readiness-gap"
    FREEZE_WINDOW = "freeze-window"


class OnNoAnswer(StrEnum):
    """What silence means once a question has waited long enough."""

    HOLD = "hold"
    ROLL_BACK = "roll-back"
    GO_ON = "go-on"


class Rollback(StrEnum):
    """Who may ask for a rollback, beside the plan itself."""

    ANYBODY = "anybody"
    APPROVAL = "approval"


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As ``datetime.weekday`` counts them."""

DAY_MINUTES = 24 * 60


class Hours(msgspec.Struct, frozen=True):
    """When somebody is on. An end that is not after the beginning is on the next day.

    Attributes:
        days: Days on which it begins, 0 is Monday.
        from_minute: Minutes after midnight in ``zone``.
        to_minute: The same; up to 1440, which is the end of the day. The minute itself is not in it any more.
        zone: A zone of the IANA database, e.g. ``Europe/Dublin``.
    """

    days: tuple[int, ...]
    from_minute: int
    to_minute: int
    zone: str


class Duty(msgspec.Struct, frozen=True):
    """How one function is organised.

    Attributes:
        order: Ids of people: who is asked first, and their deputies in order. Others with the role follow as listed.
        may: What the function may decide.
        answer_within_s: So long one is waited for before the next one is asked.
    """

    may: tuple[Decision, ...]
    order: tuple[str, ...] = ()
    answer_within_s: float = 300.0


DETECTS = Duty((Decision.DECLARE, Decision.STOP))
ASSESSES = Duty((Decision.ASSESS, Decision.STOP))
APPROVES = Duty(
    (
        Decision.APPROVE_FAILOVER,
        Decision.APPROVE_ROLLBACK,
        Decision.APPROVE_FAILBACK,
        Decision.APPROVE_DRILL,
        Decision.EXECUTE,
        Decision.STOP,
    )
)
"""What the functions may decide where the workbook does not say. Nobody may break glass unless it says so."""


class Authority(msgspec.Struct, frozen=True):
    """The four functions.

    Attributes:
        different_people: Pairs of functions in which nobody may act twice in one incident. None: the default, that of
            several approvers at least one did not assess.
        rollback: Whether a rollback that people ask for needs somebody who may approve one. What the plan says itself
            (a gate's stop, silence) was approved with the plan.
    """

    detection: Duty = DETECTS
    technical_assessment: Duty = ASSESSES
    business_impact: Duty = ASSESSES
    approval: Duty = APPROVES
    different_people: tuple[tuple[Function, Function], ...] | None = None
    rollback: Rollback = Rollback.ANYBODY

    def duty(self, function: Function) -> Duty:
        """How a function is organised."""
        duties = {
            Function.DETECTION: self.detection,
            Function.TECHNICAL_ASSESSMENT: self.technical_assessment,
            Function.BUSINESS_IMPACT: self.business_impact,
            Function.APPROVAL: self.approval,
        }
        return duties[function]


class BreakGlass(msgspec.Struct, frozen=True):
    """Which rules may be broken, and for how long that holds. Empty: none."""

    rules: tuple[Rule, ...] = ()
    valid_for_s: float = 3600.0


class FreezeWindow(msgspec.Struct, frozen=True):
    """A time in which nothing is moved, unless glass is broken."""

    from_at: datetime
    to_at: datetime
    why: str


class Impact(msgspec.Struct, frozen=True):
    """What a minute costs. None: nobody has said.

    Attributes:
        cost_per_minute: While callers reach nobody.
        standby_cost_per_minute: While the flow is in the standby, with what is worse there.
        calls_per_minute: Calls that come in.
        currency: Of the costs.
    """

    cost_per_minute: float | None = None
    standby_cost_per_minute: float | None = None
    calls_per_minute: float | None = None
    currency: str = ""


class DecisionTargets(msgspec.Struct, frozen=True):
    """How long after detection each step of the decision should have been taken, in seconds; None: no target."""

    declared_s: float | None = None
    assessed_s: float | None = None
    approved_s: float | None = None
    first_act_s: float | None = None


class Automatic(msgspec.Struct, frozen=True):
    """When a flow may be failed over without people: never, or after so many successful drills of the same plan.

    Attributes:
        after_drills: So many drills must have succeeded.
        kinds: Kinds of execution that count as drills.
        within_s: And each not longer ago than this.
        only: What may be done alone. Nothing but failover.
    """

    after_drills: int
    kinds: tuple[str, ...] = ("drill-live",)
    within_s: float = 90 * 86400.0
    only: Literal["failover"] = "failover"

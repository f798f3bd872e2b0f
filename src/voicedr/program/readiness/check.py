"""What a readiness check is: a statement, what it is said of, and a judge.

A check is one file in ``checks/`` with a module-level ``check``; its id is its file name. ``over`` says what it is
judged on (every number in both Regions, every trunk, the flow as a whole), and ``judge`` gives a conclusion for one of
them. Both are functions of the case and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Generic, Protocol, TypeVar

from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.subjects import Case
from voicedr.program.vocabulary import Region


class Outcome(StrEnum):
    """What a judge says. UNKNOWN is not a weak form of PASS."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"


class Area(StrEnum):
    """What a check belongs to, in the order of the readiness checklist."""

    SCOPE = "scope and people"
    NUMBERS = "numbers"
    SIP = "SIP and trunks"
    WEBHOOKS = "webhooks and fallbacks"
    APPLICATION = "application"
    CREDENTIALS = "credentials and SDK"
    CAPACITY = "capacity and permission"
    PROVIDER_OBSERVABILITY = "provider-side observability"
    CUSTOMER_OBSERVABILITY = "customer-side observability"
    MOVING = "moving"


class Stage(IntEnum):
    """The stage of resilience that is not reached as long as a check fails."""

    IN_REGION = 1
    """Inside one Region, anything may fail once."""
    ISOLATION = 2
    """A Region runs on its own: its configuration, keys, application and eyes."""
    CROSS_REGION = 3
    """The flow can be moved to the standby."""


class ClosedBy(StrEnum):
    """Who can close a gap."""

    SYNC = "voicedr sync"
    PEOPLE = "people"


class Severity(StrEnum):
    """What a failed check does to callers. Declared worst first; that is the order of a report."""

    CANNOT_MOVE = "the flow cannot be moved"
    REACHES_NOBODY = "callers reach nobody"
    CUT_OFF = "callers hear an error and are cut off"
    LATE = "callers wait longer than promised"
    ONE_FAILURE_AWAY = "callers are cut off when one more thing fails"
    DRIFT = "things are not as the workbook says"

    @property
    def rank(self) -> int:
        """0 hurts most."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a judge says of one thing.

    Attributes:
        outcome: Pass, fail, or nobody could look.
        detail: Why, in words that do not name the thing: things with the same conclusion share a line.
        seen: The fact behind it, whose time and source become the evidence; None if there is none.
        said: The declaration behind it, whose owner and end become the evidence; None if there is none.
    """

    outcome: Outcome
    detail: str
    seen: Observed[Any] | None = None
    said: Said[Any] | None = None


class Judged(Protocol):
    """Something that a check can be said of."""

    @property
    def kind(self) -> str:
        """The plural that stands behind a count: ``numbers``, ``trunks``."""
        ...

    @property
    def name(self) -> str:
        """Which one: ``+14155550100``. Without secrets: it is shown."""
        ...

    @property
    def region(self) -> Region | None:
        """Where; None for the flow as a whole."""
        ...


S = TypeVar("S", bound=Judged)


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """One readiness check.

    Attributes:
        title: A statement that is true when the check passes.
        why: What happens to callers when it is not.
        fix: What to do. ``{flow}``, ``{region}``, ``{primary}`` and ``{standby}`` are filled in.
        source: The page that the rule comes from.
        severity: What a failure does to callers.
        area: What it belongs to in the checklist.
        stage: The stage of resilience that a failure keeps the flow from.
        closed_by: Who can close the gap that a failure is.
        over: Everything in a case that the check is said of. Nothing: the check does not apply to this flow.
        judge: The conclusion for one of them; None if it is not this check's business (another check has it).
    """

    title: str
    why: str
    fix: str
    source: str
    severity: Severity
    over: Callable[[Case], Iterable[S]]
    judge: Callable[[S], Conclusion | None]
    area: Area
    stage: Stage
    closed_by: ClosedBy = ClosedBy.PEOPLE

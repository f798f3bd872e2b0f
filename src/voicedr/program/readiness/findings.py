"""What checks say, gathered: conclusions that say the same of several things are one finding."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from voicedr.program.readiness.check import Area, ClosedBy, Outcome, Severity, Stage
from voicedr.program.vocabulary import Region


class Finding(msgspec.Struct, frozen=True):
    """One conclusion, and everything that it is said of.

    Attributes:
        check: The check's id.
        subjects: What it is said of, sorted; runs of numbers as one word (``+1415555010{1..9}``).
        count: How many things that is.
        of: How many things of this kind the check looked at in this Region.
        kind: What kind of things, in the plural.
        region: Where; None for the flow as a whole and for routes, which are global.
        fix: What to do, filled in. Only a failure has one; of an unknown, ``detail`` says why nobody could look.
        source: The page that the rule comes from.
        seen_at: When the oldest fact behind it was seen; None if nobody saw anything.
        seen_in: Who says so.
    """

    check: str
    outcome: Outcome
    severity: Severity
    subjects: tuple[str, ...]
    count: int
    of: int
    kind: str
    region: Region | None
    detail: str
    fix: str
    source: str
    seen_at: datetime | None = None
    seen_in: str | None = None
    said_by: str | None = None
    """Who declared it, where the conclusion rests on somebody's word; with the day it was said and the day it ends."""
    said_on: date | None = None
    said_until: date | None = None
    area: Area = Area.MOVING
    stage: Stage = Stage.CROSS_REGION
    closed_by: ClosedBy = ClosedBy.PEOPLE


class CheckResult(msgspec.Struct, frozen=True):
    """How one check stands. ``outcome`` None: it does not apply to this flow."""

    check: str
    title: str
    outcome: Outcome | None
    passed: int
    failed: int
    unknown: int
    area: Area = Area.MOVING
    stage: Stage = Stage.CROSS_REGION

    @property
    def looked_at(self) -> int:
        """How many things it was said of."""
        return self.passed + self.failed + self.unknown

"""Somebody's word, with its owner and its end; or that there is none."""

from __future__ import annotations

from datetime import date
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Said(msgspec.Struct, Generic[T], frozen=True, tag="said"):
    """What a person declared.

    Attributes:
        value: What they said.
        owner: Their id in the workbook.
        on: The day they said it.
        until: The last day on which it counts.
        evidence: Where it can be looked up; None if nowhere.
    """

    value: T
    owner: str
    on: date
    until: date
    evidence: str | None = None


class Unsaid(msgspec.Struct, frozen=True, tag="unsaid"):
    """Nobody has said it, or it does not count any more; and why. It never passes a check."""

    reason: str

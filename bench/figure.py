"""What a figure says, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """What it was measured against in the same run, in the same unit."""

    name: str
    value: float


@dataclass(frozen=True)
class Line:
    """One measured value.

    Attributes:
        what: What was measured.
        value: How much.
        unit: Of what.
        peer: Beside what; None where the line only adds to the one above it.
        at_least: The target, if more is better.
        at_most: The target, if less is better.
        note: What else must be known to read it.
    """

    what: str
    value: float
    unit: str
    peer: Peer | None = None
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the peer's value it is."""
        return self.value / self.peer.value if self.peer is not None and self.peer.value else None

    @property
    def target(self) -> str:
        """The target and whether it was reached; empty if there is none."""
        if self.at_least is not None:
            return f"≥ {shown(self.at_least)}: {'reached' if self.value >= self.at_least else 'MISSED'}"
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}: {'reached' if self.value <= self.at_most else 'MISSED'}"
        return ""


@dataclass(frozen=True)
class Figure:
    """A file of ``figures``."""

    name: str
    title: str
    measure: Callable[[bool], Sequence[Line]]
    """Takes whether it shall be quick."""


def shown(value: float) -> str:
    """A number as a person reads it: three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def spoken(line: Line) -> str:
    """A line for the terminal."""
    text = f"  {line.what}: {shown(line.value)} {line.unit}"
    if line.peer is not None and line.ratio is not None:
        text += f" = {line.ratio:.3g} × {line.peer.name} ({shown(line.peer.value)})"
    if line.target:
        text += f" [{line.target}]"
    return text + (f"\n    {line.note}" if line.note else "")


def table(measured: Sequence[tuple[str, Line]]) -> str:
    """The Markdown table."""
    rows = ["| figure | what | measured | ratio | beside | target |", "| --- | --- | --- | --- | --- | --- |"]
    for name, line in measured:
        ratio = f"{line.ratio:.3g} ×" if line.ratio is not None else ""
        beside = f"{line.peer.name}: {shown(line.peer.value)}" if line.peer is not None else ""
        rows.append(f"| {name} | {line.what} | {shown(line.value)} {line.unit} | {ratio} | {beside} | {line.target} |")
    return "\n".join(rows)

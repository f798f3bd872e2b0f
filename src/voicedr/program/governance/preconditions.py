"""What stands in the way of a move, and what nobody knows about it, from the readiness of the Region it goes to."""

from __future__ import annotations

from voicedr.program.readiness.check import Outcome, Severity
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.validation.spoken import listed
from voicedr.program.vocabulary import Region

BLOCKING = (Severity.CANNOT_MOVE, Severity.REACHES_NOBODY)
"""Gaps over which nobody says go: the move would fail, or take callers where nobody answers."""


def blocks(finding: Finding, to: Region) -> bool:
    """True if a finding stands in the way of a move to a Region. What fails in the Region that is left does not."""
    return finding.outcome is Outcome.FAIL and finding.severity in BLOCKING and finding.region in (None, to)


def said_of(finding: Finding) -> str:
    """A finding in one line."""
    return f"{listed(finding.subjects, 3)}: {finding.detail}"


def blocking(readiness: FlowReadiness, to: Region) -> tuple[str, ...]:
    """Everything that stands in the way, in words."""
    return tuple(said_of(one) for one in readiness.findings if blocks(one, to))


def may_block(readiness: FlowReadiness, to: Region) -> tuple[str, ...]:
    """What nobody could look at and what would stand in the way if it failed, in words."""
    return tuple(said_of(one) for one in _unseen(readiness, to))


def not_known(readiness: FlowReadiness, to: Region) -> tuple[str, ...]:
    """The same, and how much else nobody could look at.

    A decision in an outage reads what the move needs and no more, so most of what readiness looks at is not seen then.
    """
    told = may_block(readiness, to)
    rest = sum(one.outcome is Outcome.UNKNOWN for one in readiness.findings) - len(told)
    if not rest:
        return told
    return (*told, f"and {rest} things that do not keep the flow from moving: voicedr ready {readiness.flow}")


def _unseen(readiness: FlowReadiness, to: Region) -> list[Finding]:
    return [
        one
        for one in readiness.findings
        if one.outcome is Outcome.UNKNOWN and one.severity in BLOCKING and one.region in (None, to)
    ]

"""What every form of the package says in the same words: how a flow stands, who closes a gap, by what it was seen."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from voicedr.program.readiness.achievability import Achievability
from voicedr.program.readiness.check import ClosedBy, Outcome
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.gaps import Gap, Waiver
from voicedr.program.readiness.package import FlowPackage, Package

MARKS = {Outcome.PASS: "✔", Outcome.FAIL: "✖", Outcome.UNKNOWN: "?"}
UNPROVEN, WAIVED, GONE = "~", "w", "–"

READY = {Outcome.PASS: "READY", Outcome.FAIL: "NOT READY", Outcome.UNKNOWN: "NOT KNOWN TO BE READY"}


def clean(text: str) -> str:
    """Text without control characters: names and messages come from outside and must not steer a terminal, and some
    of these characters are in no XML document (https://www.w3.org/TR/xml/#charsets)."""
    return "".join("�" if _steers(sign) else sign for sign in text)


def _steers(sign: str) -> bool:
    return sign not in "\n\t" and (
        unicodedata.category(sign) in {"Cc", "Cf", "Cs"} or sign in "\u2028\u2029\ufffe\uffff"
    )


def time_text(at: datetime) -> str:
    """To the second, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def stage_text(flow: FlowPackage) -> str:
    """``stage 2 of 3 · needs 3``."""
    standing = flow.readiness.standing
    reached = f"{standing.reached}" if standing.known or standing.enough else f"{standing.reached}, perhaps more,"
    return f"stage {reached} of {len(standing.stages)} · needs {int(standing.needed)}"


def counts_text(flow: FlowPackage) -> str:
    """``NOT READY: 2 gaps, 1 unknown``, with what is waived and unproven."""
    count, waived_count = flow.gaps_open, flow.gaps_waived
    gaps = f"{count} {'gap' if count == 1 else 'gaps'}"
    waived = f", {waived_count} waived" if waived_count else ""
    return (
        f"{READY[flow.outcome]}: {gaps}, {len(flow.unknown)} unknown{waived}, {len(flow.readiness.unproven)} unproven"
    )


def rto_text(found: Achievability) -> str:
    """The arithmetic, and whether the promise is kept."""
    said = {True: "kept", False: "NOT KEPT", None: "kept as far as anybody has said"}[found.kept]
    unsaid = f"; nobody has said {'; '.join(found.unknown)}" if found.unknown else ""
    return f"{found.sentence}: {said}{unsaid}"


def summary_text(package: Package) -> str:
    """How many flows stand how."""

    def having(outcome: Outcome) -> int:
        return sum(flow.outcome is outcome for flow in package.flows)

    return (
        f"{having(Outcome.PASS)} of {len(package.flows)} flows ready, {having(Outcome.FAIL)} not ready,"
        f" {having(Outcome.UNKNOWN)} not known to be ready"
    )


def next_text(package: Package, subjects_max: int = 6) -> str:
    """The one next action, with what it is about."""
    step = package.next
    if not step.flow:
        return step.what
    about = f"{step.flow}, {names_text(step.subjects, subjects_max)}" if step.subjects else step.flow
    return clean(f"{about}: {step.what}")


def names_text(subjects: tuple[str, ...], subjects_max: int) -> str:
    """Names, and how many more there are."""
    more = len(subjects) - subjects_max
    return ", ".join(clean(one) for one in subjects[:subjects_max]) + (f" and {more} more" if more > 0 else "")


def share_text(finding: Finding) -> str:
    """``8 of 10 numbers``."""
    kind = finding.kind if finding.of != 1 else finding.kind.removesuffix("s")
    return f"{finding.count} of {finding.of} {kind}"


def evidence_text(finding: Finding) -> str:
    """When it was seen and in what, or whose word it is."""
    if finding.seen_at is not None:
        return f"seen {time_text(finding.seen_at)} in {finding.seen_in}"
    if finding.said_by is not None:
        return f"{finding.said_by}'s word of {finding.said_on}, until {finding.said_until}"
    return "nothing seen" if finding.outcome is Outcome.UNKNOWN else "by the workbook"


def closes_text(flow: FlowPackage, finding: Finding) -> str:
    """Who closes the gap: a command, or people and which of them."""
    gap = flow.gap_of(finding)
    if finding.closed_by is ClosedBy.SYNC:
        return f"closed by voicedr sync plan {flow.readiness.flow}"
    if gap is None or gap.owner is None:
        return "closed by people"
    return f"closed by {gap.owner}, due {gap.due}"


def waiver_text(waiver: Waiver) -> str:
    """Who answers for it, until when and why."""
    return f"waived: {waiver.owner} answers for it until {waiver.until}: {waiver.reason}"


def gap_text(gap: Gap, now: datetime) -> str:
    """How a line of the gap list stands."""
    if gap.waiver is not None and gap.answered_for(now):
        return waiver_text(gap.waiver)
    late = f", overdue since {gap.due}" if gap.overdue(now) else f", due {gap.due}" if gap.due else ""
    return f"{gap.status.value}, {gap.owner or 'nobody'} has it{late}"

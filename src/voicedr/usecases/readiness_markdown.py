"""The readiness package as Markdown, for a ticket or a pull request: every finding and every subject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from voicedr.program.readiness.package import FlowPackage, Package
from voicedr.program.readiness.resource_map import Verdict
from voicedr.program.readiness.telling import (
    MARKS,
    UNPROVEN,
    WAIVED,
    clean,
    closes_text,
    counts_text,
    evidence_text,
    gap_text,
    next_text,
    rto_text,
    share_text,
    stage_text,
    summary_text,
    time_text,
    waiver_text,
)

SUBJECTS_MAX = 6


def readiness_markdown(package: Package) -> str:
    """The page."""
    lines = ["# Readiness", "", f"**Next: {cell(next_text(package, SUBJECTS_MAX))}**", ""]
    if package.next.command:
        lines += [f"`{clean(package.next.command)}`", ""]
    read = time_text(package.report.taken_at)
    lines += [f"Account {cell(package.report.account_sid)}, read {read}. {cell(summary_text(package))}", ""]
    for flow in package.flows:
        lines += _flow(flow, package)
    return "\n".join(lines)


def cell(text: str) -> str:
    """Text as one cell of a Markdown table."""
    one_line = " ".join(clean(text).split())
    for sign in "\\`*_[]<>|":
        one_line = one_line.replace(sign, f"\\{sign}")
    return one_line


def _flow(flow: FlowPackage, package: Package) -> Iterator[str]:
    one = flow.readiness
    yield from (f"## {cell(one.flow)}: {cell(counts_text(flow))}", "")
    trend = f" {flow.trend.words}." if flow.trend.words else ""
    yield f"{cell(one.title)}, tier {one.tier}, {one.primary} → {one.standby}. {cell(stage_text(flow))}.{cell(trend)}"
    yield from ("", f"RTO: {cell(rto_text(one.achievability))}", "")
    yield from ("| | what | how it stands | do | evidence |", "| --- | --- | --- | --- | --- |")
    waivers = {id(answered.finding): answered.waiver for answered in flow.waived}
    for finding in one.findings:
        waiver = waivers.get(id(finding))
        mark = MARKS[finding.outcome] if waiver is None else WAIVED
        do = cell(finding.fix) if waiver is None else cell(waiver_text(waiver))
        closes = f"; {cell(closes_text(flow, finding))}" if finding.fix else ""
        what = cell(f"{', '.join(finding.subjects)} ({share_text(finding)})")
        rule = f"[`{finding.check}`]({finding.source})"
        evidence = f"{cell(evidence_text(finding))}; rule {rule}{closes}"
        yield f"| {mark} | {what} | {cell(finding.detail)} | {do} | {evidence} |"
    for unproven in one.unproven:
        silent = f"[silent here]({unproven.source})"
        words = (cell(unproven.what), cell(unproven.stands), cell(unproven.next), silent)
        yield f"| {UNPROVEN} | {' | '.join(words)} |"
    if flow.not_applicable:
        yield from ("", f"Not applicable here: {', '.join(f'`{result.check}`' for result in flow.not_applicable)}.")
    yield from _checklist(flow)
    yield from _gaps(flow, package)
    yield from _map(flow)
    yield ""


def _checklist(flow: FlowPackage) -> Iterator[str]:
    rows = [
        (area.area.value, MARKS[one.result.outcome] if one.waived is None else WAIVED, one.result.title,
         f"{one.result.passed} of {one.result.looked_at}", one.closed_by.value)
        for area in flow.checklist
        for one in area.checked
        if one.result.outcome is not None
    ]  # fmt: skip
    yield from _table("Checklist", ("area", "", "check", "passes", "closed by"), rows)


def _gaps(flow: FlowPackage, package: Package) -> Iterator[str]:
    rows = [
        (gap.id, gap.severity.value, gap.what, gap.owner or "nobody", f"{gap.due or '–'}",
         gap_text(gap, package.made_at))
        for gap in flow.gaps
    ]  # fmt: skip
    yield from _table("Gap list", ("id", "hurts", "what", "owner", "due", "how it stands"), rows)


def _map(flow: FlowPackage) -> Iterator[str]:
    if flow.map is None:
        return
    rows = [
        (line.verdict.value, line.kind, line.name, line.note
         or "; ".join(f"{field.field}: {field.primary or 'nothing'} / {field.standby or 'nothing'}"
                      for field in line.fields if field.verdict is not Verdict.SAME))
        for line in flow.map.lines
        if line.verdict is not Verdict.SAME
    ]  # fmt: skip
    same = flow.map.count(Verdict.SAME)
    head = f"Regional resource map: {same} of {len(flow.map.lines)} lines are the same"
    yield from _table(head, ("", "kind", "name", f"{flow.map.primary} / {flow.map.standby}"), rows)


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"### {cell(title)}", "")
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell(one) for one in row)} |"

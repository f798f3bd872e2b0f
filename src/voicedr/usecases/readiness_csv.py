"""The readiness package as CSV (RFC 4180): findings, gap list, resource map and checklist, a table each.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` as a formula, and names come from outside. Such
cells begin with an apostrophe here (https://owasp.org/www-community/attacks/CSV_Injection, read 2026-11-22).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.package import FlowPackage, Package
from voicedr.program.readiness.telling import clean, evidence_text, waiver_text

FORMULA = ("=", "+", "-", "@", "\t", "\r")

_FINDINGS = (
    "flow", "outcome", "check", "region", "subjects", "count", "of", "kind", "detail", "do", "hurts", "area", "stage",
    "closed_by", "gap", "owner", "due", "waived", "evidence", "source",
)  # fmt: skip
_GAPS = (
    "id", "flow", "check", "region", "hurts", "what", "do", "closed_by", "owner", "due", "overdue", "status",
    "opened_at", "seen_at", "times", "waived_by", "waived_until", "waived_why",
)  # fmt: skip
_MAP = ("flow", "kind", "name", "field", "verdict", "primary", "standby", "note", "seen_at", "seen_in")
_CHECKLIST = (
    "flow", "area", "check", "title", "outcome", "passed", "failed", "unknown", "stage", "closed_by", "waived", "source"
)  # fmt: skip


def findings_csv(package: Package) -> str:
    """Every finding, worst first, and what is unproven."""
    return _written(_FINDINGS, (row for flow in package.flows for row in _findings(flow)))


def gaps_csv(package: Package) -> str:
    """Every gap that stands."""
    return _written(
        _GAPS,
        (
            (gap.id, gap.flow, gap.check, gap.region, gap.severity, gap.what, gap.fix, gap.closed_by, gap.owner,
             gap.due, "yes" if gap.overdue(package.made_at) else "no", gap.status, gap.opened_at.isoformat(),
             gap.seen_at.isoformat(), gap.times, *_waiver(gap.waiver))
            for flow in package.flows
            for gap in flow.gaps
        ),
    )  # fmt: skip


def map_csv(package: Package) -> str:
    """The resource map: a row for each thing, then one for each of its fields."""
    return _written(_MAP, (row for flow in package.flows for row in _map(flow)))


def checklist_csv(package: Package) -> str:
    """The checklist; what does not apply comes last."""
    return _written(_CHECKLIST, (row for flow in package.flows for row in _checklist(flow)))


def safe(value: object) -> str:
    """A cell that no spreadsheet takes as a formula."""
    text = "" if value is None else clean(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


def _written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _waiver(waiver: object) -> tuple[object, object, object]:
    return (getattr(waiver, "owner", None), getattr(waiver, "until", None), getattr(waiver, "reason", None))


def _findings(flow: FlowPackage) -> Iterator[tuple[object, ...]]:
    waived = {id(one.finding): waiver_text(one.waiver) for one in flow.waived}
    for one in flow.readiness.findings:
        gap = flow.gap_of(one) if one.outcome is Outcome.FAIL else None
        yield (
            flow.readiness.flow, one.outcome, one.check, one.region, " ".join(one.subjects), one.count, one.of,
            one.kind, one.detail, one.fix, one.severity, one.area, int(one.stage), one.closed_by,
            gap.id if gap else None, gap.owner if gap else None, gap.due if gap else None,
            waived.get(id(one)), evidence_text(one), one.source,
        )  # fmt: skip
    for unproven in flow.readiness.unproven:
        yield (
            flow.readiness.flow, "unproven", None, None, None, None, None, None, f"{unproven.what}; {unproven.stands}",
            unproven.next, *(None for _ in range(9)), unproven.source,
        )  # fmt: skip


def _map(flow: FlowPackage) -> Iterator[tuple[object, ...]]:
    if flow.map is None:
        return
    for line in flow.map.lines:
        home, away = line.cells
        values = [cell.value or (f"not seen: {cell.unseen}" if cell.unseen else None) for cell in line.cells]
        seen = away.seen_at or home.seen_at, away.seen_in or home.seen_in
        yield (flow.readiness.flow, line.kind, line.name, None, line.verdict, *values, line.note, *seen)
        for field in line.fields:
            yield (
                flow.readiness.flow, line.kind, line.name, field.field, field.verdict, field.primary, field.standby,
                field.note, *seen,
            )  # fmt: skip


def _checklist(flow: FlowPackage) -> Iterator[tuple[object, ...]]:
    name = flow.readiness.flow
    for area in flow.checklist:
        for one in area.checked:
            result = one.result
            waived = waiver_text(one.waived) if one.waived else None
            yield (
                name, area.area, result.check, result.title, result.outcome, result.passed, result.failed,
                result.unknown, int(result.stage), one.closed_by, waived, one.source,
            )  # fmt: skip
    for result in flow.not_applicable:
        yield (
            name, result.area, result.check, result.title, "does not apply", 0, 0, 0, int(result.stage), None, None,
            None,
        )  # fmt: skip

"""The reference page of the checks, made from the checks."""

from __future__ import annotations

from typing import Any

from voicedr.program.readiness.check import Area, Check, ClosedBy
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.stages import NAMES

_HEAD = """\
# Readiness checks

This page is made from the files in `src/voicedr/program/readiness/checks`; change those, then run
`.venv/bin/python scripts/write_checks_reference.py`.

Each check passes, fails, or could not look. What could not be looked at is unknown, and unknown never passes. In a
fix, `{region}` is the Region of the finding, `{standby}` and `{primary}` are the flow's. Checks are listed by area, in
the order of the checklist, and within it by what a failure does to callers, worst first. What the
[stages](../readiness.md#stages) mean is told on the page about readiness.
"""


def checks_reference() -> str:
    """The page, as Markdown."""
    every = all_checks()
    parts = [_HEAD, _table()]
    for area in Area:
        of_area = {id_: check for id_, check in every.items() if check.area is area}
        if not of_area:
            continue
        parts.append(f"## {area.value[0].upper()}{area.value[1:]}\n")
        for id_, check in sorted(of_area.items(), key=lambda one: (one[1].severity.rank, one[0])):
            parts.append(
                f"### `{id_}`\n\n**{check.title}.** {_facts(check)}\n\n{check.why}\n\nDo: {check.fix}\n\n"
                f"Source: <{check.source}>\n"
            )
    return "\n".join(parts)


def _table() -> str:
    rows = ["| area | checks | stage 1 | stage 2 | stage 3 | closed by sync |", "| --- | --- | --- | --- | --- | --- |"]
    for area in Area:
        checks = [check for check in all_checks().values() if check.area is area]
        stages = [sum(check.stage == stage for check in checks) for stage in (1, 2, 3)]
        synced = sum(check.closed_by is ClosedBy.SYNC for check in checks)
        if checks:
            rows.append(f"| {area.value} | {len(checks)} | {' | '.join(map(str, stages))} | {synced} |")
    return "\n".join(rows) + "\n"


def _facts(check: Check[Any]) -> str:
    closed = "`voicedr sync`" if check.closed_by is ClosedBy.SYNC else "people"
    stage = f"stage {int(check.stage)} ({NAMES[check.stage]})"
    return f"If not: {check.severity.value}. Keeps the flow from {stage}; closed by {closed}."

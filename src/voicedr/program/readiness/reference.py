"""The reference page of the checks, made from the checks."""

from __future__ import annotations

from voicedr.program.readiness.check import Severity
from voicedr.program.readiness.checks import all_checks

_HEAD = """\
# Readiness checks

This page is made from the files in `src/voicedr/program/readiness/checks`; change those, then run
`.venv/bin/python scripts/write_checks_reference.py`.

Each check passes, fails, or could not look. What could not be looked at is unknown, and unknown never passes. In a
fix, `{region}` is the Region of the finding, `{standby}` and `{primary}` are the flow's. Checks are listed by what a
failure does to callers, worst first, which is also the order of a report.
"""


def checks_reference() -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    for severity in Severity:
        of_severity = {id_: check for id_, check in all_checks().items() if check.severity is severity}
        if not of_severity:
            continue
        parts.append(f"## {severity.value[0].upper()}{severity.value[1:]}\n")
        for id_, check in of_severity.items():
            parts.append(
                f"### `{id_}`\n\n**{check.title}.**\n\n{check.why}\n\nDo: {check.fix}\n\nSource: <{check.source}>\n"
            )
    return "\n".join(parts)

"""How a plan differs from the one of the last test, on a terminal: one difference a line, with +, - or ~."""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from voicedr.program.execution.plan import Plan
from voicedr.program.execution.plan_diff import Change, change_line, totals
from voicedr.program.validation.spoken import count, stamp
from voicedr.program.validation.surroundings import OtherRun

_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def diff_text(since: tuple[OtherRun, tuple[Change, ...]] | None, plan: Plan) -> Group:
    """The differences since the last test, or that there was none."""
    if since is None:
        words = f"No {plan.purpose} of {plan.flow} has been run to an end yet, so there is nothing to compare with."
        return Group(Text(), Text(words))
    last, changes = since
    head = f"Since the last test, {last.execution} ({last.kind}, {last.outcome}, {stamp(last.opened_at)}):"
    said = f" {count(len(changes), 'difference')}{f': {totals(changes)}' if changes else ''}"
    lines = [Text(f"  {change_line(change)}", style=_STYLES[change.sign]) for change in changes]
    return Group(Text(), Text(head + said, style="bold"), *lines)

"""The one next step after a plan of ``voicedr sync``."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from voicedr.cli.sync_plan_file import Words
from voicedr.program.standby.doing import Do
from voicedr.program.standby.plan import SyncPlan


def next_step(plans: Sequence[SyncPlan], words: Words, kept_in: Path | None) -> str | None:
    """What to enter or do now; None if the standby matches, or if what could not be read has to be seen first.

    Args:
        plans: What was shown.
        words: What was entered for it.
        kept_in: The file that the plans were kept in.
    """
    if any(plan.writes or any(step.takes_over for step in plan.steps) for plan in plans):
        again = _said_again(words) if kept_in is None else ["--plan", shlex.quote(str(kept_in))]
        return " ".join(["voicedr sync apply", *again])
    conflicts = [step for plan in plans for step in plan.of(Do.CONFLICT)]
    if not conflicts:
        return None
    if any(change.before is not None for step in conflicts for change in step.changes):
        # Taken over as it is, the standby would be given the primary's addresses.
        return (
            "where the standby is meant to differ, say so under sync (urls, ignore) in the workbook; then take over"
            " what is left: --adopt KIND:NAME"
        )
    return "take over what is yours: --adopt KIND:NAME"


def _said_again(words: Words) -> list[str]:
    """The words that make the same plan again."""
    switches = {"--all": words.everything, "--adopt-all": words.adopt_all, "--prune": words.prune}
    adopted = [f"--adopt {shlex.quote(name)}" for name in words.adopt]
    return [*words.flows, *adopted, *(name for name, said in switches.items() if said)]

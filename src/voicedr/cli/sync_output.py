"""What ``voicedr sync`` shows."""

from __future__ import annotations

from typing import Any

import msgspec

from voicedr.program.standby import records as rec
from voicedr.program.standby.doing import Do
from voicedr.program.standby.plan import Step
from voicedr.program.standby.render import SIGNS
from voicedr.usecases.apply_sync import Applied, Outcome
from voicedr.usecases.plan_sync import Planned


def plan_values(planned: Planned) -> dict[str, Any]:
    """A plan for machines."""
    plan = planned.plan
    return {
        "plan": planned.digest,
        "primary": plan.primary,
        "standby": plan.standby,
        "flows": list(plan.flows),
        "matches": plan.matches,
        "unknown": plan.unknown,
        "counts": {do.value: len(plan.of(do)) for do in Do},
        "steps": [step_values(step) for step in plan.steps if step.do is not Do.EQUAL],
        "unread": list(plan.unread),
        "notes": list(plan.notes),
    }


def step_values(step: Step) -> dict[str, Any]:
    """A step for machines."""
    return {
        "do": step.do.value,
        "kind": step.key.kind,
        "name": step.key.name,
        "of": None if step.key.parent is None else str(step.key.parent),
        "sid": step.sid,
        "why": step.why,
        "changes": msgspec.to_builtins(step.changes),
        "notes": list(step.notes),
    }


def outcome_text(step: Step, outcome: Outcome) -> str:
    """One line for one write that ended."""
    match outcome:
        case rec.SyncSeen(read_back=True):
            said = f"done, seen by looking ({outcome.sid})"
        case rec.SyncSeen():
            said = f"done ({outcome.sid})"
        case rec.SyncDiffers():
            said = f"DIFFERS: {', '.join(outcome.fields)}"
        case rec.SyncRefused():
            said = "not done"
        case rec.SyncUnsettled():
            said = "UNSETTLED"
    return f"  {SIGNS[step.do]} {step.key}: {said}"


def applied_values(planned: Planned, applied: Applied, run: str | None) -> dict[str, Any]:
    """The end of a run for machines."""
    return {
        "run": run,
        "plan": planned.digest,
        "primary": planned.plan.primary,
        "standby": planned.plan.standby,
        "outcome": applied.outcome,
        "seen": applied.seen,
        "of": len(planned.plan.writes),
        "conflicts": len(planned.plan.of(Do.CONFLICT)),
        "blocked": len(planned.plan.of(Do.BLOCKED)),
        "unknown": planned.plan.unknown,
        "problems": list(applied.problems),
    }

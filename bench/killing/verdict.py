"""What a trial shows: lost, doubled, stuck, asked of a Region that must not be asked, or slow to go on."""

from __future__ import annotations

from bench.killing.trial import Takeover, Told
from voicedr.program.execution.actions import SetRoute, inverse
from voicedr.program.execution.stages import Stage
from voicedr.program.execution.state import Execution
from voicedr.program.vocabulary import Region

RESUMED_S_MAX = 5.0
"""A process that takes an execution over has acted within this."""


def wrong(told: Told) -> list[str]:
    """Everything that is not as it must be, each beginning with its kind; empty if nothing is."""
    if told.state is None or told.state.finished is None:
        return [f"stuck: {told.stuck or 'it ended without an end in its journal'}"]
    found = [*_routes(told, told.state, told.state.finished.outcome)]
    if told.asked_left:
        found.append(f"asked: {told.asked_left} requests to {told.story.plan.leaves}, which must not be asked")
    found += [f"slow: {one}" for one in told.takeovers if slow(one)]
    return found


def slow(one: Takeover) -> bool:
    """True if it took too long to go on."""
    return (one.acted_s if one.acted_s is not None else one.first_s or 0.0) > RESUMED_S_MAX


def _routes(told: Told, state: Execution, outcome: str) -> list[str]:
    plan = told.story.plan
    found = []
    for action in plan.actions:
        if not isinstance(action, SetRoute):
            continue
        number = action.subject.name
        written = told.history.get(number, [])
        found += [
            f"doubled: {number} was routed to {region} {written.count(region)} times"
            for region in dict.fromkeys(written)
            if written.count(region) > 1
        ]
        stands = written[-1] if written else plan.leaves
        should = _should(state, outcome, action)
        if should is not None and stands != should:
            found.append(f"lost: {number} is routed to {stands}, and by the journal ({outcome}) to {should}")
    return found


def _should(state: Execution, outcome: str, action: SetRoute) -> Region | None:
    """Where the journal says that it is routed; None where a person left it, not knowing."""
    if outcome == "rolled-back":
        return action.was
    undone = next((found for found in state.actions.values() if found.action == inverse(action)), None)
    if undone is not None and undone.stage is Stage.DONE:
        return action.was  # aborted while it rolled back
    if undone is not None and undone.stage is Stage.SKIPPED and undone.attempts:
        return None
    one = next(found for found in state.actions.values() if found.action == action)
    if one.stage is Stage.DONE:
        return action.to
    if one.stage is Stage.SKIPPED and one.attempts:
        return None
    if outcome == "done" and one.stage is not Stage.SKIPPED:
        raise AssertionError(f"{action.subject.name} is {one.stage.value} in an execution that is done")
    return action.was

"""May a flow be failed over without people? Only where the workbook says so, and drills of the same plan showed it.

The rule is off unless a flow has it, and is about failover alone. What counts is on record: executions of this flow
with the same shape of plan, which ended as they should, recently enough. A failure since the last success begins the
count anew. The plan itself must be one that nobody would have to doubt: its target in the longest course is met.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from voicedr.program.execution.actions import SetRoute, action_id
from voicedr.program.execution.events import Event, Finished, Opened
from voicedr.program.execution.plan import Plan
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.spoken import count, listed, span
from voicedr.program.vocabulary import Mode, Purpose


class Rehearsal(msgspec.Struct, frozen=True):
    """One execution on record, as far as this rule looks at it.

    ``good``: it was done; False: it ended otherwise, or not at all. ``unknowns``: what nobody knew when it was planned.
    """

    execution: str
    kind: str
    purpose: Purpose
    shape: str
    at: datetime
    good: bool
    unknowns: tuple[str, ...] = ()


class Alone(msgspec.Struct, frozen=True):
    """Whether it may be done without people. ``rule`` says by which rule; ``why_not`` what is missing."""

    rule: str
    why_not: str

    @property
    def may(self) -> bool:
        """True if people need not be asked."""
        return bool(self.rule) and not self.why_not


def shape_of(plan: Plan) -> str:
    """What a plan does, without how the world was when it was made: the same moves in the same cohorts and mode.

    A number that came in, another cohort, another gate or another Region is another shape.
    """
    said = [
        plan.flow,
        plan.purpose.value,
        plan.mode.value,
        plan.to,
        plan.on_no_answer,
        *(
            f"{cohort.name}: {action_id(action)} from {action.was if isinstance(action, SetRoute) else plan.leaves}"
            for cohort in plan.cohorts
            for action in cohort.actions
        ),
        *(f"{cohort.name}: {msgspec.json.encode(cohort.gate, order='sorted').decode()}" for cohort in plan.cohorts),
    ]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def rehearsal_of(events: Sequence[Event]) -> Rehearsal | None:
    """An execution's journal as this rule sees it; None if it does not begin as one."""
    opened = events[0] if events else None
    if not isinstance(opened, Opened):
        return None
    finished = next((event for event in events if isinstance(event, Finished)), None)
    return Rehearsal(
        execution=opened.execution,
        kind=opened.kind.value,
        purpose=opened.plan.purpose,
        shape=shape_of(opened.plan),
        at=finished.at if finished is not None else opened.at,
        good=finished is not None and finished.outcome == "done",
        unknowns=opened.plan.unknowns,
    )


def may_act_alone(flow: Flow, plan: Plan, history: Sequence[Rehearsal], now: datetime) -> Alone:
    """Whether this plan may be carried out now without asking people.

    Args:
        flow: With its rule, as the workbook has it now.
        plan: Made from facts read just now.
        history: The flow's executions on record, in any order.
        now: The moment.
    """
    rule = flow.automatic
    if rule is None:
        return Alone("", f"{flow.id} is never failed over without people: its workbook has no `automatic`")
    words = (
        f"automatic: {count(rule.after_drills, 'successful drill')} ({' or '.join(rule.kinds)}) of this plan"
        f" within {span(rule.within_s)}"
    )
    if plan.purpose is not Purpose.FAILOVER:
        return Alone(words, "only a failover may be done without people, and this is a failback")
    if plan.mode is not Mode.UNGRACEFUL:
        return Alone(words, "without people the Region that is left is asked nothing, and this plan may ask it")
    if not plan.forecast.reachable:
        over_s = plan.forecast.longest_s - plan.forecast.rto_s
        return Alone(words, f"its longest course is {span(over_s)} over the RTO; people must decide that")
    counting, skipped = _counting(plan, history, now - timedelta(seconds=rule.within_s), rule.kinds)
    if len(counting) < rule.after_drills:
        aside = f" ({listed(skipped, 3)})" if skipped else ""
        return Alone(words, f"{len(counting)} of {count(rule.after_drills, 'drill')} on record count{aside}")
    known_then = {unknown for one in counting[: rule.after_drills] for unknown in one.unknowns}
    if new := [unknown for unknown in plan.unknowns if unknown not in known_then]:
        return Alone(words, f"something is not known now that was known in the drills: {new[0]}")
    return Alone(f"{words}: {listed([one.execution for one in counting[: rule.after_drills]], 3)}", "")


def _counting(
    plan: Plan, history: Sequence[Rehearsal], since: datetime, kinds: tuple[str, ...]
) -> tuple[list[Rehearsal], list[str]]:
    """The drills that count, the newest first, and why others do not."""
    found: list[Rehearsal] = []
    skipped: list[str] = []
    shape = shape_of(plan)
    for one in sorted(history, key=lambda one: one.at, reverse=True):
        if one.purpose is not Purpose.FAILOVER or one.kind not in kinds:
            continue
        if one.shape != shape:
            skipped.append(f"{one.execution} was of another plan")
        elif one.at < since:
            skipped.append(f"{one.execution} is too long ago")
        elif not one.good:
            skipped.append(f"{one.execution} did not succeed, so those before it do not count")
            break
        else:
            found.append(one)
    return found, skipped

"""Which targets of the customer's SBCs a plan steers, with which cohort, and from what: a function of what was read.

An SBC that could not be read is not steered by the plan, and the approvers are told: what is not known cannot be put
back. A target that the list does not have, or the last one in service, refuses the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from voicedr.program.execution.actions import SteerDispatcher
from voicedr.program.execution.plan import Plan
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.sbc import DispatcherTarget, Sbc, TargetState, as_good_as
from voicedr.program.scope.workbook import Cohort, Flow
from voicedr.program.vocabulary import Purpose

NOT_READ = Unobserved("it was not read")


class Steering(msgspec.Struct, frozen=True):
    """What was found: actions by the name of their cohort, and what is to be said."""

    actions: Mapping[str, tuple[SteerDispatcher, ...]]
    refused: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()


def steering(flow: Flow, snapshot: Snapshot, purpose: Purpose) -> Steering:
    """What a plan of a flow steers."""
    actions: dict[str, tuple[SteerDispatcher, ...]] = {}
    refused: list[str] = []
    unknowns: list[str] = []
    for sbc in flow.sbcs:
        fact = snapshot.dispatchers.get(sbc.rpc, NOT_READ)
        if isinstance(fact, Unobserved):
            unknowns.append(
                f"how the dispatcher of {sbc.name} stands, so this plan does not steer it: {fact.reason}. Make the plan"
                f" again when it answers, or steer it by hand (voicedr sip dispatcher)"
            )
            continue
        cohort = cohort_of(flow, sbc)
        planned = tuple(_of(sbc, fact.value, purpose, refused, unknowns))
        actions[cohort] = actions.get(cohort, ()) + planned
    return Steering(actions, tuple(refused), tuple(unknowns))


def cohort_of(flow: Flow, sbc: Sbc) -> str:
    """The name of the cohort that an SBC is steered with."""
    return sbc.cohort or flow.cohorts[0].name


def asked_at(plan: Plan) -> tuple[str, ...]:
    """Where the SBCs of a plan are asked, each once."""
    return tuple(dict.fromkeys(action.rpc for action in plan.actions if isinstance(action, SteerDispatcher)))


def targets_steered(flow: Flow, cohort: Cohort) -> int:
    """So many targets are steered with a cohort at most."""
    return sum(len(sbc.moves) for sbc in flow.sbcs if cohort_of(flow, sbc) == cohort.name)


def dispatcher_drift(plan: Plan, standing: Mapping[str, Fact[tuple[DispatcherTarget, ...]]]) -> tuple[str, ...]:
    """How targets stand otherwise than the plan has it. One that could not be read is left to its own action.

    Args:
        standing: What was read just now, by where it was asked.
    """
    found = []
    for action in plan.actions:
        fact = standing.get(action.rpc) if isinstance(action, SteerDispatcher) else None
        if not isinstance(action, SteerDispatcher) or not isinstance(fact, Observed):
            continue
        if (words := otherwise(action, fact.value)) is not None:
            found.append(f"{words}; the plan was made for {action.was}")
    return tuple(found)


def otherwise(action: SteerDispatcher, seen: tuple[DispatcherTarget, ...]) -> str | None:
    """How a target stands, where that is not as it was when the plan was made; else None."""
    there = find(seen, action.set_id, action.target)
    if there is None:
        return f"set {action.set_id} of {action.sbc} has no {action.target}"
    if there.state is None or not as_good_as(there.state, action.was):
        return f"{action.target} on {action.sbc} is {there.state or 'in a state that nobody knows'}"
    return None


def find(seen: tuple[DispatcherTarget, ...], set_id: int, target: str) -> DispatcherTarget | None:
    """A target of a set; None if it is not there."""
    return next((one for one in seen if (one.set_id, one.uri) == (set_id, target)), None)


def _of(
    sbc: Sbc,
    seen: tuple[DispatcherTarget, ...],
    purpose: Purpose,
    refused: list[str],
    unknowns: list[str],
) -> Iterator[SteerDispatcher]:
    serving = {one.uri for one in seen if one.set_id == sbc.set_id and one.in_service}
    for target, to in _wanted(sbc, purpose, unknowns):
        there = find(seen, sbc.set_id, target)
        if there is None:
            known = ", ".join(one.uri for one in seen if one.set_id == sbc.set_id) or "no target"
            refused.append(
                f"set {sbc.set_id} of {sbc.name} has no {target}; it has {known}. Correct the workbook, or put it into"
                f" the dispatcher's list"
            )
        elif there.state is None:
            refused.append(
                f"{target} on {sbc.name} is in a state that nobody knows, so it could not be put back. Set it, or take"
                f" it out of the workbook"
            )
        elif there.state is to:
            pass  # there is nothing to do, and so nothing to undo
        elif to is not TargetState.ACTIVE and not serving - {target}:
            refused.append(
                f"{target} would be the last target of set {sbc.set_id} of {sbc.name} in service: new calls would fail."
                f" Let the workbook put another one into service before it"
            )
        else:
            serving = serving | {target} if to is TargetState.ACTIVE else serving - {target}
            yield SteerDispatcher(sbc.name, sbc.rpc, sbc.set_id, target, was=there.state, to=to)


def _wanted(sbc: Sbc, purpose: Purpose, unknowns: list[str]) -> Iterator[tuple[str, TargetState]]:
    if purpose is Purpose.FAILOVER:
        yield from ((move.target, move.to) for move in sbc.moves)
        return
    for move in reversed(sbc.moves):
        if move.home is None:
            unknowns.append(
                f"how {move.target} on {sbc.name} is put at home: the workbook does not say (home), so it stays as it"
                f" is"
            )
        else:
            yield move.target, move.home

"""Undoing a cutover: the exact inverse of what took effect, barred into a dead or cold Region, proved by reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby

from voicedr.ports.clock import Clock
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.provider import ProviderError, RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, SteerDispatcher, action_id, inverse
from voicedr.program.execution.assertions import in_words
from voicedr.program.execution.plan_dispatchers import NOT_READ, asked_at, otherwise
from voicedr.program.execution.state import Execution, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.resources import Routable, Route
from voicedr.program.scope.moving import RollbackPace
from voicedr.program.vocabulary import US1, Mode, Purpose
from voicedr.usecases.assert_steps import Asserter
from voicedr.usecases.read_dispatchers import read_dispatchers

READS_AT_ONCE_MAX = 32


def order_of(execution: Execution, asked: ev.RollbackAsked, now: datetime) -> ev.RollbackOrdered:
    """The order to undo everything that took effect or may have, the last moved first, in the cohorts to do it in."""
    moved = list(reversed(execution.done_actions()))
    pace = execution.plan.rollback or RollbackPace()
    return ev.RollbackOrdered(
        at=now,
        by=asked.by,
        why=asked.why,
        actions=tuple(inverse(action) for action in moved),
        batches=tuple(_batches(execution, moved, pace.cohort_size)),
        pause_s=pace.pause_between_s,
    )


def _batches(execution: Execution, moved: Sequence[Action], size: int | None) -> Iterator[ev.Batch]:
    """So many at a time; without a size, as the plan's own cohorts had them."""
    if size is not None:
        of = -(-len(moved) // size)
        for n in range(of):
            yield ev.Batch(_free_name(execution, f"rollback {n + 1} of {of}"), min(size, len(moved) - n * size))
        return
    for name, group in groupby(moved, key=lambda action: execution.actions[action_id(action)].cohort):
        yield ev.Batch(_free_name(execution, f"rollback of {name}"), sum(1 for _ in group))


def _free_name(execution: Execution, name: str) -> str:
    """The name, or a longer one where the plan has a cohort of that name."""
    while name in execution.cohorts:
        name += ", again"
    return name


async def back_is_barred(
    execution: Execution, back: RegionalProvider | None, left_is_back: bool, clock: Clock
) -> str | None:
    """Why nothing may be moved back; None if the Region to go back to was seen alive and configured.

    Args:
        execution: What is to be undone.
        back: The Region that was left. None if it may not be asked.
        left_is_back: A person says that it is back, so that it may be asked in spite of an ungraceful plan.
        clock: Time, for looking again.
    """
    plan = execution.plan
    if execution.mode is Mode.UNGRACEFUL and not left_is_back:
        return (
            f"{plan.leaves} counts as dead: the execution is ungraceful and nobody asked {plan.leaves} since."
            f" Nothing is moved into a dead Region. Whoever knows that it is alive: voicedr rollback"
            f" {execution.opened.execution} --primary-is-back"
        )
    if back is None:
        return f"no access to {plan.leaves} is configured here, so nobody can see whether it is alive"
    try:
        await back.check_credential()
    except ProviderError as exc:
        return f"{plan.leaves} does not answer as a live Region does: {exc}"
    subjects = [action.subject for action in execution.done_actions() if isinstance(action, SetRoute)]
    cold, unseen = await Asserter(back, clock).handlers(subjects)
    if cold:
        return (
            f"{len(cold)} of the entry points have no handler in {plan.leaves}, {cold[0].subject} among them:"
            f" their callers would be refused at the edge"
        )
    if unseen:
        return f"nobody could see whether {plan.leaves} has a handler for everything: {in_words(unseen)}"
    return None


def instead(execution: Execution) -> tuple[str, ...]:
    """What else can be done where a rollback is refused, each with its command."""
    plan, run = execution.plan, execution.opened.execution
    home = "failback" if plan.purpose is Purpose.FAILOVER else "failover"
    return (
        f"hold: nothing more is moved while it is paused; go on: voicedr resume {run}",
        f"keep what is in {plan.to} as it is: voicedr abort {run}",
        f"when {plan.leaves} is back: voicedr abort {run}, then voicedr {home} {plan.flow}",
    )


async def read_routes(
    actions: Iterable[Action], provider: RegionalProvider
) -> tuple[dict[str, Route | None], list[Routable]]:
    """The present route of every subject by its key, and the subjects that could not be read."""
    slots = asyncio.Semaphore(READS_AT_ONCE_MAX)
    routes: dict[str, Route | None] = {}
    unread: list[Routable] = []

    async def read(subject: Routable) -> None:
        async with slots:
            try:
                routes[subject.key] = await provider.route(subject)
            except ProviderError:
                unread.append(subject)

    async with asyncio.TaskGroup() as group:
        for action in actions:
            if isinstance(action, SetRoute):
                group.create_task(read(action.subject))
    return routes, sorted(unread)


async def compare(
    execution: Execution, provider: RegionalProvider, clock: Clock, dispatcher: Dispatcher | None = None
) -> ev.Compared:
    """Read every subject of the plan and compare each field of its route with the snapshot the plan was made from.

    So it is with the targets of SBCs that were steered. One that was not, because its SBC did not answer or somebody
    else had steered it, is nothing to be proved.
    """
    wanted = [action for action in execution.plan.actions if isinstance(action, SetRoute)]
    routes, unread = await read_routes(wanted, provider)
    differences = []
    for action in wanted:
        if action.subject.key not in routes:
            continue
        route = routes[action.subject.key]
        region = US1 if route is None else route.region
        if region != action.was:
            differences.append(f"{action.subject.name}: region is {region}, was {action.was}")
        if action.was_explicit and route is not None and route.friendly_name != action.friendly_name:
            differences.append(
                f"{action.subject.name}: friendly name is {route.friendly_name!r}, was {action.friendly_name!r}"
            )
    differences += [
        f"{action_id(state.action)} was skipped"
        for cohort in execution.current
        for state in cohort.actions
        if state.stage is Stage.SKIPPED
    ]
    steered = [state.action for cohort in execution.current for state in cohort.actions]
    targets = [inverse(action) for action in steered if isinstance(action, SteerDispatcher)]
    differences += await _compare_targets(execution, dispatcher, clock, targets)
    subjects = len(wanted) + len(targets)
    return ev.Compared(at=clock.now(), subjects=subjects, differences=tuple(differences), unread=tuple(unread))


async def _compare_targets(
    execution: Execution, dispatcher: Dispatcher | None, clock: Clock, targets: Sequence[Action]
) -> list[str]:
    standing = await read_dispatchers(asked_at(execution.plan) if targets else (), dispatcher, clock)
    differences = []
    for action in targets:
        if not isinstance(action, SteerDispatcher):
            continue
        fact = standing.get(action.rpc, NOT_READ)
        if isinstance(fact, Unobserved):
            differences.append(f"{action.target} on {action.sbc}: could not be read: {fact.reason}")
        elif (words := otherwise(action, fact.value)) is not None:
            differences.append(f"{words}, was {action.was}")
    return differences

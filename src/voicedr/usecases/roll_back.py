"""Undoing a cutover: the exact inverse of what took effect, barred into a dead or cold Region, proved by reading."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import Action, SetRoute, inverse
from voicedr.program.execution.state import ROLLBACK, Execution
from voicedr.program.readiness.resources import NumberConfig, Routable, Route
from voicedr.program.vocabulary import E164, US1, Mode

READS_AT_ONCE_MAX = 32


def inverses(execution: Execution) -> tuple[Action, ...]:
    """The inverse of everything that took effect or may have, the last moved first."""
    return tuple(inverse(action) for action in reversed(execution.done_actions()))


async def back_is_barred(execution: Execution, back: RegionalProvider | None, left_is_back: bool) -> str | None:
    """Why nothing may be moved back; None if the Region to go back to was seen alive and configured.

    Args:
        execution: What is to be undone.
        back: The Region that was left. None if it may not be asked.
        left_is_back: A person says that it is back, so that it may be asked in spite of an ungraceful plan.
    """
    plan = execution.plan
    if plan.mode is Mode.UNGRACEFUL and not left_is_back:
        return (
            f"{plan.leaves} counts as dead: the plan is ungraceful and nobody asked {plan.leaves} since."
            f" Nothing is moved into a dead Region"
        )
    if back is None:
        return f"no access to {plan.leaves} is configured here, so nobody can see whether it is alive"
    try:
        await back.check_credential()
        configs = {config.e164: config for config in await back.numbers()}
    except ProviderError as exc:
        return f"{plan.leaves} does not answer as a live Region does: {exc}"
    cold = [
        action.subject.name
        for action in execution.done_actions()
        if isinstance(action, SetRoute) and action.subject.kind == "number" and not _has_handler(configs, action)
    ]
    if cold:
        return (
            f"{len(cold)} of the numbers have no handler in {plan.leaves}, {cold[0]} among them:"
            f" their callers would be refused at the edge"
        )
    return None


def _has_handler(configs: dict[E164, NumberConfig], action: SetRoute) -> bool:
    config = configs.get(E164(action.subject.name))
    return config is not None and bool(config.trunk_sid or config.voice_application_sid or config.handler.voice_url)


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


async def compare(execution: Execution, provider: RegionalProvider, clock: Clock) -> ev.Compared:
    """Read every subject of the plan and compare each field of its route with the snapshot the plan was made from."""
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
    skipped = {state.action for state in execution.of_cohort(ROLLBACK) if state.stage.value == "skipped"}
    differences += [f"{action} was skipped" for action in skipped]
    return ev.Compared(at=clock.now(), subjects=len(wanted), differences=tuple(differences), unread=tuple(unread))

"""Reads both Regions and says what is to be done so that the standby has what the primary has. It changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, RegionalProvider
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.kinds import in_order
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.standby.closure import kinds_needed
from voicedr.program.standby.desired import Secret, Target, Wanted, desired
from voicedr.program.standby.keys import Estate, Key, named
from voicedr.program.standby.ownership import NOTHING, Ledger
from voicedr.program.standby.placeholders import Place
from voicedr.program.standby.plan import Adopt, SyncPlan, make_sync_plan, sync_hash
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.usecases.probe_webhooks import Progress
from voicedr.usecases.read_estate import read_estate


@dataclass(frozen=True)
class Pair:
    """A primary, its standby, and the flows between them."""

    primary: Region
    standby: Region
    flows: tuple[Flow, ...]

    @property
    def subjects(self) -> dict[str, tuple[Routable, ...]]:
        """The entry points of each flow, those that live in the standby all the year included."""
        return {flow.id: (*flow.subjects, *flow.trickle) for flow in self.flows}


@dataclass(frozen=True)
class SyncOptions:
    """What was asked for."""

    everything: bool = False
    adopt: Adopt = field(default_factory=Adopt)
    prune: bool = False


@dataclass(frozen=True)
class Planned:
    """A plan, and what it is carried out with."""

    plan: SyncPlan
    digest: str
    wanted: Mapping[Key, Wanted]
    sids: Mapping[Key, str]
    """What the standby has, by what names it there; what two things have is not in it."""


def pairs_of(flows: Sequence[Flow]) -> tuple[Pair, ...]:
    """The flows by where they are copied from and to, in the order of the workbook."""
    found: dict[tuple[Region, Region], list[Flow]] = {}
    for flow in flows:
        found.setdefault((flow.primary, flow.standby), []).append(flow)
    return tuple(Pair(primary, standby, tuple(of)) for (primary, standby), of in found.items())


async def plan_sync(
    pair: Pair,
    workbook: Workbook,
    providers: Mapping[Region, RegionalProvider],
    clock: Clock,
    *,
    options: SyncOptions | None = None,
    ledger: Ledger = NOTHING,
    cannot_have: Callable[[str], str | None] = lambda _reference: None,
    progress: Progress | None = None,
) -> Planned:
    """The plan for one pair.

    Args:
        pair: Where from, where to, and for which flows.
        workbook: Its rules.
        providers: Access to both Regions; one that is not there is not read.
        clock: For the times of what is seen.
        options: What was asked for.
        ledger: What in the standby is ours.
        cannot_have: Why a secret cannot be had; None if it can.
        progress: Told what is read, how many are done, and of how many.
    """
    options = options or SyncOptions()
    needed = kinds_needed(pair.subjects, workbook.sync.also, everything=options.everything)
    here, there = await asyncio.gather(
        _read(pair.primary, providers, workbook, clock, needed, progress),
        _read(pair.standby, providers, workbook, clock, needed, progress),
    )
    target: Target = desired(
        here,
        pair.subjects,
        workbook.sync,
        _place(workbook, pair.primary),
        _place(workbook, pair.standby),
        everything=options.everything,
    )
    references = {
        value.reference for one in target.wanted for value in one.fields.values() if isinstance(value, Secret)
    }
    plan = make_sync_plan(
        target,
        there,
        ledger,
        account=workbook.account.sid,
        primary=pair.primary,
        standby=pair.standby,
        flows=[flow.id for flow in pair.flows],
        ours=workbook.sync.ours,
        adopt=options.adopt,
        prune=options.prune,
        unusable={one: why for one in sorted(references) if (why := cannot_have(one)) is not None},
    )
    sids = {key: found[0].sid for key, found in named(there).by_key.items() if len(found) == 1}
    return Planned(plan, sync_hash(plan), {one.key: one for one in target.wanted}, sids)


async def _read(
    region: Region,
    providers: Mapping[Region, RegionalProvider],
    workbook: Workbook,
    clock: Clock,
    needed: frozenset[str],
    progress: Progress | None,
) -> Estate:
    kinds = in_order(needed)
    provider = providers.get(region)
    if provider is None:
        return {kind.id: Unobserved(f"{region} was not asked") for kind in kinds}
    try:
        await provider.check_credential()
    except ProviderError as exc:
        return {kind.id: Unobserved(str(exc)) for kind in kinds}
    edge = _place(workbook, region).edge
    return await read_estate(
        provider, clock, lambda product, name: f"{product}.{edge}.{region} {name}", kinds=kinds, progress=progress
    )


def _place(workbook: Workbook, region: Region) -> Place:
    access = workbook.account.regions.get(region)
    return Place(region, access.edge if access is not None else REGIONS[region])

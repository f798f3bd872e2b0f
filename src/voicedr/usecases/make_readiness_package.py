"""One run of readiness with all that comes of it: read, judged, in the gap list, mapped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from voicedr.ports.clock import Clock
from voicedr.ports.gap_lists import GapLists, GapListUnusable
from voicedr.ports.http import Send
from voicedr.ports.provider import RegionalProvider
from voicedr.program.readiness.freshness import fresh
from voicedr.program.readiness.gaps import merge
from voicedr.program.readiness.package import Package, package
from voicedr.program.readiness.resource_map import resource_maps
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Region
from voicedr.usecases.check_readiness import check_readiness, chosen
from voicedr.usecases.keep_gaps import keep_gaps
from voicedr.usecases.outside import NOWHERE, Outside
from voicedr.usecases.probe_webhooks import Progress, Signer


async def make_readiness_package(
    workbook: Workbook,
    flow_ids: Sequence[str],
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    lists: GapLists,
    *,
    outside: Outside = NOWHERE,
    without: frozenset[Region] = frozenset(),
    prove_route_write: bool = True,
    progress: Progress | None = None,
    signer: Signer | None = None,
    keep: Callable[[Snapshot], object] | None = None,
    maps: bool = True,
    tell: Callable[[str], None] = lambda _why: None,
) -> Package:
    """The package of the flows that are asked for.

    Args:
        workbook, flow_ids, providers, send, clock, outside, without: See ``check_readiness``.
        prove_route_write, progress, signer, keep: See there, too.
        lists: The gap list; this run goes into it.
        maps: Whether the regional resource maps are made.
        tell: Is told if the gap list could be read and not be written; the package has the run all the same.

    Raises:
        NoSuchFlow: If an id is not in the workbook. Nothing was read.
        GapListBroken, GapListUnusable: If the gap list cannot be read: who answers for what is then not known.
            Nothing was read of the account.
    """
    flows = chosen(workbook, flow_ids)
    known = lists.load()
    seen: list[Snapshot] = []

    def keep_both(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        if keep is not None:
            keep(snapshot)

    report = await check_readiness(
        workbook,
        flow_ids,
        providers,
        send,
        clock,
        outside=outside,
        without=without,
        prove_route_write=prove_route_write,
        progress=progress,
        signer=signer,
        keep=keep_both,
    )
    now = clock.now()
    try:
        known = keep_gaps(lists, report, now)
    except GapListUnusable as exc:
        tell(str(exc))
        known = merge(known, report, now)
    found = resource_maps(flows, workbook.account, fresh(seen[0], now), workbook.sync) if maps else None
    return package(report, known, now, maps=found, names={one.id: one.name for one in workbook.people})

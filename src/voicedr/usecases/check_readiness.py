"""Can we do it today? Read everything once, and judge each flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from voicedr.ports.clock import Clock
from voicedr.ports.http import Send
from voicedr.ports.provider import RegionalProvider
from voicedr.program.readiness.judge import ReadinessReport, report
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Region
from voicedr.usecases.outside import NOWHERE, Outside
from voicedr.usecases.probe_webhooks import Progress, Signer
from voicedr.usecases.read_facts import read_facts


class NoSuchFlow(Exception):
    """The workbook has no flow of that name. Nothing was read."""


async def check_readiness(
    workbook: Workbook,
    flow_ids: Sequence[str],
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    *,
    outside: Outside = NOWHERE,
    without: frozenset[Region] = frozenset(),
    probe_webhooks: bool = True,
    prove_route_write: bool = True,
    progress: Progress | None = None,
    signer: Signer | None = None,
    keep: Callable[[Snapshot], object] | None = None,
) -> ReadinessReport:
    """How ready flows are.

    Args:
        workbook: The program.
        flow_ids: Which flows; none means all of them.
        providers, send, clock, outside, without: See ``read_facts``.
        probe_webhooks, prove_route_write, progress, signer: See there, too.
        keep: Is given what was read, before it is judged.

    Raises:
        NoSuchFlow: If an id is not in the workbook. Nothing was read.
    """
    flows = chosen(workbook, flow_ids)
    snapshot = await read_facts(
        flows,
        workbook.account,
        providers,
        send,
        clock,
        declarations=workbook.declared,
        outside=outside,
        whole=True,
        without=without,
        probe_webhooks=probe_webhooks,
        prove_route_write=prove_route_write,
        progress=progress,
        signer=signer,
    )
    if keep is not None:
        keep(snapshot)
    return report(
        flows,
        workbook.account,
        snapshot,
        now=clock.now(),
        declarations=workbook.declared,
        people=workbook.people,
    )


def chosen(workbook: Workbook, flow_ids: Sequence[str]) -> tuple[Flow, ...]:
    """The flows by their ids, each once; all of them if none is named."""
    if not flow_ids:
        return workbook.flows
    flows = []
    for flow_id in dict.fromkeys(flow_ids):
        flow = workbook.flow(flow_id)
        if flow is None:
            has = ", ".join(one.id for one in workbook.flows) or "none"
            raise NoSuchFlow(f"{workbook.path or 'the workbook'} has no flow {flow_id!r}. It has: {has}.")
        flows.append(flow)
    return tuple(flows)

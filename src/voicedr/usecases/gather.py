"""Looks at what a decision needs to know now: whether a plan can be made, and what readiness finds. Moves nothing."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.http import Send
from voicedr.ports.provider import RegionalProvider
from voicedr.program.execution.make_plan import PlanRefused, make_plan
from voicedr.program.execution.plan import Plan
from voicedr.program.governance.preconditions import blocking, not_known
from voicedr.program.readiness.judge import FlowReadiness, judge
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Mode, Purpose, Region
from voicedr.usecases.probe_webhooks import Progress, Signer
from voicedr.usecases.read_facts import read_facts


class Gathered(msgspec.Struct, frozen=True):
    """What was found. ``plan`` None: ``refused`` says why there can be none."""

    to: Region
    plan: Plan | None
    refused: tuple[str, ...]
    readiness: FlowReadiness

    @property
    def gaps(self) -> tuple[str, ...]:
        """What blocks the move, in words."""
        return (*self.refused, *blocking(self.readiness, self.to))

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What nobody could look at, in words."""
        return (*(self.plan.unknowns if self.plan is not None else ()), *not_known(self.readiness, self.to))


async def gather(
    workbook: Workbook,
    flow: Flow,
    purpose: Purpose,
    mode: Mode,
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    *,
    progress: Progress | None = None,
    signer: Signer | None = None,
    dispatcher: Dispatcher | None = None,
) -> Gathered:
    """Read the facts once, and make of them the plan (or the reasons against one) and the readiness.

    Nothing is written, so whether the standby takes route writes stays unknown here; ``voicedr ready`` proves it.
    """
    leaves, to = (flow.primary, flow.standby) if purpose is Purpose.FAILOVER else (flow.standby, flow.primary)
    without = frozenset({leaves}) if mode is Mode.UNGRACEFUL else frozenset[Region]()
    facts = await read_facts(
        (flow,),
        workbook.account,
        providers,
        send,
        clock,
        without=without,
        prove_route_write=False,
        progress=progress,
        signer=signer,
        dispatcher=dispatcher,
    )
    readiness = judge(
        flow,
        workbook.account,
        facts,
        now=clock.now(),
        declarations=workbook.declared,
        people=workbook.people,
    )
    try:
        plan = make_plan(flow, workbook.account, facts, purpose=purpose, mode=mode)
    except PlanRefused as refused:
        return Gathered(to, None, refused.reasons, readiness)
    return Gathered(to, plan, (), readiness)

"""Carries out an approved plan, or goes on with one that was interrupted. Failover and failback alike.

Five hands work side by side on one journal: one obeys commands, one decides what comes next, one moves, one calls, one
watches. What they know of each other is how the execution stands. Killed at any instant, another process takes the
execution in hand and goes on from the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextSwitch
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.journal import ExecutionSummary, Journal, JournalAway
from voicedr.ports.provider import RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, canonical, plan_hash
from voicedr.program.execution.state import Execution, Phase, fold
from voicedr.program.governance.approvals import missing_approvals
from voicedr.program.scope.authority import Rule
from voicedr.program.vocabulary import Kind, Region
from voicedr.usecases.approve import BY_WORD, Approving, checked_approvals
from voicedr.usecases.conditions import Conditions, Held, must_hold
from voicedr.usecases.guard import Guard
from voicedr.usecases.recorder import AWAY_S_MAX, LEASE_S, Hold, Recorder, ask, what_stopped
from voicedr.usecases.runner import Reach, Runner
from voicedr.usecases.steady_clock import SteadyClock
from voicedr.usecases.tempo import Tempo

TICK_S = 0.1
OBEY_S = 0.5
RENEW_S = LEASE_S / 3

DRIFT_AFTER_S = 300.0
"""A plan older than this is compared with the world before its first act."""


class NotApproved(Exception):
    """The plan lacks approvals. Nothing was changed."""


def open_execution(
    journal: Journal,
    plan: Plan,
    *,
    execution: str,
    kind: Kind,
    by: str,
    now: datetime,
    detected_at: datetime | None = None,
    sightings: tuple[ev.Sighting, ...] = (),
    approving: Approving = BY_WORD,
    conditions: Conditions | None = None,
    rule: str = "",
    workbook_sha256: str = "",
) -> None:
    """Open the journal of an execution of an approved plan. Signed approvals are verified again, as things stand now.

    ``conditions`` is the decision chain around it; None: only the approvals are looked at. ``rule``: the rule that lets
    it be opened without people, in words; the caller has made sure of it. ``workbook_sha256``: of the workbook's file.

    Raises:
        NotApproved: If approvals of exactly this plan are missing, or do not count any more, or a rule of the decision
            chain does not hold and no glass was broken over it. Nothing was changed.
        JournalBroken: If an execution that may have used an approval before cannot be read. Nothing was changed.
        Held: If the flow has an execution that is not finished.
    """
    digest = plan_hash(plan)
    held = Held("")
    if conditions is not None and Rule.HOURS in conditions.waived(plan, approving, now):
        approving = replace(approving, any_hour=True)
    approvals = checked_approvals(journal, plan, approving, now)
    if conditions is not None:
        held = must_hold(conditions, plan, approvals, approving, now, without_people=bool(rule), real=kind is Kind.REAL)
    elif not rule:
        held = Held(missing_approvals(plan, digest, approvals))
    if held.refused:
        raise NotApproved(f"plan {digest[:12]} of {plan.flow} is not approved: {held.refused}")
    incident = conditions.incident if conditions is not None else None
    opened = ev.Opened(
        at=now,
        execution=execution,
        plan=canonical(plan),
        plan_hash=digest,
        kind=kind,
        by=by,
        detected_at=detected_at or (incident.declared.detected_at if incident is not None else None),
        sightings=sightings or (incident.declared.sightings if incident is not None else ()),
        incident=incident.incident if incident is not None else "",
        incident_head=conditions.incident_head if conditions is not None and incident is not None else "",
        incident_size=len(incident.events) if incident is not None else 0,
        broke=held.broke,
        rule=rule,
        workbook_sha256=workbook_sha256,
    )
    journal.open(execution, plan.flow, [opened, *approvals])


async def cut_over(
    execution: str,
    journal: Journal,
    providers: Mapping[Region, RegionalProvider],
    context: ContextSwitch | None,
    clock: Clock,
    *,
    holder: str,
    plan_made_at: datetime | None = None,
    requests_to: Callable[[Region], int] = lambda _region: 0,
    listener: Callable[[ev.Event, Execution], None] | None = None,
    stay_when_paused: bool = True,
    tempo: Tempo | None = None,
    guard: Guard | None = None,
    reach: Reach | None = None,
    residency: Sequence[Region] = (),
    hold: Hold | None = None,
    away_s_max: float = AWAY_S_MAX,
    dispatcher: Dispatcher | None = None,
) -> Execution:
    """Take an execution in hand and work until it is finished, or until it waits for people, if that is wanted.

    Args:
        execution: Its id.
        journal: Where it was opened.
        providers: By Region. In ungraceful mode the Region that is left must not be among them, and is not asked for.
        context: The application's context, if the plan switches one.
        clock: Time.
        holder: This process, as the lease names it.
        plan_made_at: When the plan's facts were read; None skips the comparison before the first act.
        requests_to: How many requests went to a Region since the start, for the record.
        listener: Called with each event once it is durable.
        stay_when_paused: False: give back control when it is paused, or a question waits for an answer, and nothing is
            in flight.
        tempo: How often to look and how long to wait.
        guard: Is told what may not be sent; whoever sends must ask it. Without one, only the hands ask.
        reach: Gives the provider of the Region that was left, once a person lets it be asked.
        residency: Where the workbook, as it is now, lets the flow's calls be processed; empty: anywhere.
        hold: Is told until when this process may change anything; whoever sends must ask it.
        away_s_max: How long the journal may be away before this process stops.
        dispatcher: Steers the customer's SBCs, if the plan does.

    Raises:
        Held: If another process has it.
        Fenced: If another process took over meanwhile. Nothing more was sent.
        JournalAway: If the journal does not answer at the start. Nothing was sent.
        JournalLost: If it was away for longer than ``away_s_max`` later. What was in flight is UNSETTLED.
        KeyError: If the provider of the Region that carries out the plan is missing.
    """
    state = fold(record.event for record in journal.read(execution))
    if state.finished is not None:
        return state
    clock = SteadyClock(clock)
    first = state.phase is Phase.OPEN
    before = next((one for one in journal.executions() if one.execution == execution), None)
    lease = journal.take(execution, holder, clock.now(), LEASE_S)
    # Read again: until it was taken, whoever had it could still write.
    state = fold(record.event for record in journal.read(execution))
    recorder = Recorder(journal, lease, clock, state, listener, hold=hold, away_s_max=away_s_max)
    tempo = tempo or Tempo()
    guard = guard or Guard()
    runner = Runner(
        recorder, journal, providers, context, clock, requests_to, tempo, guard, reach or providers.get, residency,
        dispatcher,
    )  # fmt: skip
    gap_s = _gap_s(before, clock.now())
    await recorder.record(ev.RunnerStarted(at=clock.now(), holder=holder, term=lease.term, gap_s=gap_s))
    # What was said while nobody was there comes before anything is done, an emergency stop above all.
    await runner.obey(must=True)
    if first and plan_made_at is not None and clock.now() - plan_made_at > timedelta(seconds=DRIFT_AFTER_S):
        await runner.look_for_drift()
    hands = [
        asyncio.ensure_future(hand)
        for hand in (
            _every(clock, OBEY_S, runner.obey),
            _every(clock, TICK_S, runner.move),
            _every(clock, TICK_S, runner.call),
            _every(clock, tempo.look_s, runner.watch),
            _every(clock, RENEW_S, recorder.renew),
        )
    ]
    try:
        await _until_over(runner, hands, clock, stay_when_paused)
    except ExceptionGroup as group:
        raise what_stopped(group) from None
    finally:
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
        guard.let_go()
        await recorder.finish()
    with suppress(JournalAway):  # then the lease ends by itself
        await ask(journal, partial(journal.release, lease))
    return state


async def _until_over(
    runner: Runner, hands: Sequence[asyncio.Future[None]], clock: Clock, stay_when_paused: bool
) -> None:
    """Decide, again and again; come back at the end, and raise what a hand raised."""
    while True:
        for hand in hands:
            if hand.done():
                hand.result()
        await runner.decide()
        state = runner.execution
        if state.finished is not None:
            return
        waits = state.paused is not None or state.stopped is not None or state.asks_people
        if waits and not stay_when_paused and runner.quiet():
            return
        await clock.sleep(TICK_S)


def _gap_s(before: ExecutionSummary | None, now: datetime) -> float:
    """How long nobody had the execution, after a process that ended without giving it back; 0 where it was given back.

    The holder was alive when it renewed its lease for the last time.
    """
    if before is None or before.holder is None or before.lease_until is None:
        return 0.0
    return max(0.0, (now - before.lease_until).total_seconds() + LEASE_S)


async def _every(clock: Clock, seconds: float, step: Callable[[], Awaitable[object]]) -> None:
    while True:
        await step()
        await clock.sleep(seconds)

"""Carries out an approved plan, or goes on with one that was interrupted. Failover and failback alike.

Five hands work side by side on one journal: one obeys commands, one decides what comes next, one moves, one calls, one
watches. What they know of each other is how the execution stands. Killed at any instant, another process takes the
execution in hand and goes on from the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextSwitch
from voicedr.ports.journal import Command, Journal
from voicedr.ports.provider import RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.conduct import ITSELF, Compare, RollBack, next_steps
from voicedr.program.execution.make_plan import drift
from voicedr.program.execution.plan import Plan, canonical, plan_hash
from voicedr.program.execution.state import Execution, Phase, Stage, fold
from voicedr.program.governance.approvals import missing_approvals
from voicedr.program.vocabulary import Kind, Region
from voicedr.usecases.approve import BY_WORD, Approving, checked_approvals
from voicedr.usecases.move import Mover
from voicedr.usecases.observe_calls import CallObserver
from voicedr.usecases.place_test_calls import TestCaller
from voicedr.usecases.recorder import LEASE_S, Recorder
from voicedr.usecases.roll_back import back_is_barred, compare, inverses, read_routes
from voicedr.usecases.tempo import Tempo

TICK_S = 0.1
OBEY_S = 0.5
RENEW_S = LEASE_S / 3

DRIFT_AFTER_S = 300.0
"""A plan older than this is compared with the world before its first act."""


LEFT_IS_BACK = "primary-is-back"
"""A roll-back command with this word in its note: a person says that the Region which was left is alive again."""


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
) -> None:
    """Open the journal of an execution of an approved plan. Signed approvals are verified again, as things stand now.

    Raises:
        NotApproved: If approvals of exactly this plan are missing, or do not count any more. Nothing was changed.
        JournalBroken: If an execution that may have used an approval before cannot be read. Nothing was changed.
        Held: If the flow has an execution that is not finished.
    """
    digest = plan_hash(plan)
    approvals = checked_approvals(journal, plan, approving, now)
    if missing := missing_approvals(plan, digest, approvals):
        raise NotApproved(f"plan {digest[:12]} of {plan.flow} is not approved: {missing}")
    opened = ev.Opened(
        at=now,
        execution=execution,
        plan=canonical(plan),
        plan_hash=digest,
        kind=kind,
        by=by,
        detected_at=detected_at,
        sightings=sightings,
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

    Raises:
        Held: If another process has it.
        Fenced: If another process took over meanwhile. Nothing more was sent.
        KeyError: If the provider of the Region that carries out the plan is missing.
    """
    state = fold(record.event for record in journal.read(execution))
    if state.finished is not None:
        return state
    first = state.phase is Phase.OPEN
    lease = journal.take(execution, holder, clock.now(), LEASE_S)
    # Read again: until it was taken, whoever had it could still write.
    state = fold(record.event for record in journal.read(execution))
    recorder = Recorder(journal, lease, clock, state, listener)
    tempo = tempo or Tempo()
    runner = _Runner(recorder, journal, providers, context, clock, requests_to, tempo)
    await recorder.record(ev.RunnerStarted(at=clock.now(), holder=holder, term=lease.term))
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
    finally:
        for hand in hands:
            hand.cancel()
        await asyncio.gather(*hands, return_exceptions=True)
    journal.release(lease)
    return state


async def _until_over(
    runner: _Runner, hands: Sequence[asyncio.Future[None]], clock: Clock, stay_when_paused: bool
) -> None:
    """Decide, again and again; come back at the end, and raise what a hand raised."""
    await runner.obey()
    while True:
        for hand in hands:
            if hand.done():
                hand.result()
        await runner.decide()
        state = runner.execution
        if state.finished is not None:
            return
        stopped = state.paused is not None or state.asks_people
        if stopped and not stay_when_paused and runner.quiet():
            return
        await clock.sleep(TICK_S)


async def _every(clock: Clock, seconds: float, step: Callable[[], Awaitable[object]]) -> None:
    while True:
        await step()
        await clock.sleep(seconds)


class _Runner:
    """The hands. See the module."""

    def __init__(
        self,
        recorder: Recorder,
        journal: Journal,
        providers: Mapping[Region, RegionalProvider],
        context: ContextSwitch | None,
        clock: Clock,
        requests_to: Callable[[Region], int],
        tempo: Tempo,
    ) -> None:
        plan = recorder.execution.plan
        self._recorder = recorder
        self._journal = journal
        self._providers = providers
        self._clock = clock
        self._requests_to = requests_to
        self._tempo = tempo
        self._asked_before = requests_to(plan.leaves)
        self._via = providers[plan.via]
        self._mover = Mover(recorder, self._via, context, clock)
        self._observer = CallObserver(recorder, self._via, clock, tempo)
        self._caller = TestCaller(recorder, self._via, clock, tempo)
        self._obeyed = recorder.execution.obeyed

    @property
    def execution(self) -> Execution:
        return self._recorder.execution

    def quiet(self) -> bool:
        """True if nothing is in flight, and nothing waits to be looked at that looking could still settle."""
        moving = (Stage.IN_FLIGHT,) if self._mover.gave_up else (Stage.IN_FLIGHT, Stage.UNSETTLED)
        return not any(state.stage in moving for cohort in self.execution.current for state in cohort.actions)

    async def move(self) -> None:
        """Do the actions that are ready."""
        await self._mover.step()
        why = self._mover.stuck()
        if why is not None and self.execution.paused is None:
            await self._recorder.record(ev.Paused(at=self._clock.now(), by=ITSELF, why=why))

    async def call(self) -> None:
        """Place test calls while any are of use. The provider's adapter keeps their pace."""
        while not self.execution.halted and await self._caller.step(self._observer.looked_at):
            await self._clock.sleep(0)

    async def watch(self) -> None:
        """Look at the call log."""
        if self.execution.rollback is None and self.execution.aborted is None:
            await self._observer.step()

    async def obey(self) -> None:
        """Obey what was asked from elsewhere since the last look."""
        for command in self._journal.commands(self.execution.opened.execution, self._obeyed):
            self._obeyed = command.seq
            await self._obey(command)

    async def decide(self) -> None:
        """Record and do what comes next."""
        for step in next_steps(self.execution, self._clock.now(), self._tempo.proof_grace_s):
            match step:
                case RollBack():
                    await self._roll_back(step.asked)
                case Compare():
                    await self._recorder.record(await compare(self.execution, self._via, self._clock))
                case ev.Finished():
                    asked = self._requests_to(self.execution.plan.leaves) - self._asked_before
                    await self._recorder.record(
                        ev.Finished(at=step.at, outcome=step.outcome, requests_to_left_region=asked)
                    )
                case _:
                    await self._recorder.record(step)

    async def look_for_drift(self) -> None:
        """Before the first act: is the world still as the plan has it?"""
        plan = self.execution.plan
        routes, unread = await read_routes(plan.actions, self._via)
        differences = drift(plan, routes)
        if unread:
            differences += (f"{len(unread)} routes could not be read, {unread[0]} among them",)
        if differences:
            await self._recorder.record(ev.DriftFound(at=self._clock.now(), differences=differences))

    async def _obey(self, command: Command) -> None:
        now, seq, by, note = self._clock.now(), command.seq, command.by, command.note
        state = self.execution
        record = self._recorder.record
        match command.name:
            case "pause" if not state.halted:
                await record(ev.Paused(at=now, by=by, why=note or "asked to", command=seq))
            case "resume" if state.paused is not None:
                await record(ev.Resumed(at=now, by=by, command=seq))
            case "abort" if state.finished is None:
                await record(ev.Aborted(at=now, by=by, why=note or "asked to", command=seq))
            case "skip":
                for name, action in state.actions.items():
                    if action.stage in (Stage.REFUSED, Stage.UNSETTLED) and note in ("", name):
                        await record(ev.Skipped(at=now, action=name, by=by, why=action.why, command=seq))
            case "go" | "no-go":
                asked = next((cohort for cohort in state.current if cohort.asked and cohort.decided is None), None)
                if asked is not None:
                    await record(
                        ev.DecisionTaken(
                            at=now, cohort=asked.plan.name, go=command.name == "go", by=by, note=note, command=seq
                        )
                    )
            case "roll-back" if state.rollback_asked is None and state.aborted is None:
                back = LEFT_IS_BACK in note
                await record(ev.RollbackAsked(at=now, by=by, why=note or "asked to", left_is_back=back, command=seq))
            case _:
                return

    async def _roll_back(self, asked: ev.RollbackAsked) -> None:
        plan = self.execution.plan
        barred = await back_is_barred(self.execution, self._providers.get(plan.leaves), asked.left_is_back)
        now = self._clock.now()
        if barred is None:
            actions = inverses(self.execution)
            await self._recorder.record(ev.RollbackOrdered(at=now, by=asked.by, why=asked.why, actions=actions))
            return
        await self._recorder.record(
            ev.RollbackRefused(
                at=now,
                by=asked.by,
                why=barred,
                instead=(
                    f"hold: nothing more is moved while paused (voicedr resume {self.execution.opened.execution})",
                    f"keep what is in {plan.to} as it is: voicedr abort {self.execution.opened.execution}",
                    f"when {plan.leaves} is back: voicedr failback {plan.flow}",
                ),
            )
        )

"""The hands of one execution in one process. Each does one thing again and again, and knows of the others only how the
execution stands.

``cut_over`` starts them and ends them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextSwitch
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.journal import Command, Journal, JournalAway
from voicedr.ports.provider import ProviderError, RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.commands import Name, Refused, Said, meaning
from voicedr.program.execution.conduct import ITSELF, Assert, Compare, RollBack, next_steps
from voicedr.program.execution.make_plan import drift
from voicedr.program.execution.plan_dispatchers import asked_at, dispatcher_drift
from voicedr.program.execution.state import Execution, Stage
from voicedr.program.vocabulary import Mode, Region
from voicedr.usecases.assert_steps import Asserter
from voicedr.usecases.guard import Guard
from voicedr.usecases.move import Mover
from voicedr.usecases.observe_calls import CallObserver
from voicedr.usecases.place_test_calls import TestCaller
from voicedr.usecases.read_dispatchers import read_dispatchers
from voicedr.usecases.recorder import Recorder, ask
from voicedr.usecases.roll_back import back_is_barred, compare, instead, order_of, read_routes
from voicedr.usecases.tempo import Tempo

Reach = Callable[[Region], RegionalProvider | None]
"""Gives a provider of a Region that had none, once a person lets it be asked; None where no access is configured."""


class Runner:
    """The hands. See the module.

    Args:
        recorder: Writes, and knows how the execution stands.
        journal: Where commands come from.
        providers: By Region. The one that is left is not among them in ungraceful mode.
        context: The application's context, if the plan switches one.
        clock: Time.
        requests_to: How many requests went to a Region since the start.
        tempo: How often to look and how long to wait.
        guard: Asked right before anything is sent.
        reach: See ``Reach``.
        residency: Where the workbook, as it is now, lets the flow's calls be processed.
        dispatcher: Steers the customer's SBCs, if the plan does.
    """

    def __init__(
        self,
        recorder: Recorder,
        journal: Journal,
        providers: Mapping[Region, RegionalProvider],
        context: ContextSwitch | None,
        clock: Clock,
        requests_to: Callable[[Region], int],
        tempo: Tempo,
        guard: Guard,
        reach: Reach,
        residency: Sequence[Region],
        dispatcher: Dispatcher | None = None,
    ) -> None:
        plan = recorder.execution.plan
        self._recorder = recorder
        self._journal = journal
        self._providers = dict(providers)
        self._clock = clock
        self._requests_to = requests_to
        self._tempo = tempo
        self._guard = guard
        self._reach = reach
        self._asked_before = requests_to(plan.leaves)
        self._via = providers[plan.via]
        self._mover = Mover(recorder, self._via, context, clock, guard, residency, dispatcher)
        self._observer = CallObserver(recorder, self._via, clock, tempo)
        self._caller = TestCaller(recorder, self._via, clock, tempo, guard)
        self._residency = residency
        self._dispatcher = dispatcher
        self._asserter = Asserter(self._via, clock, residency)
        self._obeyed = recorder.execution.obeyed
        guard.follow(self._stop_was_said, clock)
        self._bar_the_left()

    @property
    def execution(self) -> Execution:
        """How it stands."""
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
        while not self.execution.halted and self._recorder.away is None:
            if not await self._caller.step(self._observer.looked_at):
                return
            await self._clock.sleep(0)

    async def watch(self) -> None:
        """Look at the call log."""
        if self.execution.rollback is None and self.execution.aborted is None:
            await self._observer.step()

    async def obey(self, *, must: bool = False) -> None:
        """Obey what was asked from elsewhere since the last look.

        Raises:
            JournalAway: Only if it ``must``: nothing may be done before commands could be read.
        """
        asked = partial(self._journal.commands, self.execution.opened.execution, self._obeyed)
        try:
            commands = await ask(self._journal, asked)
        except JournalAway:
            if must:
                raise
            return  # the recorder knows how long that may be
        for command in commands:
            self._obeyed = command.seq
            await self._obey(command)

    async def decide(self) -> None:
        """Record and do what comes next."""
        for step in next_steps(self.execution, self._clock.now(), self._tempo.proof_grace_s):
            match step:
                case RollBack():
                    await self._roll_back(step.asked)
                case Compare():
                    await self._recorder.record(await compare(self.execution, self._via, self._clock, self._dispatcher))
                case Assert():
                    await self._recorder.record(await self._look(step))
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
        differences += dispatcher_drift(plan, await read_dispatchers(asked_at(plan), self._dispatcher, self._clock))
        if unread:
            differences += (f"{len(unread)} routes could not be read, {unread[0]} among them",)
        if differences:
            await self._recorder.record(ev.DriftFound(at=self._clock.now(), differences=differences))

    async def _obey(self, command: Command) -> None:
        """Record what a command means as things stand, or why it means nothing."""
        now = self._clock.now()
        found = meaning(Said(command.name, command.by, command.note, command.seq, now), self.execution)
        events: tuple[ev.Event, ...]
        if isinstance(found, Refused):
            events = (self._refusal(command, found.why),)
        elif found.look_first and (why := await self._left_is_dead()) is not None:
            leaves = self.execution.plan.leaves
            events = (self._refusal(command, f"{leaves} was not seen alive: {why}. It is still not asked."),)
        else:
            events = found.events
            if found.look_first:
                seen = f"{self.execution.plan.leaves} answered to its key at {now:%H:%M:%S} UTC"
                events = tuple(
                    msgspec.structs.replace(one, seen=seen) if isinstance(one, ev.ModeSwitched) else one
                    for one in events
                )
        for event in events:
            if isinstance(event, ev.ModeSwitched) and event.mode is Mode.UNGRACEFUL:
                # Before it is recorded: from now on is from now on.
                self._guard.bar(self.execution.plan.leaves)
        await self._recorder.record(*events)
        self._bar_the_left()

    def _refusal(self, command: Command, why: str) -> ev.CommandRefused:
        return ev.CommandRefused(at=self._clock.now(), name=command.name, by=command.by, why=why, command=command.seq)

    async def _stop_was_said(self) -> bool:
        """Whether an emergency stop holds, by the journal. One that cannot be asked is not a yes to sending."""
        if self.execution.stopped is not None:
            return True
        asked = partial(self._journal.commands, self.execution.opened.execution, self.execution.obeyed)
        try:
            return any(command.name == Name.STOP for command in await ask(self._journal, asked))
        except JournalAway:
            return True

    def _bar_the_left(self) -> None:
        """In ungraceful mode there is no way to ask the Region that is left, whatever somebody may want of it."""
        leaves = self.execution.plan.leaves
        if self.execution.mode is Mode.GRACEFUL:
            self._guard.bar()
        elif leaves in self._providers:
            del self._providers[leaves]
            self._guard.bar(leaves)
            self._asked_before = self._requests_to(leaves)
        else:
            self._guard.bar(leaves)

    def _left(self) -> RegionalProvider | None:
        """The Region that is left, where it may be asked.

        Raises:
            ProviderError: If its access is configured and cannot be had.
        """
        leaves = self.execution.plan.leaves
        return self._providers.get(leaves) or self._reach(leaves)

    async def _left_is_dead(self) -> str | None:
        """Why the Region that is left does not count as alive; None if its key was answered just now."""
        leaves = self.execution.plan.leaves
        self._guard.bar()
        try:
            provider = self._left()
            if provider is None:
                return f"no access to {leaves} is configured here"
            await provider.check_credential()
        except ProviderError as exc:
            self._guard.bar(leaves)
            # A person wanted this one request; it is not one that slipped through.
            self._asked_before = self._requests_to(leaves)
            return str(exc)
        self._providers[leaves] = provider
        return None

    async def _look(self, order: Assert) -> ev.Asserted:
        """What must hold around a cohort. One that is moved back is looked at in the Region that was left."""
        if not self.execution.cohorts[order.cohort].undoes:
            return await self._asserter.look(self.execution, order)
        asked = self.execution.rollback_asked
        may_ask = self.execution.mode is Mode.GRACEFUL or (asked is not None and asked.left_is_back)
        if may_ask:
            self._guard.bar()
        leaves = self.execution.plan.leaves
        why = f"no access to {leaves} is configured here" if may_ask else f"{leaves} is not asked in ungraceful mode"
        try:
            back = self._left() if may_ask else None
            if back is not None:
                asserter = Asserter(back, self._clock, self._residency, routes=self._via)
                return await asserter.look(self.execution, order)
        except ProviderError as exc:
            why = str(exc)
        return ev.Asserted(
            at=self._clock.now(), cohort=order.cohort, when=order.when, checked=0, unseen=(ev.Unfit(leaves, why),)
        )

    async def _roll_back(self, asked: ev.RollbackAsked) -> None:
        may_ask = asked.left_is_back or self.execution.mode is Mode.GRACEFUL
        if may_ask:
            self._guard.bar()
        try:
            back = self._left() if may_ask else None
            barred = await back_is_barred(self.execution, back, asked.left_is_back, self._clock)
        except ProviderError as exc:
            barred = str(exc)
        now = self._clock.now()
        if barred is None:
            await self._recorder.record(order_of(self.execution, asked, now))
            return
        self._bar_the_left()
        refused = ev.RollbackRefused(at=now, by=asked.by, why=barred, instead=instead(self.execution))
        await self._recorder.record(refused)

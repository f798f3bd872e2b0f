"""Watches the call log and the alert feed of the Region that calls are moved to: proof, and good and bad calls.

A number is proved by any call to it in that Region's log. A finished call is judged by the flow's signals once its
alerts have had time to arrive; an alert that comes later still turns it bad. What could not be read is said, and
counts as neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.moments import counted_from
from voicedr.program.execution.state import CohortState, Execution
from voicedr.program.readiness.resources import Alert, CallRecord
from voicedr.program.validation.signal import FINISHED, opinion_of
from voicedr.program.validation.signals import SIGNALS
from voicedr.program.vocabulary import E164
from voicedr.usecases.recorder import Recorder
from voicedr.usecases.tempo import Tempo

SKEW_S = 30.0
"""The provider's clock and ours may differ by so much, and a call may enter the log so late."""

CALLS_MAX = 5000
"""So many lines of the call log are read at a time, newest first."""


class CallObserver:
    """Looks once per ``step``. It remembers only what saves reading; everything that counts is in the journal."""

    def __init__(self, recorder: Recorder, provider: RegionalProvider, clock: Clock, tempo: Tempo) -> None:
        self._recorder = recorder
        self._provider = provider
        self._clock = clock
        self._tempo = tempo
        self._since: datetime | None = None
        self.looked_at: datetime | None = None
        """When the last look that could see began."""
        self._ended_s: dict[str, float] = {}

    async def step(self) -> None:
        """Read, prove, judge, and let the gates speak."""
        execution = self._recorder.execution
        cohorts = [cohort for cohort in execution.current if cohort.started_at is not None]
        started = [self._from(cohort.started_at) for cohort in cohorts if cohort.started_at is not None]
        if not started:
            return
        since = self._since or min(started) - timedelta(seconds=SKEW_S)
        looked_at = self._clock.now()
        try:
            calls = await self._provider.calls(started_after=since, limit=CALLS_MAX)
            alerts = await self._provider.alerts(since=since)
        except ProviderError as exc:
            await self._blind(cohorts, str(exc))
            return
        inbound = [call for call in calls if call.direction == "inbound"]
        await self._prove(execution, cohorts, inbound)
        await self._judge(execution, cohorts, inbound, alerts)
        await self._speak(cohorts)
        open_since = [
            call.started_at
            for call in inbound
            if call.started_at is not None and (call.status not in FINISHED or not self._alerts_are_in(call))
        ]
        self.looked_at = looked_at
        self._since = min([looked_at, *open_since]) - timedelta(seconds=SKEW_S)

    async def _blind(self, cohorts: list[CohortState], why: str) -> None:
        now = self._clock.now()
        fresh = [cohort for cohort in cohorts if cohort.blind_since is None]
        if fresh:
            await self._recorder.record(*(ev.GateBlind(at=now, cohort=one.plan.name, why=why) for one in fresh))

    async def _prove(self, execution: Execution, cohorts: list[CohortState], calls: list[CallRecord]) -> None:
        now = self._clock.now()
        waiting = {number: cohort for cohort in cohorts for number in execution.unproved(cohort.plan.name)}
        found: dict[E164, CallRecord] = {}
        for call in reversed(calls):
            number = E164(call.to)
            cohort = waiting.get(number)
            if cohort is not None and cohort.started_at is not None and _since(call, self._from(cohort.started_at)):
                found.setdefault(number, call)
        if found:
            region = self._provider.region
            await self._recorder.record(
                *(
                    ev.Proved(at=now, number=number, call_sid=call.sid, region=region, synthetic=self._ours(call))
                    for number, call in found.items()
                )
            )

    async def _judge(
        self, execution: Execution, cohorts: list[CohortState], calls: list[CallRecord], alerts: Sequence[Alert]
    ) -> None:
        by_call: dict[str, list[Alert]] = defaultdict(list)
        for alert in alerts:
            if alert.resource_sid is not None:
                by_call[alert.resource_sid].append(alert)
        signals = {name: SIGNALS[name] for name in execution.plan.signals}
        of_number = {number: cohort for cohort in cohorts for number in cohort.numbers}
        judged = []
        for call in reversed(calls):
            cohort = of_number.get(E164(call.to))
            if cohort is None or cohort.gate_since is None or not _since(call, self._from(cohort.gate_since)):
                continue
            if call.status not in FINISHED or not self._alerts_are_in(call):
                continue
            opinion, signal = opinion_of(call, by_call.get(call.sid, ()), signals)
            before = cohort.judged.get(call.sid)
            if opinion.good is None or (before is not None and before.good <= opinion.good):
                continue
            judged.append(
                ev.CallJudged(
                    at=self._clock.now(),
                    cohort=cohort.plan.name,
                    call_sid=call.sid,
                    number=E164(call.to),
                    good=opinion.good,
                    synthetic=self._ours(call),
                    why=opinion.why,
                    veto=not opinion.good and signal in execution.plan.vetoes,
                )
            )
        if judged:
            await self._recorder.record(*judged)

    async def _speak(self, cohorts: list[CohortState]) -> None:
        spoken = []
        for cohort in cohorts:
            if not cohort.provable:
                continue
            reading = cohort.read()
            if cohort.reading is None or cohort.reading.verdict is not reading.verdict:
                spoken.append(
                    ev.GateSpoke(
                        at=self._clock.now(),
                        cohort=cohort.plan.name,
                        verdict=reading.verdict,
                        why=reading.why,
                        good=reading.good,
                        bad=reading.bad,
                        synthetic=reading.synthetic,
                    )
                )
        if spoken:
            await self._recorder.record(*spoken)

    def _from(self, moment: datetime) -> datetime:
        return counted_from(self._clock.now(), moment, self._recorder.execution.runner_since)

    def _alerts_are_in(self, call: CallRecord) -> bool:
        seen_s = self._ended_s.setdefault(call.sid, self._clock.monotonic_s())
        return self._clock.monotonic_s() - seen_s >= self._tempo.alert_lag_s

    def _ours(self, call: CallRecord) -> bool:
        return call.from_ == self._recorder.execution.plan.test_caller


def _since(call: CallRecord, moment: datetime) -> bool:
    return call.started_at is not None and call.started_at >= moment - timedelta(seconds=1)

"""Our own calls to moved numbers: they prove arrival, and give a quiet gate something to judge.

They go out through the surviving Region and come back through the public network, so they travel as a caller's do.
The provider limits calls per second per account; the adapter keeps to that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, RegionalProvider, Unsettled
from voicedr.program.execution import events as ev
from voicedr.program.execution.moments import counted_from
from voicedr.program.execution.state import CohortState, Execution
from voicedr.program.vocabulary import E164, Verdict
from voicedr.usecases.guard import Guard
from voicedr.usecases.recorder import Recorder
from voicedr.usecases.tempo import Tempo


class TestCaller:
    """Places at most one call per ``step``."""

    def __init__(
        self, recorder: Recorder, provider: RegionalProvider, clock: Clock, tempo: Tempo, guard: Guard
    ) -> None:
        self._recorder = recorder
        self._provider = provider
        self._clock = clock
        self._tempo = tempo
        self._guard = guard
        self._failures = 0
        self._not_before_s = 0.0

    async def step(self, looked_at: datetime | None) -> bool:
        """Place the most useful call now, if any is of use. True if one was tried.

        ``looked_at`` is when the call log was last looked at.
        """
        execution = self._recorder.execution
        if execution.plan.test_caller is None or self._clock.monotonic_s() < self._not_before_s:
            return False
        number = next_number(execution, self._clock.now(), self._tempo, looked_at)
        if number is None or await self._guard.stopped():
            return False
        now = self._clock.now
        twiml = hold_the_line(self._tempo.test_call_s)
        try:
            sid = await self._provider.place_call(from_=execution.plan.test_caller, to=number, twiml=twiml)
        except Unsettled as exc:
            await self._recorder.record(ev.TestCallPlaced(at=now(), number=number, call_sid=None, why=str(exc)))
        except ProviderError as exc:
            self._failures += 1
            self._not_before_s = self._clock.monotonic_s() + min(30.0, 2.0**self._failures)
            await self._recorder.record(ev.TestCallPlaced(at=now(), number=number, call_sid=None, why=str(exc)))
            return True
        else:
            await self._recorder.record(ev.TestCallPlaced(at=now(), number=number, call_sid=sid))
        self._failures = 0
        return True


def hold_the_line(seconds: int) -> str:
    """What our side of a test call does: stays on the line and hangs up."""
    return f'<Response><Pause length="{seconds}"/><Hangup/></Response>'


def next_number(execution: Execution, now: datetime, tempo: Tempo, looked_at: datetime | None) -> E164 | None:
    """The number that a test call would help most: unproved ones first, then the least called of an undecided gate.

    A number that was called is not called again before a look that began later could have seen that call: on a slow
    day more calls only make the log longer and the looks slower.
    """
    if execution.rollback is not None or execution.aborted is not None or execution.finished is not None:
        return None
    for cohort in execution.current:
        if cohort.started_at is None:
            break
        unproved = execution.unproved(cohort.plan.name)
        ripe = [
            number
            for number in unproved
            if _last(execution, number, now) >= tempo.again_s and _was_looked_for(execution, number, looked_at, now)
        ]
        if ripe:
            return max(ripe, key=lambda number: _last(execution, number, now))
        if not unproved and _wants_more(execution, cohort, now, tempo):
            return min(cohort.proved, key=lambda number: len(execution.asked_calls.get(number, ())))
    return None


def _wants_more(execution: Execution, cohort: CohortState, now: datetime, tempo: Tempo) -> bool:
    test = cohort.plan.gate.test
    if not test.synthetic or not cohort.proved or not execution.moved(cohort.plan.name):
        return False
    reading = cohort.read()
    if reading.verdict is not Verdict.NOT_ENOUGH_DATA:
        return False
    # A call placed before its number was proved may have gone to the Region that is left: it counts for nothing.
    out = sum(
        1
        for number, proved_at in cohort.proved.items()
        for at in execution.asked_calls.get(number, ())
        if at >= counted_from(now, proved_at, execution.runner_since)
        and timedelta(0) <= now - at < timedelta(seconds=tempo.outstanding_s)
    )
    return out < max(reading.good_to_go, 1)


def _was_looked_for(execution: Execution, number: E164, looked_at: datetime | None, now: datetime) -> bool:
    asked_at = _asked_at(execution, number, now)
    return asked_at is None or (looked_at is not None and looked_at > asked_at)


def _last(execution: Execution, number: E164, now: datetime) -> float:
    """Seconds since the number was last called; a very long time if never."""
    asked_at = _asked_at(execution, number, now)
    return 1e9 if asked_at is None else (now - asked_at).total_seconds()


def _asked_at(execution: Execution, number: E164, now: datetime) -> datetime | None:
    """When the number was last called, as far as anybody knows."""
    return next((at for at in reversed(execution.asked_calls.get(number, ())) if at <= now), None)

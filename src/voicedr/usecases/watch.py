"""Looks at a flow's primary Region from outside, again and again, and recommends. It never moves anything.

Three signals touch the primary: its API answers our key; a test call to the flow's first test number is answered; the
application's own health page answers. One does not, and is the control: the standby's API.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Mapping
from datetime import timedelta

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.ports.provider import ProviderError, RegionalProvider, Throttled, Unreachable, WrongCredential
from voicedr.program.governance.detection import Detection, DetectionRule, Sample, detect, healthy_for_s
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.signal import FINISHED
from voicedr.program.vocabulary import Region
from voicedr.usecases.place_test_calls import CALL_S, TWIML

API, CALL, APPLICATION = "primary API", "test call", "application"

ANSWER_S_MAX = 5.0
"""An API, or a health page, that does not answer within this counts as bad."""

CALL_S_MAX = CALL_S + 30.0
"""A test call is over after this, or it counts as bad."""

SAMPLES_MAX = 1000


class Watch:
    """The samples of one flow. ``look`` takes one of each; ``detection`` and ``healthy_for_s`` judge them."""

    def __init__(
        self,
        flow: Flow,
        providers: Mapping[Region, RegionalProvider],
        send: Send,
        clock: Clock,
        *,
        rule: DetectionRule | None = None,
    ) -> None:
        self._flow = flow
        self._primary = providers[flow.primary]
        self._standby = providers[flow.standby]
        self._send = send
        self._clock = clock
        self._rule = rule or DetectionRule()
        self._samples: dict[str, list[Sample]] = defaultdict(list)
        self._control: list[Sample] = []

    async def look(self) -> None:
        """Take one sample of every signal, side by side."""
        names = [API]
        looks = [self._api(self._primary)]
        if self._flow.test_caller is not None and self._flow.numbers:
            names.append(CALL)
            looks.append(self._call(self._flow.test_caller, self._flow.numbers[0]))
        if self._flow.application is not None and self._flow.application.confirm:
            names.append(APPLICATION)
            looks.append(self._application(self._flow.application.confirm[0]))
        *samples, control = await asyncio.gather(*looks, self._api(self._standby))
        for name, sample in zip(names, samples, strict=True):
            self._samples[name] = [*self._samples[name], sample][-SAMPLES_MAX:]
        self._control = [*self._control, control][-SAMPLES_MAX:]

    def detection(self) -> Detection:
        """What the samples so far recommend."""
        return detect(self._samples, self._control, self._rule, self._clock.now())

    def healthy_for_s(self) -> float:
        """For how long every signal of the primary has been good."""
        return healthy_for_s(self._samples, self._clock.now())

    async def _api(self, provider: RegionalProvider) -> Sample:
        region = provider.region
        try:
            await _within(provider.check_credential(), ANSWER_S_MAX, self._clock)
        except TimeoutError:
            return self._sample(True, f"{region}'s API did not answer in {ANSWER_S_MAX:.0f} s")
        except WrongCredential:
            return self._sample(None, f"{region}'s API refused our key: that is not an outage")
        except Throttled:
            return self._sample(None, f"{region}'s API says we ask too often")
        except Unreachable as exc:
            return self._sample(True, f"{region}'s API: {exc}")
        except ProviderError as exc:
            return self._sample(None, str(exc))
        return self._sample(False, f"{region}'s API answers")

    async def _call(self, from_: str, to: str) -> Sample:
        placed_at = self._clock.now()
        try:
            sid = await self._standby.place_call(from_=from_, to=to, twiml=TWIML)
            deadline_s = self._clock.monotonic_s() + CALL_S_MAX
            while self._clock.monotonic_s() < deadline_s:
                await self._clock.sleep(1.0)
                log = await self._standby.calls(to=to, started_after=placed_at - timedelta(seconds=60))
                leg = next((call for call in log if call.sid == sid), None)
                if leg is not None and leg.status in FINISHED:
                    bad = leg.status != "completed"
                    return self._sample(bad, f"a test call to {to} ended {leg.status}")
        except ProviderError as exc:
            return self._sample(None, f"a test call to {to} could not be placed or followed: {exc}")
        return self._sample(True, f"a test call to {to} had no end after {CALL_S_MAX:.0f} s")

    async def _application(self, url: str) -> Sample:
        try:
            answer = await self._send(Request("GET", url), Timeouts(ANSWER_S_MAX, ANSWER_S_MAX))
        except NoResponse as exc:
            return self._sample(True, f"{url}: {exc.failure}")
        return self._sample(answer.status >= 400, f"{url} answers {answer.status}")

    def _sample(self, bad: bool | None, said: str) -> Sample:
        return Sample(self._clock.now(), bad, said)


async def watch(look: Watch, clock: Clock, every_s: float) -> AsyncIterator[Detection]:
    """A recommendation after each round of looks, for ever: the one who iterates decides when it is enough."""
    while True:
        began_s = clock.monotonic_s()
        await look.look()
        yield look.detection()
        await clock.sleep(max(0.0, every_s - (clock.monotonic_s() - began_s)))


async def _within(work: Coroutine[object, object, None], seconds: float, clock: Clock) -> None:
    """Wait for some work, at most so long.

    Raises:
        TimeoutError: If it took longer. The work is cancelled.
    """
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise TimeoutError
        task.result()
    finally:
        task.cancel()
        timer.cancel()

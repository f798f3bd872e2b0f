"""Looks at a flow's primary Region from outside, again and again, and recommends. It never moves anything.

Three signals touch the primary: its API answers our key; a test call to the flow's first test number is answered; the
application's own health page answers. One does not, and is the control: the standby's API.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Self

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.ports.provider import ProviderError, RegionalProvider, Throttled, Unreachable, WrongCredential
from voicedr.program.governance.detection import Detection, DetectionRule, Sample, detect, healthy_for_s
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.signal import FINISHED
from voicedr.program.vocabulary import Region
from voicedr.usecases.place_test_calls import hold_the_line

API, CALL, APPLICATION = "primary API", "test call", "application"

SAMPLES_MAX = 1000

HOLD_S = 1
"""A watching call only has to be answered."""


class Looks(msgspec.Struct, frozen=True):
    """How signals are looked at, in seconds.

    Attributes:
        every_s: Between two looks of one signal.
        answer_s_max: An API, or a health page, that does not answer within this counts as bad.
        call_answer_s_max: A test call that nobody answers within this counts as bad.
    """

    every_s: float = 10.0
    answer_s_max: float = 5.0
    call_answer_s_max: float = 15.0


class Watch:
    """The samples of one flow. Inside ``async with`` each signal is looked at in its own rhythm, side by side."""

    def __init__(
        self,
        flow: Flow,
        providers: Mapping[Region, RegionalProvider],
        send: Send,
        clock: Clock,
        *,
        rule: DetectionRule | None = None,
        looks: Looks | None = None,
    ) -> None:
        self._flow = flow
        self._primary = providers[flow.primary]
        self._standby = providers[flow.standby]
        self._send = send
        self._clock = clock
        self._rule = rule or DetectionRule()
        self._looks = looks or Looks()
        self._control: list[Sample] = []
        self._signals = {API: partial(self._api, self._primary)}
        if flow.test_caller is not None and flow.numbers:
            self._signals[CALL] = partial(self._call, flow.test_caller, flow.numbers[0])
        if flow.application is not None and flow.application.confirm:
            self._signals[APPLICATION] = partial(self._application, flow.application.confirm[0])
        self._samples: dict[str, list[Sample]] = {name: [] for name in self._signals}
        self._loops: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> Self:
        looks = [*((self._samples[name], look) for name, look in self._signals.items())]
        looks.append((self._control, partial(self._api, self._standby)))
        self._loops = [asyncio.ensure_future(self._again_and_again(samples, look)) for samples, look in looks]
        return self

    async def __aexit__(self, *_error: object) -> None:
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)

    def detection(self) -> Detection:
        """What the samples so far recommend.

        Raises:
            Exception: What ended one of the looks, if one ended: a watch that no longer looks must not stay silent.
        """
        for loop in self._loops:
            if loop.done():
                loop.result()
        return detect(self._samples, self._control, self._rule, self._clock.now())

    def healthy_for_s(self) -> float:
        """For how long every signal of the primary has been good."""
        return healthy_for_s(self._samples, self._clock.now())

    async def _again_and_again(self, samples: list[Sample], look: Callable[[], Awaitable[Sample]]) -> None:
        while True:
            began_s = self._clock.monotonic_s()
            samples.append(await look())
            del samples[:-SAMPLES_MAX]
            await self._clock.sleep(max(0.0, self._looks.every_s - (self._clock.monotonic_s() - began_s)))

    async def _api(self, provider: RegionalProvider) -> Sample:
        region = provider.region
        try:
            await _within(provider.check_credential(), self._looks.answer_s_max, self._clock)
        except TimeoutError:
            return self._sample(True, f"{region}'s API did not answer in {self._looks.answer_s_max:.0f} s")
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
        limit_s = self._looks.call_answer_s_max
        placed_at = self._clock.now()
        try:
            sid = await self._standby.place_call(from_=from_, to=to, twiml=hold_the_line(HOLD_S))
            deadline_s = self._clock.monotonic_s() + limit_s
            while self._clock.monotonic_s() < deadline_s:
                await self._clock.sleep(0.5)
                log = await self._standby.calls(to=to, started_after=placed_at - timedelta(seconds=60))
                leg = next((call for call in log if call.sid == sid), None)
                if leg is not None and leg.status in ("in-progress", "completed"):
                    return self._sample(False, f"a test call to {to} was answered")
                if leg is not None and leg.status in FINISHED:
                    return self._sample(True, f"a test call to {to} ended {leg.status}")
        except ProviderError as exc:
            return self._sample(None, f"a test call to {to} could not be placed or followed: {exc}")
        return self._sample(True, f"a test call to {to} was not answered in {limit_s:g} s")

    async def _application(self, url: str) -> Sample:
        try:
            answer = await self._send(Request("GET", url), Timeouts(self._looks.answer_s_max, self._looks.answer_s_max))
        except NoResponse as exc:
            return self._sample(True, f"{url}: {exc.failure}")
        return self._sample(answer.status >= 400, f"{url} answers {answer.status}")

    def _sample(self, bad: bool | None, said: str) -> Sample:
        return Sample(self._clock.now(), bad, said)


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

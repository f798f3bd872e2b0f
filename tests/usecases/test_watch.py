"""Watching sees a dead Region from outside, is not fooled by its own keys, and never moves anything."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from scenes import fake_account, flow_of
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.program.governance.detection import Detection, DetectionRule, Recommendation
from voicedr.program.scope.workbook import ApplicationContext
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.watch import API, APPLICATION, CALL, Looks, Watch
from voicedr.wire.http import Request, Response

HEALTH = "http://app.example/health"
FLOW = msgspec.structs.replace(
    flow_of({"canary": 1, "rest": 3}), application=ApplicationContext("app", "file:/x", (HEALTH,))
)
RULE = DetectionRule(bad_min=2, of_last=3, quorum=2, delay_s_min=10.0)


class Dialling(FakeProvider):
    """A standby whose outbound calls end as the test says."""

    ends = "completed"

    async def place_call(self, *, from_: str, to: str, twiml: str) -> str:
        """Log our side of the call."""
        record = self.account.log_call(
            IE1, from_, to, status=self.ends, direction="outbound-api", now=self._clock.now()
        )
        return record.sid


class Scene:
    """A primary, a standby and an application, all of them well."""

    def __init__(self, clock: VirtualClock) -> None:
        self.account = fake_account(FLOW)
        self.primary = FakeProvider(self.account, US1, clock)
        self.standby = Dialling(self.account, IE1, clock)
        self.status = 200


def watched(spoil: Callable[[Scene], None], for_s: float = 120.0) -> tuple[Detection, float, Scene]:
    """What is recommended after two minutes of watching, for how long the primary was healthy, and the scene."""

    async def run(clock: VirtualClock) -> tuple[Detection, float, Scene]:
        scene = Scene(clock)
        spoil(scene)

        async def application(_request: Request) -> Response:
            return Response(scene.status)

        send = InProcessSend({"app.example": application}, clock)
        providers = {US1: scene.primary, IE1: scene.standby}
        async with Watch(FLOW, providers, send, clock, rule=RULE, looks=Looks(every_s=5.0)) as watch:
            await clock.sleep(for_s)
            return watch.detection(), watch.healthy_for_s(), scene

    return run_virtual(run)


def dead(scene: Scene) -> None:
    """The primary's API is silent and its calls are not answered."""
    scene.primary.fail("*", Fault.UNREACHABLE)
    scene.standby.ends = "no-answer"


def test_an_ordinary_day_recommends_nothing_and_counts_as_healthy() -> None:
    """Every signal is good for as long as it was looked at."""
    detection, healthy_s, scene = watched(lambda _scene: None)
    assert detection.recommendation is Recommendation.NOTHING
    assert {sighting.signal for sighting in detection.sightings} == {API, CALL, APPLICATION}
    assert 110 <= healthy_s <= 120
    assert not scene.account.changes


def test_a_dead_region_is_recommended_to_be_left_and_nothing_is_moved() -> None:
    """Two signals say so; the recommendation says which, and no route was written."""
    detection, healthy_s, scene = watched(dead)
    assert detection.recommendation is Recommendation.FAIL_OVER
    assert API in detection.why
    assert CALL in detection.why
    assert healthy_s == 0.0
    assert not scene.account.changes


def test_a_silent_api_counts_as_bad_after_its_time() -> None:
    """A black hole is not waited for for ever."""

    def spoil(scene: Scene) -> None:
        scene.primary.latency_s = 3600.0
        scene.standby.ends = "busy"

    assert watched(spoil)[0].recommendation is Recommendation.FAIL_OVER


def test_a_refused_key_is_no_outage() -> None:
    """401 says something of our key and nothing of the Region."""
    detection, healthy_s, _ = watched(lambda scene: scene.primary.fail("*", Fault.WRONG_CREDENTIAL))
    assert detection.recommendation is Recommendation.NOTHING
    assert healthy_s == 0.0


def test_when_all_is_dark_the_monitor_is_suspected() -> None:
    """The standby does not answer either."""

    def spoil(scene: Scene) -> None:
        scene.primary.fail("*", Fault.UNREACHABLE)
        scene.standby.fail("*", Fault.UNREACHABLE)
        scene.standby.ends = "failed"
        scene.status = 503

    assert watched(spoil)[0].recommendation is Recommendation.SUSPECT_THE_MONITOR

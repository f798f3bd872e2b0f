"""Readiness watched in virtual time: only what changed is told, once, and nothing ends the watch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
import pytest

from readiness_scene import AT, FALLBACK, a_flow, an_account, nothing_seen, report, seen, snapshot
from voicedr.ports.alerts import AlertError
from voicedr.ports.provider import Unreachable
from voicedr.program.readiness.gaps import GapList, merge
from voicedr.program.readiness.news import What, standing_in
from voicedr.program.readiness.package import Package, package
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.watch_readiness import ALERT_AGAIN_S, ALERT_TRIES_MAX, Looked, ReadinessWatch


@dataclass
class Scene:
    """What is to be seen, who is told, and what was told."""

    facts: Snapshot = field(default_factory=snapshot)
    word: str = "a"
    dead: str = ""
    alerts_down: bool = False
    looks: list[float] = field(default_factory=list)
    told: list[Looked] = field(default_factory=list)
    alerted: list[str] = field(default_factory=list)
    tried: int = 0

    async def send(self, title: str, text: str) -> int:
        """Alerts."""
        self.tried += 1
        if self.alerts_down:
            raise AlertError("0 of 1 addresses took the alert")
        self.alerted.append(text)
        return 1

    @property
    def news(self) -> list[str]:
        """What changed, as kinds and checks."""
        return [one.what.value for looked in self.told for one in looked.news]


def slow(seconds: float) -> Snapshot:
    """A fallback that takes too long."""
    return snapshot(webhooks={FALLBACK: seen(WebhookAnswer(FALLBACK, 200, seconds, (), f"took {seconds:g} s"))})


def watched(
    *then: tuple[float, Callable[[Scene], None]], for_s: float = 3600.0, every_s: float = 300.0
) -> tuple[Scene, Looked]:
    """A watch that begins with all well; at these seconds something happens."""
    scene = Scene()

    async def run(clock: VirtualClock) -> Looked:
        began_s = clock.monotonic_s()
        known = merge(GapList(), report([a_flow()], an_account(), snapshot()), AT)

        async def look() -> Package:
            nonlocal known
            scene.looks.append(clock.monotonic_s() - began_s)
            if scene.dead:
                raise Unreachable(scene.dead)
            found = report([a_flow()], an_account(), scene.facts)
            known = merge(known, found, AT)
            return package(found, known, AT)

        def changed() -> str:
            for at_s, do in then:
                if clock.monotonic_s() - began_s >= at_s and (at_s, do) not in done:
                    done.append((at_s, do))
                    do(scene)
            return scene.word

        done: list[tuple[float, Callable[[Scene], None]]] = []
        watch = ReadinessWatch(
            look, changed, clock, before=standing_in(known), trouble=(Unreachable,), tell=scene.told.append,
            alerts=scene, every_s=every_s,
        )  # fmt: skip
        return await watch.run(for_s)

    return scene, run_virtual(run)


def facts(found: Snapshot) -> Callable[[Scene], None]:
    """From now on this is seen."""
    return lambda scene: setattr(scene, "facts", found)


def test_all_well_is_looked_at_every_five_minutes_and_nobody_is_told() -> None:
    """Thirteen looks in an hour, no news, no alert."""
    scene, last = watched()
    assert len(scene.looks) == pytest.approx(12, abs=1)
    assert (scene.news, scene.alerted) == ([], [])
    assert last.package is not None


def test_a_new_gap_is_told_once_and_its_end_too() -> None:
    """Worse wording is no news; when it passes again, that is."""
    scene, _ = watched((400, facts(slow(16))), (900, facts(slow(17))), (1500, facts(snapshot())))
    gaps = [one for looked in scene.told for one in looked.news if one.what is What.GAP]
    assert [one.words.rsplit(" (")[-1] for one in gaps] == ["webhook_answers_twiml)"]
    closed = [one for looked in scene.told for one in looked.news if one.what is What.CLOSED]
    assert gaps[0].id in {one.id for one in closed}
    assert len([text for text in scene.alerted if "webhook_answers_twiml" in text and "new gap" in text]) == 1
    assert len(scene.alerted) == 2


def test_what_changed_is_looked_at_at_once() -> None:
    """The workbook is another at 100 s: the next look is then and not at 300 s."""
    scene, _ = watched((100, lambda scene: setattr(scene, "word", "b")), for_s=200)
    assert scene.looks == [0, pytest.approx(100, abs=3)]
    assert [looked.because for looked in scene.told] == ["begin", "something changed"]


def test_a_dead_provider_makes_things_unknown_and_that_is_news() -> None:
    """Nothing that could be seen is told as unknown, in one alert; the watch goes on."""
    scene, last = watched((400, facts(nothing_seen())), for_s=1300)
    assert scene.news.count("new unknown") > 20
    assert len(scene.alerted) == 1
    assert "and " in scene.alerted[0].splitlines()[-1]
    assert len(scene.alerted[0].splitlines()) <= 21
    assert last.package is not None


def test_a_look_that_cannot_be_had_is_told_once_and_tried_again() -> None:
    """What was the trouble is told once; afterwards all is as it was, and nothing is new."""
    dead = lambda scene: setattr(scene, "dead", "us1 cannot be asked")  # noqa: E731
    well = lambda scene: setattr(scene, "dead", "")  # noqa: E731
    scene, last = watched((400, dead), (1300, well), for_s=1900)
    assert [looked.trouble for looked in scene.told if looked.trouble] == ["us1 cannot be asked"] * 3
    assert scene.alerted == ["readiness cannot be looked at: us1 cannot be asked"]
    assert scene.news == []
    assert last.package is not None


def test_what_comes_and_goes_is_alerted_once_an_hour() -> None:
    """Every ten minutes slow, every ten minutes well: each look tells, people hear of it once an hour."""
    turns = [(300.0 + 600 * n, facts(slow(16) if n % 2 == 0 else snapshot())) for n in range(11)]
    scene, _ = watched(*turns, for_s=ALERT_AGAIN_S * 2 - 100)
    assert scene.news.count("new gap") >= 5
    told = [text for text in scene.alerted if "new gap" in text]
    assert len(told) == 2


def test_an_alert_that_does_not_go_out_is_tried_again_and_then_given_up() -> None:
    """That people were not told is told here, each time."""
    down = lambda scene: setattr(scene, "alerts_down", True)  # noqa: E731
    scene, _ = watched((300, down), (400, facts(slow(16))), for_s=3000)
    assert scene.tried == ALERT_TRIES_MAX
    said = [looked.trouble for looked in scene.told if looked.because == "alert"]
    assert len(said) == ALERT_TRIES_MAX
    assert "It is not tried again." in said[-1]


def test_the_first_run_of_a_list_is_no_news() -> None:
    """Of a flow that nobody had looked at, everything would be new."""
    scene = Scene()

    async def run(clock: VirtualClock) -> Looked:
        async def look() -> Package:
            found = report([a_flow()], an_account(), nothing_seen())
            return package(found, merge(GapList(), found, AT), AT)

        watch = ReadinessWatch(
            look, lambda: "", clock, before=standing_in(GapList()), trouble=(), tell=scene.told.append, alerts=scene
        )
        return await watch.run(700)

    last = run_virtual(run)
    assert (scene.news, scene.alerted, len(scene.told)) == ([], [], 3)
    assert msgspec.structs.asdict(last)["trouble"] == ""

"""Connection overrides are obeyed (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

from __future__ import annotations

from typing import Any

import pytest

from switchboard_scene import (
    FALLBACK,
    PRIMARY,
    SERVES,
    STATUS,
    Answer,
    Scene,
    call_once,
    make_world,
    play,
    voice_of,
)
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.world.model import NetworkCall, WebExchange, World
from voicedr.twin.world.settings import change_settings
from voicedr.wire.http import Failure, Response

PATIENT = Caller(hangs_up_after_s=120)
E500, E404 = Response(500), Response(404)


def _fetch(
    fragment: str, *answers: Answer, world: World | None = None, takes_s: float = 0.0
) -> tuple[NetworkCall, Scene, list[WebExchange]]:
    """One call whose primary URL has these overrides and answers so, in turn, the last for ever."""
    world = world or make_world()
    voice_of(world).voice.voice_url = f"{PRIMARY}#{fragment}" if fragment else PRIMARY
    left = list(answers)

    def next_(*_: Any) -> Any:
        return left.pop(0) if len(left) > 1 else left[0]

    call, scene = call_once({PRIMARY: next_, FALLBACK: SERVES}, PATIENT, world=world, takes_s=takes_s)
    (logged,) = scene.logged()
    return call, scene, [one for one in logged.exchanges if one.url == PRIMARY]


@pytest.mark.parametrize(
    ("fragment", "answers", "attempts"),
    [
        # Defaults: one retry, only after no connection.
        ("", (Failure.CONNECT_REFUSED,), 2),
        ("", (E500,), 1),
        ("", (Failure.READ_TIMEOUT,), 1),
        # Retries.
        ("rc=0", (Failure.CONNECT_REFUSED,), 1),
        ("rc=3", (Failure.CONNECT_REFUSED,), 4),
        ("rc=5", (Failure.TLS_HANDSHAKE,), 6),
        ("rc=2", (Failure.CONNECT_REFUSED, SERVES), 2),
        # Policies: each retries its own and nothing else.
        ("rp=5xx", (E500, SERVES), 2),
        ("rp=5xx", (E404,), 1),
        ("rp=5xx", (Failure.CONNECT_REFUSED,), 1),
        ("rp=4xx&rc=2", (E404,), 3),
        ("rp=4xx", (E500,), 1),
        ("rp=rt&rt=1000", (Failure.READ_TIMEOUT, SERVES), 2),
        ("rp=rt", (Failure.CONNECT_TIMEOUT,), 1),
        ("rp=ct,5xx&rc=3", (Failure.CONNECT_REFUSED, E500, E404), 3),
        ("rp=all&rc=4&rt=500&ct=500", (E404, E500, Failure.READ_TIMEOUT, Failure.CONNECT_TIMEOUT, SERVES), 5),
        # A list of edges does not raise rc and does not widen rp.
        ("e=ashburn,umatilla", (E500,), 1),
        ("e=ashburn,umatilla,dublin", (Failure.CONNECT_REFUSED,), 2),
        # What came in part, or is no time-out, no connection and no status, is not tried again.
        ("rp=all&rc=5", (Failure.RESET,), 1),
        ("rp=all&rc=5", (Failure.TOO_LARGE,), 1),
        ("rp=all&rc=5", (Failure.PROTOCOL,), 1),
        ("rp=all&rc=5", (Failure.NAME_NOT_FOUND,), 1),
        ("rp=all&rc=5", (Failure.TLS_EXPIRED,), 1),
        ("rp=all&rc=5", (Response(200, (("Content-Type", "application/json"),), b"{}"),), 1),
    ],
)
def test_how_often(fragment: str, answers: tuple[Answer, ...], attempts: int) -> None:
    """``rc`` says how often, ``rp`` after what; the fallback comes after the last retry."""
    call, scene, exchanges = _fetch(fragment, *answers)
    assert [one.attempt for one in exchanges] == list(range(1, attempts + 1))
    assert scene.app.urls().count(PRIMARY) == attempts
    assert scene.app.urls().count(FALLBACK) == (0 if answers[-1] is SERVES else 1)
    assert call.outcome == "served"


def test_edges_take_turns() -> None:
    """Attempt 1 leaves through the first edge, attempt 2 through the second, and after the last the first is next."""
    refuses = Failure.CONNECT_REFUSED
    _, _, exchanges = _fetch("e=dublin,frankfurt&rc=3", refuses)
    assert [one.edge for one in exchanges] == ["dublin", "frankfurt", "dublin", "frankfurt"]
    world = make_world()
    change_settings(world.settings, {"edge_lists_wrap": False})
    _, _, exchanges = _fetch("e=dublin,frankfurt&rc=3", refuses, world=world)
    assert [one.edge for one in exchanges] == ["dublin", "frankfurt", "frankfurt", "frankfurt"]


def test_default_edge() -> None:
    """Without ``e`` it is ashburn, or, where that is assumed, the edge near the Region."""
    assert _fetch("", SERVES)[2][0].edge == "ashburn"
    world = make_world()
    change_settings(world.settings, {"webhooks_leave_near_region": True})
    assert [_fetch(fragment, SERVES, world=make_world())[2][0].edge for fragment in ("", "e=tokyo")] == [
        "ashburn",
        "tokyo",
    ]
    assert _fetch("", SERVES, world=world)[2][0].edge == "ashburn"

    async def from_ie1(scene: Scene) -> None:
        call = await scene.rest_call(Instructions(url=PRIMARY), to="+14155550999", region="ie1")
        assert [(one.url, one.edge) for one in call.exchanges] == [(PRIMARY, "dublin")]

    play(from_ie1, {PRIMARY: SERVES}, world=world)


@pytest.mark.parametrize(
    ("fragment", "answer", "began_at"),
    [
        ("ct=1000&rc=2", Failure.CONNECT_TIMEOUT, [0.0, 1.0, 2.0]),
        ("ct=10000&rc=5", Failure.CONNECT_TIMEOUT, [0.0, 10.0]),  # the second has 5 s, and then nothing is left
        ("rt=2000&rp=rt&rc=2", Failure.READ_TIMEOUT, [0.0, 2.0, 4.0]),
        ("rp=rt&rc=2", Failure.READ_TIMEOUT, [0.0]),  # 15 s are all there is
        ("tt=3000&ct=2000&rc=5", Failure.CONNECT_TIMEOUT, [0.0, 2.0]),
        ("tt=100", Failure.READ_TIMEOUT, [0.0]),
        ("tt=60000&rt=9000&rp=all&rc=5", Failure.READ_TIMEOUT, [0.0, 9.0]),
    ],
)
def test_how_long(fragment: str, answer: Answer, began_at: list[float]) -> None:
    """``ct`` and ``rt`` bound an attempt and ``tt`` all of them; nothing lasts beyond 15 s."""
    _, scene, exchanges = _fetch(fragment, answer)
    begun = exchanges[0].at
    assert [round(one.at - begun, 2) for one in exchanges] == began_at
    limit_s = {"tt=3000&ct=2000&rc=5": 3.0, "tt=100": 0.1, "ct=1000&rc=2": 3.0, "rt=2000&rp=rt&rc=2": 6.0}
    fallback = next(asked for asked in scene.app.asked if asked.url == FALLBACK)
    assert fallback.at - scene.app.asked[0].at == pytest.approx(limit_s.get(fragment, 15.0), abs=0.02)
    assert fallback.timeouts.total_s == 15.0


def test_slow_answer_within_read_timeout() -> None:
    """``rt`` is how long the application may think; one that thinks longer is tried again only with ``rp=rt``."""
    assert _fetch("rt=3000", SERVES, takes_s=2)[0].outcome == "served"
    call, scene, exchanges = _fetch("rt=1500&rp=rt&rc=1", SERVES, takes_s=2)
    assert [(one.attempt, one.failure, one.seconds) for one in exchanges] == [
        (1, "read-timeout", 1.5), (2, "read-timeout", 1.5),
    ]  # fmt: skip
    assert scene.codes()[0] == "11200"
    assert "within 1.5 s, tried 2 times" in scene.world.regions["us1"].alerts[0].alert_text
    assert call.outcome == "served"


@pytest.mark.parametrize(
    ("fragment", "code"), [("e=mars", 11240), ("e=tokyo-ix", 11241), ("e=ashburn-ix", 11242), ("rp=6xx", 11243)]
)
def test_refused_overrides(fragment: str, code: int) -> None:
    """Overrides that are refused have their codes, the URL is not asked, and the fallback serves the caller."""
    call, scene, exchanges = _fetch(fragment, SERVES)
    assert exchanges == []
    assert scene.codes() == [str(code)]
    assert scene.app.fields(FALLBACK)[0]["ErrorCode"] == str(code)
    assert scene.app.fields(FALLBACK)[0]["ErrorUrl"] == PRIMARY
    assert call.outcome == "served"


def test_interconnect_account() -> None:
    """An account with Interconnect may leave through its edges."""
    world = make_world()
    change_settings(world.settings, {"interconnect": True})
    assert _fetch("e=ashburn-ix", SERVES, world=world)[2][0].edge == "ashburn-ix"


def test_out_of_range_is_an_assumption() -> None:
    """``rc=9`` is 5 retries, or the default of one where that is assumed."""
    assert len(_fetch("rc=9", Failure.CONNECT_REFUSED)[2]) == 6
    world = make_world()
    change_settings(world.settings, {"overrides_clamped": False})
    assert len(_fetch("rc=9", Failure.CONNECT_REFUSED, world=world)[2]) == 2


def _edge_down(edge: str, **params: Any) -> World:
    world = make_world()
    faults.begin(world, "edge-down", {"edge": edge, **params}, 0.0)
    return world


def test_an_edge_is_down() -> None:
    """With its edge down a webhook fails; one whose URL names a second edge gets out on the retry."""
    call, scene, exchanges = _fetch("", SERVES, world=_edge_down("ashburn"))
    assert [(one.edge, one.failure) for one in exchanges] == [("ashburn", "connect-refused")] * 2
    assert scene.app.asked == []
    assert call.outcome == "error-message"  # The fallback names no edge either.
    call, _, exchanges = _fetch("e=ashburn,umatilla", SERVES, world=_edge_down("ashburn"))
    assert [(one.edge, one.status, one.failure) for one in exchanges] == [
        ("ashburn", 0, "connect-refused"), ("umatilla", 200, ""),
    ]  # fmt: skip
    assert call.outcome == "served"


def test_an_edge_swallows_or_is_slow() -> None:
    """A black hole takes the connect time-out, not the whole budget; a slow edge takes the read time-out."""
    _, _, exchanges = _fetch("e=ashburn,umatilla&ct=1000", SERVES, world=_edge_down("ashburn", mode="black-hole"))
    assert [(one.failure, one.seconds) for one in exchanges] == [("connect-timeout", 1.0), ("", 0.0)]
    _, _, exchanges = _fetch("e=ashburn,umatilla&rt=2000&rp=rt", SERVES, world=_edge_down("ashburn", mode="slow"))
    assert [(one.failure, one.seconds) for one in exchanges] == [("read-timeout", 2.0), ("", 0.0)]
    _, _, exchanges = _fetch("", SERVES, world=_edge_down("ashburn", mode="slow", delay_s=3))
    assert [(one.status, one.seconds) for one in exchanges] == [(200, 3.0)]


def test_fallback_has_its_own_overrides() -> None:
    """Overrides are per URL: the fallback is asked as its own fragment says, the status callback as its own."""
    world = make_world()
    voice = voice_of(world).voice
    voice.voice_fallback_url = FALLBACK + "#e=dublin&rp=5xx&rc=2"
    voice.status_callback = STATUS + "#e=tokyo"
    left = [E500, E500, SERVES]
    voice.voice_url = PRIMARY + "#rc=0"
    call, scene = call_once({PRIMARY: E500, FALLBACK: lambda *_: left.pop(0)}, PATIENT, world=world)
    (logged,) = scene.logged()
    assert [(one.url, one.edge, one.attempt, one.status) for one in logged.exchanges] == [
        (PRIMARY, "ashburn", 1, 500), (FALLBACK, "dublin", 1, 500), (FALLBACK, "dublin", 2, 500),
        (FALLBACK, "dublin", 3, 200), (STATUS, "tokyo", 1, 204),
    ]  # fmt: skip
    assert call.outcome == "served"


def test_overrides_in_twiml_attributes() -> None:
    """The URL of an ``action`` or a Redirect has overrides of its own, and they are obeyed."""
    world = make_world()
    step, key = "https://app.example/step", "https://app.example/key"
    answers: dict[str, Answer] = {
        PRIMARY: "<Redirect>/step#e=sydney</Redirect>",
        step: "<Gather numDigits='1' action='key#e=tokyo,sydney&amp;rp=5xx&amp;rc=2'/>",
        key: Response(503),
        FALLBACK: SERVES,
    }
    call, scene = call_once(answers, Caller(("1",), 120), world=world)
    asked = [(one.url, one.edge, one.attempt) for one in scene.logged()[0].exchanges]
    assert asked[:-1] == [
        (PRIMARY, "ashburn", 1), (step, "sydney", 1), (key, "tokyo", 1), (key, "sydney", 2), (key, "tokyo", 3),
        (FALLBACK, "ashburn", 1),
    ]  # fmt: skip
    assert scene.app.fields(FALLBACK)[0]["ErrorUrl"] == key
    assert call.outcome == "served"


def test_redirects_are_in_the_log() -> None:
    """Every hop of a redirect is an exchange of its own, under the overrides of the URL that was configured."""
    world = make_world()
    voice_of(world).voice.voice_url = PRIMARY + "#e=dublin,tokyo&rp=5xx"
    left = [Response(503), SERVES]
    moved = "https://app.example/moved"
    answers: dict[str, Answer] = {PRIMARY: Response(307, (("Location", "/moved"),)), moved: lambda *_: left.pop(0)}
    _, scene = call_once(answers, world=world)
    (logged,) = scene.logged()
    assert [(one.url, one.method, one.edge, one.attempt, one.status) for one in logged.exchanges[:3]] == [
        (PRIMARY, "POST", "dublin", 1, 307), (moved, "POST", "dublin", 1, 503), (moved, "POST", "tokyo", 2, 200),
    ]  # fmt: skip


def test_no_secret_in_the_log() -> None:
    """Neither credentials nor parameters nor the fragment are in the log of exchanges."""
    world = make_world()
    voice_of(world).voice.voice_url = "https://bob:s3cret@app.example/voice?team=a#rc=0"
    voice_of(world).voice.voice_method = "GET"
    _, scene = call_once({PRIMARY: SERVES}, world=world)
    assert scene.logged()[0].exchanges[0].url == PRIMARY + "?team=a"
    voice_of(world).voice.voice_url = "https://bob:s3cret@app.example/voice#e=mars"
    _, scene = call_once({FALLBACK: SERVES}, world=world)
    assert "s3cret" not in repr(world.regions["us1"].alerts) + repr(scene.app.fields(FALLBACK))

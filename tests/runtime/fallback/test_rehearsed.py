"""The fallback in a rehearsal: the twin breaks the primary in each documented way, and its callers land with us."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from asgi_caller import ask
from switchboard_scene import (
    CALLER,
    NUMBER,
    PRIMARY,
    SERVES,
    App,
    Scene,
    make_world,
    put_trunk,
    set_route,
    voice_of,
)
from voicedr.runtime.fallback import Settings, create_app, read_policy
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import NetworkCall, Party, World
from voicedr.wire.http import Request, Response, Timeouts

SORRY = "This is Acme. Please call again."
POLICY = f"""\
fallback: 1
routes:
  - name: trunk
    when: {{kind: trunk}}
    do: voicemail
    say: The office cannot be reached. Leave a message.
  - name: text
    when: {{kind: message}}
    do: reply
    say: We are down.
default: {{do: message, say: "{SORRY}"}}
"""
RESUMES = f"""\
fallback: 1
routes:
  - name: blip
    do: resume
    url: failed
    say: One moment.
    attempts_max: 2
    otherwise: {{do: message, say: "{SORRY}"}}
default: {{do: message, say: Never.}}
"""


def said(call: NetworkCall) -> list[str]:
    """What the caller was told, in order."""
    return [stretch.detail for stretch in call.heard]


class Kept:
    """A log that is kept."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.dropped = 0

    def say(self, event: str, **values: object) -> None:
        """One line."""
        self.lines.append({"event": event, **values})

    def end(self) -> None:
        """Nothing waits."""


class Internet(App):
    """The primary answers as it is told; whatever goes to our host is answered by the fallback itself."""

    def __init__(self, world: World, policy: str) -> None:
        super().__init__({PRIMARY: SERVES})
        self.log = Kept()
        tokens = {region: store.auth_token for region, store in world.regions.items()}
        self.fallback: Any = create_app(read_policy(policy, "p.yaml"), Settings(tokens), self.log)

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Be asked."""
        if urlsplit(request.url).hostname != "spare.example":
            return await super().__call__(request, timeouts)
        came = await ask(self.fallback, request.method, request.url, request.headers, request.body)
        return Response(came.status, tuple(came.headers.items()), came.body)

    def codes(self) -> list[str]:
        """The error codes that the fallback was told."""
        return [line["error_code"] for line in self.log.lines if line["event"] == "answered"]


def play(script: Callable[[Scene, Internet], Awaitable[None]], world: World, policy: str = POLICY) -> None:
    """Run a script in virtual time."""

    async def main(clock: VirtualClock) -> None:
        app = Internet(world, policy)
        app.clock = clock
        scene = Scene(world, app, clock, Switchboard(world, clock, app))
        await script(scene, app)
        await scene.switchboard.close()

    run_virtual(main)


BREAKS: list[tuple[str, dict[str, Any], str]] = [
    *(("webhook-unreachable", {"mode": mode}, code) for mode, code in (
        ("refuse", "11205"), ("black-hole", "11200"), ("connect-timeout", "11205"), ("reset", "11200"),
        ("name-not-found", "11210"), ("tls-expired", ""), ("500", "11200"), ("503", "11200"), ("slow", "11200"),
    )),
    ("webhook-slow", {"delay_s": 20}, "11200"),
    ("webhook-malformed-twiml", {}, "12100"),
    ("webhook-truncated", {}, "12100"),
    ("webhook-redirect-loop", {}, "11215"),
    ("webhook-reset", {}, "11200"),
    ("webhook-tls-expired", {}, "11236"),
    ("webhook-tls-mismatch", {}, "11235"),
    ("webhook-too-large", {}, "11750"),
    ("webhook-name-lost", {}, "11210"),
    ("webhook-wrong-content", {}, "12300"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "params", "code"), BREAKS)
@pytest.mark.parametrize("region", ["us1", "ie1"])
def test_the_primary_fails_and_recovers(fault: str, params: dict[str, Any], code: str, region: str) -> None:
    """In each way and in either Region: the caller hears our message, we are told why, and nobody switches back."""
    world = make_world()
    if region != "us1":
        set_route(world, region)

    async def script(scene: Scene, app: Internet) -> None:
        await scene.clock.sleep(1)
        fault_id = scene.breaks(fault, host="app.example", **params)
        assert SORRY in said(await scene.call())
        line = app.log.lines[0]
        assert (line["token"], line["route"], line["error_url"]) == (region, "default", PRIMARY)
        assert code in ("", line["error_code"])
        faults.end(world, fault_id, scene.now)
        assert "Welcome to the line" in said(await scene.call())
        assert len(app.codes()) == 1

    play(script, world)


def test_a_call_goes_back_to_a_primary_that_had_a_moment() -> None:
    """A primary that fails once gets the call back; one that stays dead gets it twice, and then the caller hears us."""

    async def script(scene: Scene, app: Internet) -> None:
        fails = [Response(500)]
        app.answers[PRIMARY] = lambda request, fields: fails.pop() if fails else SERVES
        assert [one for one in said(await scene.call()) if "moment" in one or "Welcome" in one] == [
            "One moment.", "Welcome to the line",
        ]  # fmt: skip
        app.answers[PRIMARY] = Response(500)
        app.asked.clear()
        words = said(await scene.call())
        assert (words.count("One moment."), words.count(SORRY)) == (2, 1)
        assert app.urls().count(PRIMARY) == 3

    play(script, make_world(), RESUMES)


def test_no_sbc_takes_the_call() -> None:
    """When every SBC of a trunk is dead, its disaster-recovery URL is ours, and the caller leaves a message."""
    world = make_world()
    put_trunk(world, ("sip:sbc1.acme.example", 1, 1), ("sip:sbc2.acme.example", 2, 1),
              recovery="https://spare.example/trunk")  # fmt: skip
    for one in ("sip:sbc1.acme.example", "sip:sbc2.acme.example"):
        world.parties[one] = Party(answers=False)

    async def script(scene: Scene, app: Internet) -> None:
        network = await scene.call(Caller(hangs_up_after_s=60))
        assert "The office cannot be reached. Leave a message." in said(network)
        assert [(line["kind"], line["route"], line["error_code"]) for line in app.log.lines[:1]] == [
            ("trunk", "trunk", "")
        ]
        assert "recorded" in [line["event"] for line in app.log.lines]

    play(script, world)


def test_a_text_message() -> None:
    """When SmsUrl fails, its sender gets our reply, signed with the rules of messages."""
    world = make_world()
    configured = voice_of(world)
    configured.sms_url, configured.sms_fallback_url = "https://app.example/sms", "https://spare.example:8443/message"

    async def script(scene: Scene, app: Internet) -> None:
        app.answers["https://app.example/sms"] = Response(500)
        message = await scene.switchboard.message(CALLER, NUMBER, "Hi")
        assert (message.outcome, message.replies) == ("answered-by-fallback", ["We are down."])
        assert app.codes() == ["11200"]

    play(script, world)

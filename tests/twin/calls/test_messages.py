"""Text messages: SmsUrl, its fallback, and what is told (https://www.twilio.com/docs/messaging/guides/webhook-request)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from switchboard_scene import CALLER, NUMBER, Answer, Scene, make_world, play, put_application, set_route, voice_of
from voicedr.twin import faults
from voicedr.twin.world.model import Message, World
from voicedr.wire.http import Failure, Request, Response
from voicedr.wire.signatures import HEADER, sign, sign_message

SMS = "https://app.example:8443/sms"
SPARE = "https://spare.example/sms"
XML = ("Content-Type", "text/xml")
REPLIES = "<Message>Thanks</Message>"


def _world() -> World:
    world = make_world()
    configured = voice_of(world)
    configured.sms_url, configured.sms_fallback_url = SMS, SPARE
    return world


def _send(
    answers: dict[str, Answer], *, world: World | None = None, takes_s: float = 0.0, to: str = NUMBER, body: str = "Hi"
) -> tuple[Message, Scene]:
    sent: list[Message] = []

    async def script(scene: Scene) -> None:
        sent.append(await scene.switchboard.message(CALLER, to, body))

    scene = play(script, answers, world=world or _world(), takes_s=takes_s)
    return sent[0], scene


def test_parameters_and_signature() -> None:
    """The webhook says who writes what; unlike a voice webhook's, its signature has the port."""
    message, scene = _send({SMS: REPLIES})
    (asked,) = scene.app.asked
    assert asked.fields == {
        "AccountSid": scene.world.account_sid,
        "ApiVersion": "2010-04-01",
        "Body": "Hi",
        "From": CALLER,
        "MessageSid": message.sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": NUMBER,
    }
    token = scene.world.regions["us1"].auth_token
    assert asked.request.header(HEADER) == sign_message(token, SMS, asked.fields.items())
    assert asked.request.header(HEADER) != sign(token, SMS, asked.fields.items())
    assert (message.outcome, message.replies, scene.codes()) == ("answered", ["Thanks"], [])
    assert [(one.url, one.status) for one in message.exchanges] == [(SMS, 200)]


@pytest.mark.parametrize(
    ("answer", "replies"),
    [
        (REPLIES, ["Thanks"]),
        ("", []),
        ("<Message><Body>One</Body><Media>https://x.example/</Media></Message><Sms>Two</Sms>", ["One", "Two"]),
        (Response(200, (("Content-Type", "text/plain"),), b"Plain <b>"), ["Plain <b>"]),
        ("<Say>Not here</Say>", []),
    ],
)
def test_replies(answer: Answer, replies: list[str]) -> None:
    """TwiML of messages is obeyed, and a plain text is the reply."""
    message, _ = _send({SMS: answer})
    assert (message.outcome, message.replies) == ("answered", replies)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (Response(500), "11200"),
        (Response(404), "11200"),
        (Failure.CONNECT_REFUSED, "11205"),
        (Failure.READ_TIMEOUT, "11200"),
        (Failure.NAME_NOT_FOUND, "11210"),
        (Response(200, (XML,), b"<Response>"), "12100"),
        (Response(200, (("Content-Type", "audio/mpeg"),), b"x"), "12300"),
        (Response(200, (), b"<Response/>"), "12300"),
    ],
)
def test_fallback(bad: Answer, code: str) -> None:
    """Whatever fails is an alert, and the fallback, told ErrorCode and ErrorUrl, answers."""
    message, scene = _send({SMS: bad, SPARE: REPLIES})
    (told,) = scene.app.fields(SPARE)
    assert (told["ErrorCode"], told["ErrorUrl"], told["Body"]) == (code, SMS, "Hi")
    assert scene.codes() == [code]
    assert scene.world.regions["us1"].alerts[0].resource_sid == message.sid
    assert (message.outcome, message.replies) == ("answered-by-fallback", ["Thanks"])


def test_fifteen_seconds() -> None:
    """Without an answer for 15 s the fallback is asked, and when that fails too nothing more happens."""
    message, scene = _send({SMS: REPLIES, SPARE: REPLIES}, takes_s=20)
    assert [(one.seconds, one.failure) for one in message.exchanges] == [(15.0, "read-timeout")] * 2
    assert (message.outcome, message.replies, scene.codes()) == ("failed", [], ["11200", "11200"])


def test_no_fallback() -> None:
    """Without a fallback one failure is the end."""
    world = _world()
    voice_of(world).sms_fallback_url = ""
    message, scene = _send({SMS: Response(503)}, world=world)
    assert (message.outcome, scene.app.urls()) == ("failed", [SMS])


def test_redirect_fails() -> None:
    """What was said before a Redirect that fails is not sent; the fallback's is."""
    message, scene = _send({SMS: "<Message>Lost</Message><Redirect>/gone</Redirect>", SPARE: REPLIES})
    assert scene.app.fields(SPARE)[0]["ErrorUrl"] == "https://app.example:8443/gone"
    assert message.replies == ["Thanks"]
    message, scene = _send({SMS: "<Redirect/>", SPARE: REPLIES})
    assert (message.outcome, scene.codes()) == ("answered-by-fallback", ["12400"])


def test_application_overrides() -> None:
    """``sms_application_sid`` overrides every URL of the number; one that has none, or is gone, leaves nobody."""
    world = _world()
    application = put_application(world, "https://app.example/voice")
    voice_of(world).sms_application_sid = application.sid
    assert _send({SMS: REPLIES}, world=world)[0].outcome == "no-handler"
    application.sms_url, application.sms_method = "https://apps.example/sms", "GET"
    message, scene = _send({"https://apps.example/sms": REPLIES}, world=world)
    assert (message.outcome, scene.app.asked[0].request.method) == ("answered", "GET")
    del world.regions["us1"].applications[application.sid]
    assert _send({SMS: REPLIES}, world=world)[0].outcome == "no-handler"


def test_voice_route_does_not_move_messages() -> None:
    """A number whose calls go to ie1 still has its messages in us1; with us1 down nobody is asked."""
    world = _world()
    set_route(world, "ie1")
    assert _send({SMS: REPLIES}, world=world)[0].region == "us1"
    faults.begin(world, "region-down", {"region": "us1"}, 0.0)
    message, scene = _send({SMS: REPLIES}, world=world)
    assert (message.outcome, scene.app.asked) == ("not-taken", [])


def test_overrides_and_edges() -> None:
    """Connection overrides hold for messages, too."""
    world = _world()
    voice_of(world).sms_url = SMS + "#e=ashburn,dublin&rp=5xx&rc=1"
    left = [Response(503), Response(200, (XML,), b"<Response/>")]
    message, _ = _send({SMS: lambda *_: left.pop(0)}, world=world)
    assert [(one.edge, one.status) for one in message.exchanges] == [("ashburn", 503), ("dublin", 200)]


def test_not_ours() -> None:
    """A number that the account has not gets nothing."""
    assert _send({SMS: REPLIES}, to="+14155550999")[0].outcome == "not-ours"


def test_cookies_last_four_hours() -> None:
    """Cookies are kept between the same two numbers, until four hours have passed without a message."""
    seen: list[str | None] = []

    def answers(request: Request, fields: dict[str, str]) -> Response:
        seen.append(request.header("Cookie"))
        return Response(200, (XML, ("Set-Cookie", "step=1")), b"<Response/>")

    def writing(*gaps_s: float) -> Callable[[Scene], Awaitable[None]]:
        async def script(scene: Scene) -> None:
            for gap_s in gaps_s:
                await scene.clock.sleep(gap_s)
                await scene.switchboard.message(CALLER, NUMBER, "Hi")
            await scene.switchboard.message("+16465550002", NUMBER, "Hi")

        return script

    play(writing(0, 3 * 3600, 3.9 * 3600, 4.1 * 3600), {SMS: answers}, world=_world())
    assert seen == [None, "step=1", "step=1", None, None]

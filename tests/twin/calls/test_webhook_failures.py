"""Every way in which a webhook can fail has its code, and redirects, cookies and logins work as documented."""

from __future__ import annotations

import pytest

from switchboard_scene import (
    FALLBACK,
    PRIMARY,
    SERVES,
    STATUS,
    Answer,
    call_once,
    heard,
    make_world,
    put_application,
    signed_by,
    twiml,
    voice_of,
)
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.wire.http import Failure, Request, Response

XML = ("Content-Type", "text/xml")


def redirect_to(location: str, status: int = 302) -> Response:
    """A redirect."""
    return Response(status, (("Location", location),))


FAILURES: list[tuple[str, Answer, int, int]] = [
    # what, the answer, the code, how often it is asked
    ("name", Failure.NAME_NOT_FOUND, 11210, 1),
    ("refused", Failure.CONNECT_REFUSED, 11205, 2),
    ("connect timeout", Failure.CONNECT_TIMEOUT, 11205, 2),
    ("TLS handshake", Failure.TLS_HANDSHAKE, 11220, 2),
    ("TLS name", Failure.TLS_NAME_MISMATCH, 11235, 1),
    ("TLS expired", Failure.TLS_EXPIRED, 11236, 1),
    ("TLS untrusted", Failure.TLS_UNTRUSTED, 11237, 1),
    ("protocol", Failure.PROTOCOL, 11206, 1),
    ("reset", Failure.RESET, 11200, 1),
    ("read timeout", Failure.READ_TIMEOUT, 11200, 1),
    ("too large, cut off", Failure.TOO_LARGE, 11750, 1),
    ("404", Response(404), 11200, 1),
    ("429", Response(429), 11200, 1),
    ("500", Response(500), 11200, 1),
    ("401 without credentials", Response(401, (("WWW-Authenticate", "Basic realm=x"),)), 11200, 1),
    ("redirect loop", redirect_to("/voice"), 11215, 11),
    ("redirect without place", Response(302), 11216, 1),
    ("redirect elsewhere", redirect_to("ftp://x.example/"), 11216, 1),
    ("not modified", Response(304, (("Location", PRIMARY),)), 11216, 1),
    ("no content type", Response(200, (), b"<Response/>"), 12300, 1),
    ("JSON", Response(200, (("Content-Type", "application/json"),), b"{}"), 12300, 1),
    ("not XML", Response(200, (XML,), b"<Response>"), 12100, 1),
    ("empty", Response(200, (XML,), b""), 12100, 1),
    ("empty chunked", Response(200, (XML, ("Transfer-Encoding", "chunked")), b""), 11770, 1),
    ("wrong root", Response(200, (XML,), b"<response/>"), 12102, 1),
    ("too large", Response(200, (XML,), b"<Response>" + b" " * 65536 + b"</Response>"), 11750, 1),
    ("entity bomb", Response(200, (XML,), b'<!DOCTYPE a [<!ENTITY b "c">]><Response/>'), 12100, 1),
]


@pytest.mark.parametrize(("what", "answer", "code", "times"), FAILURES, ids=[row[0] for row in FAILURES])
def test_failure_codes(what: str, answer: Answer, code: int, times: int) -> None:
    """Each failure is logged with its code, and the fallback is told the code and the URL, and serves the caller."""
    call, scene = call_once({PRIMARY: answer, FALLBACK: SERVES}, Caller(hangs_up_after_s=60))
    assert scene.codes() == [str(code)]
    alert = scene.world.regions["us1"].alerts[0]
    assert alert.log_level == "error"
    assert alert.resource_sid == call.call_sid
    assert scene.app.urls().count(PRIMARY) == times
    (told,) = scene.app.fields(FALLBACK)
    assert told["ErrorCode"] == str(code)
    assert call.outcome == "served"
    if what != "redirect elsewhere":
        assert told["ErrorUrl"] == alert.request_url == PRIMARY
    assert scene.logged()[0].status == "completed"


@pytest.mark.parametrize(("what", "answer", "code", "times"), FAILURES, ids=[row[0] for row in FAILURES])
def test_fallback_invalid_too(what: str, answer: Answer, code: int, times: int) -> None:
    """When the fallback fails as well, both are logged and the caller hears the prerecorded message and is cut off."""
    call, scene = call_once({PRIMARY: Response(500), FALLBACK: answer}, Caller(hangs_up_after_s=90))
    assert scene.codes() == ["11200", str(code)]
    assert call.outcome == "error-message"
    assert heard(call)[-1] == "error-message"
    assert scene.logged()[0].status == "completed"


def test_no_fallback() -> None:
    """Without a fallback one failure is enough for the error message."""
    world = make_world()
    voice_of(world).voice.voice_fallback_url = ""
    call, scene = call_once({PRIMARY: Response(503)}, world=world)
    assert call.outcome == "error-message"
    assert scene.codes() == ["11200"]


def test_bad_url_is_11100() -> None:
    """A URL that cannot be asked is the error 11100 and goes to the fallback."""
    for url in ("voice", "https://", "ftp://a.example/", "https://a b/", "http://[", "https://h.example:x/"):
        world = make_world()
        voice_of(world).voice.voice_url = url
        call, scene = call_once({FALLBACK: SERVES}, world=world)
        assert scene.codes() == ["11100"], url
        assert call.outcome == "served"


def test_fifteen_seconds_in_all() -> None:
    """Connecting counts: what is left of 15 s is what the second attempt may take, and no more."""
    _, scene = call_once({PRIMARY: Failure.CONNECT_TIMEOUT, FALLBACK: SERVES}, Caller(hangs_up_after_s=60))
    first, second, fallback = scene.app.asked[:3]
    assert (first.timeouts.connect_s, first.timeouts.total_s) == (5.0, 15.0)
    assert second.timeouts.total_s == pytest.approx(10.0, abs=0.01)
    assert fallback.at - first.at == pytest.approx(10.0, abs=0.01)
    assert fallback.timeouts.total_s == 15.0


def test_slow_application() -> None:
    """An application that takes longer than 15 s is a failure after exactly that."""
    call, scene = call_once({PRIMARY: SERVES, FALLBACK: SERVES}, Caller(hangs_up_after_s=90), takes_s=20)
    assert scene.codes()[:2] == ["11200", "11200"]
    assert call.heard[0].for_s == pytest.approx(30.3, abs=0.05)
    assert call.outcome == "error-message"


def test_redirects_keep_parameters_and_sign_anew() -> None:
    """After 302 the parameters travel in the query of a GET, after 307 in the form; each is signed for its URL."""
    for status, method in ((301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")):
        answers: dict[str, Answer] = {
            PRIMARY: redirect_to("/moved?keep=1", status),
            "https://app.example/moved": SERVES,
        }
        call, scene = call_once(answers)
        first, second = scene.app.asked[:2]
        assert second.request.method == method
        assert {**first.fields, **({"keep": "1"} if method == "GET" else {})} == second.fields
        assert signed_by(second, scene.world.regions["us1"].auth_token)
        assert call.outcome == "served"


def test_get_webhook() -> None:
    """A webhook configured as GET has its parameters in the query, also behind one of its own."""
    world = make_world()
    voice_of(world).voice.voice_url = PRIMARY + "?team=a"
    voice_of(world).voice.voice_method = "GET"
    _, scene = call_once({PRIMARY: SERVES}, world=world)
    asked = scene.app.asked[0]
    assert asked.request.body == b""
    assert asked.fields["team"] == "a"
    assert asked.fields["CallStatus"] == "ringing"
    assert signed_by(asked, world.regions["us1"].auth_token)


def test_cookies_stay_with_the_call() -> None:
    """Cookies come back to the host that set them for the rest of the call, and to no other call."""
    first = Response(
        200,
        (XML, ("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")),
        b"<Response><Redirect>/two</Redirect></Response>",
    )

    _, scene = call_once({PRIMARY: first, "https://app.example/two": "<Redirect>https://x.example/</Redirect>",
                          "https://x.example/": SERVES})  # fmt: skip
    cookies = {asked.url: asked.request.header("Cookie") for asked in scene.app.asked}
    assert cookies == {
        PRIMARY: None, "https://app.example/two": "a=1; b=2", "https://x.example/": None, STATUS: "a=1; b=2"
    }  # fmt: skip


def test_basic_login() -> None:
    """Credentials of the URL are sent only after a 401 asks for them, then kept, and never shown in an alert."""
    world = make_world()
    voice_of(world).voice.voice_url = "https://bob:s3cret@app.example/voice"

    def guarded(request: Request, fields: dict[str, str]) -> Response:
        if request.header("Authorization") != "Basic Ym9iOnMzY3JldA==":
            return Response(401, (("WWW-Authenticate", 'Basic realm="app"'),))
        return twiml("<Redirect/>") if fields["CallStatus"] == "ringing" and not done else SERVES

    done: list[int] = []

    def count(request: Request, fields: dict[str, str]) -> Response:
        answer = guarded(request, fields)
        if answer.status == 200:
            done.append(1)
        return answer

    call, scene = call_once({PRIMARY: count}, world=world)
    sent = [asked.request.header("Authorization") is not None for asked in scene.app.asked if asked.url == PRIMARY]
    assert sent == [False, True, True]
    assert all("s3cret" not in asked.request.url for asked in scene.app.asked)
    assert call.outcome == "served"


def test_wrong_login_is_a_failure() -> None:
    """A 401 that the credentials do not cure is an ordinary failure, and no secret is in its alert."""
    world = make_world()
    voice_of(world).voice.voice_url = "https://bob:s3cret@app.example/voice"
    refuses = Response(401, (("WWW-Authenticate", "Basic realm=x"),))
    _, scene = call_once({PRIMARY: refuses, FALLBACK: SERVES}, world=world)
    assert scene.app.urls().count(PRIMARY) == 2
    assert scene.codes() == ["11200"]
    assert "s3cret" not in repr(world.regions["us1"].alerts) + repr(scene.app.fields(FALLBACK))


def test_connection_overrides_are_not_sent() -> None:
    """The fragment of a URL is for the provider's client: neither sent nor signed nor reported."""
    world = make_world()
    voice_of(world).voice.voice_url = PRIMARY + "#e=dublin&rc=2"
    _, scene = call_once({PRIMARY: Response(500), FALLBACK: SERVES}, world=world)
    assert scene.app.asked[0].request.url == PRIMARY
    assert signed_by(scene.app.asked[0], world.regions["us1"].auth_token)
    assert scene.app.fields(FALLBACK)[0]["ErrorUrl"] == PRIMARY


def test_idempotency_token() -> None:
    """Attempts at one URL share their token; the fallback has its own."""
    _, scene = call_once({PRIMARY: Failure.CONNECT_REFUSED, FALLBACK: SERVES})
    tokens = [asked.request.header("I-Twilio-Idempotency-Token") for asked in scene.app.asked[:3]]
    assert tokens[0] == tokens[1] != tokens[2]
    assert all(tokens)


def test_standard_parameters() -> None:
    """The first webhook says who calls whom, in which state, and who says it."""
    call, scene = call_once({PRIMARY: SERVES})
    assert scene.app.fields(PRIMARY) == [
        {
            "AccountSid": scene.world.account_sid,
            "ApiVersion": "2010-04-01",
            "CallSid": call.call_sid,
            "CallStatus": "ringing",
            "Called": "+14155550100",
            "Caller": "+16465550001",
            "Direction": "inbound",
            "From": "+16465550001",
            "To": "+14155550100",
        }
    ]
    assert scene.app.asked[0].request.header("User-Agent") == "TwilioProxy/1.1"


def test_faulty_webhook_status_and_delay() -> None:
    """A fault between Region and application looks like the application failing that way."""
    cases = {
        "refuse": ("11205", 0.3), "connect-timeout": ("11205", 10.3), "black-hole": ("11200", 15.3),
        "503": ("11200", 0.3), "slow": ("11200", 15.3), "tls-expired": ("11236", 0.3),
    }  # fmt: skip
    for mode, (code, heard_at) in cases.items():
        world = make_world()
        faults.begin(world, "webhook-unreachable", {"host": "app.example", "mode": mode}, 0.0)
        call, scene = call_once({PRIMARY: SERVES, FALLBACK: SERVES}, Caller(hangs_up_after_s=60), world=world)
        assert scene.codes()[0] == code, mode
        assert call.heard[1].at_s == pytest.approx(heard_at, abs=0.01), mode
        assert call.outcome == "served"


def test_documents_that_lead_nowhere_end() -> None:
    """Documents that send to each other without any time passing are stopped; the caller hears the error message."""
    call, scene = call_once({PRIMARY: "<Redirect/>"})
    assert call.outcome == "error-message"
    assert scene.codes()[0] == "12400"


def test_application_url_is_used() -> None:
    """A TwiML App on the number overrides the number's own URLs."""
    world = make_world()
    put_application(world, "https://other.example/app")
    call, scene = call_once({"https://other.example/app": SERVES}, world=world)
    assert scene.app.urls() == ["https://other.example/app"]
    assert call.outcome == "served"

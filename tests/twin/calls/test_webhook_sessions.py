"""For the length of a call the provider's client stays logged in, keeps cookies, and reuses answers to a GET.

https://www.twilio.com/docs/usage/security#http-authentication, https://www.twilio.com/docs/voice/twiml#cookies
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from switchboard_scene import (
    FALLBACK,
    NUMBER,
    PRIMARY,
    SERVES,
    STATUS,
    Answer,
    Scene,
    call_once,
    make_world,
    play,
    put_application,
    signed_by,
    voice_of,
)
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.calls.session import Session
from voicedr.twin.world.model import World
from voicedr.wire.digest import authorization, read_challenge
from voicedr.wire.http import Request, Response

XML = ("Content-Type", "text/xml")
TWO = "https://app.example/two"
GOES_ON = Response(200, (XML,), b"<Response><Redirect>/two</Redirect></Response>")


def _world(user: str = "bob:s3cret@", method: str = "POST") -> World:
    world = make_world()
    voice_of(world).voice.voice_url = f"https://{user}app.example/voice"
    voice_of(world).voice.voice_method = method
    return world


def _digest_server(
    answer: Response, *, challenge: str = 'realm="app", nonce="n1", qop="auth", opaque="o"', nonce: str = "n1"
) -> Callable[[Request, dict[str, str]], Response]:
    """Checks the password as a server does: by computing the same digest."""

    def answers(request: Request, fields: dict[str, str]) -> Response:
        sent = request.header("Authorization") or ""
        given = dict(re.findall(r'(\w+)="?([^",]*)"?', sent.removeprefix("Digest ")))
        asked = read_challenge("Digest " + challenge)
        assert asked is not None
        if given.get("nonce") == nonce:
            expected = authorization(
                asked, "bob", "s3cret", request.method, request.url,
                count=int(given.get("nc", "1"), 16), cnonce=given.get("cnonce", ""),
            )  # fmt: skip
            if expected == sent:
                return answer
        return Response(401, (("WWW-Authenticate", "Basic realm=old"), ("WWW-Authenticate", f"Digest {challenge}")))

    return answers


@pytest.mark.parametrize(
    "challenge", ['realm="app", nonce="n1", qop="auth", opaque="o"', 'realm="app", nonce="n1", algorithm=MD5']
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_digest(challenge: str, method: str) -> None:
    """A 401 with a Digest challenge is answered, with and without qop; the rest of the call is logged in."""
    answers: dict[str, Answer] = {
        PRIMARY: _digest_server(GOES_ON, challenge=challenge),
        TWO: _digest_server(SERVES, challenge=challenge),
    }
    world = _world(method=method)
    call, scene = call_once(answers, world=world)
    assert call.outcome == "served"
    assert scene.codes() == []
    sent = [(asked.url, asked.request.header("Authorization") or "") for asked in scene.app.asked]
    assert [(url, bool(header)) for url, header in sent] == [
        (PRIMARY, False), (PRIMARY, True), (TWO, True), (STATUS, True),
    ]  # fmt: skip
    if "qop" in challenge:
        assert [re.findall(r"nc=(\w+)", header) for _, header in sent[1:]] == [["00000001"], ["00000002"], ["00000003"]]
    assert "s3cret" not in repr([asked.request for asked in scene.app.asked])
    assert all(signed_by(asked, world.regions["us1"].auth_token) for asked in scene.app.asked)
    statuses = [(one.status, one.attempt) for one in scene.logged()[0].exchanges]
    assert statuses == [(401, 1), (200, 1), (200, 1), (204, 1)]


def test_digest_nonce_grows_old() -> None:
    """A later 401 with a new nonce is answered once more with what is known, though the URL has no password."""
    new = 'realm="app", nonce="n2", qop="auth", stale=true'
    answers: dict[str, Answer] = {
        PRIMARY: _digest_server(GOES_ON),
        TWO: _digest_server(SERVES, challenge=new, nonce="n2"),
    }
    call, scene = call_once(answers, world=_world())
    assert call.outcome == "served"
    assert scene.app.urls().count(TWO) == 2


def test_digest_wrong_password() -> None:
    """A challenge that the password does not cure is a failure, after two requests, and no retry policy adds one."""
    world = _world("bob:wrong@")
    voice_of(world).voice.voice_url += "#rc=0&rp=4xx"
    call, scene = call_once({PRIMARY: _digest_server(SERVES), FALLBACK: SERVES}, world=world)
    assert scene.app.urls().count(PRIMARY) == 2
    assert scene.codes() == ["11200"]
    assert call.outcome == "served"


def test_unknown_scheme() -> None:
    """A challenge of a kind that is not documented is an ordinary 401."""
    bearer = Response(401, (("WWW-Authenticate", 'Bearer realm="x"'),))
    _, scene = call_once({PRIMARY: bearer, FALLBACK: SERVES}, world=_world())
    assert scene.app.urls().count(PRIMARY) == 1
    assert scene.codes() == ["11200"]


def test_login_is_for_one_call() -> None:
    """The next call starts without a login, and a login goes to no other host."""
    elsewhere = "https://other.example/x"
    answers: dict[str, Answer] = {
        PRIMARY: _digest_server(
            Response(200, (XML,), f"<Response><Redirect>{elsewhere}</Redirect></Response>".encode())
        ),
        elsewhere: SERVES,
    }
    for _ in range(2):
        _, scene = call_once(answers, world=_world())
        sent = {asked.url: asked.request.header("Authorization") is not None for asked in scene.app.asked[::-1]}
        assert sent == {PRIMARY: False, elsewhere: False, STATUS: True}


@pytest.mark.parametrize("header", [("ETag", '"v1"'), ("Last-Modified", "Tue, 03 Mar 2026 10:00:00 GMT")])
def test_get_is_cached(header: tuple[str, str]) -> None:
    """The same GET within a call is made with its validator, and a 304 stands for the document that was kept."""
    asks = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[header[0]]
    page = Response(200, (XML, header), b"<Response><Say>Again</Say><Redirect method='GET'/></Response>")
    seen: list[str | None] = []

    def answers(request: Request, fields: dict[str, str]) -> Response:
        seen.append(request.header(asks))
        if len(seen) > 4:
            return SERVES
        return Response(304) if request.header(asks) == header[1] else page

    world = _world("", "GET")
    call, scene = call_once({PRIMARY: answers}, world=world)
    # The second request has another CallStatus and so another URL; from the third on it is the same.
    assert seen == [None, None, header[1], header[1], header[1]]
    assert [one.status for one in scene.logged()[0].exchanges[:5]] == [200, 200, 304, 304, 200]
    assert (call.outcome, scene.codes()) == ("served", [])


def test_post_is_not_cached() -> None:
    """An answer to a POST is never kept, whatever its headers say; so is one that says no-store."""
    for method, extra in (("POST", ()), ("GET", (("Cache-Control", "no-store"),))):
        page = Response(200, (XML, ("ETag", "v1"), *extra), b"<Response><Say>x</Say><Redirect/></Response>")
        left = [page, page, page, SERVES]
        _, scene = call_once({PRIMARY: lambda *_, left=left: left.pop(0)}, world=_world("", method))
        assert [asked.request.header("If-None-Match") for asked in scene.app.asked] == [None] * 5


def _kept(session: Session, url: str, *cookies: str, now: float = 0.0) -> None:
    session.keep_cookies(url, Response(200, tuple(("Set-Cookie", cookie) for cookie in cookies)), now)


def test_cookie_scope() -> None:
    """Cookies go back as from a browser (RFC 6265): by host or Domain, by Path, and Secure only over TLS."""
    session = Session()
    _kept(
        session, "https://app.example/ivr/start",
        "a=1", "b=2; Path=/", "c=3; Domain=example; Path=/", "d=4; Domain=other.example", "e=5; Secure; Path=/",
        "broken", "=6", "f=7; Path=relative",
    )  # fmt: skip
    _kept(session, "https://eu.app.example/", "g=8; Domain=.app.example")
    assert session.cookie_header("https://app.example/ivr/next", 0.0) == "a=1; f=7; b=2; e=5; g=8"
    assert session.cookie_header("https://app.example:8443/other", 0.0) == "b=2; e=5; g=8"
    assert session.cookie_header("http://app.example/ivrs", 0.0) == "b=2; g=8"
    assert session.cookie_header("https://x.app.example/ivr", 0.0) == "g=8"
    assert session.cookie_header("https://notapp.example/", 0.0) == ""


def test_cookie_lifetime() -> None:
    """Max-Age beats Expires; one that is over is not sent, and one that is set to the past is removed."""
    session = Session()
    url = "https://app.example/"
    _kept(session, url, "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:01 GMT", "b=2; Max-Age=nonsense")
    _kept(session, url, "c=3; Expires=Thu, 01 Jan 1970 00:00:50 GMT", "d=4; Expires=whenever")
    assert session.cookie_header(url, 10.0) == "a=1; b=2; c=3; d=4"
    assert session.cookie_header(url, 55.0) == "a=1; b=2; d=4"
    _kept(session, url, "b=; Max-Age=0", "d=new", now=55.0)
    assert session.cookie_header(url, 61.0) == "d=new"


def test_home_region() -> None:
    """Every webhook says which Region sends it."""
    _, scene = call_once({PRIMARY: SERVES})
    assert {asked.request.header("X-Home-Region") for asked in scene.app.asked} == {"us1"}


def test_withheld_number() -> None:
    """A caller who withholds the number is From what the network says instead."""
    world, calls = make_world(), []

    async def script(scene: Scene) -> None:
        calls.append(await scene.switchboard.ended(scene.switchboard.dial("anonymous", NUMBER).id))

    scene = play(script, {PRIMARY: SERVES}, world=world)
    (told,) = scene.app.fields(PRIMARY)
    assert (told["From"], told["Caller"], calls[0].outcome) == ("anonymous", "anonymous", "served")


def test_ids() -> None:
    """A CallSid is CA and 32 hexadecimal digits, an AccountSid AC and 32."""
    _, scene = call_once({PRIMARY: SERVES})
    (told,) = scene.app.fields(PRIMARY)
    assert re.fullmatch("CA[0-9a-f]{32}", told["CallSid"])
    assert re.fullmatch("AC[0-9a-f]{32}", told["AccountSid"])


def test_url_beats_twiml() -> None:
    """A call made with Url and Twiml runs the Url, and the warning 32019 says so."""

    async def script(scene: Scene) -> None:
        await scene.rest_call(Instructions(url=PRIMARY, twiml="<Response><Hangup/></Response>"), to="+14155550999")

    scene = play(script, {PRIMARY: SERVES})
    assert scene.app.urls()[0] == PRIMARY
    assert [(one.error_code, one.log_level) for one in scene.world.regions["us1"].alerts] == [("32019", "warning")]


def test_applications_own_fallback() -> None:
    """A call that an application handles falls back to the application's VoiceFallbackUrl, not to the number's."""
    world = make_world()
    application = put_application(world, "https://apps.example/voice")
    application.voice.voice_fallback_url = "https://apps.example/spare"
    call, scene = call_once({"https://apps.example/spare": SERVES, FALLBACK: SERVES}, world=world)
    assert scene.app.urls() == ["https://apps.example/voice", "https://apps.example/spare"]
    assert call.outcome == "served"


def test_callbacks_that_wait_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback for which there is no place any more expires as 15002, and the call has nothing to do with it."""
    monkeypatch.setattr("voicedr.twin.switchboard.APART_MAX", 0)
    call, scene = call_once({PRIMARY: SERVES})
    assert (call.outcome, scene.codes(), scene.app.urls()) == ("served", ["15002"], [PRIMARY])


@pytest.mark.parametrize("looks_up", [True, False])
def test_caller_name_only_with_look_up(looks_up: bool) -> None:
    """CallerName is sent, and logged, only where the number has VoiceCallerIdLookup on and a name is found."""
    world = make_world()
    voice_of(world).voice_caller_id_lookup = looks_up
    _, scene = call_once({PRIMARY: SERVES}, Caller(name="ACME CORP"), world=world)
    expected = "ACME CORP" if looks_up else ""
    assert [told.get("CallerName", "") for told in scene.app.fields(PRIMARY)] == [expected]
    assert scene.logged()[0].caller_name == expected
    _, scene = call_once({PRIMARY: SERVES}, world=world)
    assert "CallerName" not in scene.app.fields(PRIMARY)[0]


def test_forwarded_from() -> None:
    """ForwardedFrom is sent only for a call that was forwarded and whose carrier says by whom."""
    _, scene = call_once({PRIMARY: SERVES}, Caller(forwarded_from="+16465550009"))
    assert [told["ForwardedFrom"] for told in scene.app.fields(PRIMARY)] == ["+16465550009"]
    _, scene = call_once({PRIMARY: SERVES})
    assert "ForwardedFrom" not in scene.app.fields(PRIMARY)[0]

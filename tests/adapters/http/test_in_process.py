"""InProcessSend and asgi_handler: a wire without sockets, under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from voicedr.adapters.http.in_process import Handler, InProcessSend, asgi_handler, place_of
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.wire.http import AnswerLost, Failure, NoResponse, NotDelivered, Request, Response, Timeouts, no_response

BUDGET = Timeouts(connect_s=5, total_s=15, body_bytes_max=100)


def sent(handlers: dict[str, Handler], request: Request, **options: Any) -> tuple[Response | NoResponse, float]:
    """What came of one request, and the virtual seconds it took."""

    async def main(clock: VirtualClock) -> tuple[Response | NoResponse, float]:
        send = InProcessSend(handlers, clock, **options)
        try:
            return await send(request, BUDGET), clock.monotonic_s()
        except NoResponse as broken:
            return broken, clock.monotonic_s()

    return run_virtual(main)


async def ok(request: Request) -> Response:
    """Say back what was asked."""
    return Response(200, (), f"{request.method} {request.url}".encode())


def raising(failure: Failure) -> Handler:
    """A server that breaks in one way."""

    async def handler(request: Request) -> Response:
        raise no_response(failure)

    return handler


def test_a_request_goes_to_the_server_of_its_place() -> None:
    """By host and port, without userinfo and without the scheme's own port; the rest to the one for the rest."""
    answer, seconds = sent({"app.example": ok}, Request("GET", "https://user:pw@APP.example:443/x?y=1"))
    assert isinstance(answer, Response)
    assert answer.text.startswith("GET ")
    assert seconds == 0
    answer, _ = sent({}, Request("GET", "https://api.dublin.ie1.twilio.com/x"), otherwise=ok)
    assert isinstance(answer, Response)


@pytest.mark.parametrize("url", ["https://nobody.example/", "not a url", "http://[::1/"])
def test_a_name_that_nobody_has_is_not_delivered(url: str) -> None:
    """As a resolver would say it."""
    answer, _ = sent({"app.example": ok}, Request("GET", url))
    assert isinstance(answer, NotDelivered)
    assert answer.failure is Failure.NAME_NOT_FOUND


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://a:80/", "a"),
        ("https://a:80/", "a:80"),
        ("http://127.0.0.1:8080/x", "127.0.0.1:8080"),
        ("http://[::1]:8080/x", "[::1]:8080"),
        ("https://u:p@A.b/", "a.b"),
    ],
)
def test_places_are_compared_as_they_are_meant(url: str, place: str) -> None:
    """Case, userinfo and the scheme's own port make no difference."""
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("failure", "seconds", "kind"),
    [
        (Failure.CONNECT_TIMEOUT, 5, NotDelivered),
        (Failure.READ_TIMEOUT, 15, AnswerLost),
        (Failure.CONNECT_REFUSED, 0, NotDelivered),
        (Failure.TLS_EXPIRED, 0, NotDelivered),
        (Failure.RESET, 0, AnswerLost),
    ],
)
def test_every_break_takes_its_time(failure: Failure, seconds: float, kind: type[NoResponse]) -> None:
    """A time-out lasts as long as the budget, however quickly the server's stand-in said so."""
    answer, took_s = sent({"a": raising(failure)}, Request("POST", "http://a/"))
    assert isinstance(answer, kind)
    assert answer.failure is failure
    assert took_s == seconds


def test_a_server_goes_on_after_the_client_gave_up() -> None:
    """The answer is lost at 15 s and the effect comes at 20 s: that is what UNSETTLED is about."""

    async def main(clock: VirtualClock) -> None:
        effects: list[float] = []

        async def slow(request: Request) -> Response:
            await clock.sleep(20)
            effects.append(clock.monotonic_s())
            raise RuntimeError("and nobody is there to hear this")

        send = InProcessSend({"a": slow}, clock)
        with pytest.raises(AnswerLost):
            await send(Request("POST", "http://a/"), BUDGET)
        assert clock.monotonic_s() == 15
        assert not effects
        await clock.sleep(10)
        assert effects == [20]

    run_virtual(main)


def test_a_body_beyond_the_limit_and_the_latency() -> None:
    """Too large is an answer lost; latency is virtual time on every exchange."""

    async def large(request: Request) -> Response:
        return Response(200, (), b"x" * 101)

    answer, _ = sent({"a": large}, Request("GET", "http://a/"))
    assert isinstance(answer, AnswerLost)
    assert answer.failure is Failure.TOO_LARGE
    _, seconds = sent({"a": ok}, Request("GET", "http://a/"), latency_s=0.2)
    assert seconds == pytest.approx(0.2)


def customer() -> Starlette:
    """An application as a customer has it."""

    async def voice(request: StarletteRequest) -> PlainTextResponse:
        body = (await request.body()).decode()
        seen = [request.method, request.url.path, request.url.query, request.headers["host"], body]
        return PlainTextResponse("|".join(seen), headers={"X-Seen": request.headers.get("x-one", "")})

    async def broken(request: StarletteRequest) -> PlainTextResponse:
        raise RuntimeError("a bug")

    async def stream(request: StarletteRequest) -> StreamingResponse:
        async def parts() -> Any:
            for part in ("<Response>", "</Response>"):
                await asyncio.sleep(1)
                yield part

        return StreamingResponse(parts())

    return Starlette(
        routes=[
            Route("/voice/{name}", voice, methods=["POST", "GET"]),
            Route("/broken", broken),
            Route("/stream", stream),
        ]
    )


def test_an_asgi_application_is_called_as_over_a_socket() -> None:
    """Method, decoded path, query, headers, body in; status, headers, body out."""
    request = Request("POST", "https://app.example/voice/a%20b?To=%2B1", (("X-One", "1"),), b"CallSid=CA1")
    answer, _ = sent({"app.example": asgi_handler(customer())}, request)
    assert isinstance(answer, Response)
    assert answer.text == "POST|/voice/a b|To=%2B1|app.example|CallSid=CA1"
    assert answer.header("x-seen") == "1"
    assert answer.header("Content-Length") == str(len(answer.body))


def test_an_asgi_application_streams_in_virtual_time() -> None:
    """A body in parts arrives whole, and its waits are virtual."""
    answer, seconds = sent({"a": asgi_handler(customer())}, Request("GET", "http://a/stream"))
    assert isinstance(answer, Response)
    assert answer.text == "<Response></Response>"
    assert seconds == 2


async def _begins_and_breaks(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"half", "more_body": True})
    raise RuntimeError("a bug")


async def _says_nothing(
    scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    await receive()


def test_an_asgi_application_that_breaks_is_what_a_server_makes_of_it() -> None:
    """A bug before the answer is a 500; one in the middle of it, or no answer, is a connection that was cut."""
    answer, _ = sent({"a": asgi_handler(customer())}, Request("GET", "http://a/broken"))
    assert isinstance(answer, Response)
    assert answer.status == 500
    for app in (_begins_and_breaks, _says_nothing):
        answer, _ = sent({"a": asgi_handler(app)}, Request("GET", "http://a/"))
        assert isinstance(answer, AnswerLost)
        assert answer.failure is Failure.RESET

"""SocketSend against real sockets on loopback: what arrives, and what every kind of break is called."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
import uvloop

from adapters.http.loopback import OK, QUICK, Peer, answering, broken, exchange, listening, read_request
from voicedr.adapters.http.sockets import SocketSend
from voicedr.wire.http import AnswerLost, Failure, NotDelivered, Request, Response, Timeouts


def test_the_request_arrives_as_it_was_written() -> None:
    """Path, query, headers, Host and body go out unchanged; nothing is added that changes the answer."""
    seen: list[bytes] = []
    request = Request(
        "POST",
        "https://routes.dublin.ie1.twilio.com/v2/PhoneNumbers/%2B14155550100?StartTime%3E=2026-01-01&a=%20+",
        (("X-One", "1"), ("Content-Type", "application/x-www-form-urlencoded")),
        b"VoiceRegion=ie1",
    )
    response = exchange(answering(OK, seen=seen), request)
    assert response.status == 200
    assert response.text == "hi"
    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v2/PhoneNumbers/%2B14155550100?StartTime%3E=2026-01-01&a=%20+ HTTP/1.1"
    assert "Host: routes.dublin.ie1.twilio.com" in lines
    assert "Accept-Encoding: identity" in lines
    assert "X-One: 1" in lines
    assert not any(line.lower().startswith("cookie") for line in lines)
    assert body == b"VoiceRegion=ie1"


def test_a_literal_plus_in_a_path_stays_a_plus() -> None:
    """The provider takes a plus and %2B in a path; a signature is over the one that was written."""
    seen: list[bytes] = []
    exchange(answering(OK, seen=seen), Request("GET", "http://api.example/v2/PhoneNumbers/+1415"))
    assert seen[0].startswith(b"GET /v2/PhoneNumbers/+1415 ")


def test_userinfo_of_a_url_becomes_basic_authorization() -> None:
    """A webhook URL with a password authenticates, and the password is in no message."""
    seen: list[bytes] = []
    url = "http://user:p%40ss@api.example/hook"
    exchange(answering(OK, seen=seen), Request("GET", url))
    assert b"Authorization: Basic dXNlcjpwQHNz" in seen[0]
    assert b"Host: api.example\r\n" in seen[0]

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    with pytest.raises(AnswerLost) as caught:
        exchange(hang_up, Request("POST", url))
    assert "p%40ss" not in str(caught.value)
    assert "p@ss" not in str(caught.value)


def test_redirects_cookies_and_compression_are_left_alone() -> None:
    """A redirect is an answer, a cookie is not kept, a compressed body is given as it came."""
    seen: list[bytes] = []
    away = b"HTTP/1.1 302 Found\r\nLocation: /y\r\nSet-Cookie: a=1\r\nContent-Length: 0\r\n\r\n"
    gzip = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\x00"

    async def main() -> tuple[Response, Response]:
        async with (
            listening(answering(away, gzip, seen=seen)) as port,
            SocketSend(address=f"http://127.0.0.1:{port}") as send,
        ):
            request = Request("GET", "http://api.example/x", (("Accept-Encoding", "gzip"),))
            return await send(request, QUICK), await send(request, QUICK)

    first, second = asyncio.run(main())
    assert first.status == 302
    assert second.body == b"\x1f\x8b\x00\x00"
    assert b"Cookie" not in seen[1]
    assert b"Accept-Encoding: gzip" in seen[1]


def test_proxies_of_the_environment_are_used_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy variable left on an operator's laptop does not take the failover's requests."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert exchange(answering(OK), Request("GET", "http://api.example/x")).status == 200
        assert broken(answering(OK), trust_env=True).failure is Failure.CONNECT_REFUSED


@pytest.mark.parametrize("header", [("X-A", "1\r\nX-B: 2"), ("X-A\n", "1"), ("X-A", "a\x00b")])
def test_a_line_break_in_a_header_is_refused(header: tuple[str, str]) -> None:
    """A header that would begin another one is not sent."""
    seen: list[bytes] = []
    with pytest.raises(ValueError, match="control character"):
        exchange(answering(OK, seen=seen), Request("GET", "http://api.example/x", (header,)))
    assert not seen


@pytest.mark.parametrize("url", ["", "x", "/x", "ftp://a/x", "http://", "http://[::1/x", "http://a:port/x"])
def test_a_url_that_names_nobody_is_not_delivered(url: str) -> None:
    """What cannot be sent anywhere says so as NotDelivered, the way callers expect it."""

    async def main() -> None:
        async with SocketSend() as send:
            await send(Request("GET", url), QUICK)

    with pytest.raises(NotDelivered) as caught:
        asyncio.run(main())
    assert caught.value.failure is Failure.NAME_NOT_FOUND


def direct(url: str) -> NotDelivered | AnswerLost:
    """The exception of a GET that goes where its URL says."""

    async def main() -> None:
        async with SocketSend() as send:
            await send(Request("GET", url), QUICK)

    with pytest.raises((NotDelivered, AnswerLost)) as caught:
        asyncio.run(main())
    return caught.value  # type: ignore[return-value]


def test_a_refused_connection_did_not_happen() -> None:
    """Nobody listens: connect-refused, NotDelivered."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        error = direct(f"http://127.0.0.1:{closed.getsockname()[1]}/x")
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.CONNECT_REFUSED


def test_a_name_that_does_not_resolve_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such name: name-not-found, NotDelivered."""

    def getaddrinfo(*_args: object, **_options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    error = direct("http://sync.dublin.ie1.twilio.invalid/x")
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.NAME_NOT_FOUND
    assert "sync.dublin.ie1.twilio.invalid" in str(error)


def test_a_connection_nobody_takes_did_not_happen() -> None:
    """A black hole: the listener's queue is full, so connecting ends by its own budget, NotDelivered."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
            fillers.append(filler)
        error = direct(f"http://127.0.0.1:{full.getsockname()[1]}/x")
        for filler in fillers:
            filler.close()
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.CONNECT_TIMEOUT


async def _hang_up_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _hang_up_after_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)


async def _reset_after_reading(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.transport.abort()


async def _half_a_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


async def _half_a_chunk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf")


async def _bad_chunk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a length\r\n")
    await writer.drain()
    await asyncio.sleep(0.1)


async def _not_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"SIP/2.0 200 OK\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(0.1)


async def _silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    await asyncio.sleep(1)


async def _silence_in_the_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    await asyncio.sleep(1)


@pytest.mark.parametrize(
    ("peer", "failure"),
    [
        (_hang_up_at_once, Failure.RESET),
        (_hang_up_after_reading, Failure.RESET),
        (_reset_after_reading, Failure.RESET),
        (_half_a_body, Failure.RESET),
        (_half_a_chunk, Failure.RESET),
        (_bad_chunk, Failure.PROTOCOL),
        (_not_http, Failure.PROTOCOL),
        (_silence, Failure.READ_TIMEOUT),
        (_silence_in_the_body, Failure.READ_TIMEOUT),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_breaks_after_connecting_is_an_answer_lost(peer: Peer, failure: Failure, method: str) -> None:
    """Once somebody took the connection, nobody knows whether the request was read."""
    error = broken(peer, method)
    assert isinstance(error, AnswerLost)
    assert error.failure is failure
    assert "api.example" in str(error)


@pytest.mark.parametrize("peer", [_hang_up_after_reading, _half_a_body, _silence])
def test_uvloop_breaks_the_same_way(peer: Peer) -> None:
    """The loop that production runs on gives the same names."""

    async def main() -> None:
        async with listening(peer) as port, SocketSend(address=f"http://127.0.0.1:{port}") as send:
            await send(Request("POST", "http://api.example/x", (), b"a=1"), QUICK)

    with pytest.raises(AnswerLost) as caught:
        uvloop.run(main())
    assert caught.value.failure in (Failure.RESET, Failure.READ_TIMEOUT)


def test_an_answer_beyond_the_limit_is_not_read_to_its_end() -> None:
    """A body without end stops at the limit: too-large, and what the request did is unknown."""
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            sent += 4096
            await writer.drain()

    with pytest.raises(AnswerLost) as caught:
        exchange(endless, Request("GET", "http://api.example/x"), Timeouts(1.0, 5.0, body_bytes_max=10_000))
    assert caught.value.failure is Failure.TOO_LARGE
    assert sent < 50_000_000


def test_a_kept_connection_closed_under_a_post_is_an_answer_lost() -> None:
    """The server may have read the POST before it closed: it is not said again."""
    seen: list[bytes] = []
    error = _second_on_a_dead_connection("POST", seen)
    assert isinstance(error, AnswerLost)
    assert error.failure is Failure.RESET
    assert len(seen) == 2


def test_a_kept_connection_closed_under_a_get_is_asked_again_once_on_a_fresh_one() -> None:
    """A GET changes nothing: it is said again, once, on a connection of its own."""
    seen: list[bytes] = []
    answer = _second_on_a_dead_connection("GET", seen)
    assert isinstance(answer, Response)
    assert answer.status == 200
    assert len(seen) == 3


def _second_on_a_dead_connection(method: str, seen: list[bytes]) -> Response | Exception:
    """Two requests on one kept connection; the server reads the second one and closes without a word."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(OK)
        await writer.drain()
        seen.append(await read_request(reader))

    async def main() -> Response | Exception:
        async with listening(peer) as port, SocketSend(address=f"http://127.0.0.1:{port}") as send:
            request = Request(method, "http://api.example/x", (), b"a=1" if method == "POST" else b"")
            await send(request, QUICK)
            try:
                return await send(request, QUICK)
            except (NotDelivered, AnswerLost) as error:
                return error

    return asyncio.run(main())


def test_places_are_limited_for_each_host_and_a_slow_one_keeps_nobody_waiting() -> None:
    """One host that swallows everything takes its own places only; who waits for one was not delivered."""

    async def main() -> tuple[int, Response, list[object]]:
        at_once = most = 0

        async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal at_once, most
            request = await read_request(reader)
            if b"Host: slow.example" in request:
                at_once += 1
                most = max(most, at_once)
                await asyncio.sleep(1.0)
                at_once -= 1
            writer.write(OK)

        async with (
            listening(peer) as port,
            SocketSend(address=f"http://127.0.0.1:{port}", connections_max=4, per_host_max=2) as send,
        ):
            slow = [
                asyncio.create_task(send(Request("POST", "http://slow.example/x"), Timeouts(0.5, total_s)))
                for total_s in (0.5, 0.5, 0.1, 0.1, 0.1)
            ]
            await asyncio.sleep(0.05)
            quick = await send(Request("GET", "http://quick.example/x"), Timeouts(2.0, 2.0))
            return most, quick, list(await asyncio.gather(*slow, return_exceptions=True))

    most, quick, slow = asyncio.run(main())
    assert most == 2
    assert quick.status == 200
    assert sum(isinstance(error, AnswerLost) for error in slow) == 2
    assert sum(isinstance(error, NotDelivered) for error in slow) == 3


def test_it_must_be_entered() -> None:
    """Outside its `async with` it says what to do."""
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(SocketSend()(Request("GET", "http://a/"), QUICK))  # type: ignore[arg-type]


@pytest.mark.parametrize("address", ["127.0.0.1:80", "ftp://x", "http://x/path"])
def test_an_address_is_a_scheme_and_a_place(address: str) -> None:
    """An address that is none is refused when it is given, not at the first request."""
    with pytest.raises(ValueError, match="scheme and a place"):
        SocketSend(address=address)


def test_a_ca_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """A CA file that cannot be read is named at once."""
    with pytest.raises(ValueError, match=r"missing\.pem"):
        SocketSend(ca_file=tmp_path / "missing.pem")


def test_silence_is_bounded_before_an_answer_and_within_one() -> None:
    """``read_s`` ends the wait for an answer that does not begin, and cuts off one that stops half way."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(5)

    async def stops(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        await writer.drain()
        await asyncio.sleep(5)

    for peer, failure in ((silent, Failure.READ_TIMEOUT), (stops, Failure.RESET)):
        with pytest.raises(AnswerLost) as caught:
            exchange(peer, Request("GET", "http://api.example/x"), Timeouts(1.0, 5.0, read_s=0.15))
        assert caught.value.failure is failure


def test_an_answer_that_has_begun_is_not_asked_for_again() -> None:
    """Cut off half way on a kept connection, even a GET is an answer lost: a part of the answer came."""
    seen: list[bytes] = []

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in (OK, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"):
            seen.append(await read_request(reader))
            writer.write(answer)
            await writer.drain()

    async def main() -> None:
        async with listening(peer) as port, SocketSend(address=f"http://127.0.0.1:{port}") as send:
            request = Request("GET", "http://api.example/x")
            await send(request, QUICK)
            with pytest.raises(AnswerLost) as caught:
                await send(request, QUICK)
            assert caught.value.failure is Failure.RESET

    asyncio.run(main())
    assert len(seen) == 2

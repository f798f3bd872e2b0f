"""PlainSend on real sockets beside SocketSend: the same request goes out, and every break has the same name."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable

import pytest
import uvloop

from adapters.http.loopback import OK, Peer, answering, listening, read_request
from voicedr.adapters.http.connection import HEAD_BYTES_MAX
from voicedr.adapters.http.plain import PlainSend, way_of
from voicedr.adapters.http.sockets import SocketSend
from voicedr.wire.http import AnswerLost, Failure, NoResponse, NotDelivered, Request, Response, Timeouts

Kind = type[PlainSend] | type[SocketSend]
KINDS: tuple[Kind, ...] = (PlainSend, SocketSend)
QUICK = Timeouts(connect_s=5.0, total_s=5.0)
"""Nothing waits so long unless the machine is very busy."""


def pieces(*parts: bytes, then: float | str = "closes") -> Peer:
    """Read a request, answer it in these pieces, and close, reset, or stay silent for so many seconds."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.003)
        if then == "resets":
            writer.transport.abort()
        elif isinstance(then, float):
            await asyncio.sleep(then)

    return peer


def said(
    kind: Kind,
    peer: Peer,
    *,
    method: str = "POST",
    timeouts: Timeouts = QUICK,
    loop: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop,
) -> tuple[object, ...]:
    """What comes of one request: the answer as it is given, or the class and the name of the break."""

    async def main() -> tuple[object, ...]:
        async with listening(peer) as port, kind() as send:
            try:
                came = await send(Request(method, f"http://127.0.0.1:{port}/x", (), b"a=1"), timeouts)
            except NoResponse as broke:
                return type(broke), broke.failure if f"127.0.0.1:{port}" in str(broke) else str(broke)
            return came.status, came.headers, came.body

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main())


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
WHOLE: dict[str, tuple[Peer, bytes]] = {
    "in one piece": (pieces(OK), b"hi"),
    "byte by byte": (pieces(*(OK[at : at + 1] for at in range(len(OK))), then=0.05), b"hi"),
    "split in a header": (pieces(b"HTTP/1.1 200 OK\r\nConte", b"nt-Length: 2\r\n", b"\r\nh", b"i"), b"hi"),
    "chunked": (pieces(CHUNKED + b"2\r\nhi\r\n3;x=y\r\n", b"you\r\n0\r\n\r\n"), b"hiyou"),
    "chunked, with a trailer": (pieces(CHUNKED + b"2\r\nhi\r\n0\r\n", b"X-T: 1\r\n\r\n"), b"hi"),
    "ended by the close": (pieces(b"HTTP/1.1 200 OK\r\n\r\n", b"h", b"i"), b"hi"),
    "HTTP/1.0": (pieces(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nhi"), b"hi"),
    "closed by intent": (pieces(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"), b"hi"),
    "after 100 and 103": (
        pieces(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK),
        b"hi",
    ),
    "other protocols": (
        pieces(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", then=0.05),
        b"",
    ),
    "no content": (pieces(b"HTTP/1.1 204 No Content\r\n\r\n"), b""),
    "not modified": (pieces(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), b""),
    "empty": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", then=0.05), b""),
    "without a reason": (pieces(b"HTTP/1.1 299\r\nContent-Length: 2\r\n\r\nhi"), b"hi"),
    "headers of any letters": (
        pieces(b"HTTP/1.1 200 OK\r\nX-A:  \xc3\xa9 \xff \r\nx-a: 2\r\nContent-Length: 2\r\n\r\nhi"),
        b"hi",
    ),
    "bare line feeds in the head": (pieces(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"), b"hi"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_answer_is_read_as_the_general_client_reads_it(name: str) -> None:
    """However an answer is cut, framed and ended, status, headers and body are the same."""
    peer, body = WHOLE[name]
    came = said(PlainSend, peer)
    assert came[2] == body
    assert came == said(SocketSend, peer)


BROKEN: dict[str, tuple[Peer, Failure]] = {
    "closed at once": (pieces(), Failure.RESET),
    "reset": (pieces(then="resets"), Failure.RESET),
    "closed in the status line": (pieces(b"HTTP/1."), Failure.RESET),
    "closed in the head": (pieces(b"HTTP/1.1 200 OK\r\nContent-Le"), Failure.RESET),
    "closed in the body": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), Failure.RESET),
    "reset in the body": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then="resets"), Failure.RESET),
    "closed in a chunk": (pieces(CHUNKED + b"9\r\nhalf"), Failure.RESET),
    "closed before the last chunk": (pieces(CHUNKED + b"2\r\nhi\r\n"), Failure.RESET),
    "only 100": (pieces(b"HTTP/1.1 100 Continue\r\n\r\n"), Failure.RESET),
    "another protocol": (pieces(b"SIP/2.0 200 OK\r\n\r\n"), Failure.PROTOCOL),
    "garbage": (pieces(b"\x00\x01\x02\x03\r\n\r\n"), Failure.PROTOCOL),
    "no number for a status": (pieces(b"HTTP/1.1 abc OK\r\n\r\n"), Failure.PROTOCOL),
    "no number for a length": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi"), Failure.PROTOCOL),
    "two lengths": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"), Failure.PROTOCOL),
    "no number for a chunk": (pieces(CHUNKED + b"zz\r\nhi\r\n", then=0.2), Failure.PROTOCOL),
    "a chunk that is longer than it says": (pieces(CHUNKED + b"2\r\nhiyou\r\n", then=0.2), Failure.PROTOCOL),
    "a header without a colon": (pieces(b"HTTP/1.1 200 OK\r\nwhat is this\r\n\r\n"), Failure.PROTOCOL),
    "a header of 9 kB": (pieces(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 9000 + b"\r\n\r\n"), Failure.PROTOCOL),
    "too many headers": (pieces(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n"), Failure.PROTOCOL),
    "silence": (pieces(then=1.0), Failure.READ_TIMEOUT),
    "silence in the head": (pieces(b"HTTP/1.1 200 OK\r\nA: ", then=1.0), Failure.READ_TIMEOUT),
    "silence in the body": (
        pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then=1.0),
        Failure.READ_TIMEOUT,
    ),
    "beyond the limit": (pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b"x" * 999), Failure.TOO_LARGE),
    "beyond the limit, chunked": (pieces(CHUNKED + b"3e7\r\n" + b"x" * 999 + b"\r\n", then=0.2), Failure.TOO_LARGE),
    "beyond the limit, without length": (pieces(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 999, then=0.2), Failure.TOO_LARGE),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_break_has_the_name_that_the_general_client_gives_it(name: str) -> None:
    """Whatever a server does to a connection, both clients say the same: it may have been read, and how it broke."""
    peer, failure = BROKEN[name]
    total_s = 0.5 if failure is Failure.READ_TIMEOUT else 5.0
    timeouts = Timeouts(connect_s=total_s, total_s=total_s, body_bytes_max=500)
    assert said(PlainSend, peer, timeouts=timeouts) == (AnswerLost, failure)
    assert said(SocketSend, peer, timeouts=timeouts) == (AnswerLost, failure)


@pytest.mark.parametrize("name", ["reset", "closed in a chunk", "another protocol", "silence in the head"])
def test_python_s_own_loop_breaks_the_same_way(name: str) -> None:
    """The names do not hang on uvloop."""
    peer, failure = BROKEN[name]
    total_s = 0.5 if failure is Failure.READ_TIMEOUT else 5.0
    timeouts = Timeouts(total_s, total_s)
    assert said(PlainSend, peer, timeouts=timeouts, loop=asyncio.new_event_loop) == (AnswerLost, failure)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("begins", "failure"),
    [(b"", Failure.READ_TIMEOUT), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Failure.RESET)],
)
def test_silence_within_an_answer_is_one_that_was_cut_off(kind: Kind, begins: bytes, failure: Failure) -> None:
    """``read_s`` ends the wait for an answer that does not begin, and cuts off one that stops half way."""
    peer = pieces(*([begins] if begins else []), then=1.0)
    assert said(kind, peer, timeouts=Timeouts(1.0, 5.0, read_s=0.15)) == (AnswerLost, failure)


def test_an_answer_that_drips_is_not_silent() -> None:
    """Each piece begins the silence anew; the whole still has to come in ``total_s``."""

    async def drips(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for at in range(0, len(OK), 8):
            await asyncio.sleep(0.15)
            writer.write(OK[at : at + 8])

    assert said(PlainSend, drips, timeouts=Timeouts(5.0, 5.0, read_s=0.6))[0] == 200

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    late = said(PlainSend, endless, timeouts=Timeouts(1.0, 1.0, read_s=0.9))
    assert late == (AnswerLost, Failure.READ_TIMEOUT)


def test_a_head_without_end_is_not_read_for_ever() -> None:
    """Headers are bounded one by one, in number, and in all."""
    sent = 0

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            writer.write(b"x" * 8192)
            sent += 8192
            await writer.drain()

    came = said(PlainSend, endless, timeouts=Timeouts(1.0, 5.0))
    assert came == (AnswerLost, Failure.PROTOCOL)
    assert sent < HEAD_BYTES_MAX * 100


@pytest.mark.parametrize("kind", KINDS)
def test_what_never_connected_was_not_delivered(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, without a name, and into a full queue: NotDelivered, and how."""
    with socket.socket() as closed, socket.socket() as full:
        closed.bind(("127.0.0.1", 0))
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())

        async def broke(url: str) -> Failure:
            async with kind() as send:
                with pytest.raises(NotDelivered) as caught:
                    await send(Request("POST", url), Timeouts(0.5, 0.5))
                return caught.value.failure

        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        assert uvloop.run(broke(nobody)) is Failure.CONNECT_REFUSED
        assert uvloop.run(broke(f"http://127.0.0.1:{full.getsockname()[1]}/")) is Failure.CONNECT_TIMEOUT
        for filler in fillers:
            filler.close()

    def getaddrinfo(*_args: object, **_options: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert asyncio.run(broke("http://app.invalid/")) is Failure.NAME_NOT_FOUND


def run(main: Callable[[PlainSend, int], Awaitable[object]], peer: Peer, **options: float) -> object:
    """Run something with a client and a server's port."""

    async def both() -> object:
        async with listening(peer) as port, PlainSend(**options) as send:  # type: ignore[arg-type]
            return await main(send, port)

    return uvloop.run(both())


class Kept:
    """A server that keeps connections open, counts them, and says ``hi`` to every request."""

    def __init__(self) -> None:
        self.connections = 0
        self.seen: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            self.seen.append(await read_request(reader))
            writer.write(OK)


def test_a_connection_is_used_again() -> None:
    """Five requests, one after another, and one connection."""
    server = Kept()

    async def main(send: PlainSend, port: int) -> None:
        for _ in range(5):
            assert (await send(Request("POST", f"http://127.0.0.1:{port}/"), QUICK)).body == b"hi"

    run(main, server)
    assert (server.connections, len(server.seen)) == (1, 5)


def test_an_idle_connection_is_closed() -> None:
    """After ``keep_alive_s`` nobody holds it any more."""
    ended = asyncio.Event()

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK)
        assert await reader.read() == b""
        ended.set()

    async def main(send: PlainSend, port: int) -> None:
        await send(Request("POST", f"http://127.0.0.1:{port}/"), QUICK)
        async with asyncio.timeout(2):
            await ended.wait()

    run(main, peer, keep_alive_s=0.1)


@pytest.mark.parametrize("more", [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", b"\x00garbage", b"\r\nx"])
@pytest.mark.parametrize("at_once", [True, False])
def test_what_nobody_asked_for_is_nobody_s_answer(more: bytes, at_once: bool) -> None:
    """Bytes after a whole answer, with it or later, end the connection: the next request has one of its own."""
    connections = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await read_request(reader)
        writer.write(OK + more if at_once else OK)
        if not at_once:
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.write(more)
        await asyncio.sleep(0.5)

    async def main(send: PlainSend, port: int) -> list[bytes]:
        bodies = []
        for _ in range(2):
            bodies.append((await send(Request("POST", f"http://127.0.0.1:{port}/"), QUICK)).body)
            await asyncio.sleep(0.05)
        return bodies

    assert run(main, peer) == [b"hi", b"hi"]
    assert connections == 2


@pytest.mark.parametrize(
    ("method", "second", "requests"),
    [("POST", b"", 2), ("GET", b"", 3), ("GET", b"HTTP/1.1 200 OK\r\nContent-Le", 2)],
)
def test_only_a_get_of_which_nothing_was_answered_is_said_again(method: str, second: bytes, requests: int) -> None:
    """On a connection that was used before and is closed under the request: a POST never, a GET once."""
    seen = 0

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        for answer in (OK, second):
            await read_request(reader)
            seen += 1
            writer.write(answer)
            await writer.drain()

    async def main(send: PlainSend, port: int) -> object:
        url = f"http://127.0.0.1:{port}/"
        await send(Request(method, url), QUICK)
        try:
            return (await send(Request(method, url), QUICK)).status
        except AnswerLost as lost:
            return lost.failure

    assert run(main, peer) == (200 if requests == 3 else Failure.RESET)
    assert seen == requests


def test_a_connection_that_was_closed_meanwhile_is_not_used() -> None:
    """The close was heard before the request went out: it goes out on another connection, a POST too."""
    seen: list[bytes] = []

    async def main(send: PlainSend, port: int) -> list[int]:
        statuses = []
        for _ in range(3):
            statuses.append((await send(Request("POST", f"http://127.0.0.1:{port}/"), QUICK)).status)
            await asyncio.sleep(0.03)
        return statuses

    assert run(main, answering(OK, seen=seen)) == [200, 200, 200]
    assert len(seen) == 3


@pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.SelectorEventLoop])
@pytest.mark.parametrize("last", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"])
def test_a_close_that_the_loop_has_not_told_yet_is_seen(
    last: bytes, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    """A busy loop hears late that a server has had enough: the POST goes out on another connection all the same."""
    answered, closed = threading.Event(), threading.Event()

    def serve(listener: socket.socket) -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                while b"\r\n\r\n" not in connection.recv(65536):
                    pass
                connection.sendall(OK)
                assert answered.wait(5)
                connection.sendall(last)
            closed.set()

    async def main(port: int) -> list[bytes]:
        request = Request("POST", f"http://127.0.0.1:{port}/")
        async with PlainSend() as send:
            bodies = [(await send(request, QUICK)).body]
            answered.set()
            assert closed.wait(5)  # The loop stands still meanwhile.
            return [*bodies, (await send(request, QUICK)).body]

    with socket.create_server(("127.0.0.1", 0)) as listener, asyncio.Runner(loop_factory=loop) as runner:
        listener.settimeout(5)
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        try:
            assert runner.run(main(listener.getsockname()[1])) == [b"hi", b"hi"]
        finally:
            server.join()


def test_who_stops_waiting_leaves_no_connection_behind() -> None:
    """A call that hangs up closes its webhook's connection, and its late answer is not the next one's."""
    closed = asyncio.Event()

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await read_request(reader)
        if b"/slow" in request:
            assert await reader.read() == b""
            closed.set()
        writer.write(OK)

    async def main(send: PlainSend, port: int) -> bytes:
        slow = asyncio.create_task(send(Request("POST", f"http://127.0.0.1:{port}/slow"), Timeouts()))
        await asyncio.sleep(0.05)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        async with asyncio.timeout(2):
            await closed.wait()
        return (await send(Request("POST", f"http://127.0.0.1:{port}/quick"), QUICK)).body

    assert run(main, peer) == b"hi"


def test_exchanges_at_once_are_limited() -> None:
    """One more waits its turn within its own time; who does not get it was not delivered."""

    async def main(send: PlainSend, port: int) -> list[object]:
        url = f"http://127.0.0.1:{port}/"
        asked = [send(Request("POST", url), Timeouts(1.0, total_s)) for total_s in (0.4, 0.4, 0.1)]
        came = list(await asyncio.gather(*asked, return_exceptions=True))
        return [getattr(one, "failure", one) for one in came]

    came = run(main, pieces(then=1.0), connections_max=2)
    assert came == [Failure.READ_TIMEOUT, Failure.READ_TIMEOUT, Failure.CONNECT_TIMEOUT]


@pytest.mark.parametrize("header", [("X-A", "1\r\nX-B: 2"), ("X-A\n", "1"), ("X-A", "a\x00b")])
def test_a_line_break_in_a_header_is_refused(header: tuple[str, str]) -> None:
    """A header that would begin another one is not sent."""
    server = Kept()

    async def main(send: PlainSend, port: int) -> None:
        with pytest.raises(ValueError, match="control character"):
            await send(Request("GET", f"http://127.0.0.1:{port}/", (header,)), QUICK)

    run(main, server)
    assert server.seen == []


REQUESTS = (
    Request("POST", "/a/+1%2B?x=1&y=%20+", (("User-Agent", "T/1"), ("Accept", "*/*"), ("X-A", "é")), b"a=b+c"),
    Request("POST", "/", ()),
    Request("GET", "", (("Cookie", "a=1"),)),
    Request("GET", "?a=b"),
    Request("GET", "/x?"),
    Request("GET", "/é"),
    Request("PUT", "/x", (), b"a=1"),
    Request("POST", "/x", (("Transfer-Encoding", "chunked"),), b"a=1"),
    Request("POST", "/x", (("Host", "other.example"),), b"a=1"),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: f"{request.method} {request.url}")
def test_the_same_request_goes_out(request_: Request) -> None:
    """Request line, headers in any order, and body are those of the general client; the unusual ones are left to it."""

    async def sent(kind: Kind, host: str) -> tuple[bytes, list[bytes], bytes]:
        seen: list[bytes] = []
        async with listening(answering(OK, seen=seen)) as port, kind() as send:
            url = f"http://{host}:{port}{request_.url}"
            await send(Request(request_.method, url, request_.headers, request_.body), QUICK)
            head, _, body = seen[0].replace(str(port).encode(), b"PORT").partition(b"\r\n\r\n")
            line, *headers = head.split(b"\r\n")
            return line, sorted(headers), body

    for host in ("127.0.0.1", "localhost"):
        assert uvloop.run(sent(PlainSend, host)) == uvloop.run(sent(SocketSend, host))


@pytest.mark.parametrize("url", ["", "x", "/x", "ftp://a/x", "http://", "http://[::1/x", "http://a:port/x"])
def test_a_url_that_names_nobody_is_not_delivered(url: str) -> None:
    """What cannot be sent anywhere says so as NotDelivered."""

    async def main() -> None:
        async with PlainSend() as send:
            await send(Request("GET", url), QUICK)

    with pytest.raises(NotDelivered) as caught:
        asyncio.run(main())
    assert caught.value.failure is Failure.NAME_NOT_FOUND


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/", "http://u:p@a.example/", "http://[::1]/", "http://a.example:0/", "http://a.example:65536/",
        "http://A.example/", "http://a.example/#f", "http://a.example/ü", "http://a.example/a b", "http://a.example./",
        "http://a.example/\r\nX: 1",
    ],
)  # fmt: skip
def test_an_unusual_url_is_left_to_the_general_client(url: str) -> None:
    """It knows TLS, passwords, IPv6, fragments and other letters."""
    assert way_of(url) is None


def test_a_name_that_must_be_public_is_looked_at() -> None:
    """``public_only`` holds for a plain URL, too."""
    server = Kept()

    async def main(send: PlainSend, port: int) -> None:
        with pytest.raises(NotDelivered, match="no public address"):
            await send(Request("GET", f"http://127.0.0.1:{port}/", public_only=True), QUICK)

    run(main, server)
    assert server.connections == 0


def test_it_must_be_entered() -> None:
    """Outside its `async with` it says what to do."""
    with pytest.raises(RuntimeError, match="async with"):
        asyncio.run(PlainSend()(Request("GET", "http://a/"), QUICK))  # type: ignore[arg-type]


def test_many_at_once_keep_their_answers_apart() -> None:
    """Three hundred requests on whatever connections there are: each gets the answer to what it asked."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            body = (await read_request(reader)).partition(b"\r\n\r\n")[2]
            await asyncio.sleep(0.001 * (len(body) % 3))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async def main(send: PlainSend, port: int) -> None:
        async def one(number: int) -> None:
            for turn in range(3):
                body = f"{number}-{turn}".encode()
                came: Response = await send(Request("POST", f"http://127.0.0.1:{port}/", (), body), Timeouts())
                assert came.body == body

        await asyncio.gather(*(one(number) for number in range(100)))

    run(main, echo)

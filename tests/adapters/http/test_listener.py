"""The small server: whole requests are answered, and slow, large or broken ones hold up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from voicedr.adapters.http.listener import (
    CONNECTIONS_MAX,
    HEAD_BYTES_MAX,
    Answer,
    Asked,
    NotHere,
    listening,
    loopback,
)

SLOW_S = 0.3
Talk = Callable[[int], Awaitable[None]]


def with_server(talk: Talk) -> list[str]:
    """Talk to a server that echoes; what its screen had."""
    screen: list[str] = []

    async def echo(asked: Asked) -> Answer:
        if asked.target == "/defect":
            raise KeyError("secret-in-a-defect")
        return Answer(200, f"{asked.method} {asked.target} {asked.body.decode()}")

    async def run() -> None:
        async with listening(
            "127.0.0.1", 0, echo, seen=lambda name, answer: screen.append(f"{name} {answer.status}"),
            body_bytes_max=100, request_s_max=SLOW_S,
        ) as port:  # fmt: skip
            await talk(port)

    asyncio.run(asyncio.wait_for(run(), 20))
    return screen


async def said(port: int, raw: bytes, *, more: bool = False) -> bytes:
    """Send bytes, and read all that comes. ``more``: do not say that it was all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(raw)
        await writer.drain()
        if not more:
            writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"200 OK"),
        (b"POST /x HTTP/1.0\r\ncontent-LENGTH: 2\r\n\r\nhi", b"200 OK"),
        (b"POST / HTTP/1.1\r\nContent-Length: 101\r\n\r\n" + b"x" * 101, b"413 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", b"413 "),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400 "),
        (b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", b"400 "),
        (b"POST / HTTP/1.1\r\n\r\n", b"411 "),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", b"411 "),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400 "),
        (b"GET / HTTP/1.1\r\n folded: x\r\n\r\n", b"400 "),
        (b"GET http://a/ HTTP/1.1\r\n\r\n", b"400 "),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400 "),
        (b"GET / HTTP/2.0\r\n\r\n", b"400 "),
        (b"GET /" + b"x" * (HEAD_BYTES_MAX + 100) + b" HTTP/1.1\r\n\r\n", b"431 "),
    ],
)
def test_a_request_is_whole_and_small_or_refused(raw: bytes, status: bytes) -> None:
    """Each is answered with a status and an end."""

    async def talk(port: int) -> None:
        answer = await said(port, raw)
        assert answer.startswith(b"HTTP/1.1 " + status), answer[:200]

    screen = with_server(talk)
    assert len(screen) == 1
    assert status.split()[0].decode() in screen[0]


@pytest.mark.parametrize("raw", [b"", b"GET / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhal"])
def test_a_slow_client_is_sent_away_and_others_are_served_meanwhile(raw: bytes) -> None:
    """408 when its time is over."""

    async def talk(port: int) -> None:
        slow = asyncio.create_task(said(port, raw, more=True))
        assert (await said(port, b"GET /quick HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert not slow.done()
        assert (await slow).startswith(b"HTTP/1.1 408 ")

    assert len(with_server(talk)) == 2


def test_a_client_that_leaves_is_no_trouble() -> None:
    """The next one is served."""

    async def talk(port: int) -> None:
        with suppress(ConnectionError):
            assert await said(port, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhal") == b""
        assert (await said(port, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200 ")

    with_server(talk)


def test_connections_are_counted() -> None:
    """One too many is told to come back, and may once another has left."""

    async def talk(port: int) -> None:
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX)]
        assert (await said(port, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
        for reader, writer in idle:
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")
            writer.close()
        answer = b""
        for _ in range(100):  # that somebody has left is noticed a moment later
            answer = await said(port, b"GET / HTTP/1.1\r\n\r\n")
            if answer.startswith(b"HTTP/1.1 200 "):
                break
            await asyncio.sleep(0.05)
        assert answer.startswith(b"HTTP/1.1 200 ")

    with_server(talk)


def test_a_defect_is_on_the_screen_and_not_in_the_answer() -> None:
    """500 without a reason; the server goes on."""

    async def talk(port: int) -> None:
        answer = await said(port, b"GET /defect HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"secret-in-a-defect" not in answer
        assert (await said(port, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 200 ")

    assert with_server(talk) == ["GET /defect 500", "GET / 200"]


def test_a_port_that_is_taken_is_said() -> None:
    """With the next step."""

    async def talk(port: int) -> None:
        async def nothing(_asked: Asked) -> Answer:
            raise AssertionError

        with pytest.raises(NotHere, match="Name another port"):
            async with listening("127.0.0.1", port, nothing, seen=lambda *_: None, body_bytes_max=1):
                pass

    with_server(talk)


@pytest.mark.parametrize(
    ("where", "found"),
    [("127.0.0.1:80", ("127.0.0.1", 80)), ("127.4.5.6:0", ("127.4.5.6", 0)), ("localhost:8", ("127.0.0.1", 8))],
)
def test_an_address_of_this_machine(where: str, found: tuple[str, int]) -> None:
    """Any of 127.0.0.0/8."""
    assert loopback(where) == found


@pytest.mark.parametrize(
    "where", ["", ":80", "80", "10.0.0.1:80", "0.0.0.0:80", "127.0.0.1:", "127.0.0.1:-1", "127.1.evil:80", "::1:80"]
)
def test_any_other_address_is_refused(where: str) -> None:
    """Before anything is started."""
    with pytest.raises(NotHere, match="Nothing was started"):
        loopback(where)

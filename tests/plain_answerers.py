"""Other ends of a few lines for the SIP kit, which know nothing of ours: they copy what must be copied."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sipp_peer import address

COPIED = ("via", "from", "to", "call-id", "cseq")

Answers = Callable[[str, int], list[str]]
"""What is said to a request: its text and how often this branch came before; each ``"CODE REASON"``."""


def always(*said: str) -> Answers:
    """Say the same to everybody."""
    return lambda _text, _times: list(said)


def silent_first(times: int, said: str = "200 OK") -> Answers:
    """Lose so many before answering."""
    return lambda _text, before: [said] if before >= times else []


@dataclass
class Answerer:
    """Somebody who answers.

    Attributes:
        heard: Every request, in order.
    """

    host: str
    port: int
    heard: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Address and port."""
        return f"{self.host}:{self.port}"

    def methods(self) -> list[str]:
        """The method of each request that came."""
        return [text.partition(" ")[0] for text in self.heard]


def response_to(request: str, said: str) -> bytes:
    """The text of a response."""
    lines = request.split("\r\n\r\n")[0].split("\r\n")[1:]
    kept = [line for line in lines if line.partition(":")[0].strip().lower() in COPIED]
    tagged = [f"{line};tag=there" if line.lower().startswith("to:") and "tag=" not in line else line for line in kept]
    return "\r\n".join(
        [f"SIP/2.0 {said}", *tagged, "Contact: <sip:there@127.0.0.1:9>", "Content-Length: 0", "", ""]
    ).encode()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answerer: Answerer, answers: Answers) -> None:
        self._answerer, self._answers = answerer, answers
        self._seen: dict[str, int] = {}
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        text = data.decode()
        self._answerer.heard.append(text)
        key = next(line for line in text.split("\r\n") if line.lower().startswith("via:")) + text.partition(" ")[0]
        before = self._seen.get(key, 0)
        self._seen[key] = before + 1
        for said in self._answers(text, before):
            self._transport.sendto(response_to(text, said), addr)


@asynccontextmanager
async def by_datagrams(answers: Answers, *, host: str = "", port: int = 0) -> AsyncIterator[Answerer]:
    """Answer over UDP while the block lasts."""
    answerer = Answerer(host or address(), 0)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(answerer, answers), local_addr=(answerer.host, port)
    )
    answerer.port = transport.get_extra_info("sockname")[1]
    try:
        yield answerer
    finally:
        transport.abort()


@asynccontextmanager
async def by_connections(answers: Answers, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Answerer]:
    """Answer over TCP, or TLS, while the block lasts."""
    answerer = Answerer(address(), 0)
    open_now: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_now.add(writer)
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                answerer.heard.append(text)
                for said in answers(text, 0):
                    writer.write(response_to(text, said))
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            open_now.discard(writer)
            writer.transport.abort()

    server = await asyncio.start_server(serve, answerer.host, 0, ssl=tls)
    answerer.port = server.sockets[0].getsockname()[1]
    try:
        yield answerer
    finally:
        server.close()
        for writer in list(open_now):
            writer.transport.abort()
        await asyncio.sleep(0)


def token() -> str:
    """Letters that nobody else has."""
    return secrets.token_hex(4)

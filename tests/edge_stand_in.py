"""An edge on loopback that answers, or fails in a way that is asked for; it keeps what it was sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from voicedr.runtime.edge import AsyncEdgeSession, EdgeSession

HOSTS = {"ashburn": "api.ashburn.us1.twilio.com", "umatilla": "api.umatilla.us1.twilio.com"}
URL = "https://api.twilio.com/2010-04-01/Accounts.json"


@dataclass(frozen=True)
class Sent:
    """A request as it came."""

    line: str
    fields: dict[str, str]
    body: bytes


def answer(status: int = 200, body: bytes = b'{"sid": "AC1"}', *fields: str) -> bytes:
    """An answer's bytes."""
    head = [f"HTTP/1.1 {status} Said", "Content-Type: application/json", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(head) + "\r\n\r\n").encode() + body


SILENT, RESET, CLOSE = "silent", "reset", "close"
Does = bytes | str | tuple[float, bytes]
"""Bytes to answer; or so many seconds late; or silence, a reset, or closing after the request was read."""


@dataclass
class Edge:
    """A server; ``does`` says what becomes of each request, by its number from 0."""

    does: Callable[[int], Does] = lambda number: answer()
    context: ssl.SSLContext | None = None
    sent: list[Sent] = field(default_factory=list)
    connections: int = 0
    left: int = 0
    closed: int = 0
    close_idle: bool = False

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._ended = False
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.down()

    @property
    def plain(self) -> str:
        """For ``connect_to``."""
        return f"http://127.0.0.1:{self.port}"

    def down(self) -> None:
        """No more connections; those that are open are cut."""
        self._ended = True
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def up(self) -> None:
        """Take connections again, on the same port."""
        self._ended = False
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while not self._ended:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            came = sock.makefile("rb")
            while line := came.readline():
                fields = {}
                while (one := came.readline().strip()) != b"":
                    name, _, value = one.decode("latin-1").partition(":")
                    fields[name.lower()] = value.strip()
                body = came.read(int(fields.get("content-length", "0")))
                self.sent.append(Sent(line.decode().strip(), fields, body))
                does = self.does(len(self.sent) - 1)
                if isinstance(does, tuple):
                    time.sleep(does[0])
                    does = does[1]
                if isinstance(does, bytes):
                    sock.sendall(does)
                    if not self.close_idle:
                        continue
                elif does == SILENT:
                    time.sleep(30)
                elif does == RESET:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                came.close()
                sock.close()
                self.closed += 1
                return
            self.left += 1


@contextlib.contextmanager
def black_hole() -> Iterator[tuple[str, int]]:
    """An address that takes no connection and says nothing: its queue is full."""
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address: tuple[str, int] = full.getsockname()
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(address)
        time.sleep(0.05)
        yield address


def closed_port() -> str:
    """An address that refuses."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return f"http://127.0.0.1:{sock.getsockname()[1]}"


class Asking:
    """The sync or the async session, asked in the same way."""

    def __init__(self, kind: str, first: Any, second: Any = None, **options: Any) -> None:
        edges = ("ashburn", "umatilla") if second is not None else ("ashburn",)
        to = {HOSTS["ashburn"]: first, HOSTS["umatilla"]: second}
        options = {
            "connect_to": {host: address for host, address in to.items() if address is not None},
            "on_event": lambda event: self.events.append(event), "trust_env": False, **options,
        }  # fmt: skip
        self.events: list[Any] = []
        self._runner = asyncio.Runner() if kind == "async" else None
        self.session: Any = (AsyncEdgeSession if self._runner else EdgeSession)("us1", edges, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._runner:
            self._runner.run(self.session.close())
            self._runner.close()
        else:
            self.session.close()

    def request(self, method: str = "GET", url: str = URL, **more: Any) -> Any:
        """The answer, or what is raised."""
        asked = self.session.request(method, url, **more)
        return self._runner.run(asked) if self._runner else asked

    def told(self) -> list[tuple[str, str, str]]:
        """What was told: kind, edge, reason."""
        return [(event.kind.value, event.edge, event.reason) for event in self.events]

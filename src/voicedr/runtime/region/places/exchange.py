"""One HTTP exchange with the standard library alone, that ends in time and says whether the request may have arrived.

Time is for the whole of it, to the last byte, and not for each piece: a server that sends a byte a second is silent. A
name that never resolves is the one thing that cannot be bounded here; whoever asks does so in a thread of its own.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from voicedr.runtime.region.places.place import (
    ATTEMPT_S_MAX,
    PlaceSilent,
    PlaceUnsettled,
    WrongAddress,
    without_secrets,
)

ANSWER_BYTES_MAX = 256 * 1024
"""A document of the largest size in base64, inside JSON, with headers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Server:
    """One server. The connection is kept for reads, and a write has one of its own.

    Raises:
        WrongAddress: If the address has no host or a port that is none.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise WrongAddress(f"{without_secrets(url)} is no address: write http://HOST:PORT/… or https://HOST/…")
        self.name = without_secrets(url)
        self.user, self.password = _login(parts)
        self._host, self._port, self._tls = parts.hostname, port, parts.scheme == "https"
        self._kept: http.client.HTTPConnection | None = None

    def login(self) -> dict[str, str]:
        """The header for what stands before the ``@``: a user and a password, or ``:TOKEN@`` for a bearer token."""
        if self.user:
            return {"Authorization": "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()}
        return {"Authorization": f"Bearer {self.password}"} if self.password else {}

    def ask(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], *, changes: bool = False
    ) -> Answer:
        """One exchange.

        Args:
            method, path, body, headers: The request.
            changes: Whether the request changes something; if it does not, it may be sent twice.

        Raises:
            PlaceSilent: If there was no answer and nothing changed.
            PlaceUnsettled: If a request that changes something may have arrived and was not answered.
        """
        ends_s = time.monotonic() + ATTEMPT_S_MAX
        kept, self._kept = (None, self._kept) if changes else (self._kept, None)
        if kept is not None:
            try:
                return self._exchange(kept, method, path, body, headers, ends_s)
            except (OSError, http.client.HTTPException, ValueError):
                kept.close()  # the server had closed it meanwhile, or is gone: a new one tells which
        try:
            connection = self._connected()
        except (OSError, ValueError) as exc:
            raise PlaceSilent(f"{self.name}: no connection ({_why(exc)})") from exc
        try:
            return self._exchange(connection, method, path, body, headers, ends_s)
        except (OSError, http.client.HTTPException, ValueError) as exc:
            connection.close()
            kind = PlaceUnsettled if changes else PlaceSilent
            raise kind(f"{self.name}: {method} was sent and not answered ({_why(exc)})") from exc

    def close(self) -> None:
        """Let the connection go."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _connected(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection
        if self._tls:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=ATTEMPT_S_MAX, context=ssl.create_default_context()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=ATTEMPT_S_MAX)
        connection.connect()
        return connection

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        ends_s: float,
    ) -> Answer:
        timed = connection.sock if isinstance(connection.sock, _Timed) else _Timed(connection.sock)
        timed.ends_s = ends_s
        connection.sock = timed
        connection.request(method, path, body, {"Connection": "keep-alive", **headers})
        response = connection.getresponse()
        read = response.read(ANSWER_BYTES_MAX + 1)
        if len(read) > ANSWER_BYTES_MAX:
            raise ValueError(f"the answer is longer than {ANSWER_BYTES_MAX} bytes")
        answer = Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, read)
        if response.will_close or self._kept is not None:
            connection.close()
        else:
            self._kept = connection
        return answer


class _Timed:
    """As much of a socket as the library uses, with one end for everything. It closes when its last reader has."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._readers = 0
        self._closing = False
        self.ends_s = 0.0

    def sendall(self, data: bytes) -> None:
        self._still()
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        self._readers += 1
        return io.BufferedReader(_Reading(self))

    def close(self) -> None:
        self._closing = True
        if self._readers == 0:
            self._sock.close()

    def read_to_its_end(self) -> None:
        self._readers -= 1
        if self._closing:
            self.close()

    def recv_into(self, buffer: memoryview) -> int:
        self._still()
        return self._sock.recv_into(buffer)

    def _still(self) -> None:
        left_s = self.ends_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left_s)


class _Reading(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        return self._timed.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            self._timed.read_to_its_end()
        super().close()


def _login(parts: SplitResult) -> tuple[str, str]:
    return unquote(parts.username or ""), unquote(parts.password or "")


def _why(exc: Exception) -> str:
    return getattr(exc, "strerror", None) or str(exc) or type(exc).__name__

"""One connection to an edge: reached in one step, used in another, so that it is known what was delivered.

Whatever fails in `opened` and `secured` happened before the first byte of a request; whatever fails in
`Connection.send` and `Connection.receive` may have happened after the edge had it all.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from typing import Any

from voicedr.runtime.edge.answer_reader import AnswerReader, Refused, TooLarge
from voicedr.runtime.edge.names import Names
from voicedr.runtime.edge.outcomes import Lost, Why
from voicedr.runtime.edge.proxies import Proxy
from voicedr.runtime.edge.tls import names_another

_READ_BYTES = 65_536

_UNACKNOWLEDGED_MS_MAX = 4_000
"""What nobody acknowledged for so long is lost with its connection (tcp(7), TCP_USER_TIMEOUT): three retransmissions
around the world. So an edge that vanishes under an open connection is told from one that is slow to answer."""


class Connection:
    """Open, and used by one request at a time."""

    __slots__ = ("_poll", "_sock", "idle_since_s", "reused")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._poll = select.poll() if hasattr(select, "poll") else None
        if self._poll is not None:
            self._poll.register(sock, select.POLLIN)
        self.idle_since_s = 0.0
        self.reused = False

    def send(self, request: bytes, deadline_s: float) -> None:
        """Write all of it.

        Raises:
            Lost: If not all of it was written. Some of it may have been.
        """
        try:
            self._within(deadline_s)
            self._sock.sendall(request)
        except (OSError, ssl.SSLError) as exc:
            raise self._lost(exc) from exc

    def receive(self, reader: AnswerReader, deadline_s: float) -> None:
        """Read one answer.

        Raises:
            Lost: If there is none, or not all of it.
        """
        sock = self._sock
        try:
            while not reader.done:
                self._within(deadline_s)
                data = sock.recv(_READ_BYTES)
                if not data:
                    if reader.ended():
                        return
                    raise Lost(Why.CLOSED, reused=self.reused and not reader.begun)
                reader.feed(data)
        except TooLarge as exc:
            raise Lost(Why.TOO_LARGE, str(exc)) from exc
        except Refused as exc:
            raise Lost(Why.NONSENSE, str(exc)) from exc
        except (OSError, ssl.SSLError) as exc:
            raise self._lost(exc, begun=reader.begun) from exc

    def readable(self, within_s: float) -> bool:
        """Whether something came, or the peer closed, within the time."""
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            return True
        if self._poll is not None:
            return bool(self._poll.poll(within_s * 1000))
        return bool(select.select([self._sock], [], [], within_s)[0])

    def take_what_came(self, reader: AnswerReader) -> None:
        """Feed what is there without waiting. In TLS that may be a ticket, and nothing of an answer.

        Raises:
            Lost: As `receive`.
        """
        try:
            self._sock.settimeout(0)
            data = self._sock.recv(_READ_BYTES)
        except (BlockingIOError, ssl.SSLWantReadError):
            return
        except (OSError, ssl.SSLError) as exc:
            raise self._lost(exc, begun=reader.begun) from exc
        try:
            if data:
                reader.feed(data)
            elif not reader.ended():
                raise Lost(Why.CLOSED, reused=self.reused and not reader.begun)
        except Refused as exc:
            raise Lost(Why.NONSENSE, str(exc)) from exc

    def fileno(self) -> int:
        """For waiting for several at once."""
        return self._sock.fileno()

    def close(self) -> None:
        """Close it, whatever it is doing."""
        with contextlib.suppress(OSError):
            self._sock.close()

    def _within(self, deadline_s: float) -> None:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._sock.settimeout(left_s)

    def _lost(self, exc: Exception, *, begun: bool = False) -> Lost:
        reused = self.reused and not begun
        if isinstance(exc, TimeoutError):
            return Lost(Why.READ_LATE)
        if isinstance(exc, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return Lost(Why.CLOSED, reused=reused)
        return Lost(Why.RESET, _said(exc), reused=reused)


def opened(
    host: str, port: int, *, address: tuple[str, int] | None, proxy: Proxy | None, names: Names, deadline_s: float
) -> socket.socket:
    """TCP to a host, through the proxy if there is one.

    Args:
        address: Where the host is, if DNS shall not be asked.
        deadline_s: For the name, TCP and the proxy together, on the monotonic clock.

    Raises:
        Lost: If there is none. Nothing of a request was sent.
    """
    within_s = deadline_s - time.monotonic()
    if proxy is not None and address is None:
        try:
            sock = _dialled(names.addresses(proxy.host, proxy.port, within_s), deadline_s)
        except Lost as exc:
            raise Lost(Why.PROXY_UNREACHED, f"{proxy.url}: {exc.why.value}") from exc
        _tunnel(sock, host, port, proxy, deadline_s)
        return sock
    at = names.addresses(host, port, within_s) if address is None else [(_family(address[0]), address)]
    return _dialled(at, deadline_s)


def secured(sock: socket.socket, host: str, context: ssl.SSLContext, deadline_s: float) -> ssl.SSLSocket:
    """TLS on it, with a host whose name the certificate has.

    Raises:
        Lost: If there is none. Nothing of a request was sent.
    """
    try:
        sock.settimeout(_left(deadline_s))
        return context.wrap_socket(sock, server_hostname=host)
    except Lost:
        sock.close()
        raise
    except (OSError, ssl.SSLError, ValueError) as exc:
        sock.close()
        raise not_secured(exc) from exc


def not_secured(exc: BaseException) -> Lost:
    """Why there is no TLS."""
    if isinstance(exc, TimeoutError):
        return Lost(Why.CONNECT_LATE, "in the TLS handshake")
    if names_another(exc):
        return Lost(Why.TLS_NAME_MISMATCH)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return Lost(Why.TLS_UNTRUSTED, exc.verify_message)
    if isinstance(exc, ssl.SSLError) and not isinstance(exc, ssl.SSLEOFError):
        return Lost(Why.TLS_FAILED, _said(exc))
    return Lost(Why.CONNECT_LOST, "in the TLS handshake")


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def _left(deadline_s: float) -> float:
    left_s = deadline_s - time.monotonic()
    if left_s <= 0:
        raise Lost(Why.CONNECT_LATE)
    return left_s


def _dialled(addresses: list[tuple[socket.AddressFamily, tuple[Any, ...]]], deadline_s: float) -> socket.socket:
    """TCP to the first address that takes it. Each has an even share of the time that is left."""
    last = Lost(Why.CONNECT_LATE)
    for place, (family, address) in enumerate(addresses):
        share_s = _left(deadline_s) / (len(addresses) - place)
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(share_s)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS_MAX)
        except TimeoutError:
            last = Lost(Why.CONNECT_LATE)
        except OSError as exc:
            last = Lost(Why.REFUSED if isinstance(exc, ConnectionRefusedError) else Why.CONNECT_LOST, _said(exc))
        else:
            return sock
        sock.close()
    raise last


def _tunnel(sock: socket.socket, host: str, port: int, proxy: Proxy, deadline_s: float) -> None:
    """Ask the proxy for the way to the host (RFC 9110 section 9.3.6)."""
    auth = f"Proxy-Authorization: {proxy.authorization}\r\n" if proxy.authorization else ""
    reader = AnswerReader("HEAD", 65_536)  # an answer to CONNECT has no body if it is 2xx; else nobody reads it
    connection = Connection(sock)
    try:
        connection.send(f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{auth}\r\n".encode(), deadline_s)
        connection.receive(reader, deadline_s)
    except Lost as exc:
        sock.close()
        why = Why.CONNECT_LATE if exc.why is Why.READ_LATE else Why.PROXY_REFUSED
        raise Lost(why, "behind the proxy") from exc
    if not 200 <= reader.status < 300:
        sock.close()
        raise Lost(Why.PROXY_REFUSED, f"status {reader.status}")


def _said(exc: BaseException) -> str:
    """What the machine says of it, and nothing else."""
    if isinstance(exc, ssl.SSLError):
        return str(exc.reason or "").lower().replace("_", " ")
    return getattr(exc, "strerror", None) or type(exc).__name__

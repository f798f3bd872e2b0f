"""uvicorn's HTTP with an end to every head: so many bytes, and so many seconds.

By itself it would collect headers without a limit and wait for the end of a head for ever. Bodies are bounded by the
webhook kit.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MAX = 32 * 1024
"""A webhook's head is one kilobyte; a GET has its parameters there."""

HEAD_S_MAX = 10.0


class BoundedProtocol(HttpToolsProtocol):
    """Closes connections whose heads are too long or too slow."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        self._head_bytes: int | None = 0
        self._head_end: asyncio.TimerHandle | None = self.loop.call_later(HEAD_S_MAX, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client left."""
        self._unwind()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._head_bytes is None and (self.cycle is None or self.cycle.response_complete):
            # The next request on this connection begins.
            self._head_bytes = 0
            self._head_end = self._head_end or self.loop.call_later(HEAD_S_MAX, self._too_slow)
        if self._head_bytes is not None:
            # Parsed in pieces, so that a long head in one read is counted before it is kept.
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES_MAX and not self._ends_in_time(data):
                self._refuse(b"431 Request Header Fields Too Large")
                return
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._head_bytes = None
        self._unwind()
        super().on_headers_complete()

    def _ends_in_time(self, data: bytes) -> bool:
        """Whether the head ends within its limit, and what is too long is the body behind it."""
        room = HEAD_BYTES_MAX - ((self._head_bytes or 0) - len(data))
        return b"\r\n\r\n" in data[: max(0, room)]

    def _too_slow(self) -> None:
        self._head_end = None
        self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()

    def _unwind(self) -> None:
        timer: Any = getattr(self, "_head_end", None)
        if timer is not None:
            timer.cancel()
        self._head_end = None

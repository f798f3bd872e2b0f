"""One connection to an edge, for asyncio: as `connection`, with the same line between reached and used."""

from __future__ import annotations

import asyncio
import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import cast

from voicedr.runtime.edge.answer_reader import AnswerReader, Refused, TooLarge
from voicedr.runtime.edge.connection import not_secured
from voicedr.runtime.edge.outcomes import Lost, Why


class AsyncConnection(asyncio.Protocol):
    """Open, and used by one request at a time."""

    __slots__ = ("_poll", "_reader", "_transport", "_waiter", "closed", "idle_since_s", "reused")

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._reader: AnswerReader | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._poll: select.poll | None = None
        self.closed = False
        self.reused = False
        self.idle_since_s = 0.0

    async def exchange(self, request: bytes, reader: AnswerReader, deadline_s: float) -> None:
        """Send a request and read its answer.

        Raises:
            Lost: If there is no answer. The edge may have had the request.
        """
        if self.closed or self._transport is None:
            raise Lost(Why.CLOSED, reused=self.reused)
        loop = asyncio.get_running_loop()
        self._reader = reader
        self._waiter = loop.create_future()
        timer = loop.call_later(max(deadline_s - time.monotonic(), 0.0), self._fail, Lost(Why.READ_LATE))
        try:
            self._transport.write(request)
            await self._waiter
        finally:
            timer.cancel()
            self._reader = self._waiter = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self._transport = cast(asyncio.Transport, transport)
        sock = transport.get_extra_info("socket")
        if sock is not None and hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(sock.fileno(), select.POLLIN)

    def stale(self) -> bool:
        """Whether it was closed, or something came that nobody asked for, even if the loop has not come to see it."""
        return self.closed or (self._poll is not None and bool(self._poll.poll(0)))

    def data_received(self, data: bytes) -> None:
        """Something of an answer, or something that nobody asked for."""
        reader = self._reader
        if reader is None:
            self.close()
            return
        try:
            reader.feed(data)
        except TooLarge as exc:
            self._fail(Lost(Why.TOO_LARGE, str(exc)))
        except Refused as exc:
            self._fail(Lost(Why.NONSENSE, str(exc)))
        else:
            if reader.done:
                self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whomever."""
        self.closed = True
        reader = self._reader
        if reader is None:
            return
        if exc is None and reader.ended():
            self._finish()
            return
        why = Why.CLOSED if exc is None or isinstance(exc, ssl.SSLError) else Why.RESET
        self._fail(Lost(why, getattr(exc, "strerror", None) or "", reused=self.reused and not reader.begun))

    def close(self) -> None:
        """Close it, whatever it is doing."""
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def _finish(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, lost: Lost) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(lost)


async def reached(
    host: str, dial: Callable[[float], socket.socket], context: ssl.SSLContext | None, within_s: float
) -> AsyncConnection:
    """A connection to a host, with TLS if there is a context.

    Args:
        dial: Opens TCP until a time on the monotonic clock. It blocks, so it has a thread of its own.

    Raises:
        Lost: If there is none. Nothing of a request was sent.
    """
    deadline_s = time.monotonic() + within_s
    sock = await _in_thread(lambda: dial(deadline_s))
    loop = asyncio.get_running_loop()
    try:
        sock.setblocking(False)
        async with asyncio.timeout(max(deadline_s - time.monotonic(), 0.0)):
            _, connection = await loop.create_connection(
                AsyncConnection, sock=sock, ssl=context, server_hostname=host if context is not None else None
            )
    except (OSError, ssl.SSLError, ValueError) as exc:
        sock.close()
        raise not_secured(exc) from exc
    except BaseException:
        sock.close()
        raise
    return connection


async def _in_thread(work: Callable[[], socket.socket]) -> socket.socket:
    """In a daemon thread: the loop's executor would wait for one that hangs when the process ends."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[socket.socket] = loop.create_future()

    def run() -> None:
        result: socket.socket | Exception
        try:
            result = work()
        except Exception as exc:
            result = exc
        try:
            loop.call_soon_threadsafe(settle, result)
        except RuntimeError:  # the loop has ended meanwhile: nobody waits
            settle_nobody(result)

    def settle(result: socket.socket | Exception) -> None:
        if future.done():
            settle_nobody(result)
        elif isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)

    def settle_nobody(result: socket.socket | Exception) -> None:
        if isinstance(result, socket.socket):
            with contextlib.suppress(OSError):
                result.close()

    threading.Thread(target=run, name="dial", daemon=True).start()
    return await future

"""`AsyncEdgeSession`: the same for asyncio (and uvloop), on the standard library alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Self, Unpack

from voicedr.runtime.edge.answer_reader import AnswerReader
from voicedr.runtime.edge.async_connection import AsyncConnection, reached
from voicedr.runtime.edge.client_core import ClientCore
from voicedr.runtime.edge.events import Kind
from voicedr.runtime.edge.exchange import Told, Tried, Try, Wait, exchange
from voicedr.runtime.edge.forms import Fields, prepared
from voicedr.runtime.edge.health import Pick
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.outcomes import Answer, Lost, Why
from voicedr.runtime.edge.settings import EdgeOptions
from voicedr.runtime.edge.wording import Worded, answered


class AsyncEdgeSession:
    """Asks one Region's REST API by its edges in order. For the tasks of one event loop at a time; close it."""

    def __init__(self, region: str, edges: Sequence[str], **options: Unpack[EdgeOptions]) -> None:
        """Make a client. It may be made before there is an event loop; nothing is connected yet.

        Raises:
            ValueError: If the Region, an edge or an option cannot be.
        """
        self.core = ClientCore(region, edges, options)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns = asyncio.Semaphore(self.core.settings.connections_max)
        self._idle: dict[str, deque[AsyncConnection]] = {}

    @property
    def metrics(self) -> EdgeMetrics:
        """What was counted."""
        return self.core.metrics

    def prometheus(self) -> str:
        """The counters as text for a scrape."""
        return self.core.prometheus()

    async def request(
        self,
        method: str,
        url: str,
        params: Fields | None = None,
        data: Fields | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - it is one budget over several attempts
    ) -> Answer:
        """The answer, from the first edge that gives one. Redirects are not followed.

        Args:
            timeout: Seconds for all attempts together.

        Raises:
            ValueError: If it cannot be sent, or leads out of the Region. Nothing was sent.
            NotDelivered: If no edge was reached. Nothing changed.
            NotAnswered: If it is a read that no edge answered. Nothing changed.
            MayHaveTakenEffect: If it is a write that was sent and not answered.
        """
        now_s = time.monotonic()
        core = self.core
        ready = prepared(method, params, data, headers, auth)
        asked, target = core.asked(ready.method, url, timeout, now_s)
        for due in core.health.to_probe(target.product, now_s):
            work = (target.product, target, due, False)
            threading.Thread(target=core.probe, args=work, name=f"probe {due.edge}", daemon=True).start()
        worded = Worded(ready, target, core.region)
        self._of_this_loop()
        steps = exchange(asked, core.health, core.settings, core, now_s)
        step = next(steps)
        while True:
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                told = Told(time.monotonic())
            else:
                tried = await self._tried(step, worded)
                told = Told(time.monotonic(), tried)
            try:
                step = steps.send(told)
            except StopIteration as end:
                answer: Answer = end.value
                core.metrics.count_answered(target.product, answer.edge)
                return answer

    async def close(self) -> None:
        """Close the connections."""
        for host in list(self._idle):
            self._drop(host)
        await asyncio.sleep(0)  # the loop closes what was aborted

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def _tried(self, step: Try, worded: Worded) -> list[Tried]:
        begun_s = time.monotonic()
        if self._turns.locked():
            try:
                async with asyncio.timeout(step.connect_s):
                    await self._turns.acquire()
            except TimeoutError:
                return [Tried(step.pick, Lost(Why.NO_TURN), time.monotonic() - begun_s)]
        else:
            await self._turns.acquire()
        try:
            if step.beside is not None:
                return await self._two(step, step.beside, worded, begun_s)
            came = await self._one(step, worded)
            return [Tried(step.pick, came, time.monotonic() - begun_s)]
        finally:
            self._turns.release()

    async def _two(self, step: Try, beside: Pick, worded: Worded, begun_s: float) -> list[Tried]:
        """The request, and a second one if the first is late. The first answer below 500 wins; the other is ended."""
        first = asyncio.create_task(self._one(step, worded))
        second: asyncio.Task[Answer | Lost] | None = None
        try:
            await asyncio.wait({first}, timeout=step.beside_after_s)
            if first.done():
                return [Tried(step.pick, first.result(), time.monotonic() - begun_s)]
            self.core.note(Kind.HEDGED, worded.target.product, beside.edge, worded.ready.method, "late")
            left_s = max(step.left_s - step.beside_after_s, 0.001)
            alone = Try(beside, step.connect_s, min(step.read_s, left_s), left_s)
            second = asyncio.create_task(self._one(alone, worded))
            await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
            if not (first.done() and _good(first.result())) and second.done() and _good(second.result()):
                self.core.note(Kind.HEDGE_WON, worded.target.product, beside.edge, worded.ready.method, "")
                came = first.result() if first.done() else Lost(Why.OVERTAKEN)
                took_s = time.monotonic() - begun_s
                return [Tried(step.pick, came, took_s), Tried(beside, second.result(), took_s)]
            came = await first
            tried = [Tried(step.pick, came, time.monotonic() - begun_s)]
            if not _good(came):
                tried.append(Tried(beside, await second, time.monotonic() - begun_s))
            return tried
        finally:
            first.cancel()
            if second is not None:
                second.cancel()

    async def _one(self, step: Try, worded: Worded) -> Answer | Lost:
        host = worded.host(step.pick.edge)
        deadline_s = time.monotonic() + step.left_s
        reader = AnswerReader(worded.ready.method, self.core.settings.body_bytes_max)
        connection = None
        whole = False
        try:
            connection = None if step.fresh else self._taken(host)
            if connection is None:
                core, port = self.core, worded.target.port
                connection = await reached(
                    host, lambda until_s: core.opened(host, port, until_s), core.context_of(host), step.connect_s
                )
            until_s = min(time.monotonic() + step.read_s, deadline_s)
            await connection.exchange(worded.request(host), reader, until_s)
            answer = answered(reader, step.pick.edge)
            whole = reader.keep_alive
        except Lost as exc:
            self._drop(host)
            return exc
        finally:
            # Also when the task was cancelled in the middle: such a connection is nobody's any more.
            if connection is not None and not whole:
                connection.close()
        connection.idle_since_s = time.monotonic()
        self._idle.setdefault(host, deque()).append(connection)
        return answer

    def _taken(self, host: str) -> AsyncConnection | None:
        """An idle connection that the edge has not closed, as far as is known."""
        idle = self._idle.get(host)
        while idle:
            connection = idle.pop()
            if not connection.stale() and time.monotonic() - connection.idle_since_s < self.core.settings.idle_s:
                connection.reused = True
                return connection
            connection.close()
        return None

    def _drop(self, host: str) -> None:
        """Close what is idle: something is wrong there, and a new connection shows what."""
        for connection in self._idle.pop(host, ()):
            connection.close()

    def _of_this_loop(self) -> None:
        """Connections and turns belong to a loop; with another one they begin anew."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._idle.clear()
            self._turns = asyncio.Semaphore(self.core.settings.connections_max)


def _good(came: Answer | Lost) -> bool:
    return isinstance(came, Answer) and came.status_code < 500

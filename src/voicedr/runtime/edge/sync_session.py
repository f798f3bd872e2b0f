"""`EdgeSession`: requests over several edges, in the calling thread. The standard library is all that it needs."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Self, Unpack

from voicedr.runtime.edge.answer_reader import AnswerReader
from voicedr.runtime.edge.client_core import ClientCore
from voicedr.runtime.edge.connection import Connection
from voicedr.runtime.edge.events import Kind
from voicedr.runtime.edge.exchange import Told, Tried, Try, Wait, exchange
from voicedr.runtime.edge.forms import Fields, prepared
from voicedr.runtime.edge.health import Pick
from voicedr.runtime.edge.hosts import Target
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.outcomes import Answer, Lost, Why
from voicedr.runtime.edge.pool import Pool
from voicedr.runtime.edge.second_request import SecondRequest
from voicedr.runtime.edge.settings import EdgeOptions
from voicedr.runtime.edge.wording import Worded, answered


class EdgeSession:
    """Asks one Region's REST API by its edges in order. Safe for threads; close it, or use ``with``."""

    def __init__(self, region: str, edges: Sequence[str], **options: Unpack[EdgeOptions]) -> None:
        """Make a client. Nothing is connected yet.

        Raises:
            ValueError: If the Region, an edge or an option cannot be.
        """
        self.core = ClientCore(region, edges, options)
        self._pool = Pool(self.core.settings.connections_max, self.core.settings.idle_s)

    @property
    def metrics(self) -> EdgeMetrics:
        """What was counted."""
        return self.core.metrics

    def prometheus(self) -> str:
        """The counters as text for a scrape."""
        return self.core.prometheus()

    def request(
        self,
        method: str,
        url: str,
        params: Fields | None = None,
        data: Fields | str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
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
        sending = _Sending(self, Worded(ready, target, core.region))
        for due in core.health.to_probe(target.product, now_s):
            threading.Thread(target=self._probe, args=(target, due), name=f"probe {due.edge}", daemon=True).start()
        steps = exchange(asked, core.health, core.settings, core, now_s)
        step = next(steps)
        while True:
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                told = Told(time.monotonic())
            else:
                tried = sending.tried(step)
                told = Told(time.monotonic(), tried)
            try:
                step = steps.send(told)
            except StopIteration as end:
                core.metrics.count_answered(target.product, end.value.edge)
                answer: Answer = end.value
                return answer

    def close(self) -> None:
        """Close idle connections; those in use are closed when they come back."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _probe(self, target: Target, pick: Pick) -> None:
        connection = self.core.probe(target.product, target, pick, keep=True)
        if connection is not None:
            self._pool.give_back(target.host(pick.edge, self.core.region), connection)


class _Sending:
    """One request on its way, edge after edge."""

    __slots__ = ("_core", "_pool", "_worded")

    def __init__(self, session: EdgeSession, worded: Worded) -> None:
        self._core = session.core
        self._pool = session._pool
        self._worded = worded

    def tried(self, step: Try) -> list[Tried]:
        """Send it as the step says, and what came."""
        begun_s = time.monotonic()
        try:
            self._pool.turn(step.connect_s)
        except Lost as exc:
            return [Tried(step.pick, exc, time.monotonic() - begun_s)]
        try:
            if step.beside is not None:
                return self._two(step, step.beside, begun_s)
            came = self._one(step)
            return [Tried(step.pick, came, time.monotonic() - begun_s)]
        finally:
            self._pool.turn_over()

    def _one(self, step: Try) -> Answer | Lost:
        host = self._worded.host(step.pick.edge)
        connection = None
        deadline_s = time.monotonic() + step.left_s
        try:
            connection = self._sent(host, step, deadline_s)
            reader = AnswerReader(self._worded.ready.method, self._core.settings.body_bytes_max)
            connection.receive(reader, min(time.monotonic() + step.read_s, deadline_s))
            answer = answered(reader, step.pick.edge)
        except Lost as exc:
            self._gone_wrong(host, connection)
            return exc
        self._back(host, connection, reader)
        return answer

    def _two(self, step: Try, beside: Pick, begun_s: float) -> list[Tried]:
        """The request, and a second one if the first is late. The first answer below 500 wins; the other is closed."""
        host = self._worded.host(step.pick.edge)
        connection = None
        second: SecondRequest | None = None
        try:
            connection = self._sent(host, step, begun_s + step.left_s)
            reader = AnswerReader(self._worded.ready.method, self._core.settings.body_bytes_max)
            end_s = min(time.monotonic() + step.read_s, begun_s + step.left_s)
            late_at_s = time.monotonic() + step.beside_after_s
            while not reader.done and (left_s := late_at_s - time.monotonic()) > 0 and connection.readable(left_s):
                connection.take_what_came(reader)
            if not reader.done:
                self._core.note(
                    Kind.HEDGED, self._worded.target.product, beside.edge, self._worded.ready.method, "late"
                )
                left_s = max(end_s - time.monotonic(), 0.001)
                alone = Try(beside, min(step.connect_s, left_s), left_s, left_s)
                second = SecondRequest(lambda: self._one(alone))
                while not reader.done and not second.done and (left_s := end_s - time.monotonic()) > 0:
                    if second.readable_first(connection, left_s):
                        connection.take_what_came(reader)
                came = second.came if second.done and not reader.done else None
                if isinstance(came, Answer) and came.status_code < 500:
                    connection.close()
                    self._core.note(
                        Kind.HEDGE_WON, self._worded.target.product, beside.edge, self._worded.ready.method, ""
                    )
                    took_s = time.monotonic() - begun_s
                    return [Tried(step.pick, Lost(Why.OVERTAKEN), took_s), Tried(beside, came, took_s)]
                connection.receive(reader, end_s)
            answer: Answer | Lost = answered(reader, step.pick.edge)
            self._back(host, connection, reader)
        except Lost as exc:
            self._gone_wrong(host, connection)
            answer = exc
        first = Tried(step.pick, answer, time.monotonic() - begun_s)
        if second is None or (isinstance(answer, Answer) and answer.status_code < 500):
            return [first]
        # The first one failed while the second is on its way: its answer is as good as any.
        came = second.wait()
        return [first, Tried(beside, came, time.monotonic() - begun_s)]

    def _sent(self, host: str, step: Try, deadline_s: float) -> Connection:
        """A connection on which the request was written."""
        connection = None if step.fresh else self._pool.taken(host)
        if connection is None:
            connection = self._core.reached(host, self._worded.target.port, step.connect_s)
        try:
            connection.send(self._worded.request(host), min(time.monotonic() + step.read_s, deadline_s))
        except Lost:
            connection.close()
            raise
        return connection

    def _back(self, host: str, connection: Connection, reader: AnswerReader) -> None:
        if reader.keep_alive:
            self._pool.give_back(host, connection)
        else:
            connection.close()

    def _gone_wrong(self, host: str, connection: Connection | None) -> None:
        if connection is not None:
            connection.close()
        self._pool.drop(host)

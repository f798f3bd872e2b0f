"""A live call, and doing what takes time for it: waiting, sending, watching, all of which may be broken in on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from math import inf
from typing import TypeVar, cast

from voicedr.twin.calls.commands import (
    Bell,
    Exchange,
    FarEnd,
    HungUp,
    Interruption,
    Listen,
    RegionLost,
    Streamed,
    Wait,
    Watch,
)
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.clock import Clock
from voicedr.twin.world.model import NetworkCall
from voicedr.wire.http import Failure, NoResponse, Response, Send

_T = TypeVar("_T")


@dataclass(eq=False, slots=True)
class Live:
    """A call that lasts: it is its own far end for whoever placed it."""

    person: Person
    network: NetworkCall | None = None
    line: Line | None = None
    task: asyncio.Task[None] | None = None
    news: Interruption | None = None
    sids: list[tuple[str, str]] = field(default_factory=list)
    placed: list[FarEnd] = field(default_factory=list)
    ties: list[FarEnd] = field(default_factory=list)
    streams: list[Streamed] = field(default_factory=list)
    watchers: list[asyncio.Future[None]] = field(default_factory=list)
    answered: bool = False
    gone: bool = False
    lost: bool = False
    suspended: bool = False
    over: bool = False

    @property
    def outcome(self) -> str:
        return self.network.outcome if self.network is not None else ""

    def hang_up(self) -> None:
        self.interrupt(HungUp())

    def interrupt(self, news: Interruption) -> None:
        """Break in where the script waits; if it does not wait just now, as soon as it does. The first news wins."""
        if self.over or self.news is not None or (self.gone and isinstance(news, HungUp)):
            return
        if isinstance(news, RegionLost):
            if self.lost:
                return
            self.lost = True
        self.news = news
        if self.suspended and self.task is not None:
            self.task.cancel()

    def tie(self, other: FarEnd) -> None:
        """When this is over, the other is hung up."""
        self.ties.append(other)
        if self.over:
            other.hang_up()

    def wake(self) -> None:
        """There is news for those who watch."""
        watchers, self.watchers = self.watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)


class Doing:
    """Does commands with a clock and a way to send. ``closing`` lets every cancellation through."""

    def __init__(self, office: Office, clock: Clock, send: Send) -> None:
        self._office = office
        self._clock = clock
        self._send = send
        self.closing = False

    async def suspended(
        self, live: Live, command: Wait | Exchange | Watch | Listen
    ) -> tuple[object, Interruption | None]:
        """Do what takes time, but not beyond the moment at which the person hangs up."""
        left_s = inf if live.gone else live.person.hangs_up_at - self._office.now
        live.suspended = True
        try:
            if isinstance(command, Wait):
                if command.seconds >= left_s:
                    await self._clock.sleep(max(0.0, left_s))
                    return None, HungUp()
                if command.seconds > 0:
                    await self._clock.sleep(command.seconds)
                return None, None
            if isinstance(command, Exchange):
                if left_s > command.timeouts.total_s:
                    return await self.exchange(command), None
                return await self._within(self.exchange(command), left_s, HungUp())
            if isinstance(command, Listen):
                rang = await self._rung((command.bell, *command.also), min(command.seconds, left_s))
                return None, HungUp() if not rang and command.seconds >= left_s else None
            watched = self._watched(command)
            if command.seconds >= left_s:
                return await self._within(watched, left_s, HungUp())
            return await self._within(watched, command.seconds, None)
        except asyncio.CancelledError:
            task = live.task
            if live.news is None or self.closing or task is None:
                raise
            task.uncancel()
            return None, None
        finally:
            live.suspended = False

    async def listen(self, command: Listen) -> None:
        """Wait for the bell."""
        await self._rung((command.bell, *command.also), command.seconds)

    async def exchange(self, command: Exchange) -> Response | Failure:
        try:
            return await self._send(command.request, command.timeouts)
        except NoResponse as none:
            return none.failure

    async def _watched(self, command: Watch) -> None:
        far_end = cast(Live, command.far_end)  # whatever Place gave is one
        while not far_end.over and (command.until_over or not far_end.answered):
            waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            far_end.watchers.append(waker)
            await waker

    async def _rung(self, bells: tuple[Bell, ...], seconds: float) -> bool:
        """Wait for one of the bells, but no longer; whether it rang.

        They are listened to before anybody else can run, so no ring is lost after the script has looked.
        """
        rung: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def listener() -> None:
            if not rung.done():
                rung.set_result(None)

        for bell in bells:
            bell.listen(listener)
        timer = asyncio.ensure_future(self._clock.sleep(max(0.0, seconds)))
        try:
            await asyncio.wait({rung, timer}, return_when=asyncio.FIRST_COMPLETED)
            return rung.done()
        finally:
            for bell in bells:
                bell.forget(listener)
            timer.cancel()

    async def _within(
        self, doing: Coroutine[object, object, _T], seconds: float, too_late: Interruption | None
    ) -> tuple[_T | None, Interruption | None]:
        """Do this, but for no longer than so many seconds."""
        task = asyncio.ensure_future(doing)
        timer = asyncio.ensure_future(self._clock.sleep(max(0.0, seconds)))
        try:
            await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
            return (task.result(), None) if task.done() else (None, too_late)
        finally:
            task.cancel()
            timer.cancel()

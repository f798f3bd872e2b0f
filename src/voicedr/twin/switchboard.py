"""The switchboard: it runs the scripts of calls with a clock and a way to send HTTP.

Scripts decide; here is only the doing. Each live call is one task, which is cancelled to break in on it: the
interruption to throw into the script is left in ``_Live.news`` before. With one clock, one seed and the same things
told in the same order, everything happens in the same order too, so equal worlds stay equal to the byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import (
    Apart,
    Ended,
    Exchange,
    HungUp,
    Interruption,
    Place,
    RegionLost,
    Replaced,
    Script,
    Tie,
    Wait,
    Watch,
)
from voicedr.twin.calls.inbound import incoming, region_is_lost
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.load import Load
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.calls.outbound import outgoing
from voicedr.twin.calls.person import Person
from voicedr.twin.clock import Clock
from voicedr.twin.verbs import VERBS
from voicedr.twin.world.model import NetworkCall, World
from voicedr.wire.http import NoResponse, Send

NETWORK_CALLS_MAX = 200_000
"""Network calls kept; the oldest that have ended are forgotten. At 2 kB each this is 400 MB at worst."""

LOGGED_CALLS_MAX = 200_000
"""Call log entries kept per Region."""

APART_MAX = 20_000
"""Callbacks under way at once. One more is the error 15002, which says that it waited in the queue too long."""

WATCH_S = 1.0
"""How often it is looked whether a Region has died under its calls."""


@dataclass(eq=False, slots=True)
class _Live:
    """A call that lasts: it is its own far end for whoever placed it."""

    person: Person
    network: NetworkCall | None = None
    line: Line | None = None
    task: asyncio.Task[None] | None = None
    news: Interruption | None = None
    tied_to: _Live | None = None
    ties: list[_Live] = field(default_factory=list)
    watchers: list[asyncio.Task[None]] = field(default_factory=list)
    was_answered: bool = False
    gone: bool = False
    suspended: bool = False
    over: bool = False

    @property
    def answered(self) -> bool:
        return self.was_answered or (self.line is not None and self.line.answered)

    @property
    def outcome(self) -> str:
        return self.network.outcome if self.network is not None else ""

    def hang_up(self) -> None:
        self.interrupt(HungUp())

    def interrupt(self, news: Interruption) -> None:
        """Break in where the script waits; if it does not wait just now, as soon as it does. The first news wins."""
        if self.over or self.news is not None or (self.gone and isinstance(news, HungUp)):
            return
        self.news = news
        if self.suspended and self.task is not None:
            self.task.cancel()


class Switchboard:
    """Every live call of a world."""

    def __init__(self, world: World, clock: Clock, send: Send, *, live_calls_max: int = 20_000) -> None:
        """Take over a world's calls.

        Args:
            live_calls_max: A call beyond so many is busy at once: the bound on memory and on tasks.
        """
        self._world = world
        self._clock = clock
        self._send = send
        self._live_max = live_calls_max
        self._office = Office(world, clock.now().timestamp())
        self._live: dict[_Live, None] = {}
        self._by_sid: dict[tuple[str, str], _Live] = {}
        self._done: dict[str, asyncio.Future[None]] = {}
        self._loads: dict[str, _Placing] = {}
        self._apart: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None

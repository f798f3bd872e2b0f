"""Idle connections by host, newest first, and a bound on how many are open at once."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

from voicedr.runtime.edge.connection import Connection
from voicedr.runtime.edge.outcomes import Lost, Why


class Pool:
    """Safe for threads. A connection that is out belongs to whoever took it."""

    def __init__(self, connections_max: int, idle_s: float) -> None:
        self._turns = threading.Semaphore(connections_max)
        self._idle_max = connections_max
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._idle: dict[str, deque[Connection]] = {}
        self._closed = False
        self._process = os.getpid()

    def turn(self, within_s: float) -> None:
        """Wait until one more connection may be in use.

        Raises:
            Lost: If none was free in time.
        """
        if not self._turns.acquire(blocking=False) and not self._turns.acquire(timeout=max(within_s, 0.0)):
            raise Lost(Why.NO_TURN)

    def turn_over(self) -> None:
        """The connection is no longer in use."""
        self._turns.release()

    def taken(self, host: str) -> Connection | None:
        """An idle connection that the edge has not closed, as far as can be seen."""
        if self._process != os.getpid():
            # Forked: these are the parent's, and two that speak on one connection read each other's answers.
            self._process = os.getpid()
            self._idle = {}
        idle = self._idle.get(host)
        while idle:
            try:
                connection = idle.pop()
            except IndexError:
                return None
            if time.monotonic() - connection.idle_since_s < self._idle_s and not connection.readable(0):
                connection.reused = True
                return connection
            connection.close()
        return None

    def give_back(self, host: str, connection: Connection) -> None:
        """Keep it for another request."""
        connection.idle_since_s = time.monotonic()
        idle = self._idle.get(host)
        if idle is None:
            with self._lock:
                idle = self._idle.setdefault(host, deque())
        idle.append(connection)
        while len(idle) > self._idle_max or (self._closed and idle):
            try:
                idle.popleft().close()
            except IndexError:
                return

    def drop(self, host: str) -> None:
        """Close what is idle: something is wrong there, and a new connection shows what."""
        idle = self._idle.get(host)
        while idle:
            try:
                idle.popleft().close()
            except IndexError:
                return

    def close(self) -> None:
        """Close everything that is idle, and what comes back."""
        self._closed = True
        for host in list(self._idle):
            self.drop(host)

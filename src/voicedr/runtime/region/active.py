"""``ActiveRegion``: which Region, which credentials, which hosts, now.

::

    from voicedr.runtime.region import ActiveRegion

    active = ActiveRegion("etcd:http://127.0.0.1:2379/voicedr/support-app", regions=…, keep="/var/lib/app/region.json")
    now = active.current()          # memory only: no file, no socket, no lock
    now.region, now.credentials, now.edges, now.age_s, now.problem

Threads of its own look at the sources twice a second. A source that is gone changes nothing, for as long as it is gone:
the last good document holds, ``age_s`` grows, ``problem`` says why.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import queue
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from voicedr.runtime.region.current import Credentials, Current, home_edges, settings_in
from voicedr.runtime.region.document import Document
from voicedr.runtime.region.fold import Offered, adopt
from voicedr.runtime.region.following import EVERY_S_MAX, EVERY_S_MIN, Follower
from voicedr.runtime.region.kept import Kept
from voicedr.runtime.region.places.address import source_of
from voicedr.runtime.region.places.place import Source
from voicedr.runtime.region.secrets_by_region import SecretsByRegion
from voicedr.runtime.region.signing import Trust

_LOG = logging.getLogger("voicedr.region")

EVERY_S = 0.5
"""50 instances ask a source 100 times a second, and all have changed within a second of a switch."""

WAIT_S = 2.0
"""A start waits so long for the first look at the sources."""

SOURCES_MAX = 8

OnChange = Callable[[Current], object]


class ActiveRegion:
    """Follows one source, or several; whichever names the highest epoch is obeyed.

    Args:
        source: An address (see ``places.address``), or several.
        regions: What the application has in each Region: ``{"ie1": {"api_key": "SK…", "api_secret": "env:IE1_SECRET",
            "edges": ["dublin"], "hosts": {"database": "db.ie.example"}}}``; every key may be left out.
        keep: A file for the last good document; None: a restart while the source is dead knows no Region.
        trust: Where public keys are (``env:NAME``, ``file:/path``). With one, only signed documents are believed.
        every_s: Seconds between two looks.
        wait_s: How long to wait for the first look; 0: not at all.

    Raises:
        WrongAddress: If an address is none.
        SecretMissing, KeyUnusable: If a public key cannot be had.
        SettingsBroken: If ``regions`` cannot be used. A secret that is missing is told by ``problem`` instead.
        ValueError: If a number cannot be.
    """

    def __init__(
        self,
        source: str | Source | Sequence[str | Source],
        *,
        regions: Mapping[str, Mapping[str, object]] | None = None,
        keep: str | os.PathLike[str] | None = None,
        trust: Iterable[str] | Trust = (),
        every_s: float = EVERY_S,
        wait_s: float = WAIT_S,
    ) -> None:
        if not (EVERY_S_MIN <= every_s <= EVERY_S_MAX):
            raise ValueError(f"every_s={every_s!r}: say {EVERY_S_MIN:g} to {EVERY_S_MAX:g} seconds")
        if not (math.isfinite(wait_s) and wait_s >= 0):
            raise ValueError(f"wait_s={wait_s!r}: say how many seconds a start may wait, 0 or more")
        named = [source] if isinstance(source, str) or not isinstance(source, Sequence) else list(source)
        if not 1 <= len(named) <= SOURCES_MAX:
            raise ValueError(f"source: name 1 to {SOURCES_MAX} places")
        believed = trust if isinstance(trust, Trust) else Trust.named([trust] if isinstance(trust, str) else trust)
        self._settings = settings_in(regions or {})
        self._secrets = SecretsByRegion(self._settings)
        self._kept = None if keep is None else Kept(Path(keep), believed)
        self._keep_problem: str | None = None
        self._content = b""
        self._held: Document | None = None
        self._is_kept = True
        self._state: tuple[Document | None, float | None] = (None, None)
        self._lock = threading.Lock()
        self._callbacks: list[tuple[OnChange, asyncio.AbstractEventLoop | None]] = []
        self._changes: queue.SimpleQueue[Current | None] | None = None
        self._clients: tuple[tuple[object, ...], Any] | None = None
        self._followers = tuple(
            Follower(source_of(one) if isinstance(one, str) else one, believed, every_s, self._take) for one in named
        )
        self._secrets.look(time.monotonic())
        self._from_disk()
        _every.add(self)
        for follower in self._followers:
            follower.start()
        self._wait(wait_s)

    def current(self) -> Current:
        """What holds now. Nothing is asked of anybody: it may be called in the path of every call."""
        now_s = time.monotonic()
        held, confirmed_s = self._state
        problems = [one for one in (follower.problem(now_s) for follower in self._followers) if one is not None]
        if self._keep_problem is not None:
            problems.append(self._keep_problem)
        problems += self._secrets.problems
        age_s = None if confirmed_s is None else max(0.0, now_s - confirmed_s)
        problem = "; ".join(problems) if problems else None
        if held is None:
            return Current(None, 0, None, (), {}, age_s, problem)
        settings = self._settings.get(held.region)
        if settings is None:
            return Current(held.region, held.epoch, None, home_edges(held.region), {}, age_s, problem)
        credentials: Credentials | None = self._secrets.credentials.get(held.region)
        return Current(held.region, held.epoch, credentials, settings.edges, settings.hosts, age_s, problem)

    def on_change(self, callback: OnChange, *, loop: asyncio.AbstractEventLoop | None = None) -> OnChange:
        """Call somebody at every change from now on, once each and in order, with what holds then.

        It is called in a thread that does nothing else, or in ``loop`` if one is given. What it raises is logged.
        """
        with self._lock:
            self._callbacks.append((callback, loop))
            if self._changes is None:
                self._start_telling()
        return callback

    def client(self, account_sid: str, **options: Any) -> Any:
        """The official library's client for the active Region: another object after a switch, else the same.

        Args:
            account_sid: ``AC…``.
            options: For ``voicedr.runtime.edge.EdgeHttpClient``.

        Raises:
            LookupError: If no Region is active, or its credentials are not there.
            ImportError: If ``twilio`` is not installed.
        """
        from voicedr.runtime.region.library_client import client_for

        now = self.current()
        key = (account_sid, now.region, now.credentials, now.edges, tuple(sorted(options.items())))
        made = self._clients
        if made is None or made[0] != key:
            self._clients = made = (key, client_for(now, account_sid, options))
        return made[1]

    def close(self) -> None:
        """Stop looking. What holds goes on holding."""
        _every.discard(self)
        for follower in self._followers:
            follower.stop()
        if self._changes is not None:
            self._changes.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _from_disk(self) -> None:
        offer = None if self._kept is None else self._kept.read()
        if offer is None:
            return
        self._held, problem = adopt(None, offer)
        self._state = (self._held, None)
        self._keep_problem = None if problem is None else f"the Region that was kept for a restart {problem}"

    def _take(self, follower: Follower, offer: Offered, content: bytes) -> str | None:
        """A follower's hand-over."""
        with self._lock:
            before = self._held
            self._held, problem = adopt(before, offer)
            if problem is None:
                if self._held is not before:
                    self._content, self._is_kept = content, False
                self._state = (self._held, time.monotonic())
            if not self._is_kept and self._kept is not None and self._held is not None:
                self._keep_problem = self._kept.write(self._held, self._content)
                self._is_kept = self._keep_problem is None
            self._secrets.look(time.monotonic())
            if self._held is not before and self._changes is not None:
                self._changes.put(self.current())
        return problem

    def _wait(self, wait_s: float) -> None:
        ends_s = time.monotonic() + wait_s
        for follower in self._followers:
            if self._state[1] is None:
                follower.looked.wait(max(0.0, ends_s - time.monotonic()))

    def _start_telling(self) -> None:
        self._changes = queue.SimpleQueue()
        threading.Thread(target=_tell, args=(weakref.ref(self), self._changes), daemon=True).start()

    def _told_to(self) -> list[tuple[OnChange, asyncio.AbstractEventLoop | None]]:
        return list(self._callbacks)

    def _begin_again(self) -> None:
        """In a child process, which has none of the threads and may have a lock that nobody will open."""
        self._lock = threading.Lock()
        if self._changes is not None:
            self._start_telling()
        for follower in self._followers:
            follower.begin_again()


def _tell(owner: weakref.ref[ActiveRegion], changes: queue.SimpleQueue[Current | None]) -> None:
    while (change := changes.get()) is not None:
        active = owner()
        for callback, loop in [] if active is None else active._told_to():
            try:
                if loop is None:
                    callback(change)
                else:
                    loop.call_soon_threadsafe(callback, change)
            except Exception:
                _LOG.exception("a callback on the change to %s (epoch %d) failed", change.region, change.epoch)
        del active


_every: weakref.WeakSet[ActiveRegion] = weakref.WeakSet()


def _in_child() -> None:
    for active in list(_every):
        active._begin_again()


os.register_at_fork(after_in_child=_in_child)

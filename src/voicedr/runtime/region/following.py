"""One source, followed by a thread of its own: it looks, hands over what it saw, rests, and looks again.

A thread for each source, because a name that never resolves can hold a thread for as long as the system likes, and must
hold nobody else. While it is held, ``problem`` says so; nothing here is waited for by those who ask for the Region.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

from voicedr.runtime.region.fold import Offered, Unusable, offered
from voicedr.runtime.region.places.place import ATTEMPT_S_MAX, PlaceError, Source
from voicedr.runtime.region.signing import Trust

_LOG = logging.getLogger("voicedr.region")

JITTER = 0.2
"""Instances that were started together do not look together: each rest is up to a fifth shorter or longer."""

EVERY_S_MIN, EVERY_S_MAX = 0.05, 60.0

Take = Callable[["Follower", Offered, bytes], str | None]
"""Gets what was offered, and its bytes; gives why it does not hold, if so."""


class Follower:
    """Looks at one source until it is stopped."""

    def __init__(self, source: Source, trust: Trust, every_s: float, take: Take) -> None:
        self._source = source
        self._trust = trust
        self._every_s = every_s
        self._take = take
        self._problem: str | None = None
        self._looking_since_s: float | None = None
        self._stop = threading.Event()
        self._before: tuple[bytes, Offered] | None = None
        self.looked = threading.Event()

    def begin_again(self) -> None:
        """Begin in a child process, where threads do not arrive, and connections are the parent's."""
        self._source.close()
        self._looking_since_s = None
        self.start()

    def start(self) -> None:
        """Begin."""
        self._stop, self.looked = threading.Event(), threading.Event()
        name = f"voicedr-region {self._source.name}"
        threading.Thread(target=self._run, args=(self._stop,), name=name, daemon=True).start()

    def stop(self) -> None:
        """End after the look that is under way. It is not waited for."""
        self._stop.set()

    def problem(self, now_s: float) -> str | None:
        """What is wrong with the source, as far as is known now."""
        since_s = self._looking_since_s
        if since_s is not None and now_s - since_s > 2 * ATTEMPT_S_MAX:
            return f"{self._source.name}: has not answered for {now_s - since_s:.0f} s"
        return self._problem

    def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._looking_since_s = time.monotonic()
            offer, content = self._look()
            self._looking_since_s = None
            problem = self._take(self, offer, content)
            self._problem = None if problem is None else f"{self._source.name}: {problem}"
            self.looked.set()
            stop.wait(self._every_s * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret hangs on it
        self._source.close()

    def _look(self) -> tuple[Offered, bytes]:
        try:
            content = self._source.read().content
        except PlaceError as exc:
            return Unusable(str(exc).removeprefix(f"{self._source.name}: ")), b""
        except Exception as exc:
            # A mistake of ours must not end the thread: the Region would stand still, and nobody would say so.
            _LOG.exception("looking at %s failed in a way that was not foreseen", self._source.name)
            return Unusable(f"cannot be read ({type(exc).__name__})"), b""
        if content is None:
            return Unusable("there is no document"), b""
        # A signature is not worked out again for bytes that are the same: it is most of what a look costs.
        if self._before is None or self._before[0] != content:
            self._before = (content, offered(content, self._trust))
        return self._before[1], content

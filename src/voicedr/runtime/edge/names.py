"""A host's addresses, within a time: the machine's own resolver has no time limit that we could set.

A look-up runs in a daemon thread. One that hangs is left behind; there is at most one for each host, and few in all, so
a dead name server costs a request its connect budget and the process a handful of threads.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field
from typing import Any

from voicedr.runtime.edge.outcomes import Lost, Why

HANGING_MAX = 64
"""More look-ups than this are not begun while others hang."""

Found = list[tuple[socket.AddressFamily, tuple[Any, ...]]]


@dataclass(eq=False, slots=True)
class _LookUp:
    done: threading.Event = field(default_factory=threading.Event)
    found: Found = field(default_factory=list)
    failed: str = ""


class Names:
    """Looks names up. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], _LookUp] = {}

    def addresses(self, host: str, port: int, within_s: float) -> Found:
        """The addresses, at least one.

        Raises:
            Lost: If there is none, or none in time.
        """
        key = (host, port)
        with self._lock:
            look_up = self._running.get(key)
            if look_up is None:
                if len(self._running) >= HANGING_MAX:
                    raise Lost(Why.NAME_LATE, f"{HANGING_MAX} look-ups hang")
                look_up = self._running[key] = _LookUp()
                threading.Thread(target=self._look_up, args=(key, look_up), name=f"name of {host}", daemon=True).start()
        if not look_up.done.wait(max(within_s, 0.0)):
            raise Lost(Why.NAME_LATE)
        if not look_up.found:
            raise Lost(Why.NO_NAME, look_up.failed)
        return look_up.found

    def _look_up(self, key: tuple[str, int], look_up: _LookUp) -> None:
        try:
            answers = socket.getaddrinfo(key[0], key[1], type=socket.SOCK_STREAM)
            look_up.found = [(family, address) for family, _, _, _, address in answers]
        except (OSError, UnicodeError) as exc:
            look_up.failed = getattr(exc, "strerror", None) or type(exc).__name__
        finally:
            with self._lock:
                self._running.pop(key, None)
            look_up.done.set()

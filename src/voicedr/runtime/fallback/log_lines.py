"""One line of JSON for each thing that happened. A log that nobody reads holds up no caller.

Lines are collected and written by a thread that looks every twentieth of a second. Waking it for each line would cost
the callers' thread more than everything else that it does.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import BinaryIO

import msgspec

LINES_MAX = 20_000
"""Lines that wait to be written; at a thousand calls a second that is twenty seconds. What comes beyond is counted."""

EVERY_S = 0.05
END_S_MAX = 2.0


class LogLines:
    """Writes to a stream; ``dropped`` counts what did not fit."""

    def __init__(
        self, stream: BinaryIO, lines_max: int = LINES_MAX, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._stream, self._lines_max, self._now = stream, lines_max, now
        self._waiting: deque[bytes] = deque()
        self._writing = False
        self._end = threading.Event()
        self.dropped = 0
        threading.Thread(target=self._work, daemon=True, name="log").start()

    def say(self, event: str, **values: object) -> None:
        """One line. Returns at once."""
        if len(self._waiting) >= self._lines_max:
            self.dropped += 1
            return
        self._waiting.append(msgspec.json.encode({"at": self._now(), "event": event, **values}))

    def end(self) -> None:
        """Wait a little for what waits."""
        self._end.set()
        until = time.monotonic() + END_S_MAX
        while (self._waiting or self._writing) and time.monotonic() < until:
            time.sleep(0.01)

    def _work(self) -> None:
        while True:
            self._end.wait(EVERY_S)
            if self._end.is_set() and not self._waiting:
                return
            self._writing = True
            # At most what may wait: a stream that takes its time must not make one piece of everything.
            lines = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._lines_max))]
            try:
                if lines:
                    self._stream.write(b"\n".join([*lines, b""]))
                    self._stream.flush()
            except (OSError, ValueError):
                self.dropped += len(lines)  # whoever read it is gone; callers are still answered
            self._writing = False

"""A second request beside a late one, in a thread of its own, which the first can wait for together with its socket."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable

from voicedr.runtime.edge.connection import Connection
from voicedr.runtime.edge.outcomes import Answer, Lost, Why


class SecondRequest:
    """Begun when made. It ends by its own deadlines, whether somebody waits or not."""

    def __init__(self, send: Callable[[], Answer | Lost]) -> None:
        self._send = send
        self._came: Answer | Lost | None = None
        self._hear, self._say = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="second request", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._came is not None

    @property
    def came(self) -> Answer | Lost:
        """What came of it; only when it is done."""
        if self._came is None:
            raise RuntimeError("the second request has not ended: wait for it")
        return self._came

    def readable_first(self, connection: Connection, within_s: float) -> bool:
        """Wait for either; whether something came on the connection."""
        if connection.readable(0):
            return True
        ready, _, _ = select.select([connection.fileno(), self._hear.fileno()], [], [], within_s)
        return connection.fileno() in ready

    def wait(self) -> Answer | Lost:
        """Wait until it has ended."""
        self._thread.join()
        return self.came

    def _run(self) -> None:
        try:
            self._came = self._send()
        finally:
            if self._came is None:  # what it raised is said by the thread's own hook
                self._came = Lost(Why.RESET, "the second request failed")
            self._say.close()

    def __del__(self) -> None:
        self._hear.close()

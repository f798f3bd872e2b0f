"""Who is told that the fallback answers. Nobody who calls waits for it.

Which alert is due is a decision about values (``Windows``): one for each error and host in a window, and when the
window is over, how many more there were. Each address has its own thread and its own short queue: one that hangs loses
its own alerts and holds up neither the others nor the callers. The threads do not keep the process from ending.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

KEYS_MAX = 1000
"""Pairs of error and host that are told apart; whatever comes beyond shares one alert."""

WAITING_MAX = 20
"""Alerts that wait for an address. Nobody reads more of them."""

END_S_MAX = 3.0
"""What waits at the end of the process gets so long."""

Send = Callable[[str, str, str], None]
"""Reference, title, text. Raises if it was not taken."""


@dataclass(frozen=True, slots=True)
class Alert:
    """What is told."""

    title: str
    text: str


@dataclass(slots=True)
class _Window:
    since_s: float
    more: int = 0


class Windows:
    """Which alerts are due. Pure but for what it remembers; time comes in."""

    def __init__(self, window_s: float, keys_max: int = KEYS_MAX) -> None:
        self._window_s, self._keys_max = window_s, keys_max
        self._open: OrderedDict[tuple[str, str], _Window] = OrderedDict()

    def seen(self, code: str, host: str, about: str, now_s: float) -> list[Alert]:
        """The alerts that are due after one more answer."""
        due = self.over(now_s)
        key = (code, host)
        if key not in self._open and len(self._open) >= self._keys_max:
            key = ("", "many hosts")
        window = self._open.get(key)
        if window is not None:
            window.more += 1
            return due
        self._open[key] = _Window(now_s)
        what = f"error {code}" if code else "no error code"
        where = f" at {host}" if host else ""
        return [*due, Alert(f"The fallback answers calls: {what}{where}", about)]

    def over(self, now_s: float) -> list[Alert]:
        """Windows that are over: what else happened in them."""
        due = []
        while self._open:
            (code, host), window = next(iter(self._open.items()))
            if now_s - window.since_s < self._window_s:
                break
            self._open.popitem(last=False)
            if window.more:
                what = f"error {code or '(none)'} at {host or '(no host)'}"
                due.append(
                    Alert(f"{window.more} more: {what}", f"{window.more} more answers in {self._window_s:g} s: {what}.")
                )
        return due


class Alerting:
    """Hands alerts to addresses, in the background.

    Args:
        references: To Apprise addresses; resolved when an alert is sent, and in no message.
        send: Sends one; by Apprise if not given.
    """

    def __init__(
        self,
        references: Sequence[str],
        window_s: float,
        send: Send,
        now: Callable[[], float] = time.monotonic,
        failed: Callable[[str, str], None] = lambda _reference, _why: None,
    ) -> None:
        self._windows = Windows(window_s)
        self._send, self._now, self._failed = send, now, failed
        self._queues: dict[str, queue.Queue[Alert]] = {one: queue.Queue(WAITING_MAX) for one in references}
        self.counts: Counter[str] = Counter()
        for reference, waiting in self._queues.items():
            threading.Thread(target=self._work, args=(reference, waiting), daemon=True, name="alerts").start()

    def seen(self, code: str, host: str, about: str) -> None:
        """One more answer. Returns at once."""
        if self._queues:
            self._hand_out(self._windows.seen(code, host, about, self._now()))

    def look(self) -> None:
        """Tell of windows that are over. To be called now and then."""
        self._hand_out(self._windows.over(self._now()))

    def end(self) -> None:
        """Wait a little for what waits."""
        until = time.monotonic() + END_S_MAX
        while any(one.unfinished_tasks for one in self._queues.values()) and time.monotonic() < until:
            time.sleep(0.02)

    def _hand_out(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            for waiting in self._queues.values():
                try:
                    waiting.put_nowait(alert)
                except queue.Full:
                    self.counts["dropped"] += 1

    def _work(self, reference: str, waiting: queue.Queue[Alert]) -> None:
        while True:
            alert = waiting.get()
            try:
                self._send(reference, alert.title, alert.text)
                self.counts["sent"] += 1
            except Exception as exc:  # a service may raise anything, and this thread has to go on
                self.counts["failed"] += 1
                # Only the class is told: the text may hold the address.
                self._failed(reference, type(exc).__name__)
            finally:
                waiting.task_done()


class NotTaken(Exception):
    """An address did not take an alert."""


def send_by_apprise(resolve: Callable[[str], str]) -> Send:
    """Sends to addresses as Apprise takes them (https://github.com/caronc/apprise, read 2026-11-21).

    Raises:
        ImportError: If Apprise is not installed.
    """
    import apprise

    def send(reference: str, title: str, text: str) -> None:
        service: Any = apprise.Apprise()
        if not service.add(resolve(reference)):
            raise NotTaken("what is there is no address that Apprise takes")
        if not service.notify(title=title, body=text):
            raise NotTaken("it did not take the alert")

    return send

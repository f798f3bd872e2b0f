"""Readiness watched: looked at again when something changed, and every few minutes; only what changed is told.

A look never ends the watch. A provider that is dead makes things unknown, and that is news; a workbook that cannot be
read at the moment is news too, and it is looked at again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from voicedr.ports.alerts import AlertError, Alerts
from voicedr.ports.clock import Clock
from voicedr.program.readiness.news import News, Standing, What, news, standing_of
from voicedr.program.readiness.package import Package

POLL_S = 2.0
"""So often it is asked whether something changed. That is a look at two file names."""

EVERY_S_MIN = 10.0
"""A look asks each Region for everything: more often would eat the account's pace."""

ALERT_AGAIN_S = 3600.0
"""What comes and goes is told to people once in so long."""

ALERT_LINES_MAX = 20
"""So many lines are in one alert; the rest is counted."""

ALERT_TRIES_MAX = 3
"""An alert that did not go out is tried again with the next look, so many times in all."""

TOLD = (What.GAP, What.UNKNOWN, What.CLOSED)


class Looked(msgspec.Struct, frozen=True):
    """One look. ``package`` is None if there could be none, and ``trouble`` says why."""

    at: datetime
    package: Package | None
    news: tuple[News, ...] = ()
    trouble: str = ""
    because: str = ""


class ReadinessWatch:
    """Looks again and again.

    Args:
        look: Gives a package, or raises ``trouble``.
        changed: A word that is another one when the workbook or the newest snapshot is.
        clock: Time.
        before: How things stood before the first look, from the gap list.
        trouble: What ``look`` may raise without being a defect.
        alerts: Tells people; None: nobody is told.
        tell: Is given each look.
        every_s: Between two looks if nothing changes.
    """

    def __init__(
        self,
        look: Callable[[], Awaitable[Package]],
        changed: Callable[[], str],
        clock: Clock,
        *,
        before: Standing,
        trouble: tuple[type[Exception], ...],
        tell: Callable[[Looked], None],
        alerts: Alerts | None = None,
        every_s: float = 300.0,
    ) -> None:
        self._look, self._changed, self._clock = look, changed, clock
        self._standing, self._trouble, self._tell = before, trouble, tell
        self._alerts, self._every_s = alerts, max(EVERY_S_MIN, every_s)
        self._said = ""
        self._alerted_s: dict[tuple[str, What], float] = {}
        self._waiting: list[tuple[str, int]] = []

    async def run(self, for_s: float | None = None) -> Looked:
        """Watch until the time is over; None: for ever. The last look."""
        ends_s = None if for_s is None else self._clock.monotonic_s() + for_s
        word, because = self._changed(), "begin"
        while True:
            began_s = self._clock.monotonic_s()
            looked = await self._once(because)
            next_s = began_s + self._every_s
            while True:
                now_s = self._clock.monotonic_s()
                if ends_s is not None and now_s >= ends_s:
                    return looked
                if (found := self._changed()) != word:
                    word, because = found, "something changed"
                    break
                if now_s >= next_s:
                    because = "time"
                    break
                until_s = min(next_s, ends_s if ends_s is not None else next_s)
                await self._clock.sleep(min(POLL_S, max(0.0, until_s - now_s)) or POLL_S)

    async def _once(self, because: str) -> Looked:
        try:
            package = await self._look()
        except self._trouble as exc:
            looked = Looked(self._clock.now(), None, (), str(exc), because)
            if looked.trouble != self._said:
                self._said = looked.trouble
                self._waiting.append((f"readiness cannot be looked at: {looked.trouble}", 0))
        else:
            self._said = ""
            found = news(self._standing, package)
            self._standing = _merged(self._standing, standing_of(package))
            looked = Looked(self._clock.now(), package, found, "", because)
            self._queue(found)
        self._tell(looked)
        await self._send()
        return looked

    def _queue(self, found: tuple[News, ...]) -> None:
        now_s = self._clock.monotonic_s()
        lines = []
        for one in found:
            key = (one.id, one.what)
            if one.what in TOLD and now_s - self._alerted_s.get(key, -ALERT_AGAIN_S) >= ALERT_AGAIN_S:
                self._alerted_s[key] = now_s
                lines.append(one.line)
        self._alerted_s = {key: at_s for key, at_s in self._alerted_s.items() if now_s - at_s < ALERT_AGAIN_S}
        if lines:
            more = len(lines) - ALERT_LINES_MAX
            text = "\n".join(lines[:ALERT_LINES_MAX]) + (f"\nand {more} more: voicedr ready" if more > 0 else "")
            self._waiting.append((text, 0))

    async def _send(self) -> None:
        if self._alerts is None:
            self._waiting.clear()
            return
        waiting, self._waiting = self._waiting, []
        for text, tries in waiting[-ALERT_LINES_MAX:]:
            try:
                await self._alerts.send("voicedr readiness", text)
            except AlertError as exc:
                last = tries + 1 >= ALERT_TRIES_MAX
                end = "It is not tried again." if last else "It is tried again with the next look."
                self._tell(Looked(self._clock.now(), None, (), f"people were not told: {exc} {end}", "alert"))
                if not last:
                    self._waiting.append((text, tries + 1))


def _merged(before: Standing, now: Standing) -> Standing:
    """How things stand; what was not looked at this time stands as it stood."""
    return Standing(now.held, before.stages | now.stages)

"""What instances say of themselves, asked all at once and each within a few seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from voicedr.runtime.region.places.exchange import Server
from voicedr.runtime.region.places.place import PlaceError

AT_ONCE = 32
AGAIN_S = 0.25


class _Health(msgspec.Struct, frozen=True):
    active_region: str | None
    epoch: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One instance's answer; ``problem``: why there is none, ending a sentence."""

    url: str
    region: str | None = None
    epoch: int | None = None
    problem: str | None = None

    def doubt(self, region: str, epoch: int) -> str | None:
        """Why it does not, or not yet, follow this document; None if it does."""
        if self.problem is not None:
            return f"{self.url}: {self.problem}"
        if self.region == region and (self.epoch or 0) >= epoch:
            return None
        return f"{self.url}: uses {self.region or 'no Region'} (epoch {self.epoch}), not {region} (epoch {epoch})"


def ask(urls: Sequence[str]) -> list[Said]:
    """Every instance's answer, in order."""
    with ThreadPoolExecutor(max(1, min(AT_ONCE, len(urls)))) as pool:
        return list(pool.map(_ask, urls))


def doubts(urls: Sequence[str], region: str, epoch: int, seconds: float) -> list[str]:
    """The instances that do not follow after so long, a line each."""
    ends_s = time.monotonic() + seconds
    left = list(urls)
    while True:
        said = ask(left)
        told = [one.doubt(region, epoch) for one in said]
        lines = [line for line in told if line is not None]
        if not lines or time.monotonic() >= ends_s:
            return lines
        left = [one.url for one, line in zip(said, told, strict=True) if line is not None]
        time.sleep(AGAIN_S)


def _ask(url: str) -> Said:
    try:
        server = Server(url)
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        answer = server.ask("GET", path, None, {"Accept": "application/json"})
        server.close()
    except PlaceError as exc:
        return Said(url, problem=str(exc).removeprefix(f"{url}: "))
    if answer.status != 200:
        return Said(url, problem=f"answered {answer.status}")
    try:
        health = msgspec.json.decode(answer.body, type=_Health)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        return Said(url, problem=f"does not say which Region it uses ({exc})")
    return Said(url, health.active_region, health.epoch)

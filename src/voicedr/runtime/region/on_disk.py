"""Which Region is active, read from a file on the local disk in the path of every call, without a thread.

For a process that wants nothing but the Region, and is told by a file. It is looked at (``stat``) at every call and
read again only when it is another file or a changed one. What holds is decided in ``fold``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from voicedr.runtime.region.document import BYTES_MAX, Document
from voicedr.runtime.region.fold import Unusable, adopt, offered
from voicedr.runtime.region.signing import ANYBODY, Trust


@dataclass(frozen=True, slots=True)
class Context:
    """What holds now. ``problem`` says why the file's content is not what holds; None if it is."""

    region: str | None
    epoch: int
    problem: str | None


class RegionOnDisk:
    """The reader. It remembers the last good document for as long as the process lives."""

    def __init__(self, path: Path | None, trust: Trust = ANYBODY) -> None:
        self._path = path
        self._trust = trust
        self._held: Document | None = None
        self._problem: str | None = None
        self._seen: tuple[int, int, int] | None = None

    def current(self) -> Context:
        """What holds now, after a look at the file."""
        if self._path is not None:
            self._look(self._path)
        if self._held is None:
            return Context(None, 0, self._problem)
        return Context(self._held.region, self._held.epoch, self._problem)

    def _look(self, path: Path) -> None:
        try:
            if _identity(path.stat()) == self._seen:
                return
            with path.open("rb") as file:
                identity = _identity(os.fstat(file.fileno()))
                offer = offered(file.read(BYTES_MAX + 1), self._trust)
        except OSError as exc:
            identity, offer = None, Unusable(f"cannot be read ({exc.strerror})")
        self._seen = identity
        self._held, problem = adopt(self._held, offer)
        self._problem = None if problem is None else f"{path}: {problem}"


def _identity(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size

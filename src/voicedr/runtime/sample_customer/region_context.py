"""Which Region is active, read from a document on the local disk, in the path of every call.

Whoever carries out a cutover replaces the document; this process notices at the next call. Three rules make that safe:

- It is looked at (``stat``) at every call and read again only when it is another file or a changed one.
- A document that is broken or gone changes nothing: the last good one holds, and the problem is reported.
- The epoch only rises. An older document, restored from somewhere, never wins; nor does another Region with an epoch
  that was already used, because then two writers disagree.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import msgspec

_BYTES_MAX = 64 * 1024
"""The document is about a hundred bytes. Something much longer is something else."""


class ContextDocument(msgspec.Struct, frozen=True):
    """The document. Other keys may be added by others and are ignored."""

    region: str
    epoch: int
    written_at: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What holds now. ``problem`` says why the file's content is not what holds; None if it is."""

    region: str | None
    epoch: int
    problem: str | None


class RegionContext:
    """The reader. It remembers the last good document for as long as the process lives."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._good: ContextDocument | None = None
        self._problem: str | None = None
        self._seen: tuple[int, int, int] | None = None

    def current(self) -> Context:
        """What holds now, after a look at the file."""
        if self._path is not None:
            self._look(self._path)
        if self._good is None:
            return Context(None, 0, self._problem)
        return Context(self._good.region, self._good.epoch, self._problem)

    def _look(self, path: Path) -> None:
        try:
            if _identity(path.stat()) == self._seen:
                return
            with path.open("rb") as file:
                identity = _identity(os.fstat(file.fileno()))
                content = file.read(_BYTES_MAX + 1)
        except OSError as error:
            self._seen = None
            self._problem = f"{path}: cannot be read ({error.strerror}); {self._held()}"
            return
        self._seen = identity
        self._problem = self._take(path, content)

    def _take(self, path: Path, content: bytes) -> str | None:
        """Adopt a document, or say why not."""
        if len(content) > _BYTES_MAX:
            return f"{path}: longer than {_BYTES_MAX} bytes, so it is no context document; {self._held()}"
        try:
            document = msgspec.json.decode(content, type=ContextDocument)
        except msgspec.DecodeError as error:
            return f"{path}: not a context document ({error}); {self._held()}"
        if not document.region or document.epoch < 1:
            return f"{path}: a context document names a Region and an epoch from 1 up; {self._held()}"
        good = self._good
        if good is not None and document.epoch < good.epoch:
            return f"{path}: epoch {document.epoch} ({document.region}) is older than ours; {self._held()}"
        if good is not None and document.epoch == good.epoch and document.region != good.region:
            return f"{path}: epoch {document.epoch} was {good.region} and now says {document.region}; {self._held()}"
        self._good = document
        return None

    def _held(self) -> str:
        if self._good is None:
            return "no Region has been named yet"
        return f"{self._good.region} (epoch {self._good.epoch}) holds until there is a newer one"


def _identity(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size

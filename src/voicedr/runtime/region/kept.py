"""The last good document on this machine's own disk: what a restart has when the source is dead.

Several processes may share one file. Each replaces it only by a higher epoch, under a lock, so that the slowest does
not take the others back. What was signed is kept with its signature and is believed by it again.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from voicedr.runtime.region.document import BYTES_MAX, Document, NotADocument
from voicedr.runtime.region.fold import Offered, Unusable, offered
from voicedr.runtime.region.places.file import sync_directory, write_whole
from voicedr.runtime.region.signing import Trust


class Kept:
    """One file. Its directory must exist and be writable."""

    def __init__(self, path: Path, trust: Trust) -> None:
        self._path = path
        self._trust = trust

    def read(self) -> Offered | None:
        """What was kept; None: nothing yet."""
        try:
            with self._path.open("rb") as file:
                return offered(file.read(BYTES_MAX + 1), self._trust)
        except FileNotFoundError:
            return None
        except OSError as exc:
            return Unusable(f"cannot be read ({exc.strerror})")

    def write(self, document: Document, content: bytes) -> str | None:
        """Keep a document, unless a higher epoch is kept already. Why it could not be kept; None if it is."""
        lock_path = self._path.with_name(f".{self._path.name}.lock")
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                # Whoever holds it does so for milliseconds. We do not wait: there is another look soon.
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._epoch() < document.epoch:
                    write_whole(new, content, 0o600)
                    os.replace(new, self._path)
                    sync_directory(self._path.parent)
            finally:
                os.close(lock)
        except OSError as exc:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            return f"{self._path}: the Region cannot be kept for a restart ({exc.strerror})"
        return None

    def _epoch(self) -> int:
        with suppress(OSError, NotADocument), self._path.open("rb") as file:
            return self._trust.read(file.read(BYTES_MAX + 1)).epoch
        return 0

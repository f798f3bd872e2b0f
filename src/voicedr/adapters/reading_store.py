"""Pieces of a reading as files in a folder of their own, for an hour."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

AGE_S_MAX = 3600.0
"""What is older is read again: an account changes."""


class FolderReadingStore:
    """A ``ReadingStore`` in a folder.

    Args:
        folder: Made when the first piece is kept. Nothing else belongs there.
        now_s: Seconds since 1970.
    """

    def __init__(self, folder: Path, now_s: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._now_s = now_s

    def get(self, piece: str) -> bytes | None:
        """See ``ReadingStore``. A piece that was cut off is none: it is written beside and renamed."""
        path = self._path(piece)
        try:
            age_s = self._now_s() - path.stat().st_mtime
            return path.read_bytes() if 0 <= age_s <= AGE_S_MAX else None
        except OSError:
            return None

    def put(self, piece: str, content: bytes) -> None:
        """See ``ReadingStore``."""
        path = self._path(piece)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            beside = path.with_name(f"{path.name}.{os.getpid()}.new")
            beside.write_bytes(content)
            beside.replace(path)
        except OSError:
            return  # a full disk costs the resuming, not the reading

    def clear(self) -> None:
        """See ``ReadingStore``."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, piece: str) -> Path:
        return self._folder / f"{hashlib.sha256(piece.encode()).hexdigest()[:24]}.part"

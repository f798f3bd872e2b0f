"""The document in a file that the instances of one machine read, or of several over a shared disk.

A write makes a new file beside it and renames that into place (rename(2) is atomic), so whoever reads, and whoever
looks after the writer was killed at any instant, sees the old document or the new one. A lock file beside it keeps
writers apart and remembers the highest epoch that was ever begun. Both are as ``voicedr failover`` leaves them.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from voicedr.runtime.region.document import BYTES_MAX
from voicedr.runtime.region.places.place import (
    ATTEMPT_S_MAX,
    Found,
    PlaceError,
    PlaceRefused,
    PlaceSilent,
    PlaceUnsettled,
)

LOCK_RETRY_S = 0.02


class _Epoch(msgspec.Struct, frozen=True):
    epoch: int = 0


class FilePlace:
    """A ``Sink`` on one file. Its directory must exist; to write, it must be writable."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock_path = path.with_name(f".{path.name}.lock")
        self.name = f"file:{path}"

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``. Without ``latest`` the lock file is left alone, which a reader need not be able to read."""
        content = self._content()
        return Found(content, _version(content), self._begun() if latest else 0)

    def write(self, content: bytes, was: Found) -> bool:
        """See ``Sink``."""
        lock = self._lock()
        try:
            if _version(self._content()) != was.version:
                return False
            self._replace(content, lock)
        finally:
            os.close(lock)
        return True

    def scratch(self, name: str) -> FilePlace:
        """See ``Sink``."""
        return FilePlace(self._path.with_name(f".{self._path.name}.{name}"))

    def remove(self) -> None:
        """See ``Sink``."""
        try:
            for path in (self._path, self._lock_path):
                path.unlink(missing_ok=True)
        except OSError as exc:
            raise PlaceRefused(f"{self.name}: cannot be removed ({exc.strerror})") from exc

    def close(self) -> None:
        """Nothing is kept open."""

    def _content(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                return file.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise PlaceSilent(f"{self.name}: cannot be read ({exc.strerror})") from exc

    def _begun(self) -> int:
        with suppress(OSError), self._lock_path.open("rb") as file:
            return _begun(file.read(32))
        return 0

    def _lock(self) -> int:
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as exc:
            raise PlaceRefused(f"{self.name}: {self._lock_path} cannot be written ({exc.strerror})") from exc
        ends_s = time.monotonic() + ATTEMPT_S_MAX
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return descriptor
                except OSError as exc:
                    if exc.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                        raise PlaceRefused(f"{self.name}: cannot be locked ({exc.strerror})") from exc
                if time.monotonic() >= ends_s:
                    raise PlaceSilent(
                        f"{self.name}: another process has held {self._lock_path} for {ATTEMPT_S_MAX:g} s; nothing was"
                        f" changed. See who has it open: fuser {self._lock_path}"
                    )
                time.sleep(LOCK_RETRY_S)
        except PlaceError:
            os.close(descriptor)
            raise

    def _replace(self, content: bytes, lock: int) -> None:
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            _remember(lock, content)
            mode = self._path.stat().st_mode & 0o777 if self._path.exists() else 0o644
            write_whole(new, content, mode)
            os.replace(new, self._path)
        except OSError as exc:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise PlaceRefused(
                f"{self.name}: cannot be written ({exc.strerror}); the document is as it was. Make its directory exist,"
                " writable for this user and not full."
            ) from exc
        try:
            sync_directory(self._path.parent)
        except OSError as exc:
            raise PlaceUnsettled(f"{self.name}: was replaced, and the disk did not confirm ({exc.strerror})") from exc


def write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write a new file and have it on the disk. What a killed writer left there is taken away first."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Have a rename on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _version(content: bytes | None) -> str:
    return "" if content is None else hashlib.sha256(content).hexdigest()


def _begun(text: bytes) -> int:
    """The number in a lock file. What is none counts as none."""
    return int(text) if text.strip().isdigit() else 0


def _remember(lock: int, content: bytes) -> None:
    """Leave the epoch that is begun now in the lock file, if there is one in the content."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        epoch = max(_begun(os.pread(lock, 32, 0)), msgspec.json.decode(content, type=_Epoch).epoch)
        text = f"{epoch}\n".encode()
        os.pwrite(lock, text, 0)
        os.ftruncate(lock, len(text))
        os.fsync(lock)

"""The application context as a JSON document on a disk that the application's instances read.

    {"region": "ie1", "epoch": 7, "written_at": "2026-11-21T14:02:11Z"}

A switch writes a new file beside it and renames that into place (rename(2) is atomic), so whoever reads, and whoever
looks after the writer was killed at any instant, sees the old document or the new one. A lock file beside it keeps two
writers apart; it also holds the highest epoch that was ever begun, so that an epoch is not used twice when the document
itself has been lost. After a crash an epoch may be skipped. The instances only ask that it rises.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from voicedr.adapters.instances import Instances
from voicedr.ports.clock import Clock
from voicedr.ports.context import ActiveRegion, ContextError, ContextLost
from voicedr.ports.http import Send
from voicedr.program.vocabulary import REGIONS, Region

LOCK_WAIT_S_MAX = 5.0
"""A switch takes milliseconds. Whoever holds the lock for longer is stuck, and a person should know."""

LOCK_RETRY_S = 0.05

_DOCUMENT_BYTES_MAX = 64 * 1024


class _Document(msgspec.Struct, frozen=True):
    region: str
    epoch: int
    written_at: str


class _ReadDocument(msgspec.Struct, frozen=True):
    """As read: ``written_at`` is for people, so its absence breaks nothing."""

    region: str
    epoch: int


class FileContext:
    """A ``ContextSwitch`` on one file.

    Args:
        path: The document. Its directory must exist and be writable.
        clock: For ``written_at`` and for waiting for the lock.
        send: For asking the instances.
        confirm: Where the instances say which Region they use: a URL that answers JSON with ``active_region``.
            A URL without a path means its ``/health``.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        send: Send,
        confirm: Sequence[str] = (),
        lock_wait_s_max: float = LOCK_WAIT_S_MAX,
    ) -> None:
        self._path = path
        self._new_path = path.with_name(f".{path.name}.new")
        self._lock_path = path.with_name(f".{path.name}.lock")
        self._clock = clock
        self._instances = Instances(send, confirm)
        self._lock_wait_s_max = lock_wait_s_max

    async def active(self) -> ActiveRegion | None:
        """What the document says; None if there is no document yet.

        Raises:
            ContextError: If it cannot be read or is no context document.
        """
        return self._read()

    async def switch(self, to: Region) -> ActiveRegion:
        """Write the Region with the next epoch and read it back. A Region that is active already gets a new epoch too.

        Raises:
            ContextError: Nothing changed: somebody else is writing, the document is broken, or the disk refused.
            ContextLost: The new document is in place, or may be, and could not be confirmed.
        """
        lock = await self._lock(to)
        try:
            return self._write(to, lock)
        finally:
            os.close(lock)

    async def unconfirmed(self, region: Region) -> list[str]:
        """The instances that do not, or not yet, say that they use this Region: a line each."""
        return await self._instances.unconfirmed(region)

    def _read(self) -> ActiveRegion | None:
        try:
            with self._path.open("rb") as file:
                content = file.read(_DOCUMENT_BYTES_MAX + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ContextError(
                f"reading the context {self._path}: {error.strerror}; nobody knows which Region it names."
                " Make it readable for this user, then repeat."
            ) from error
        try:
            if len(content) > _DOCUMENT_BYTES_MAX:
                raise ValueError(f"longer than {_DOCUMENT_BYTES_MAX} bytes")
            document = msgspec.json.decode(content, type=_ReadDocument)
            if document.region not in REGIONS or document.epoch < 1:
                raise ValueError(f"region {document.region!r}, epoch {document.epoch}")
        except ValueError as error:
            raise ContextError(
                f"reading the context {self._path}: not a context document ({error}); instances keep the last one they"
                ' understood. Write {"region": …, "epoch": …} with an epoch above the highest that any instance shows'
                " at /health, then repeat."
            ) from error
        return ActiveRegion(Region(document.region), document.epoch)

    async def _lock(self, to: Region) -> int:
        """The lock file, open and locked; closing it unlocks it. Asked for until ``lock_wait_s_max`` is over."""
        try:
            descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise self._refused(to, error) from error
        gives_up_at_s = self._clock.monotonic_s() + self._lock_wait_s_max
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError as error:
                    if error.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                        raise self._refused(to, error) from error
                else:
                    return descriptor
                if self._clock.monotonic_s() >= gives_up_at_s:
                    raise ContextError(
                        f"switching the context {self._path} to {to}: another process has held {self._lock_path} for"
                        f" {self._lock_wait_s_max:g} s; nothing was changed. See who has it open"
                        f" (fuser {self._lock_path}), end that process or let it finish, then repeat."
                    )
                await self._clock.sleep(LOCK_RETRY_S)
        except BaseException:
            os.close(descriptor)
            raise

    def _write(self, to: Region, lock: int) -> ActiveRegion:
        now = self._read()
        try:
            begun = _begun(lock)
            wanted = ActiveRegion(to, max(now.epoch if now else 0, begun) + 1)
            _begin(lock, wanted.epoch)
            written_at = self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
            document = _Document(to, wanted.epoch, written_at)
            _write_file(self._new_path, msgspec.json.encode(document) + b"\n", like=self._path)
            os.replace(self._new_path, self._path)
        except OSError as error:
            raise self._refused(to, error) from error
        try:
            _sync_directory(self._path.parent)
            found = self._read()
        except (OSError, ContextError) as error:
            raise ContextLost(
                f"switching the context {self._path} to {to}: the document was replaced and could not be confirmed"
                f" ({error}). Look at it before repeating."
            ) from error
        if found != wanted:
            says = "is gone" if found is None else f"says {found.region} (epoch {found.epoch})"
            raise ContextLost(
                f"switching the context {self._path} to {to}: epoch {wanted.epoch} was written, and now the document"
                f" {says}: something writes it without the lock. Find it and stop it, then look again."
            )
        return wanted

    def _refused(self, to: Region, error: OSError) -> ContextError:
        return ContextError(
            f"switching the context {self._path} to {to}: {error.strerror or error}; the document is as it was."
            " Make its directory exist, writable for this user and not full, then repeat."
        )


def _begun(lock: int) -> int:
    """The highest epoch that was ever begun, from the lock file. What is no number counts as none."""
    text = os.pread(lock, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isascii() and text.isdigit() else 0


def _begin(lock: int, epoch: int) -> None:
    text = f"{epoch}\n".encode()
    os.pwrite(lock, text, 0)
    os.ftruncate(lock, len(text))
    os.fsync(lock)


def _write_file(path: Path, content: bytes, *, like: Path) -> None:
    """Write a whole file and have it on the disk, readable by whoever may read the one that it will replace."""
    try:
        mode = like.stat().st_mode & 0o777
    except FileNotFoundError:
        mode = 0o644
    with path.open("wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Have a rename on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

"""``GapLists`` in a JSON file beside the workbook, or wherever it is versioned: sorted and indented, to be compared."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import msgspec

from voicedr.ports.gap_lists import GapListBroken, GapListUnusable
from voicedr.program.readiness.gaps import GapList
from voicedr.program.scope.problems import printable

VERSION = 1

BYTES_MAX = 64 * 1024 * 1024
"""Five hundred flows with fifty gaps each, and a year of runs, have a third of it."""

LOCK_S_MAX, LOCK_RETRY_S = 10.0, 0.05
"""Another writer is done in milliseconds. One that was stopped in the middle is not waited for."""


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    voicedr_gaps: int
    list: GapList


class GapFile:
    """One file. It is locked by its folder, so that no other file appears beside it."""

    def __init__(self, path: Path, *, lock_s_max: float = LOCK_S_MAX) -> None:
        self._path = path
        self._lock_s_max = lock_s_max

    def load(self) -> GapList:
        """See ``GapLists``."""
        try:
            with self._path.open("rb") as file:
                body = file.read(BYTES_MAX + 1)
        except FileNotFoundError:
            return GapList()
        except OSError as exc:
            raise self._unusable("read", exc) from exc
        if len(body) > BYTES_MAX:
            raise GapListBroken(f"{self._path} has more than {BYTES_MAX} bytes, so it is no gap list. Name another.")
        try:
            envelope = msgspec.json.decode(body, type=_Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            why = printable(str(exc))
            raise GapListBroken(
                f"{self._path} is no gap list ({why}). It was not touched. Put back what it was (git checkout), or move"
                " it away to begin a new one: owners and waivers are in it."
            ) from exc
        if envelope.voicedr_gaps != VERSION:
            raise GapListBroken(
                f"{self._path} has version {envelope.voicedr_gaps}, and this program reads {VERSION}. It was not"
                " touched. Use the program that wrote it."
            )
        return envelope.list

    def change(self, how: Callable[[GapList], GapList]) -> GapList:
        """See ``GapLists``. The file is replaced in one step: whole, or not at all."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise self._unusable("written", exc) from exc
        with self._locked():
            changed = how(self.load())
            self._write(changed)
        return changed

    def _write(self, changed: GapList) -> None:
        body = msgspec.json.encode(_Envelope(VERSION, changed), order="sorted")
        new = self._path.with_name(f".{self._path.name}.{uuid4().hex}.part")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(msgspec.json.format(body, indent=1) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._path)
        except OSError as exc:
            with suppress(OSError):
                new.unlink()
            raise self._unusable("written", exc) from exc

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            descriptor = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as exc:
            raise self._unusable("written", exc) from exc
        try:
            self._lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _lock(self, descriptor: int) -> None:
        gives_up_at_s = time.monotonic() + self._lock_s_max
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as exc:
                if exc.errno not in (errno.EWOULDBLOCK, errno.EINTR):
                    raise self._unusable("locked", exc) from exc
            else:
                return
            if time.monotonic() >= gives_up_at_s:
                raise GapListUnusable(
                    f"another process has been writing {self._path} for {self._lock_s_max:g} s. Nothing changed. See"
                    f" who has its folder open (fuser {self._path.parent}), let it finish, and repeat."
                )
            time.sleep(LOCK_RETRY_S)

    def _unusable(self, how: str, exc: OSError) -> GapListUnusable:
        return GapListUnusable(
            f"the gap list {self._path} cannot be {how} ({exc.strerror or exc}). Nothing changed. Check the folder and"
            " its permissions, or name another: --gaps FILE."
        )

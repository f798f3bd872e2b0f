"""``Snapshots`` in a folder beside the workbook: one file each, compressed, named by when it was read and its hash.

A snapshot holds what the account's configuration holds, passwords in URLs included, so that only its owner may read the
folder, and git passes over it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from voicedr.ports.snapshots import KeptSnapshot, NoSuchSnapshot, SnapshotBroken, SnapshotsUnusable
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.problems import printable

KEPT_MAX = 50
"""A trend of a month and more. With 10,000 numbers in two Regions each has some 1 MB."""

BYTES_MAX = 1024 * 1024 * 1024
"""Unpacked. A hundred thousand numbers in three Regions have less than half."""

NAME_MIN = 4
"""Fewer characters would soon name several."""

VERSION = 1

_NAME = re.compile(r"(\d{8}T\d{9})Z-([0-9a-f]{64})\.json\.gz")


class _Envelope(msgspec.Struct, frozen=True):
    voicedr_snapshot: int
    snapshot: Snapshot


class SnapshotStore:
    """One folder.

    Args:
        folder: Made when the first one is kept.
        kept_max: The oldest beyond so many are dropped.
    """

    def __init__(self, folder: Path, *, kept_max: int = KEPT_MAX) -> None:
        self._folder = folder
        self._kept_max = max(1, kept_max)

    def keep(self, snapshot: Snapshot) -> KeptSnapshot:
        """See ``Snapshots``. The file is in place in one step: whole, or not at all."""
        body = msgspec.json.encode(_Envelope(VERSION, snapshot))
        digest = hashlib.sha256(body).hexdigest()
        taken_at = snapshot.taken_at.astimezone(UTC)
        name = f"{taken_at:%Y%m%dT%H%M%S}{taken_at.microsecond // 1000:03d}Z-{digest}.json.gz"
        new = self._folder / f".{uuid4().hex}.part"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self._folder / ".gitignore").write_text("*\n", encoding="utf-8")
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                # Without a time in it, the same content is the same file.
                file.write(gzip.compress(body, 6, mtime=0))
                file.flush()
                os.fsync(file.fileno())
            os.replace(new, self._folder / name)
            size = (self._folder / name).stat().st_size
        except OSError as exc:
            with suppress(OSError):
                new.unlink()
            raise self._unusable("written", exc) from exc
        self._drop(besides=name)
        return KeptSnapshot(digest, _moment(name), size)

    def every(self) -> Sequence[KeptSnapshot]:
        """See ``Snapshots``."""
        return [KeptSnapshot(_sha256(path.name), _moment(path.name), _size(path)) for path in self._files()]

    def load(self, name: str) -> Snapshot:
        """See ``Snapshots``."""
        found = [path for path in self._files() if _sha256(path.name).startswith(name.lower())]
        if len(name) < NAME_MIN or len(found) != 1:
            many = f"{len(found)} snapshots begin" if found else "no snapshot begins"
            raise NoSuchSnapshot(
                f"{many} with {name[:64]!r} in {self._folder}. Give {NAME_MIN} characters or more of one that"
                " `voicedr snapshot list` shows."
            )
        return self._read(found[0])

    def latest_before(self, moment: datetime) -> KeptSnapshot | None:
        """See ``Snapshots``. Compared as the names tell it, to the millisecond."""
        at = moment.astimezone(UTC)
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return next((kept for kept in self.every() if kept.taken_at < at), None)

    def _read(self, path: Path) -> Snapshot:
        try:
            packed = path.read_bytes()
        except OSError as exc:
            raise self._unusable("read", exc) from exc
        try:
            with gzip.open(io.BytesIO(packed)) as file:
                body = file.read(BYTES_MAX + 1)
        except (OSError, EOFError, zlib.error) as exc:
            raise SnapshotBroken(f"{path} cannot be unpacked ({exc}). Take another one: voicedr snapshot take") from exc
        if len(body) > BYTES_MAX:
            raise SnapshotBroken(f"{path} has more than {BYTES_MAX} bytes, so it is no snapshot. Remove it.")
        if hashlib.sha256(body).hexdigest() != _sha256(path.name):
            raise SnapshotBroken(f"{path} was changed since it was kept: its hash is another one. Remove it.")
        try:
            envelope = msgspec.json.decode(body, type=_Envelope)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            why = printable(str(exc))
            raise SnapshotBroken(f"{path} was kept by another version of this program ({why}). Remove it.") from exc
        if envelope.voicedr_snapshot != VERSION:
            raise SnapshotBroken(
                f"{path} has version {envelope.voicedr_snapshot}, and this program reads {VERSION}. Use the program"
                " that wrote it."
            )
        return envelope.snapshot

    def _files(self) -> list[Path]:
        """The newest first."""
        try:
            found = [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise self._unusable("read", exc) from exc
        return sorted(found, key=lambda path: path.name, reverse=True)

    def _drop(self, *, besides: str) -> None:
        """The oldest go. The one that was kept just now stays even if its clock was behind."""
        others = [path for path in self._files() if path.name != besides]
        for path in others[self._kept_max - 1 :]:
            try:
                path.unlink(missing_ok=True)
            except OSError as exc:
                raise self._unusable("tidied", exc) from exc

    def _unusable(self, how: str, exc: OSError) -> SnapshotsUnusable:
        return SnapshotsUnusable(
            f"the snapshots in {self._folder} cannot be {how} ({exc.strerror or exc}). What was kept before still is."
            " Check the folder and its permissions."
        )


def _moment(name: str) -> datetime:
    found = _NAME.fullmatch(name)
    assert found is not None, name  # noqa: S101 - only such files are looked at
    return datetime.strptime(found[1] + "000", "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)


def _sha256(name: str) -> str:
    found = _NAME.fullmatch(name)
    return found[2] if found is not None else ""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0

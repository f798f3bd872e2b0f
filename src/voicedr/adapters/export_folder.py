"""``Exports`` in a folder: each file is written beside its name, made durable, and renamed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from voicedr.ports.exports import ExportUnusable

NOTES = ".notes.jsonl"
PART = ".part"
"""The end of a file that is being written."""


class ExportFolder:
    """One folder, which nobody but its owner can read if it is made here. See ``Exports``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Sequence[str]:
        """See ``Exports``."""
        if not self._folder.exists():
            return ()
        found = (path.relative_to(self._folder).as_posix() for path in self._folder.rglob("*") if not path.is_dir())
        return sorted(name for name in found if name != NOTES and not name.endswith(PART))

    def read(self, name: str) -> bytes | None:
        """See ``Exports``."""
        try:
            return self._path(name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as exc:
            raise self._unusable(name, "read", exc) from exc

    def keep(self, name: str, body: bytes) -> None:
        """See ``Exports``."""
        path = self._path(name)
        part = path.with_name(path.name + PART)
        try:
            self._make(path.parent)
            with part.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            self._sync(path.parent)
        except OSError as exc:
            raise self._unusable(name, "written", exc) from exc

    def note(self, line: bytes) -> None:
        """See ``Exports``. A note that was cut off before is ended first, so that it spoils no other."""
        try:
            self._make(self._folder)
            with (self._folder / NOTES).open("a+b") as file:
                file.seek(0, os.SEEK_END)
                if file.tell():
                    file.seek(-1, os.SEEK_END)
                    if file.read(1) != b"\n":
                        file.write(b"\n")
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            raise self._unusable(NOTES, "written", exc) from exc

    def notes(self) -> Sequence[bytes]:
        """See ``Exports``."""
        body = self.read(NOTES) or b""
        whole, _, _ = body.rpartition(b"\n")
        return tuple(line for line in whole.split(b"\n") if line)

    def drop_notes(self) -> None:
        """See ``Exports``."""
        try:
            (self._folder / NOTES).unlink(missing_ok=True)
        except OSError as exc:
            raise self._unusable(NOTES, "removed", exc) from exc

    def _path(self, name: str) -> Path:
        """A file's place.

        Raises:
            ValueError: If the name leads out of the folder.
        """
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise ValueError(f"{name!r} is no name within an export")
        return self._folder.joinpath(*parts)

    def _make(self, folder: Path) -> None:
        missing = [one for one in (folder, *folder.parents) if not one.exists()]
        for one in reversed(missing):
            one.mkdir(mode=0o700, exist_ok=True)

    def _sync(self, folder: Path) -> None:
        """Make a rename durable."""
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def _unusable(self, name: str, what: str, exc: OSError) -> ExportUnusable:
        return ExportUnusable(
            f"{self._folder / name} cannot be {what} ({exc.strerror}). What was kept before stays. Make room or name"
            " another place: --to DIR; the same command goes on."
        )

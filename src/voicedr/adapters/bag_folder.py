"""A bag on a disk: the file itself, and the folder beside it in which it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from voicedr.program.bag.archive import BYTES_MAX, is_path
from voicedr.program.bag.errors import BagBroken

NAME = "bag.sha256"
"""Says which bag a folder belongs to."""


class FolderUnusable(Exception):
    """The folder, or the file, cannot be used: which, why, and the next step."""


def read_bag(path: Path) -> bytes:
    """The file.

    Raises:
        FolderUnusable: If it cannot be read.
        BagBroken: If it is larger than any bag.
    """
    try:
        with path.open("rb") as file:
            body = file.read(2 * BYTES_MAX + 1)
    except OSError as exc:
        raise FolderUnusable(f"{path} cannot be read ({exc.strerror}). Name a go-bag.") from exc
    if len(body) > 2 * BYTES_MAX:
        raise BagBroken(f"{path} is larger than any bag ({BYTES_MAX} bytes). Name the bag itself.")
    return body


def write_bag(path: Path, body: bytes) -> None:
    """Put the file in place in one step, for its owner's eyes: the old one or the new one, never half of it.

    Raises:
        FolderUnusable: If it cannot be written. What was there is still there.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as exc:
        new.unlink(missing_ok=True)
        raise FolderUnusable(f"{path} cannot be written ({exc.strerror}). Name another place: --to FILE.") from exc


def run_folder(folder: Path, digest: str, files: Mapping[str, bytes]) -> Path:
    """The folder of a bag's run, with these files in it; made if it is not there.

    Raises:
        FolderUnusable: If it belongs to another bag, or a file in it was changed, or it cannot be made. Nothing in it
            was changed.
    """
    name = folder / NAME
    try:
        if name.exists() and name.read_text(encoding="ascii", errors="replace").strip() != digest:
            raise FolderUnusable(
                f"{folder} belongs to another bag ({name.read_text(errors='replace').strip()[:12]}, and this is"
                f" {digest[:12]}). Its journal is kept there. Name another folder: --folder DIR."
            )
        if folder.exists() and not name.exists() and any(folder.iterdir()):
            raise FolderUnusable(f"{folder} is there and is not a bag's folder. Name another one: --folder DIR.")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, body in files.items():
            _put(folder, path, body)
        name.write_text(f"{digest}\n", encoding="ascii")
    except OSError as exc:
        raise FolderUnusable(f"{folder} cannot be used ({exc.strerror}). Name another one: --folder DIR.") from exc
    return folder


def _put(folder: Path, path: str, body: bytes) -> None:
    if not is_path(path):
        raise FolderUnusable(f"{path!r} leads out of {folder}, so nothing was written there. Have the bag made again.")
    place = folder / path
    if place.exists() and place.read_bytes() != body:
        raise FolderUnusable(
            f"{place} is not what the bag holds any more. Move it away, and the bag's own is put there again."
        )
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.write_bytes(body)

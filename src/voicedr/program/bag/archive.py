"""The bag as one file: a ZIP archive that every laptop opens, written in exactly one way.

Nothing in it is compressed, so equal contents give equal bytes on every machine, and a small file cannot become a large
one. Reading takes that way of writing and no other: what was read is written again, and the bytes must be the same. An
edit, another order, a file or a comment more, or bytes before or behind, make it another file.

Source: PKWARE's APPNOTE (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, read 2026-11-21).
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from voicedr.program.bag.errors import BagBroken

BYTES_MAX = 256 * 1024 * 1024
"""A flow of 100,000 numbers takes about 100 MB, most of it the printable procedure."""

MEMBERS_MAX = 4096
"""A few files for each of some hundred flows."""

PATH_LENGTH_MAX = 200

_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*(/[A-Za-z0-9][A-Za-z0-9._@+-]*)*")
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format knows. The true times are in the table of contents."""

_MADE_ON_UNIX = 3
_MODE = 0o100644 << 16

_AGAIN = "Take another copy of it, or have it made again: voicedr bag make."


def write_archive(members: Mapping[str, bytes]) -> bytes:
    """The members in their order as one file.

    Raises:
        ValueError: If a path is one that reading would refuse, or there is too much.
    """
    if len(members) > MEMBERS_MAX or sum(map(len, members.values())) > BYTES_MAX:
        raise ValueError(f"a bag holds at most {MEMBERS_MAX} files and {BYTES_MAX} bytes: make one for fewer flows")
    for path in members:
        if not is_path(path):
            raise ValueError(f"a bag cannot hold a file with the path {path!r}: letters, digits, dots and dashes only")
    return _written(members)


def read_archive(body: bytes) -> dict[str, bytes]:
    """The members of a bag, in order.

    Raises:
        BagBroken: If it is not an archive as ``write_archive`` writes it. Nothing of it was unpacked.
    """
    if len(body) > BYTES_MAX * 2:
        raise BagBroken(f"it has {len(body)} bytes, and a bag has at most {BYTES_MAX}. Name the bag itself.")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _judge(archive.infolist())
            members = {one.filename: archive.read(one) for one in archive.infolist()}
    # zipfile says NotImplementedError for a compression it does not know, and RuntimeError for an encrypted member.
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError) as exc:
        raise BagBroken(f"it is not a whole ZIP archive ({_words(exc)}): it was changed or cut off. {_AGAIN}") from exc
    except (ValueError, OverflowError, OSError) as exc:
        raise BagBroken(f"it is not an archive that can be read ({_words(exc)}). {_AGAIN}") from exc
    if _written(members) != body:
        raise BagBroken(
            f"its archive is not written as bags are (another order, time or comment, or bytes that belong to no"
            f" file): a program packed it again, or something was added. {_AGAIN}"
        )
    return members


def is_path(path: str) -> bool:
    """True for a relative path below the bag, of plain characters."""
    return len(path) <= PATH_LENGTH_MAX and _PATH.fullmatch(path) is not None


def _judge(infos: list[zipfile.ZipInfo]) -> None:
    """Before anything is read of it: no path leads out, nothing grows, nothing is there twice."""
    if len(infos) > MEMBERS_MAX:
        raise BagBroken(f"it lists {len(infos)} files, and a bag has at most {MEMBERS_MAX}. {_AGAIN}")
    seen: set[str] = set()
    for one in infos:
        if not is_path(one.orig_filename):
            raise BagBroken(f"it holds a file with the path {one.orig_filename[:80]!r}, which no bag has. {_AGAIN}")
        if one.filename in seen:
            raise BagBroken(f"it holds {one.filename} twice. {_AGAIN}")
        if one.compress_type != zipfile.ZIP_STORED or one.file_size != one.compress_size:
            raise BagBroken(
                f"{one.filename} in it is compressed (to {one.file_size} bytes), and nothing in a bag is: it was"
                f" packed again. {_AGAIN}"
            )
        seen.add(one.filename)
    if sum(one.file_size for one in infos) > BYTES_MAX:
        raise BagBroken(f"it says that it holds more than {BYTES_MAX} bytes. {_AGAIN}")


def _written(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for path, body in members.items():
            info = zipfile.ZipInfo(path, _MOMENT)
            info.create_system, info.external_attr = _MADE_ON_UNIX, _MODE
            archive.writestr(info, body)
    return file.getvalue()


def _words(exc: Exception) -> str:
    return " ".join(str(exc).split())[:120] or type(exc).__name__

"""What the program writes arrives on every terminal, and a place that takes no more is told in words."""

from __future__ import annotations

import codecs
import errno
import io
import sys
from collections.abc import Iterator

PLAIN = {
    "✔": "ok", "✖": "X", "→": "->", "←": "<-", "…": "...", "·": "-", "–": "-", "—": "-", "≤": "<=", "≥": ">=",
    "▶": ">", "×": "x", "“": '"', "”": '"', "’": "'",
}  # fmt: skip
"""Signs that an old terminal cannot show. None becomes a question mark: that means unknown."""

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def fit_the_terminal() -> None:
    """Write what a terminal without UTF-8 cannot show in plain letters, instead of ending there."""
    codecs.register_error("voicedr-plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="voicedr-plain")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = error.object[error.start : error.end]
    return "".join(PLAIN.get(char, f"\\u{ord(char):04x}") for char in found), error.end


def took_no_more(error: BaseException) -> bool:
    """Whether whoever read our output has gone: ``| head -1``."""
    return any(isinstance(one, BrokenPipeError) for one in _chain(error))


def no_room(error: BaseException) -> bool:
    """Whether a disk was full."""
    return any(isinstance(one, OSError) and one.errno in NO_ROOM for one in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

"""Secrets are references: ``env:NAME`` or ``file:/path``. Messages name the reference and never the value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

FILE_BYTES_MAX = 16 * 1024
"""No token or address is longer; a file that is, is the wrong file."""


class NoSecret(Exception):
    """A secret could not be had: which reference, how it stands, and the next step."""


def secret(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """What a reference stands for, without the white space around it.

    Raises:
        NoSecret: If there is none, or it is empty or has several lines.
    """
    kind, _, place = reference.partition(":")
    if kind == "env":
        found = (os.environ if environ is None else environ).get(place)
        if found is None:
            raise NoSecret(f"{reference}: the environment has no {place}. Export it, or change the reference.")
        value = found.strip()
    elif kind == "file":
        value = _read(reference, Path(place).expanduser())
    else:
        raise NoSecret("a secret is given by something that is no reference (it is not shown); write env:NAME")
    if not value or any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in value):
        raise NoSecret(f"{reference}: it is empty, or has more than one line. Put one value there.")
    return value


def _read(reference: str, path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as exc:
        raise NoSecret(f"{reference}: the file cannot be read ({exc.strerror}). Check path and permissions.") from exc
    if len(data) > FILE_BYTES_MAX:
        raise NoSecret(f"{reference}: the file has more than {FILE_BYTES_MAX} bytes, which no secret has.")
    try:
        return data.decode().strip()
    except UnicodeDecodeError:
        # The cause is left out on purpose: it carries the bytes.
        raise NoSecret(f"{reference}: the file is no UTF-8 text. Check its path.") from None

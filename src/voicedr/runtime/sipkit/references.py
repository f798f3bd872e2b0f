"""Secrets are given by reference: ``env:NAME`` or ``file:/path``. Messages name the reference and never the value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

FILE_BYTES_MAX = 16 * 1024


class NoSecret(Exception):
    """The secret could not be had: which reference, how it stands, and the next step."""


def secret(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """What a reference stands for, without the white space around it.

    Raises:
        NoSecret: If there is no such secret, it is empty or has more than one line, or the reference is none.
    """
    kind, colon, place = reference.partition(":")
    if not colon or not place or kind not in ("env", "file"):
        # What stands here may be the secret itself, pasted: it is not shown.
        raise NoSecret(
            "the password is given by something that is not a reference (it is not shown, it may be the password"
            " itself). Write env:NAME or file:/path instead."
        )
    if kind == "env":
        value = (os.environ if environ is None else environ).get(place)
        if value is None:
            raise NoSecret(
                f"the secret {reference}: the environment has no {place}. Export it, or change the reference."
            )
    else:
        value = _from_file(reference, place)
    value = value.strip()
    if not value or any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
        raise NoSecret(f"the secret {reference} is empty or has more than one line. Put one value there.")
    return value


def _from_file(reference: str, place: str) -> str:
    try:
        with Path(place).expanduser().open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as exc:
        raise NoSecret(f"the secret {reference}: the file cannot be read ({exc.strerror}). Check its path.") from exc
    try:
        text = data.decode() if len(data) <= FILE_BYTES_MAX else ""
    except UnicodeDecodeError:
        text = ""  # The cause is left out on purpose: it carries the bytes.
    if not text:
        raise NoSecret(f"the secret {reference}: the file is empty, too long or not UTF-8 text. Check its path.")
    return text

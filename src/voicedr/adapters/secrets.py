"""Secrets are references in every file we read: ``env:NAME``, ``file:/path``, ``keyring:service/name``.

Messages name the reference and never the value.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

FILE_BYTES_MAX = 16 * 1024
"""No key or token is longer; a file that is, is the wrong file."""


class SecretError(Exception):
    """A secret could not be had: which reference, how it stands, and the next step."""


def resolve(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret that a reference stands for, without the white space around it.

    Args:
        reference: ``env:NAME``, ``file:/path`` (``~`` is understood) or ``keyring:service/name``.
        environ: The environment; the process's own if not given.

    Raises:
        SecretError: If there is no such secret, or it is empty, or the reference is none.
    """
    kind, colon, place = reference.partition(":")
    if not colon or not place or kind not in ("env", "file", "keyring"):
        # What stands here may be the secret itself, pasted: it is not shown.
        raise SecretError(
            "a secret is given by something that is not a reference (it is not shown, it may be the secret itself)."
            " Write env:NAME, file:/path or keyring:service/name instead."
        )
    if kind == "env":
        value = _from_environment(reference, place, os.environ if environ is None else environ)
    elif kind == "file":
        value = _from_file(reference, place)
    else:
        value = _from_keyring(reference, place)
    value = value.strip()
    if not value:
        raise SecretError(f"the secret {reference} is empty. Put the key or token there.")
    if any(ord(char) < 0x20 or ord(char) == 0x7F for char in value):
        raise SecretError(f"the secret {reference} has more than one line or a control character. Put one value there.")
    return value


def _from_environment(reference: str, name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name)
    if value is None:
        raise SecretError(f"the secret {reference}: the environment has no {name}. Export it, or change the reference.")
    return value


def _from_file(reference: str, place: str) -> str:
    path = Path(place).expanduser()
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as exc:
        raise SecretError(
            f"the secret {reference}: the file cannot be read ({exc.strerror}). Check its path and its permissions."
        ) from exc
    if len(data) > FILE_BYTES_MAX:
        raise SecretError(
            f"the secret {reference}: the file has more than {FILE_BYTES_MAX} bytes, which no key has. Check its path."
        )
    try:
        return data.decode()
    except UnicodeDecodeError:
        # The cause is left out on purpose: it carries the bytes.
        raise SecretError(f"the secret {reference}: the file is not UTF-8 text. Check its path.") from None


def _from_keyring(reference: str, place: str) -> str:
    service, slash, name = place.rpartition("/")
    if not slash or not service or not name:
        raise SecretError(f"the secret {reference} must name a service and an entry: keyring:service/name.")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError as exc:
        raise SecretError(
            f"the secret {reference}: the Python package keyring is not installed here."
            " Install it, or use env: or file: instead."
        ) from exc
    try:
        value = keyring.get_password(service, name)
    except Exception as exc:  # the backends of keyring raise what they like
        raise SecretError(
            f"the secret {reference}: the keyring did not give it ({type(exc).__name__})."
            " Unlock it, or use env: or file: instead."
        ) from exc
    if value is None:
        raise SecretError(
            f"the secret {reference}: the keyring has no such entry. Add it: keyring set {service} {name}"
        )
    return str(value)

"""Secrets by reference, for what customers run: ``env:NAME`` or ``file:/path``. Messages name the reference only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

SECRET_BYTES_MAX = 16 * 1024
"""No key or token is longer; a file that is, is the wrong file."""


class SecretMissing(Exception):
    """A secret could not be had: which reference, how it stands, and the next step."""


def secret_of(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret that a reference stands for, without the white space around it.

    Args:
        reference: ``env:NAME`` or ``file:/path``.
        environ: The environment; the process's own if not given.

    Raises:
        SecretMissing: If there is none, it is empty, or the reference is none.
    """
    kind, _, place = reference.partition(":")
    if not place or kind not in ("env", "file"):
        # What stands here may be the secret itself, pasted: it is not shown.
        raise SecretMissing("a secret is given by something that is no reference: write env:NAME or file:/path")
    value = _from_environment(place, environ) if kind == "env" else _from_file(place)
    value = value.strip()
    if not value:
        raise SecretMissing(f"the secret {reference} is empty. Put the key or token there.")
    if not value.isprintable():
        raise SecretMissing(f"the secret {reference} has a control character. Put one value on one line there.")
    return value


def _from_environment(name: str, environ: Mapping[str, str] | None) -> str:
    value = (os.environ if environ is None else environ).get(name)
    if value is None:
        raise SecretMissing(f"the secret env:{name}: the environment has no {name}. Export it, or change the reference")
    return value


def _from_file(place: str) -> str:
    try:
        with Path(place).expanduser().open("rb") as file:
            content = file.read(SECRET_BYTES_MAX + 1)
        if len(content) > SECRET_BYTES_MAX:
            raise SecretMissing(f"the secret file:{place} is larger than {SECRET_BYTES_MAX} bytes: name another file")
        return content.decode()
    except OSError as exc:
        raise SecretMissing(f"the secret file:{place} cannot be read ({exc.strerror}). Put it there, readable") from exc
    except UnicodeDecodeError:
        # The cause is left out on purpose: it carries the bytes.
        raise SecretMissing(f"the secret file:{place} is not text. Put the key or token there.") from None

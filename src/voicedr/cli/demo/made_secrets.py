"""Credentials for a rehearsal, and where they are kept. They open nothing but a twin."""

from __future__ import annotations

import secrets
import string
from pathlib import Path


def new_credentials() -> dict[str, str]:
    """A Region's keys as the provider makes them: alphanumeric, so that every client takes them."""
    letters = string.ascii_letters + string.digits
    return {
        "auth_token": secrets.token_hex(16),
        "api_key": "SK" + secrets.token_hex(16),
        "api_secret": "".join(secrets.choice(letters) for _ in range(32)),
    }


def write_secret(folder: Path, name: str, value: str) -> Path:
    """Keep a secret in a file that only its owner reads; the file."""
    path = (folder / "secrets" / name).resolve()
    path.touch(mode=0o600)
    path.write_text(value)
    return path

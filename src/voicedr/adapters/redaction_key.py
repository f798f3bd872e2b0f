"""The key of redacted editions: 32 random bytes, made on first use, readable by its owner only, in no edition.

Whoever has it can try out every number against the tokens of an edition, so it stays with the full edition. Editions
made with one key have equal tokens for equal texts; for readers who must not compare theirs, name another file.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from voicedr.adapters.machine_key import KeyUnusable
from voicedr.program.evidence.redaction import KEY_BYTES


def redaction_key(path: Path) -> bytes:
    """The key in a file; made if there is none.

    Raises:
        KeyUnusable: If the file holds something else, or cannot be read or made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
    except FileExistsError:
        pass
    except OSError as exc:
        raise KeyUnusable(f"the redaction key {path} cannot be made ({exc.strerror}). Name another file.") from exc
    return load_redaction_key(path)


def load_redaction_key(path: Path) -> bytes:
    """The key in a file that is there.

    Raises:
        KeyUnusable: If it holds something else, or cannot be read.
    """
    try:
        with path.open("rb") as file:
            key = bytes.fromhex(file.read(4 * KEY_BYTES).decode("ascii").strip())
    except OSError as exc:
        raise KeyUnusable(f"the redaction key {path} cannot be read ({exc.strerror}). Name the file of it.") from exc
    except ValueError:
        key = b""  # what stands there is not repeated: it may be another secret
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"{path} is not a redaction key ({2 * KEY_BYTES} hexadecimal digits). Name the file of it.")
    return key

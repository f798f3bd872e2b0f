"""The machine's own key, for checkpoints: Ed25519, made on first use, readable by its owner only."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


class KeyUnusable(Exception):
    """A key file cannot be used: which, why, and the next step."""


def machine_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file; made if there is none.

    Raises:
        KeyUnusable: If the file holds something else, or cannot be read or made.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            made = Ed25519PrivateKey.generate()
            body = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
            return made
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as exc:
        raise KeyUnusable(f"{path} cannot be used as the machine's key. Move it away, and a new one is made.") from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path} is not an Ed25519 key. Move it away, and a new one is made.")
    return key


def public_pem(key: Ed25519PrivateKey) -> str:
    """The public half, to be kept elsewhere."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def load_public(path: Path) -> Ed25519PublicKey:
    """A public key from a file.

    Raises:
        KeyUnusable: If it is none.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as exc:
        raise KeyUnusable(
            f"{path} is not a public key. `voicedr checkpoint-key` prints the one that is needed."
        ) from exc
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusable(
            f"{path} is not an Ed25519 public key. `voicedr checkpoint-key` prints the one that is needed."
        )
    return key


def signs(key: Ed25519PublicKey, signature: str, words: bytes) -> bool:
    """Whether this key made this signature (hex) over these words."""
    try:
        key.verify(bytes.fromhex(signature), words)
    except (InvalidSignature, ValueError):
        return False
    return True


def signed_with(pem: bytes, signature: bytes, words: bytes) -> bool:
    """Whether the Ed25519 key in this PEM text made this signature over these words. Any other key did not."""
    try:
        key = load_pem_public_key(pem)
        if not isinstance(key, Ed25519PublicKey):
            return False
        key.verify(signature, words)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True

"""Signatures of the document: Ed25519 (RFC 8032), with keys that are one line of text each.

Whoever may write to the place where the document is can then still not move anybody: that takes the private key.
Several public keys may be trusted at once, so that keys can be changed: trust the new one everywhere, sign with it, and
only then stop trusting the old one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from voicedr.runtime.references import secret_of
from voicedr.runtime.region.document import Document, NotADocument, Signature, document_in, plain, signed, signed_bytes

_PRIVATE = "voicedr-region-private:"
_PUBLIC = "voicedr-region-public:"


class KeyUnusable(Exception):
    """A key is none, or cannot be written: which, how it stands, and the next step. A private key is never shown."""


class SigningKey:
    """A private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = _PUBLIC + base64.b64encode(key.public_key().public_bytes_raw()).decode()
        self.id = _id(key.public_key())

    @classmethod
    def made(cls) -> SigningKey:
        """A new one."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def named(cls, reference: str) -> SigningKey:
        """The one that a reference (``env:NAME``, ``file:/path``) stands for.

        Raises:
            SecretMissing: If it cannot be had.
            KeyUnusable: If what is there is no private key.
        """
        return cls.read(secret_of(reference), reference)

    @classmethod
    def read(cls, text: str, name: str) -> SigningKey:
        """The one in a line of text; ``name`` stands for it in messages.

        Raises:
            KeyUnusable: If it is no private key.
        """
        try:
            return cls(Ed25519PrivateKey.from_private_bytes(_raw(text.strip(), _PRIVATE)))
        except ValueError as exc:
            raise KeyUnusable(f"{name} is no private key of ours. Make one with: voicedr region keygen") from exc

    def sign(self, document: Document) -> bytes:
        """The document with its signature."""
        over, _ = signed_bytes(plain(document))
        return signed(document, Signature(self.id, base64.b64encode(self._key.sign(over)).decode()))

    def write(self, path: Path) -> Path:
        """Write the private key, for its owner alone, and the public one beside it, whose path is given.

        Raises:
            KeyUnusable: If one of the files is there already or cannot be written. No file was replaced.
        """
        public = path.with_name(path.name + ".pub")
        private = _PRIVATE + base64.b64encode(self._key.private_bytes_raw()).decode()
        for place, text, mode in ((path, private, 0o600), (public, self.public, 0o644)):
            try:
                descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
                with open(descriptor, "w", encoding="ascii") as file:
                    file.write(text + "\n")
                    file.flush()
                    os.fsync(descriptor)
            except OSError as exc:
                raise KeyUnusable(f"{place} cannot be written ({exc.strerror}). Name a new file.") from exc
        return public


class Trust:
    """The public keys that are believed. Without any, everything is believed, signed or not."""

    def __init__(self, keys: Iterable[str] = ()) -> None:
        """Believe these public keys, as ``SigningKey.public`` gives them.

        Raises:
            KeyUnusable: If one is none.
        """
        self._keys: dict[str, Ed25519PublicKey] = {}
        for text in keys:
            try:
                key = Ed25519PublicKey.from_public_bytes(_raw(text.strip(), _PUBLIC))
            except ValueError as exc:
                raise KeyUnusable(
                    f"a public key is wanted: one line that begins with {_PUBLIC}, as voicedr region keygen writes it"
                    " into FILE.pub. What stands there is none, and is not shown."
                ) from exc
            self._keys[_id(key)] = key

    @classmethod
    def named(cls, references: Iterable[str]) -> Trust:
        """The keys that references stand for.

        Raises:
            SecretMissing: If one cannot be had.
            KeyUnusable: If one is no public key.
        """
        return cls([secret_of(one) for one in references])

    def __bool__(self) -> bool:
        return bool(self._keys)

    def read(self, content: bytes) -> Document:
        """What a document says, if it may be believed.

        Raises:
            NotADocument: If it is none, or is not signed with a key of ours while we have one.
        """
        document = document_in(content)
        if not self._keys:
            return document
        over, signature = signed_bytes(content)
        if signature is None:
            raise NotADocument("is not signed, and only signed documents are believed here")
        key = self._keys.get(signature.key)
        if key is None:
            known = ", ".join(sorted(self._keys))
            raise NotADocument(f"is signed with the key {signature.key[:40]!r}; believed here are {known}")
        try:
            key.verify(base64.b64decode(signature.ed25519, validate=True), over)
        except (InvalidSignature, binascii.Error, ValueError) as exc:
            raise NotADocument(f"has a signature that is not of the key {signature.key[:40]}: it is forged") from exc
        return document


ANYBODY = Trust()
"""Every document is believed."""


def _raw(text: str, kind: str) -> bytes:
    if not text.startswith(kind):
        raise ValueError("another kind of text")
    return base64.b64decode(text.removeprefix(kind), validate=True)


def _id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]

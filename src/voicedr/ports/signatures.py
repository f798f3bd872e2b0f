"""Signatures over approvals, and who the keys belong to.

SignatureError
├── SignatureRefused      somebody looked, and it does not hold
└── SignaturesUnusable    nobody could look, or sign: the tool, the list of signers or the key cannot be used
"""

from __future__ import annotations

from typing import Protocol

import msgspec


class SignatureError(Exception):
    """What, how it stands, and the next step. Never has any part of a key in it but its fingerprint."""


class SignatureRefused(SignatureError):
    """The signature does not show that this person signed this statement."""


class SignaturesUnusable(SignatureError):
    """It could not be signed or looked at. That is neither good nor bad; as an approval it does not count."""


class SigningKey(msgspec.Struct, frozen=True):
    """A key by its kind (``ed25519``) and its fingerprint (``SHA256:…``)."""

    kind: str
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.kind} {self.fingerprint}"


class Signatures(Protocol):
    """Sign statements; say whether signatures hold, by the list of signers as it is at this moment."""

    def sign(self, statement: str, key: str) -> str:
        """The signature over a statement's exact text, as text that can be pasted.

        Args:
            statement: The text.
            key: A reference to the private key: its file, or that of the public key if an agent has the other half.

        Raises:
            SignaturesUnusable: If the key cannot be used.
        """
        ...

    def verify(self, statement: str, signature: str, principal: str) -> SigningKey:
        """The key that signed it, which is this person's.

        Args:
            statement: The text, unchanged.
            signature: As ``sign`` gives it.
            principal: The person's id in the list of signers.

        Raises:
            SignatureRefused: If it is no signature over this text by a key that is this person's now.
            SignaturesUnusable: If nobody could look.
        """
        ...

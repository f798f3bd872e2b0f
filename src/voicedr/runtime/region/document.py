"""The document that says which Region is active: a flat JSON object of about a hundred bytes, signed or not.

    {"region": "ie1", "epoch": 7, "written_at": "2026-11-21T14:02:11Z", "id": "5f0c…",
     "signature": {"key": "9a41c77d03b2e6f1", "ed25519": "…"}}

Region and epoch are what counts. ``written_at`` is for people; no clock decides anything. ``id`` tells two writes of
the same content apart. A signature is over every other key, known or not, in the form that ``signed_bytes`` gives.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from voicedr.runtime.edge.regions import HOME_EDGES

BYTES_MAX = 64 * 1024
"""The document is about a hundred bytes. Something much longer is something else."""

EPOCH_MAX = 2**53 - 1
"""The largest whole number that every reader of JSON reads as written (RFC 8259 section 6)."""

KEYS_MAX = 32
TEXT_MAX = 1024

_PURPOSE = b"voicedr active region 1\n"
"""Stands before what is signed, so that a signature for something else is none for this."""


class Signature(msgspec.Struct, frozen=True):
    """Which key signed, and the 64 bytes in base64."""

    key: str
    ed25519: str


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was understood."""

    region: str
    epoch: int
    written_at: str | None = None
    id: str | None = None


class NotADocument(ValueError):
    """It cannot be used; the message says why, and ends a sentence."""


def document_in(content: bytes, regions: frozenset[str] = frozenset(HOME_EDGES)) -> Document:
    """What a document says. Whether it is signed is not looked at.

    Raises:
        NotADocument: If it is no document, or names a Region or an epoch that there cannot be.
    """
    if len(content) > BYTES_MAX:
        raise NotADocument(f"longer than {BYTES_MAX} bytes, so it is no context document")
    try:
        document = msgspec.json.decode(content, type=Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise NotADocument(f"not a context document ({exc})") from exc
    if document.region not in regions:
        raise NotADocument(f"names the Region {document.region[:40]!r}; known are {', '.join(sorted(regions))}")
    if not 1 <= document.epoch <= EPOCH_MAX:
        raise NotADocument(f"has an epoch that is none: it is a whole number from 1 to {EPOCH_MAX}")
    return document


def plain(document: Document) -> bytes:
    """The document without a signature, as a file has it."""
    return msgspec.json.encode(document) + b"\n"


def signed(document: Document, signature: Signature) -> bytes:
    """The document with a signature over ``signed_bytes(plain(document))``."""
    return msgspec.json.encode({**msgspec.to_builtins(document), "signature": msgspec.to_builtins(signature)}) + b"\n"


def signed_bytes(content: bytes) -> tuple[bytes, Signature | None]:
    """What a signature of this document is over, and the signature that it has.

    Keys are sorted, there is no white space, text is ASCII with escapes, and values are texts, whole numbers, true,
    false and null: so there is one way to write each, in any language.

    Raises:
        NotADocument: If it cannot be written so, or a key stands twice.
    """
    if len(content) > BYTES_MAX:
        raise NotADocument(f"longer than {BYTES_MAX} bytes, so it is no context document")
    try:
        read = json.loads(content, object_pairs_hook=_once)
    except (ValueError, RecursionError) as exc:
        raise NotADocument(f"not a context document ({exc})") from exc
    if not isinstance(read, dict) or len(read) > KEYS_MAX:
        raise NotADocument("no object of a few keys")
    told = read.pop("signature", None)
    for key, value in read.items():
        if not (value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= TEXT_MAX)):
            raise NotADocument(f"has a key {key[:40]!r} that is neither a short text nor a whole number")
    try:
        signature = None if told is None else msgspec.convert(told, Signature)
    except msgspec.ValidationError as exc:
        raise NotADocument(f"has a signature that is none ({exc})") from exc
    return _PURPOSE + json.dumps(read, sort_keys=True, separators=(",", ":")).encode("ascii"), signature


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found

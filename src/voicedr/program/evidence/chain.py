"""The chain: every record's hash covers the one before it, so an edit anywhere breaks all that follows."""

from __future__ import annotations

import hashlib

import msgspec

from voicedr.program.execution.events import Event

GENESIS = "0" * 64
"""What the first record of every execution has before it."""

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """An event as the bytes that are kept and hashed."""
    return _encoder.encode(event)


def decode(body: bytes) -> Event:
    """An event from its bytes.

    Raises:
        msgspec.DecodeError: If they are no event.
    """
    try:
        event: Event = _decoder.decode(body)
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError(f"it is not UTF-8 (byte {exc.start})") from exc
    return event


def link(execution: str, seq: int, term: int, previous: str, body: bytes) -> str:
    """The hash of a record, in lower-case hex: SHA-256 over where it stands, what came before, and what it says."""
    head = f"{execution}\n{seq}\n{term}\n{previous}\n".encode()
    return hashlib.sha256(head + body).hexdigest()

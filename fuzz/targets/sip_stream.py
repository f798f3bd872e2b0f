"""Bytes of a SIP connection fall into the same messages however they are cut, and never pile up."""

from __future__ import annotations

from fuzz.targets.sip_message import INVITE, RINGING
from voicedr.wire.sip.framing import Framing
from voicedr.wire.sip.messages import MalformedSip

SEEDS = [
    bytes([7]) + INVITE + RINGING,
    bytes([90]) + b"\r\n\r\n" + INVITE.replace(b"Length: 0", b"Length: 4") + b"v=0\r" + INVITE,
]


def one(data: bytes) -> None:
    """Feed it whole, and in pieces as long as the first byte says."""
    if not data:
        return
    step, data = data[0] + 1, data[1:]
    whole = _fed([data])
    pieces = _fed([data[at : at + step] for at in range(0, len(data), step)])
    assert whole == pieces


def _fed(chunks: list[bytes]) -> tuple[list[bytes], bool]:
    framing, messages = Framing(), []
    for chunk in chunks:
        try:
            messages += framing.feed(chunk)
        except MalformedSip:
            # What came before in this chunk is not given any more, so only that it broke is compared.
            return [], False
    return messages, True

"""A media stream's server is understood, or it broke the protocol; nothing else."""

from __future__ import annotations

from voicedr.wire.media_streams import NotAMessage, read

SEEDS = [
    b'{"event":"media","streamSid":"MZ1","media":{"payload":"//8="}}',
    b'{"event":"mark","streamSid":"MZ1","mark":{"name":"a"}}',
    b'{"event":"clear","streamSid":"MZ1"}',
]


def one(data: bytes) -> None:
    """Read it."""
    try:
        event, _, seconds = read(data.decode("utf-8", "replace"))
    except NotAMessage as exc:
        assert str(exc)
        return
    assert event in ("media", "mark", "clear")
    assert 0 <= seconds < 3600

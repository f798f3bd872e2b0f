"""A scenario file is understood, or every mistake in it is said."""

from __future__ import annotations

from voicedr.twin.scenarios.files import read_text, shipped
from voicedr.twin.world.findings import Mistakes

SEEDS = [text.encode() for text in list(shipped().values())[:6]]


def one(data: bytes) -> None:
    """Read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        scenario = read_text(text)
    except Mistakes as exc:
        assert exc.found
        return
    assert scenario.steps

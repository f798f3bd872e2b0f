"""The tones of a telephone network, as 16-bit samples at 8,000 a second (ITU-T E.180, North American plan)."""

from __future__ import annotations

import math
import zlib
from array import array

from voicedr.wire import g711

_LOUD = 7000
_EDGE_S = 0.005
"""Tones rise and fall in this time, so that they do not click."""

_ROWS, _COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
_PAD = ("123A", "456B", "789C", "*0#D")
WORD_S, GAP_S = 0.22, 0.08


def tone(frequencies: tuple[float, ...], seconds: float) -> bytes:
    """Several frequencies at once."""
    count = round(seconds * g711.RATE)
    edge = max(1, round(_EDGE_S * g711.RATE))
    turns = [2 * math.pi * frequency / g711.RATE for frequency in frequencies]
    level = _LOUD / max(1, len(turns))
    sound = array("h")
    for number in range(count):
        shape = min(1.0, (number + 1) / edge, (count - number) / edge)
        sound.append(round(level * shape * sum(math.sin(turn * number) for turn in turns)))
    return sound.tobytes()


def silence(seconds: float) -> bytes:
    """Nothing."""
    return bytes(2 * round(seconds * g711.RATE))


def ringing() -> bytes:
    """One turn of the ringing tone."""
    return tone((440, 480), 2.0) + silence(4.0)


def busy() -> bytes:
    """One turn of the busy tone."""
    return tone((480, 620), 0.5) + silence(0.5)


def congestion() -> bytes:
    """One turn of the tone that says: this cannot be connected."""
    return tone((480, 620), 0.25) + silence(0.25)


def beep() -> bytes:
    """What a recording begins with."""
    return tone((1000,), 0.5)


def hold_music() -> bytes:
    """One turn of something that is plainly no ringing."""
    return b"".join(tone((pitch,), 0.4) for pitch in (523.25, 659.25, 783.99, 659.25)) + silence(0.4)


def key(pressed: str, seconds: float = 0.1) -> bytes:
    """A key in band (ITU-T Q.23).

    Raises:
        ValueError: If there is no such key.
    """
    for row, line in enumerate(_PAD):
        if pressed.upper() in line:
            return tone((_ROWS[row], _COLUMNS[line.index(pressed.upper())]), seconds)
    raise ValueError(f"{pressed!r} is no key")


def words(text: str) -> bytes:
    """A tone for every word, the same one for the same word: that something is said can be heard, not what."""
    pitches = [300 + zlib.crc32(word.lower().encode()) % 16 * 60 for word in text.split()]
    return b"".join(tone((pitch,), WORD_S) + silence(GAP_S) for pitch in pitches)

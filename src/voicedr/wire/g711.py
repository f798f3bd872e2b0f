"""Telephone sound: G.711, mu-law and A-law, to and from 16-bit samples (ITU-T G.711).

Samples are signed, 16 bits, little-endian, 8,000 a second. Between the two laws there is a table of 256 bytes each way.
"""

from __future__ import annotations

import sys
from array import array
from functools import cache

RATE = 8000
MU_SILENCE = b"\xff"
"""One sample of silence, mu-law."""

_BIAS = 0x84
_CLIP = 32_635


def mu_law(samples: bytes) -> bytes:
    """Encode samples; half a sample at the end is left out."""
    return _coded(samples, _mu_codes())


def a_law(samples: bytes) -> bytes:
    """Encode samples; half a sample at the end is left out."""
    return _coded(samples, _a_codes())


def from_mu_law(coded: bytes) -> bytes:
    """Decode to samples."""
    return _samples(coded, MU_LEVELS)


def from_a_law(coded: bytes) -> bytes:
    """Decode to samples."""
    return _samples(coded, A_LEVELS)


def _mu_level(code: int) -> int:
    inverted = ~code & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + _BIAS << ((inverted & 0x70) >> 4)) - _BIAS
    return -magnitude if inverted & 0x80 else magnitude


def _mu_code(sample: int) -> int:
    magnitude = min(abs(sample), _CLIP) + _BIAS
    segment = magnitude.bit_length() - 8
    code = (0x80 if sample < 0 else 0) | segment << 4 | magnitude >> (segment + 3) & 0x0F
    return ~code & 0xFF


def _a_level(code: int) -> int:
    inverted = code ^ 0x55
    segment = (inverted & 0x70) >> 4
    magnitude = ((inverted & 0x0F) << 4) + 8
    if segment:
        magnitude = magnitude + 0x100 << (segment - 1)
    return magnitude if inverted & 0x80 else -magnitude


def _a_code(sample: int) -> int:
    magnitude = sample if sample >= 0 else -sample - 1
    segment = max(0, magnitude.bit_length() - 8)
    code = segment << 4 | magnitude >> max(4, segment + 3) & 0x0F
    return (code | (0x80 if sample >= 0 else 0)) ^ 0x55


MU_LEVELS = tuple(_mu_level(code) for code in range(256))
"""The sample that each byte stands for."""

A_LEVELS = tuple(_a_level(code) for code in range(256))

A_OF_MU = bytes(_a_code(level) for level in MU_LEVELS)
"""For ``bytes.translate``: mu-law to A-law."""

MU_OF_A = bytes(_mu_code(level) for level in A_LEVELS)


@cache
def _mu_codes() -> bytes:
    return bytes(_mu_code(_signed(number)) for number in range(0x10000))


@cache
def _a_codes() -> bytes:
    return bytes(_a_code(_signed(number)) for number in range(0x10000))


def _signed(number: int) -> int:
    return number - 0x10000 if number & 0x8000 else number


def _coded(samples: bytes, codes: bytes) -> bytes:
    numbers = array("H", samples[: len(samples) // 2 * 2])
    if sys.byteorder == "big":
        numbers.byteswap()
    return bytes(map(codes.__getitem__, numbers))


def _samples(coded: bytes, levels: tuple[int, ...]) -> bytes:
    decoded = array("h", map(levels.__getitem__, coded))
    if sys.byteorder == "big":
        decoded.byteswap()
    return decoded.tobytes()

"""G.711 as an independent program codes it, and nearest to what was put in."""

from __future__ import annotations

import struct
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from debian_programs import programs
from voicedr.wire import g711

CODES = bytes(range(256))
LAWS = [
    pytest.param("ul", g711.from_mu_law, g711.mu_law, id="mu-law"),
    pytest.param("al", g711.from_a_law, g711.a_law, id="a-law"),
]


def sox(*arguments: str, given: bytes) -> bytes:
    """What sox makes of it, at 8,000 samples a second, without noise added."""
    programs("sox")
    made = subprocess.run(["sox", "-D", *arguments], input=given, capture_output=True, check=True, timeout=20)
    return made.stdout


@pytest.mark.parametrize(("kind", "decode", "encode"), LAWS)
def test_every_code_is_what_sox_says(kind, decode, encode) -> None:
    """All 256 codes decode as sox decodes them, and what they stand for is coded as sox codes it."""
    rate = ("-r", "8000", "-c", "1")
    samples = sox("-t", kind, *rate, "-", "-t", "s16", "-", given=CODES)
    assert decode(CODES) == samples
    assert encode(samples) == sox("-t", "s16", *rate, "-", "-t", kind, "-", given=samples)


@pytest.mark.parametrize(("kind", "decode", "encode"), LAWS)
def test_every_sample_gets_a_near_code(kind, decode, encode) -> None:
    """A sample comes back within a thirty-second part of its size, or 8."""
    samples = range(-32768, 32768)
    coded = struct.unpack("<65536h", decode(encode(struct.pack("<65536h", *samples))))
    assert [at for at, level in zip(samples, coded, strict=True) if abs(level - at) > abs(at) / 32 + 8] == []


@given(coded=st.binary(max_size=400))
def test_between_the_laws(coded: bytes) -> None:
    """Going from one law to the other is decoding and coding."""
    assert coded.translate(g711.A_OF_MU) == g711.a_law(g711.from_mu_law(coded))
    assert coded.translate(g711.MU_OF_A) == g711.mu_law(g711.from_a_law(coded))


def test_silence_is_silence() -> None:
    """The silent code stands for 0, and half a sample at the end is left out."""
    assert g711.from_mu_law(g711.MU_SILENCE) == b"\0\0"
    assert g711.mu_law(b"\0\0\0") == g711.MU_SILENCE

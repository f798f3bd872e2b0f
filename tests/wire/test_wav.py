"""Sound files as other programs write them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debian_programs import programs
from rtp_peer import likeness
from voicedr.wire import g711, wav


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 6000])
@pytest.mark.parametrize("coding", ["-b 16", "-b 8", "-e mu-law", "-e a-law", "-c 2 -b 16"])
def test_what_sox_writes(tmp_path: Path, rate: int, coding: str) -> None:
    """A sweep that sox writes in any of these codings and rates sounds as sox's own at 8,000 samples a second."""
    programs("sox")
    file = tmp_path / "sweep.wav"
    one = [] if "-c" in coding else ["-c", "1"]
    sweep = ["synth", "1", "sine", "200:2400", "gain", "-6"]
    made = ["sox", "-n", "-r", str(rate), *coding.split(), *one, str(file), *sweep]
    subprocess.run(made, check=True, capture_output=True, timeout=20)
    read = ["sox", str(file), "-t", "s16", "-r", "8000", "-c", "1", "-"]
    wanted = subprocess.run(read, check=True, capture_output=True, timeout=20).stdout
    found = np.frombuffer(wav.samples(wav.read(file.read_bytes())), "<i2").astype(np.float64)
    source = np.frombuffer(wanted, "<i2").astype(np.float64)
    assert len(found) == pytest.approx(len(source), abs=1)
    middle = source[80:-80]
    assert likeness(found, middle) >= 0.999
    assert np.abs(found).max() == pytest.approx(np.abs(source).max(), rel=0.1)


@pytest.mark.parametrize(
    "body",
    [b"", b"RIFF", b"<html>", b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd",
     b"RIFF\0\0\0\0WAVEfmt \4\0\0\0abcddata\4\0\0\0abcd"],
)  # fmt: skip
def test_what_is_no_file(body: bytes) -> None:
    """Text, a head without data, data without a head."""
    with pytest.raises(wav.BadWav):
        wav.read(body)


@given(data=st.binary(max_size=300), cut=st.integers(0, 300))
def test_any_file_is_read_or_refused(data: bytes, cut: int) -> None:
    """A file that is cut off anywhere is as long as what there is, or refused as what it is."""
    whole = wav.of_mu_law(data)
    try:
        found = wav.read(whole[:cut])
    except wav.BadWav:
        assert cut < len(whole) - len(data)
    else:
        assert found.data == data[: max(0, cut - (len(whole) - len(data)))]
        assert wav.samples(found) == g711.from_mu_law(found.data)


@pytest.mark.parametrize(("rate", "channels"), [(3999, 1), (96_001, 1), (8000, 3), (8000, 0)])
def test_what_is_not_played(rate: int, channels: int) -> None:
    """Rates and channels beyond what is read are refused, with what they are."""
    form = b"\1\0" + channels.to_bytes(2, "little") + rate.to_bytes(4, "little") + b"\0" * 6 + b"\x10\0"
    with pytest.raises(wav.BadWav, match=f"{channels} channels of 16 bits at {rate} Hz"):
        wav.read(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + form + b"data\0\0\0\0")

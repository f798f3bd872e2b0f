"""Places that take no more, or not every letter: said in words, with a code that is no finding."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from real_stage import PROGRAM

NFT = ("allow-list", "--format", "nftables", "--interconnect")


def test_a_full_disk_is_told_and_is_no_finding() -> None:
    """Exit 5, what to do, and no traceback, for what is printed by either way of printing."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with open("/dev/full", "w") as full:
        ended = subprocess.run([PROGRAM, *NFT], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (ended.returncode, "Make room" in ended.stderr) == (5, True), ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    "arguments", [NFT, ("sip", "probe", "127.0.0.1:1"), ("--help",)], ids=lambda words: " ".join(words[:2])
)
def test_a_reader_that_has_gone_is_no_finding(arguments: tuple[str, ...]) -> None:
    """What `| head -1` leaves unread ends with 130, never with 1, and without a traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [PROGRAM, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (130, "")


def test_signs_are_written_plainly_where_they_cannot_be_shown(tmp_path: Path) -> None:
    """In ASCII ✔ is ok and ✖ is X, and neither is the question mark that means unknown."""
    listed = tmp_path / "dispatcher.list"
    listed.write_text("1 sip:acme.pstn.dublin.twilio.com 0 0\n1 sip:acme.pstn.frankfurt.twilio.com 0 0\n")
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(
        [PROGRAM, "sbc", "check", str(listed)], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "ok acme.pstn.dublin.twilio.com" in ended.stdout
    assert "?" not in ended.stdout

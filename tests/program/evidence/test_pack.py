"""A manifest that ``sha256sum`` reads, and a folder in which nothing was changed, added or taken away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.evidence.pack import MANIFEST, PackBroken, differences, read_manifest, sha256, write_manifest

FILES = {"evidence.jsonl": b"one\n", "plan.json": b"{}", "report.html": b"<p>"}


def test_a_manifest_is_sorted_names_with_their_hashes() -> None:
    """Lines for people begin with #; there are two blanks, as sha256sum writes them."""
    lines = write_manifest("x1", FILES).decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        f"{sha256(FILES[name])}  {name}" for name in ("evidence.jsonl", "plan.json", "report.html")
    ]
    assert "evidence pack of x1" in lines[0]


def test_a_manifest_reads_back() -> None:
    """Every file, with its hash."""
    assert read_manifest(write_manifest("x1", FILES)) == {name: sha256(body) for name, body in FILES.items()}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"{'0' * 64}  ../../etc/passwd", "line 1"),
        (f"{'0' * 64}  /etc/passwd", "line 1"),
        (f"{'0' * 64}  a/b", "line 1"),
        (f"{'0' * 64}  {MANIFEST}", "line 1"),
        (f"{'0' * 64} evidence.jsonl", "line 1"),
        (f"{'0' * 63}  evidence.jsonl", "line 1"),
        (f"{'0' * 64}  evidence.jsonl\n{'1' * 64}  evidence.jsonl", "line 2"),
        ("", "line 1"),
        (f"{'0' * 64}  plan.json", "does not list evidence.jsonl"),
    ],
)
def test_a_manifest_that_is_none_is_refused(line: str, why: str) -> None:
    """No name leads out of the folder, none stands twice, and there is evidence."""
    with pytest.raises(PackBroken, match=why):
        read_manifest(line.encode() + b"\n")


def test_what_differs_is_named() -> None:
    """Changed, missing, added."""
    manifest = read_manifest(write_manifest("x1", FILES))
    assert differences(manifest, FILES) == ()
    found = differences(manifest, {"evidence.jsonl": b"one\n", "plan.json": b"{ }", "note.txt": b""})
    assert [words.split(":")[0] for words in found] == [
        "report.html is missing",
        "plan.json was changed",
        "note.txt is not in the manifest",
    ]


@given(st.sampled_from(sorted(FILES)), st.integers(0, 7), st.data())
def test_no_bit_can_be_turned(name: str, bit: int, data: st.DataObject) -> None:
    """Whichever byte of whichever file it is in."""
    body = bytearray(FILES[name])
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << bit
    found = differences(read_manifest(write_manifest("x1", FILES)), {**FILES, name: bytes(body)})
    assert [words.split(" ")[0] for words in found] == [name]

"""The gap list in a file: whole or not at all, one writer at a time, and never written over when it is broken."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from readiness_package_scene import judged
from readiness_scene import AT
from voicedr.adapters.gap_file import GapFile
from voicedr.ports.gap_lists import GapListBroken, GapListUnusable
from voicedr.program.readiness.gaps import GapList, NotPossible, Run, fixed, merge


def found() -> GapList:
    """A list with gaps and a run."""
    return merge(GapList(), judged(), AT)


def test_what_was_kept_is_read_again(tmp_path: Path) -> None:
    """Nothing there is an empty list; then every field comes back, and the file can be compared line by line."""
    lists = GapFile(tmp_path / "deep" / "gaps.json")
    assert lists.load() == GapList()
    assert lists.change(lambda known: merge(known, judged(), AT)) == found() == lists.load()
    text = (tmp_path / "deep" / "gaps.json").read_text()
    assert text.count("\n") > 100
    assert os.listdir(tmp_path / "deep") == ["gaps.json"]
    lists.change(lambda known: fixed(known, sorted(known.gaps)[0]))
    changed = (tmp_path / "deep" / "gaps.json").read_text()
    assert sum(one != two for one, two in zip(text.splitlines(), changed.splitlines(), strict=True)) == 1


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"voicedr_gaps": 2, "list": {}}', b'{"voicedr_gaps": 1, "list": {}, "x": 1}']
)
def test_a_broken_file_is_said_and_left(tmp_path: Path, body: bytes) -> None:
    """What it is, where, and what to do; it is neither read nor replaced."""
    path = tmp_path / "gaps.json"
    path.write_bytes(body)
    for do in (GapFile(path).load, lambda: GapFile(path).change(lambda known: known)):
        with pytest.raises(GapListBroken, match=r"not\s+touched"):
            do()
    assert path.read_bytes() == body


def test_what_the_change_raises_changes_nothing(tmp_path: Path) -> None:
    """The file is as it was, and nobody else is kept waiting."""
    lists = GapFile(tmp_path / "gaps.json")
    lists.change(lambda _known: found())
    with pytest.raises(NotPossible):
        lists.change(lambda known: fixed(known, "00000000"))
    assert lists.change(lambda known: known) == found()


def test_writers_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    """Eight of them add fifteen runs each, and every run is there."""

    def add(writer: int) -> None:
        lists = GapFile(tmp_path / "gaps.json")
        for number in range(15):
            run = Run(AT + timedelta(seconds=number), f"flow-{writer}", number, 0, 0, 0)
            lists.change(lambda known, run=run: msgspec.structs.replace(known, runs=(*known.runs, run)))  # type: ignore[misc]

    threads = [threading.Thread(target=add, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    runs = GapFile(tmp_path / "gaps.json").load().runs
    assert len({(run.flow, run.at) for run in runs}) == len(runs) == 120


def test_a_writer_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    """Who has it and what to do is said, and nothing changed."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(GapListUnusable, match="another process"):
            GapFile(tmp_path / "gaps.json", lock_s_max=0.2).change(lambda _known: found())
    finally:
        os.close(descriptor)
    assert not (tmp_path / "gaps.json").exists()


@pytest.mark.parametrize("place", ["a-file/gaps.json", "folder"])
def test_a_place_that_cannot_be_used_is_said(tmp_path: Path, place: str) -> None:
    """A file where a folder must be, a folder where the file must be."""
    (tmp_path / "a-file").write_text("x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(GapListUnusable, match="--gaps FILE"):
        GapFile(tmp_path / place).change(lambda _known: found())
    assert json.loads(msgspec.json.encode(found()))["gaps"]

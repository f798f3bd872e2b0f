"""A file keeps checkpoints as every place does, and outlives a crash in the middle of a line."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ports.checkpoint_promises import CheckpointPromises, checkpoint
from voicedr.adapters.checkpoints.file import FilePlace
from voicedr.ports.checkpoints import CheckpointPlace, PlaceAway, PlaceUnusable


class TestFilePlace(CheckpointPromises):
    """The promises, kept by a file."""

    @pytest.fixture(autouse=True)
    def _at(self, tmp_path: Path) -> None:
        self._path = tmp_path / "checkpoints"

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[CheckpointPlace]:
        """The file."""
        yield FilePlace(self._path)


def test_a_line_cut_short_is_told_of(tmp_path: Path) -> None:
    """Half a line is no checkpoint: what, where and that it was left alone is said."""
    path = tmp_path / "checkpoints"
    asyncio.run(FilePlace(path).leave(checkpoint(1)))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    with pytest.raises(PlaceUnusable, match=r"checkpoints:2 is not a checkpoint"):
        asyncio.run(FilePlace(path).read("run-1"))
    assert path.read_bytes() == whole + whole[:40]


def test_a_place_that_is_away(tmp_path: Path) -> None:
    """A directory that is not mounted is away, not empty, when something is to be left."""
    with pytest.raises(PlaceAway, match="No such file"):
        asyncio.run(FilePlace(tmp_path / "not-mounted" / "checkpoints").leave(checkpoint(1)))


def test_a_share_that_hangs_keeps_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is away after a while, and the loop ends although its thread never comes back."""
    hangs = threading.Event()
    monkeypatch.setattr(FilePlace, "_append", lambda _place, _checkpoint: hangs.wait(30))
    monkeypatch.setattr("voicedr.adapters.checkpoints.file.SLOW_S", 0.1)
    begun = time.monotonic()
    try:
        with pytest.raises(PlaceAway, match="did not answer"):
            asyncio.run(FilePlace(tmp_path / "checkpoints").leave(checkpoint(1)))
    finally:
        hangs.set()
    assert time.monotonic() - begun < 10

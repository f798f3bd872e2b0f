"""A place where no journal can be: said with the way on, and without leading anybody to move a journal away."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.ports.journal import JournalBroken


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The system's own words, once, and another place to name."""
    (tmp_path / "file").write_text("kept")
    with pytest.raises(JournalBroken) as refused:
        SqliteJournal(tmp_path / "file" / "journal.db")
    told = str(refused.value)
    assert "--journal FILE" in told
    assert "Move the file away" not in told
    assert "Errno" not in told
    assert (tmp_path / "file").read_text() == "kept"

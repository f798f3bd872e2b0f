"""A gap list is read, or broken and not touched; what was read is written and read again as it was."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from voicedr.adapters.gap_file import GapFile
from voicedr.ports.gap_lists import GapListBroken
from voicedr.program.readiness.gaps import Gap, GapList, Run, Status, Waiver

_AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-gaps-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
_PATH = _FOLDER / "gaps.json"


def _seed() -> bytes:
    hints = {field.name: field.type for field in msgspec.structs.fields(Gap)}
    severity, closed_by = next(iter(hints["severity"])), next(iter(hints["closed_by"]))
    gap = Gap(
        "g1",
        "support-line",
        "has_fallback",
        None,
        severity,
        closed_by,
        "no fallback",
        "set one",
        next(iter(Status)),
        _AT,
        _AT,
        owner="ruiz",
        due=date(2026, 12, 1),
        waiver=Waiver("ruiz", "known", date(2026, 12, 1), _AT),
    )
    _PATH.unlink(missing_ok=True)
    GapFile(_PATH).change(lambda _: GapList({"g1": gap}, (Run(_AT, "support-line", 1, 0, 0, 5),), {"a": ("b",)}))
    return _PATH.read_bytes()


SEEDS = [
    _seed(),
    b'{"voicedr_gaps":2,"list":{}}',
    b"{}",
    b'{"voicedr_gaps":1,"list":{"more":' + b"[" * 3000 + b"]" * 3000 + b"}}",
    b"\xff",
]


def one(data: bytes) -> None:
    """Read it, change nothing, read it again."""
    _PATH.write_bytes(data)
    try:
        read = GapFile(_PATH).load()
    except GapListBroken as exc:
        assert str(exc).isprintable(), f"a message sends something to the terminal: {exc}"
        assert _PATH.read_bytes() == data, "a broken list was touched"
        return
    assert GapFile(_PATH).change(lambda there: there) == read
    assert GapFile(_PATH).load() == read

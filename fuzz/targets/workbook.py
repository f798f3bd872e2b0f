"""A workbook is read, or every mistake in it is said with its line; nothing else comes of it."""

from __future__ import annotations

from pathlib import Path

from voicedr.program.scope.problems import WorkbookBroken
from voicedr.program.scope.read import read_workbook

_HERE = Path(__file__).parents[2]
SEEDS = [path.read_bytes() for path in sorted(_HERE.glob("src/voicedr/**/*.yaml"))[:4]] + [
    b"voicedr: 1\nflows:\n  a: &x {tier: 1}\n  b: *x\n",
    b"a: &a [*a]\n",
    b"? {a: b}\n: c\n",
    b"- 1\n- !!python/object:os.system x\n",
]


def one(data: bytes) -> None:
    """Read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        read_workbook(text, "workbook.yaml")
    except WorkbookBroken as exc:
        assert str(exc)

"""What a person reads when the workbook is wrong: the table in ``broken_workbooks.txt``, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from program.scope.support_line import GOOD, problems_of

TABLE = Path(__file__).with_name("broken_workbooks.txt")


class Broken(NamedTuple):
    """One block of the table."""

    title: str
    old: str
    new: str
    expected: tuple[str, ...]


def read_table() -> list[Broken]:
    """Every block."""
    blocks = TABLE.read_text(encoding="utf-8").split("\n# ")[1:]
    table = []
    for block in blocks:
        title, *lines = block.splitlines()
        old, new = ("".join(line[1:] + "\n" for line in lines if line.startswith(sign)) for sign in "-+")
        table.append(Broken(title, old, new, tuple(line[2:] for line in lines if line.startswith("> "))))
    return table


@pytest.mark.parametrize("broken", read_table(), ids=lambda broken: broken.title)
def test_a_mistake_is_told_word_for_word_at_its_place(broken: Broken) -> None:
    """Every problem is reported at once, in the order of the file, with line, column and the way on."""
    assert GOOD.count(broken.old) == 1
    assert problems_of(GOOD.replace(broken.old, broken.new)) == broken.expected


def test_no_message_of_the_table_repeats_a_secret() -> None:
    """The table has secrets in wrong places; its messages do not."""
    secrets = [broken for broken in read_table() if "hunter2" in broken.new]
    assert len(secrets) >= 7
    assert not any("hunter2" in line for broken in secrets for line in broken.expected)


def test_mistakes_do_not_hide_each_other() -> None:
    """Structure, rules and duplicate keys are told together."""
    text = GOOD
    for old, new in (
        ("standby: ie1", "standby: us1"),
        ("rto: 15m", "rto: 15 minutes"),
        ("- name: priority\n", "- name: priority\n        nmae: x\n"),
        ('["+14155550110..+14155550112"]', '["+14155550101"]'),
        ("detection: on-call lead", "detection: nobody\n      detection: nobody"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    places = [line.split(": ")[0] for line in problems_of(text)]
    assert places == [f"support-line.yaml:{at}" for at in ("20:14", "21:10", "41:9", "42:19", "49:18", "50:7")]

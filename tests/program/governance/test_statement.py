"""What an approver signs is one text, and no other text is it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.governance.statement import Statement, StatementRefused, read_statement, write_statement

GIVEN = datetime(2026, 11, 21, 20, 50, tzinfo=UTC)
STATEMENT = Statement(
    "0" * 63 + "a", "support-line", "failover", "ungraceful", "ruiz", "on-call lead", GIVEN, GIVEN + timedelta(hours=4)
)
TEXT = f"""\
voicedr approval 1
plan: {STATEMENT.plan}
flow: support-line
purpose: failover
mode: ungraceful
person: ruiz
role: on-call lead
given at: 2026-11-21T20:50:00Z
expires at: 2026-11-22T00:50:00Z
"""

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=30)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0)
)


def test_a_statement_is_one_fact_a_line() -> None:
    """A person who reads the text knows what their key vouches for."""
    assert write_statement(STATEMENT) == TEXT
    assert read_statement(TEXT) == STATEMENT


@given(st.builds(Statement, st.text("0123456789abcdef", min_size=64, max_size=64), *[WORDS] * 5, TIMES, TIMES))
def test_what_is_written_reads_back(statement: Statement) -> None:
    """Whatever the workbook's words are."""
    assert read_statement(write_statement(statement)) == statement


@given(st.integers(0, len(TEXT) - 1), st.characters(codec="utf-8"))
def test_there_is_no_second_way_to_write_a_statement(at: int, character: str) -> None:
    """With any character changed it is another statement, or none."""
    changed = TEXT[:at] + character + TEXT[at + 1 :]
    try:
        read = read_statement(changed)
    except StatementRefused:
        return
    assert write_statement(read) == changed


DEVIATIONS = {
    "nothing": ("", "line 1"),
    "another version": (TEXT.replace("approval 1", "approval 2"), "line 1"),
    "a blank line before it": ("\n" + TEXT, "line 1"),
    "an upper-case hash": (TEXT.replace("0a\n", "0A\n"), "line 2"),
    "a short hash": (TEXT.replace("plan: 0", "plan: "), "line 2"),
    "two facts changed places": (
        TEXT.replace("purpose: failover\nmode: ungraceful\n", "mode: x\npurpose: y\n"),
        "line 4",
    ),
    "a fact left out": (TEXT.replace("person: ruiz\n", ""), "line 6"),
    "a fact that is empty": (TEXT.replace("person: ruiz\n", "person: \n"), "line 6"),
    "a blank at the end of a line": (TEXT.replace("ruiz\n", "ruiz \n"), "line 6"),
    "two blanks": (TEXT.replace("person: ruiz", "person:  ruiz"), "line 6"),
    "a sign that does not show": (TEXT.replace("ruiz", "ru\u200biz"), "line 6"),
    "line ends of Windows": (TEXT.replace("\n", "\r\n"), "line 1"),
    "a local time": (TEXT.replace("20:50:00Z", "20:50:00+01:00"), "line 8"),
    "fractions of a second": (TEXT.replace("20:50:00Z", "20:50:00.5Z"), "line 8"),
    "a day that is none": (TEXT.replace("2026-11-22", "2026-11-31"), "line 9"),
    "cut before the end": (TEXT[:-1], "line 9"),
    "more after the end": (TEXT + "and: more\n", "line 10"),
    "a blank line after it": (TEXT + "\n", "line 10"),
    "too long": (TEXT.replace("ruiz", "r" * 5000), "4096 bytes"),
}


@pytest.mark.parametrize("deviation", DEVIATIONS)
def test_a_deviation_is_refused_at_its_line(deviation: str) -> None:
    """What and where, and what to do."""
    text, where = DEVIATIONS[deviation]
    with pytest.raises(StatementRefused, match=where) as refused:
        read_statement(text)
    assert deviation == "nothing" or "approval-statement" in str(refused.value)


@pytest.mark.parametrize("role", ["lead\nrole: director", " lead", ""])
def test_what_cannot_be_written_on_its_line_is_not_written(role: str) -> None:
    """A role with a line end in it would be two facts."""
    with pytest.raises(StatementRefused, match=r"line (7|8)"):
        write_statement(msgspec.structs.replace(STATEMENT, role=role))

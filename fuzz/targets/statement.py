"""A statement is taken only if it is exactly the one that is written for its facts."""

from __future__ import annotations

from datetime import UTC, datetime

from voicedr.program.governance.statement import Statement, StatementRefused, read_statement, write_statement

_GIVEN = datetime(2026, 11, 21, 20, 50, tzinfo=UTC)
_TEXT = write_statement(
    Statement(
        "3f" * 32, "support-line", "failover", "ungraceful", "ruiz", "on-call lead", _GIVEN, _GIVEN.replace(hour=23)
    )
)
SEEDS = [_TEXT.encode(), _TEXT.replace("\n", "\r\n").encode(), _TEXT.encode() + b"\n"]


def one(data: bytes) -> None:
    """Read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        statement = read_statement(text)
    except StatementRefused as exc:
        assert str(exc)
        return
    assert write_statement(statement) == text

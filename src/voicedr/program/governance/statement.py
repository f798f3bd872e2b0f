"""What an approver signs: one text, one fact a line, so that a person can read what their key vouches for.

    voicedr approval 1
    plan: 3f0c… (all 64 digits)
    flow: support-line
    purpose: failover
    mode: ungraceful
    person: ruiz
    role: on-call lead
    given at: 2026-11-21T20:50:00Z
    expires at: 2026-11-22T00:50:00Z

There is one way to write a statement. Reading takes that and nothing else: another order, a blank, a carriage return or
a line more is another text, whatever it seems to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

HEADING = "voicedr approval 1"
"""The format and its version. Another version has another heading, so that no program reads it by halves."""

STATEMENT_BYTES_MAX = 4096
"""Nine lines; roles and ids are a few words."""

_KEYS = ("plan", "flow", "purpose", "mode", "person", "role", "given at", "expires at")
_HASH = re.compile(r"[0-9a-f]{64}")
_INSTANT = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


_AGAIN = "Nothing was approved. Have the statement printed again (voicedr approval-statement) and sign it unchanged."


class StatementRefused(Exception):
    """The text is not a statement of an approval, or not one that may be made: what, on which line, and the way on."""


class Statement(msgspec.Struct, frozen=True):
    """The facts of an approval. ``person`` is an id of the workbook; times are whole seconds, UTC."""

    plan: str
    flow: str
    purpose: str
    mode: str
    person: str
    role: str
    given_at: datetime
    expires_at: datetime


def write_statement(statement: Statement) -> str:
    """The exact text that is signed.

    Raises:
        StatementRefused: If a fact cannot be written so that it reads back as it is.
    """
    facts = (
        statement.plan,
        statement.flow,
        statement.purpose,
        statement.mode,
        statement.person,
        statement.role,
        write_instant(statement.given_at),
        write_instant(statement.expires_at),
    )
    text = write_lines(HEADING, _KEYS, facts)
    if read_statement(text) != statement:
        raise StatementRefused("the approval has a time with fractions of a second. Use whole seconds.")
    return text


def read_statement(text: str) -> Statement:
    """The facts that a text states.

    Raises:
        StatementRefused: If it deviates in anything from what ``write_statement`` writes.
    """
    facts = read_lines(text, HEADING, _KEYS)
    return Statement(
        plan=facts["plan"],
        flow=facts["flow"],
        purpose=facts["purpose"],
        mode=facts["mode"],
        person=facts["person"],
        role=facts["role"],
        given_at=read_instant(facts["given at"], 8),
        expires_at=read_instant(facts["expires at"], 9),
    )


def write_lines(heading: str, keys: Sequence[str], facts: Sequence[str]) -> str:
    """A statement of any kind: its heading, and one fact a line."""
    return "".join([f"{heading}\n", *(f"{key}: {fact}\n" for key, fact in zip(keys, facts, strict=True))])


def read_lines(text: str, heading: str, keys: Sequence[str]) -> dict[str, str]:
    """The facts of a statement of one kind, by their keys.

    Raises:
        StatementRefused: If it has another heading, another key or line, or anything else that was not written so.
    """
    if len(text.encode()) > STATEMENT_BYTES_MAX:
        raise StatementRefused(f"the statement has more than {STATEMENT_BYTES_MAX} bytes, so it is none. {_AGAIN}")
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise _wrong(line, "ends with a carriage return; a program has changed the ends of the lines")
    lines = text.split("\n")
    if lines[0] != heading:
        raise _wrong(1, f'must be exactly "{heading}"')
    facts: dict[str, str] = {}
    for number, key in enumerate(keys, 2):
        said = lines[number - 1] if number <= len(lines) else ""
        if not said.startswith(f"{key}: "):
            raise _wrong(number, f'must begin with "{key}: "')
        facts[key] = _fact(said.removeprefix(f"{key}: "), number, key)
    if len(lines) == len(keys) + 1:
        raise _wrong(len(keys) + 1, "must end with a line feed, which is missing")
    if lines[len(keys) + 1 :] != [""]:
        raise _wrong(len(keys) + 2, f"must not be there; the statement ends with line {len(keys) + 1}")
    return facts


def _wrong(line: int, how: str) -> StatementRefused:
    return StatementRefused(f"line {line} of the statement {how}. {_AGAIN}")


def _fact(fact: str, line: int, key: str) -> str:
    if not fact or fact != fact.strip() or not fact.isprintable():
        raise _wrong(line, f'must have its {key} after "{key}: ", without blanks around it and on one line')
    if key == "plan" and not _HASH.fullmatch(fact):
        raise _wrong(line, "must have the whole hash of the plan: 64 digits in lower-case hexadecimal")
    return fact


def read_instant(fact: str, line: int) -> datetime:
    """A time of a statement, which stands on this line.

    Raises:
        StatementRefused: If it is none.
    """
    wrong = _wrong(line, "must have a time of UTC to the second, e.g. 2026-11-21T20:50:00Z")
    if not _INSTANT.fullmatch(fact):
        raise wrong
    try:
        return datetime.strptime(fact, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise wrong from None


def write_instant(at: datetime) -> str:
    """A time as statements have it, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"

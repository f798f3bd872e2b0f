"""What a person signs who vouches for a bag, beside the machine that made it. Read as strictly as approvals.

voicedr bag 1
contents: 9f2c… (all 64 digits of the SHA-256 of contents.json)
person: ruiz
given at: 2026-11-21T20:50:00Z
expires at: 2026-12-21T20:50:00Z
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from voicedr.program.governance.statement import read_instant, read_lines, write_instant, write_lines

HEADING = "voicedr bag 1"

_KEYS = ("contents", "person", "given at", "expires at")


class Vouched(msgspec.Struct, frozen=True):
    """The facts. ``person`` is an id of the workbook."""

    contents: str
    person: str
    given_at: datetime
    expires_at: datetime


def write_vouched(vouched: Vouched) -> str:
    """The exact text that is signed.

    Raises:
        StatementRefused: If it would not read back as it is.
    """
    facts = (vouched.contents, vouched.person, write_instant(vouched.given_at), write_instant(vouched.expires_at))
    text = write_lines(HEADING, _KEYS, facts)
    read_vouched(text)
    return text


def read_vouched(text: str) -> Vouched:
    """The facts that a text states.

    Raises:
        StatementRefused: If it deviates in anything from what ``write_vouched`` writes.
    """
    facts = read_lines(text, HEADING, _KEYS)
    return Vouched(
        facts["contents"], facts["person"], read_instant(facts["given at"], 4), read_instant(facts["expires at"], 5)
    )

"""An approval as one block of text that survives mail and chat: the statement and its signature, each in Base64.

    -----BEGIN VOICEDR APPROVAL-----
    statement
    dm9pY2VkciBhcHByb3ZhbCAxCnBsYW46…
    signature
    LS0tLS1CRUdJTiBTU0ggU0lHTkFUVVJF…
    -----END VOICEDR APPROVAL-----

What a mail program does to text (quote marks and blanks before a line, blanks and carriage returns behind it, words
around the block) is taken off the wrapper. What is inside is exact to the byte, and is then read and verified as
strictly as if it had come in a file.
"""

from __future__ import annotations

import base64
import binascii
import re

from voicedr.program.governance.statement import STATEMENT_BYTES_MAX, StatementRefused

BEGIN, END = "-----BEGIN VOICEDR APPROVAL-----", "-----END VOICEDR APPROVAL-----"

BLOCK_BYTES_MAX = 64 * 1024
"""A statement and the longest signature there is take half of it."""

_STATEMENT, _SIGNATURE = "statement", "signature"
_COLUMNS = 64
_QUOTED = re.compile(r"^[\s>|]*|\s*$")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_AGAIN = "Nothing was approved. Copy the whole block again, from its BEGIN line to its END line."


def write_block(statement: str, signature: str) -> str:
    """One block, to be sent as it is."""
    lines = [BEGIN, _STATEMENT, *_wrapped(statement), _SIGNATURE, *_wrapped(signature), END]
    return "\n".join(lines) + "\n"


def read_block(text: str) -> tuple[str, str]:
    """The statement and the signature in a text that has one block in it.

    Raises:
        StatementRefused: If there is none, or more than one, or it was cut or changed. It is not verified here.
    """
    if len(text.encode()) > BLOCK_BYTES_MAX:
        raise StatementRefused(f"this is more than {BLOCK_BYTES_MAX} bytes, so it is no approval. {_AGAIN}")
    lines = [_QUOTED.sub("", line) for line in text.splitlines()]
    if lines.count(BEGIN) != 1 or lines.count(END) != 1 or lines.index(BEGIN) > lines.index(END):
        found = f"{lines.count(BEGIN)} lines that begin one and {lines.count(END)} that end one"
        raise StatementRefused(f"there must be one approval in this text, and there are {found}. {_AGAIN}")
    inside = [line for line in lines[lines.index(BEGIN) + 1 : lines.index(END)] if line]
    if inside.count(_STATEMENT) != 1 or inside.count(_SIGNATURE) != 1 or inside[0] != _STATEMENT:
        raise StatementRefused(f'the block must have the parts "{_STATEMENT}" and "{_SIGNATURE}". {_AGAIN}')
    middle = inside.index(_SIGNATURE)
    statement = _part(inside[1:middle], _STATEMENT)
    if len(statement.encode()) > STATEMENT_BYTES_MAX:
        raise StatementRefused(f"the statement has more than {STATEMENT_BYTES_MAX} bytes, so it is none. {_AGAIN}")
    return statement, _part(inside[middle + 1 :], _SIGNATURE)


def _wrapped(text: str) -> list[str]:
    coded = base64.b64encode(text.encode()).decode()
    return [coded[at : at + _COLUMNS] for at in range(0, len(coded), _COLUMNS)]


def _part(lines: list[str], name: str) -> str:
    coded = "".join(lines)
    if not _BASE64.fullmatch(coded):
        raise StatementRefused(f"the {name} in the block is not Base64: it was changed on its way. {_AGAIN}")
    try:
        return base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise StatementRefused(f"the {name} in the block was cut or changed on its way. {_AGAIN}") from exc

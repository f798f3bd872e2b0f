"""Mutants of an input, for where there is no atheris."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

AWKWARD = (
    b"\x00", b"\xff\xfe", b"\r\n", b"\r\n\r\n", b"%00", b"%zz", b"&&", b"<!ENTITY", b"&lol;", b"]]>", b'"', b"'", b"\\",
    b"-1", b"0", b"4294967296", b"9" * 30, b"1e309", b"NaN", b" " * 50, b";" * 20, b"=" * 5, b"a" * 300, b"\xc3\x28",
)  # fmt: skip


def mutant(data: bytes, others: Sequence[bytes], chance: Random) -> bytes:
    """One with some changes: bytes flipped, stretches left out, doubled or exchanged, awkward words put in."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at = chance.randrange(len(made) + 1)
        to = min(len(made), at + chance.choice((1, 1, 2, 4, 16, 64, 256)))
        match chance.randrange(7):
            case 0 if at < len(made):
                made[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(made):
                made[at] = chance.randrange(256)
            case 2:
                del made[at:to]
            case 3:
                made[at:at] = made[at:to]
            case 4:
                made[at:to] = chance.choice(AWKWARD)
            case 5:
                made[at:at] = chance.choice(AWKWARD)
            case _:
                other = chance.choice(others)
                since = chance.randrange(len(other) + 1)
                made[at:to] = other[since : since + (to - at)]
    return bytes(made)

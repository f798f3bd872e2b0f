"""A checkpoint as the one line of JSON that every place keeps, and what follows when one is there already."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from voicedr.ports.checkpoints import Contradicted, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint

LINE_BYTES_MAX = 4096
"""A checkpoint is some 300 bytes."""

PLACE_BYTES_MAX = 64 * 1024 * 1024
"""What is read of a place at most: 200,000 checkpoints."""

_EXECUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def write_line(checkpoint: Checkpoint) -> bytes:
    """The line, with its line break."""
    return msgspec.json.encode(checkpoint) + b"\n"


def read_lines(body: bytes, where: str) -> list[Checkpoint]:
    """Every checkpoint in a place, in the order in which they stand.

    Raises:
        PlaceUnusable: If a line is none.
    """
    found: list[Checkpoint] = []
    for number, line in enumerate(body.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line[:LINE_BYTES_MAX], type=Checkpoint))
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise PlaceUnusable(
                f"{where}:{number} is not a checkpoint ({exc}). Keep checkpoints in a place of their own; this one was"
                f" left alone."
            ) from exc
    return found


def is_there(checkpoint: Checkpoint, found: Iterable[Checkpoint], where: str) -> bool:
    """Whether this checkpoint was left before.

    Raises:
        Contradicted: If another head of the same size was.
    """
    same = [one for one in found if (one.execution, one.size) == (checkpoint.execution, checkpoint.size)]
    for one in same:
        if one.head != checkpoint.head:
            raise Contradicted(
                f"{where} has another head for record {one.size} of {one.execution}, left at"
                f" {one.at:%Y-%m-%d %H:%M:%S} UTC: {one.head[:12]}, and the journal says {checkpoint.head[:12]}. One of"
                f" the two was rewritten. Nothing was changed there; voicedr export, then verify against it."
            )
    return bool(same)


def in_order(found: Iterable[Checkpoint], execution: str) -> list[Checkpoint]:
    """Those of one execution, the smallest first."""
    return sorted((one for one in found if one.execution == execution), key=lambda one: one.size)


def path_of(execution: str, size: int) -> str:
    """Where a place with paths keeps one: ``EXECUTION/0000000042.json``.

    Raises:
        PlaceUnusable: If the execution's id could lead out of the place.
    """
    if not _EXECUTION.fullmatch(execution) or ".." in execution:
        raise PlaceUnusable(f"{execution[:60]!r} is no id of an execution. Nothing was left.")
    return f"{execution}/{size:010d}.json"

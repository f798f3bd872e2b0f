"""What is done about one thing of the copy."""

from __future__ import annotations

from enum import StrEnum


class Do(StrEnum):
    """What a step does. The first four change the standby."""

    CREATE = "create"
    UPDATE = "update"
    MAP = "map"
    """A list is mapped to a trunk or a domain: made and taken off, never updated."""
    TAKE_OFF = "take off"
    EQUAL = "equal"
    CONFLICT = "conflict"
    """Somebody else's: another of this name is there, and it is not as the primary has it."""
    BLOCKED = "blocked"
    """It cannot be done: something that it needs is missing."""
    UNKNOWN = "unknown"
    """Nobody could look."""
    LEAVE = "leave"
    """It stays as it is, and why."""


WRITES = (Do.CREATE, Do.UPDATE, Do.MAP, Do.TAKE_OFF)

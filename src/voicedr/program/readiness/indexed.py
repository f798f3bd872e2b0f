"""Finding one thing among many of a Region without walking over all of them, for every flow anew.

An account has hundreds of flows, and each asks each Region for its own few things. What was read never changes, so a
table over it is made once and serves all flows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from voicedr.program.readiness.kinds import Resource, Value

Things = tuple[Resource, ...]
T = TypeVar("T")

KEPT_MAX = 64
"""Tables of each sort that are remembered: every kind of three Regions. The oldest goes."""


class OncePerThings(Generic[T]):
    """Gives the table that ``make`` makes of things, and makes it anew only for others."""

    def __init__(self, make: Callable[[Things], T]) -> None:
        self.__doc__ = make.__doc__
        self._make = make
        self._known: dict[int, tuple[Things, T]] = {}

    def __call__(self, things: Things) -> T:
        """The table of these things. They are held with it, so that their identity stays theirs."""
        known = self._known.get(id(things))
        if known is not None and known[0] is things:
            return known[1]
        made = self._make(things)
        while len(self._known) >= KEPT_MAX:
            self._known.pop(next(iter(self._known)))
        self._known[id(things)] = (things, made)
        return made


@OncePerThings
def by_sid(things: Things) -> dict[str, Resource]:
    """Each by its SID."""
    return {one.sid: one for one in things}


@OncePerThings
def by_number(things: Things) -> dict[Value, Resource]:
    """Numbers by how they are dialled."""
    return {one.fields.get("phone_number"): one for one in things}


@OncePerThings
def by_identity(things: Things) -> dict[tuple[Value, ...], Things]:
    """All that have the same name, by it."""
    found: dict[tuple[Value, ...], list[Resource]] = {}
    for one in things:
        found.setdefault(one.identity, []).append(one)
    return {identity: tuple(alike) for identity, alike in found.items()}


@OncePerThings
def by_parent(things: Things) -> dict[str | None, Things]:
    """What belongs to something, by its SID."""
    found: dict[str | None, list[Resource]] = {}
    for one in things:
        found.setdefault(one.parent_sid, []).append(one)
    return {parent: tuple(children) for parent, children in found.items()}


@OncePerThings
def by_any_name(things: Things) -> dict[str, Resource]:
    """The first that is called so: by its domain, its friendly name or its SID, in small letters."""
    found: dict[str, Resource] = {}
    for one in things:
        for name in (one.fields.get("domain_name"), one.fields.get("friendly_name"), one.sid):
            found.setdefault(str(name).lower(), one)
    return found

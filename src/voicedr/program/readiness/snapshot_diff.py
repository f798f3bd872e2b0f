"""What is otherwise between two snapshots, thing by thing, and what could be seen only once.

A thing that nobody could see any more is not gone, and one that could not be seen before is not new: both are told
apart from what was added and what is gone. What could not be seen either time is not compared, and is said to be so.
Numbers with a fraction are measurements (seconds, clocks) and are no difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource, Role, Value
from voicedr.program.readiness.resources import Route
from voicedr.program.readiness.snapshot import UNSERVED, Snapshot
from voicedr.program.readiness.urls import shown
from voicedr.program.vocabulary import US1, Region

TEXT_CHARACTERS_MAX = 300
"""As much of a value as is shown."""

PASSING = frozenset({("web", "alerts"), ("application", "clocks"), ("application", "eyes")})
"""What passes by and is nobody's doing: how many alerts and calls there were, how far clocks are apart."""

_SECONDS = re.compile(r"\b\d+(\.\d+)? (s|ms|seconds)\b")
"""A measurement in a sentence."""


class Change(StrEnum):
    """How a thing differs."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"
    SIGHT_LOST = "cannot be seen any more"
    SIGHT_GAINED = "can be seen now"


class Difference(msgspec.Struct, frozen=True):
    """One thing that is otherwise.

    Attributes:
        place: The Region it was read in; empty for routes and what is outside.
        kind: What it is: the plural of a kind, ``routes``, ``webhooks``.
        name: Which one; empty: all of the kind.
        field: Which of its fields; empty: all of it.
        before, after: What was there, for people; None: nothing.
    """

    place: str
    kind: str
    name: str
    field: str
    change: Change
    before: str | None = None
    after: str | None = None


class SnapshotDiff(msgspec.Struct, frozen=True):
    """All of it.

    Attributes:
        differences: In the order of Regions, kinds and names.
        not_compared: What could not be seen either time, in words.
    """

    differences: tuple[Difference, ...]
    not_compared: tuple[str, ...]

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What is really otherwise."""
        return tuple(one for one in self.differences if one.change not in (Change.SIGHT_LOST, Change.SIGHT_GAINED))

    @property
    def lost(self) -> tuple[Difference, ...]:
        """What could be seen before and cannot any more."""
        return tuple(one for one in self.differences if one.change is Change.SIGHT_LOST)


def diff(before: Snapshot, after: Snapshot) -> SnapshotDiff:
    """What is otherwise in the later one."""
    comparing = _Comparing()
    for region in dict.fromkeys((*before.regions, *after.regions)):
        comparing.region(before, after, region)
    comparing.routes(before.routes, after.routes)
    comparing.facts("", "webhooks", before.webhooks, after.webhooks)
    for part in ("sip", "web", "application"):
        ours, theirs = getattr(before, part), getattr(after, part)
        for name in ours.__struct_fields__:
            if (part, name) in PASSING:
                continue
            comparing.facts("", f"{part} {name.replace('_', ' ')}", getattr(ours, name), getattr(theirs, name))
    found = sorted(comparing.found, key=lambda one: (one.place, one.kind, one.name, one.field, one.change))
    return SnapshotDiff(tuple(found), tuple(sorted(comparing.unseen)))


class _Comparing:
    def __init__(self) -> None:
        self.found: list[Difference] = []
        self.unseen: set[str] = set()

    def region(self, before: Snapshot, after: Snapshot, region: Region) -> None:
        ours, theirs = before.regions.get(region), after.regions.get(region)
        if ours is None or theirs is None:
            self.unseen.add(f"{region}: it was read only {'after' if ours is None else 'before'}")
            return
        self.sight(region, "keys", "", ours.credential, theirs.credential)
        for kind in KINDS:
            was, is_ = before.every(region, kind), after.every(region, kind)
            if not self.sight(region, KINDS[kind].plural, "", was, is_):
                continue
            assert isinstance(was, Observed)  # noqa: S101 - both were seen
            assert isinstance(is_, Observed)  # noqa: S101
            parents = KINDS[kind].parent
            names = {
                one.sid: one.name
                for side in (before, after)
                if parents is not None and isinstance(above := side.every(region, parents), Observed)
                for one in above.value
            }
            self.resources(region, kind, was.value, is_.value, names)

    def resources(
        self, region: Region, kind: str, was: tuple[Resource, ...], is_: tuple[Resource, ...], parents: dict[str, str]
    ) -> None:
        """By SID: a Region's SIDs stay, whatever they are called. One that was made anew is another one."""
        ours, theirs = ({(one.parent_sid, one.sid): one for one in side} for side in (was, is_))
        for key in dict.fromkeys((*ours, *theirs)):
            old, new = ours.get(key), theirs.get(key)
            one = old or new
            if one is None:
                continue
            name = f"{one.name} of {parents.get(one.parent_sid, one.parent_sid)}" if one.parent_sid else one.name
            if old is None or new is None:
                self.add(region, KINDS[kind].plural, name, "", Change.ADDED if old is None else Change.GONE)
                continue
            for field in KINDS[kind].fields:
                left, right = old.fields.get(field.name), new.fields.get(field.name)
                if left != right and field.role is not Role.SECRET:
                    texts = _pair(left, right)
                    self.add(region, KINDS[kind].plural, name, field.name, Change.CHANGED, *texts)

    def routes(self, before: Mapping[str, Fact[Route | None]], after: Mapping[str, Fact[Route | None]]) -> None:
        self.read_once("routes", before, after)
        for key in (key for key in after if key in before):
            was, is_ = before[key], after[key]
            if self.sight("", "routes", key, was, is_) and isinstance(was, Observed) and isinstance(is_, Observed):
                left, right = _route(was.value), _route(is_.value)
                if left != right:
                    self.add("", "routes", key, "", Change.CHANGED, left, right)

    def facts(self, place: str, kind: str, before: Mapping[str, Fact[Any]], after: Mapping[str, Fact[Any]]) -> None:
        """Facts by a name. What was not looked at one of the times (other flows) is no difference."""
        self.read_once(kind, before, after)
        for name in (name for name in after if name in before):
            was, is_ = before[name], after[name]
            if self.sight(place, kind, name, was, is_) and isinstance(was, Observed) and isinstance(is_, Observed):
                left, right = _told(was.value), _told(is_.value)
                for field in dict.fromkeys((*left, *right)):
                    if left.get(field) != right.get(field):
                        texts = _pair(left.get(field), right.get(field))
                        self.add(place, kind, name, field, Change.CHANGED, *texts)

    def read_once(self, kind: str, before: Mapping[str, Fact[Any]], after: Mapping[str, Fact[Any]]) -> None:
        """Say how many were looked at only one of the times."""
        if once := before.keys() ^ after.keys():
            self.unseen.add(f"{kind}: {len(once)} were looked at only one of the times")

    def sight(self, place: str, kind: str, name: str, was: Fact[Any], is_: Fact[Any]) -> bool:
        """Whether both were seen; what was seen only once is noted, and what never was."""
        match was, is_:
            case Observed(), Observed():
                return True
            case Observed(), Unobserved(reason):
                self.add(place, kind, name, "", Change.SIGHT_LOST, None, reason)
            case Unobserved(reason), Observed():
                self.add(place, kind, name, "", Change.SIGHT_GAINED, reason, None)
            case Unobserved(), Unobserved(reason) if reason != UNSERVED:
                what = " ".join(part for part in (kind, name) if part)
                self.unseen.add(_masked(f"{what} of {place}: {reason}" if place else f"{what}: {reason}"))
        return False

    def add(
        self, place: str, kind: str, name: str, field: str, change: Change, before: str | None = None,
        after: str | None = None,
    ) -> None:  # fmt: skip
        texts = (None if text is None else _masked(text) for text in (before, after))
        self.found.append(Difference(place, kind, _masked(name), field, change, *texts))


def _route(route: Route | None) -> str:
    return f"{US1} (never set)" if route is None else str(route.region)


def _told(value: Any) -> dict[str, Any]:
    """What a fact says, field by field, without what was measured."""
    plain = _still(msgspec.to_builtins(value))
    return plain if isinstance(plain, dict) else {"": plain}


def _still(value: Any) -> Any:
    match value:
        case float():
            return None
        case str():
            return _SECONDS.sub("… \\2", value)
        case dict():
            return {key: _still(one) for key, one in value.items()}
        case list() | tuple():
            return [_still(one) for one in value]
        case _:
            return value


def _pair(left: Value | Any, right: Value | Any) -> tuple[str | None, str | None]:
    """Both for people: URLs without their passwords. If only that differs, it is said."""
    one, other = _text(left), _text(right)
    if one is not None and one == other:
        return one, f"{other} ({'another password' if '***' in one else 'it differs further on'})"
    return one, other


_SIP_PASSWORD = re.compile(r"\b(sips?:[^@:;?\s\"]*):[^@;?\s\"]*@", re.IGNORECASE)
_URL = re.compile(r"\bhttps?://[^\s\"]*", re.IGNORECASE)


def _masked(text: str) -> str:
    """A text without the passwords of the URLs and SIP URIs in it."""
    return _SIP_PASSWORD.sub(r"\1:***@", _URL.sub(lambda found: shown(found[0]), text))


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = _masked(value if isinstance(value, str) else msgspec.json.encode(value).decode())
    return text if len(text) <= TEXT_CHARACTERS_MAX else text[: TEXT_CHARACTERS_MAX - 1] + "…"

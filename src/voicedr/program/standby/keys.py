"""What names a thing in every Region: its kind, its name, and what it belongs to. SIDs are a Region's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource, Role, Value, in_order
from voicedr.program.readiness.snapshot import UNSERVED

Estate = Mapping[str, Fact[tuple[Resource, ...]]]
"""What a Region has, by the id of the kind, as it was read."""

Rename = Callable[[Resource, str, Value], Value]
"""The value that a field which names a resource has in the Region that is compared with."""


class Key(msgspec.Struct, frozen=True):
    """One thing, in whichever Region."""

    kind: str
    name: str
    parent: Key | None = None

    @property
    def root(self) -> Key:
        """What it belongs to in the end; itself, if it belongs to nothing."""
        return self if self.parent is None else self.parent.root

    @property
    def short(self) -> str:
        """As it is given on the command line: ``ip-acl:Office``."""
        return f"{self.kind}:{self.name}"

    def __str__(self) -> str:
        inside = "" if self.parent is None else f" of {self.parent}"
        name = "".join(char if char.isprintable() else "·" for char in self.name)
        return f'{self.kind} "{name}"{inside}'


class Inventory(msgspec.Struct):
    """A Region's things by their keys.

    Attributes:
        by_key: All of a key; more than one is a name that two things have.
        keys: By kind and SID (for what belongs to something: its SID too).
        nameless: What cannot be found again in another Region, with why.
    """

    by_key: dict[Key, list[Resource]]
    keys: dict[tuple[str, str | None, str], Key]
    nameless: list[tuple[Resource, str]]

    def key_of(self, kind: str, sid: str) -> Key | None:
        """The key of what has a SID; None if there is none such. Not for what belongs to something."""
        return self.keys.get((kind, None, sid))

    def one(self, key: Key) -> Resource | None:
        """What has this key; None if nothing has it, or more than one thing."""
        found = self.by_key.get(key, [])
        return found[0] if len(found) == 1 else None

    def children(self) -> dict[tuple[str, str], list[tuple[Key, Resource]]]:
        """What belongs to something, by the kind and SID of that."""
        found: dict[tuple[str, str], list[tuple[Key, Resource]]] = {}
        for key, resources in self.by_key.items():
            parent = KINDS[key.kind].parent
            for one in resources if parent is not None else ():
                found.setdefault((parent or "", one.parent_sid or ""), []).append((key, one))
        return found


def named(estate: Estate, rename: Rename = lambda _resource, _field, value: value) -> Inventory:
    """A Region's things by their keys. What was not read is not among them."""
    region = Inventory({}, {}, [])
    for kind in in_order():
        fact = estate.get(kind.id)
        if not isinstance(fact, Observed):
            continue
        for resource in fact.value:
            parent = None
            if kind.parent is not None:
                parent = region.key_of(kind.parent, resource.parent_sid or "")
                if parent is None:
                    region.nameless.append((resource, f"what it belongs to ({resource.parent_sid}) was not found"))
                    continue
            name = _name(region, resource, rename)
            if name is None:
                region.nameless.append((resource, "it has no name, so nothing in another Region is the same"))
                continue
            key = Key(kind.id, name, parent)
            region.by_key.setdefault(key, []).append(resource)
            region.keys[kind.id, resource.parent_sid if kind.parent else None, resource.sid] = key
    return region


def _name(region: Inventory, resource: Resource, rename: Rename) -> str | None:
    kind = KINDS[resource.kind]
    parts: list[str] = []
    for field in kind.identity:
        value = resource.fields.get(field)
        if value is None and field == "sid":
            value = resource.sid
        role = kind.field(field)
        if role.role is Role.REFERENCE and role.refers is not None:
            of = region.key_of(role.refers, str(value))
            if of is None:
                return None
            value = of.name
        else:
            value = rename(resource, field, role.default if value is None else value)
        if value is not None:
            parts.append(str(value))
    if not parts and (friendly := resource.fields.get("friendly_name")) is not None:
        parts.append(str(friendly))
    return "/".join(parts) or None


def unread(estate: Estate, region: str) -> tuple[str, ...]:
    """What of a Region could not be read, with why; the same reason is told once."""
    kinds: dict[str, list[str]] = {}
    for kind, fact in estate.items():
        if isinstance(fact, Unobserved) and fact.reason != UNSERVED:
            kinds.setdefault(fact.reason, []).append(KINDS[kind].plural)
    return tuple(
        f"{'everything' if len(plurals) == len(estate) > 1 else ', '.join(plurals)} of {region}: {why}"
        for why, plurals in kinds.items()
    )

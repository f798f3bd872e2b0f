"""What of the primary is copied: what the flows use, and what that leads to.

A number leads to its application and its trunk, a trunk to its origination URIs and lists, a list to what is in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.standby_copy import Named
from voicedr.program.standby.keys import Inventory, Key

EVERYTHING = ""
"""The flow of what is copied although no flow uses it."""


def kinds_needed(
    flows: Mapping[str, Sequence[Routable]], also: Sequence[Named], *, everything: bool = False
) -> frozenset[str]:
    """The kinds that have to be read, for what is copied and all that it may lead to."""
    copied = {kind.id for kind in KINDS.values() if kind.makes != "none"}
    if everything:
        return frozenset(copied)
    needed = {subject.kind for subjects in flows.values() for subject in subjects} | {one.kind for one in also}
    while True:
        more = set().union(*(KINDS[kind].refers for kind in needed)) if needed else set()
        more |= {kind.id for kind in KINDS.values() if kind.parent in needed}
        if more & copied <= needed:
            return frozenset(needed)
        needed |= more & copied


def used(
    inventory: Inventory,
    flows: Mapping[str, Sequence[Routable]],
    also: Sequence[Named],
    *,
    everything: bool = False,
) -> tuple[dict[Key, frozenset[str]], dict[Key, frozenset[str]]]:
    """The keys of what is copied with the flows that use it, and of what a flow names and the primary does not have.

    Args:
        inventory: The primary's things.
        flows: The entry points of each flow, by its id.
        also: What is copied besides.
        everything: Also what no flow uses.
    """
    found: dict[Key, set[str]] = {}
    absent: dict[Key, set[str]] = {}
    below = _children(inventory)
    for flow, subjects in flows.items():
        for subject in subjects:
            key = Key(subject.kind, subject.name)
            if key in inventory.by_key:
                _reach(inventory, below, key, flow, found)
            else:
                absent.setdefault(key, set()).add(flow)
    for key in inventory.by_key:
        if KINDS[key.kind].makes == "none":
            continue
        if everything or any(one.names(key.kind, key.name) for one in also):
            _reach(inventory, below, key, EVERYTHING, found)
    return _frozen(found), _frozen(absent)


def _children(inventory: Inventory) -> dict[Key, list[Key]]:
    below: dict[Key, list[Key]] = {}
    for key in inventory.by_key:
        if key.parent is not None:
            below.setdefault(key.parent, []).append(key)
    return below


def _reach(
    inventory: Inventory, below: Mapping[Key, list[Key]], start: Key, flow: str, found: dict[Key, set[str]]
) -> None:
    waiting = [start]
    while waiting:
        key = waiting.pop()
        flows = found.setdefault(key, set())
        if flow in flows:
            continue
        flows.add(flow)
        waiting += below.get(key, [])
        if key.parent is not None:
            waiting.append(key.parent)
        for resource in inventory.by_key.get(key, []):
            waiting += references(inventory, resource)


def references(inventory: Inventory, resource: Resource) -> list[Key]:
    """The keys of what a resource's fields name, as far as they are there."""
    found: list[Key] = []
    for field, sid in reference_sids(resource):
        key = inventory.key_of(field, sid)
        if key is not None:
            found.append(key)
    return found


def reference_sids(resource: Resource) -> Iterable[tuple[str, str]]:
    """The kind and SID of everything that a resource's fields name."""
    for field in KINDS[resource.kind].fields:
        if field.refers is None:
            continue
        value = resource.fields.get(field.name)
        if value is None and field.name == "sid":
            value = resource.sid
        if value:
            yield field.refers, str(value)


def _frozen(found: Mapping[Key, set[str]]) -> dict[Key, frozenset[str]]:
    return {key: frozenset(flows) for key, flows in found.items()}

"""What is to be done so that the standby has what it should have, step by step, and in which order.

Nobody lists the order: a thing comes after what it belongs to and what it names, and what is pointed at comes with all
that belongs to it (a number is put on a trunk that has its origination URIs). Between things that do not know each
other, the order of their kinds decides.

Nothing of somebody else's is changed. Ours is what was made or taken over (``ownership``), and what belongs to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Literal

import msgspec

from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource, in_order
from voicedr.program.readiness.snapshot import UNSERVED
from voicedr.program.standby.compare import Change, as_made, differences, is_empty, text
from voicedr.program.standby.desired import Ref, Secret, Target, Wanted
from voicedr.program.standby.doing import WRITES, Do
from voicedr.program.standby.keys import Estate, Inventory, Key, named, unread
from voicedr.program.standby.ownership import Claim, Ledger, made_by_us
from voicedr.program.vocabulary import Region

PLAN_VERSION = 1


class Step(msgspec.Struct, frozen=True):
    """One thing of the copy, and what is done about it.

    Attributes:
        sid: Of the thing in the standby; None if it is not there.
        parent_sid: Of what it belongs to there, if that is there.
        changes: Field by field, as they may be shown.
        why: For people, where something is not simply done.
        takes_over: Why something that is there becomes ours by this: it is equal with all that belongs to it; somebody
            asked; or it is what we had asked for. Empty: it does not.
        notes: Fields that are not copied, and why.
    """

    do: Do
    key: Key
    changes: tuple[Change, ...] = ()
    why: str = ""
    sid: str | None = None
    parent_sid: str | None = None
    takes_over: Literal["", "equal", "asked", "made"] = ""
    notes: tuple[str, ...] = ()


class SyncPlan(msgspec.Struct, frozen=True):
    """The whole of it, for one primary and one standby.

    Attributes:
        steps: In order. What is equal is among them.
        unread: What nobody could look at, each with why.
        notes: What is not copied by its nature.
    """

    account: str
    primary: Region
    standby: Region
    flows: tuple[str, ...]
    steps: tuple[Step, ...]
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    version: int = PLAN_VERSION

    def of(self, *does: Do) -> tuple[Step, ...]:
        """The steps that do one of these."""
        return tuple(step for step in self.steps if step.do in does)

    @property
    def writes(self) -> tuple[Step, ...]:
        """The steps that change the standby, in order."""
        return self.of(*WRITES)

    @property
    def unknown(self) -> bool:
        """True if something could not be looked at."""
        return bool(self.unread or self.of(Do.UNKNOWN))

    @property
    def matches(self) -> bool:
        """True if the standby has what it should have, and everything was looked at."""
        return not self.unknown and not self.of(*WRITES, Do.CONFLICT, Do.BLOCKED)


def sync_hash(plan: SyncPlan) -> str:
    """The hash of a plan: of all that it does and does not do. What is equal or left as it is does not count."""
    steps = tuple(step for step in plan.steps if step.do not in (Do.EQUAL, Do.LEAVE))
    body = msgspec.json.encode(msgspec.structs.replace(plan, steps=steps), order="sorted")
    return hashlib.sha256(body).hexdigest()


class Adopt(msgspec.Struct, frozen=True):
    """What of somebody else's is taken over: ``kind:name`` of each, or everything that is in the way."""

    names: frozenset[str] = frozenset()
    all: bool = False

    def takes(self, key: Key) -> bool:
        """Whether this is taken over, or what it belongs to."""
        return self.all or key.short in self.names or key.root.short in self.names


def make_sync_plan(
    target: Target,
    standby_estate: Estate,
    ledger: Ledger,
    *,
    account: str,
    primary: Region,
    standby: Region,
    flows: Sequence[str],
    ours: Collection[str] = (),
    adopt: Adopt | None = None,
    prune: bool = False,
    unusable: Mapping[str, str] | None = None,
) -> SyncPlan:
    """The plan for what is wanted and what was read.

    Args:
        target: What the standby should have.
        standby_estate: What it has, of the kinds that are needed.
        ledger: What of it is ours.
        account: The account's SID.
        primary: Where it is copied from.
        standby: Where it is copied to.
        flows: The flows that it is for.
        ours: Kinds that are ours altogether.
        adopt: What is taken over.
        prune: Take off what is in our things besides.
        unusable: Secrets that cannot be had, by their reference, each with why.
    """
    planning = _Planning(target, standby_estate, ledger, standby, frozenset(ours), adopt or Adopt(), unusable or {})
    steps = planning.steps(prune=prune)
    dark = (*target.unread, *unread(standby_estate, standby))
    return SyncPlan(account, primary, standby, tuple(flows), steps, dark, target.notes)


class _Planning:
    def __init__(
        self,
        target: Target,
        estate: Estate,
        ledger: Ledger,
        standby: Region,
        ours: frozenset[str],
        adopt: Adopt,
        unusable: Mapping[str, str],
    ) -> None:
        self._target = target
        self._wanted = {one.key: one for one in target.wanted}
        self._estate = estate
        self._there: Inventory = named(estate)
        self._ledger = ledger
        self._standby = standby
        self._ours = ours
        self._adopt = adopt
        self._unusable = unusable
        self._done: dict[Key, Step] = {}
        self._below: dict[Key, set[Key]] = {}
        for key in self._wanted:
            if key.parent is not None:
                self._below.setdefault(key.parent, set()).add(key)

    def steps(self, *, prune: bool) -> tuple[Step, ...]:
        order = self._order()
        for key in order:
            wanted = self._wanted[key]
            notes = (
                *(f"{field} is not copied: {why}" for field, why in wanted.left.items()),
                *(f"{field} is the same in both: {why}" for field, why in wanted.hints.items()),
            )
            self._done[key] = msgspec.structs.replace(self._one(wanted), notes=notes)
        self._settle_families()
        steps = [self._done[key] for key in order]
        return (*steps, *self._extras(prune=prune))

    def _order(self) -> list[Key]:
        """After what it needs, and after all that belongs to what it names."""
        rank = {kind.id: number for number, kind in enumerate(in_order())}
        below = self._below
        graph: TopologicalSorter[Key] = TopologicalSorter()
        for key, one in sorted(self._wanted.items(), key=lambda item: (rank[item[0].kind], str(item[0]))):
            before = {need for need in one.needs if need in self._wanted}
            for need in one.needs:
                if need != key.parent:
                    before |= below.get(need, set()) - {key}
            graph.add(key, *before)
        graph.prepare()
        order: list[Key] = []
        while graph.is_active():
            ready = sorted(graph.get_ready(), key=lambda key: (rank[key.kind], str(key)))
            order += ready
            graph.done(*ready)
        return order

    def _one(self, wanted: Wanted) -> Step:
        key, kind = wanted.key, KINDS[wanted.key.kind]
        if wanted.unknown:
            return Step(Do.UNKNOWN, key, why=wanted.unknown)
        fact = self._estate.get(kind.id)
        if isinstance(fact, Unobserved) and fact.reason == UNSERVED:
            return Step(Do.BLOCKED, key, why=f"{self._standby} does not have {kind.plural} at all")
        if not isinstance(fact, Observed):
            return Step(Do.UNKNOWN, key, why=f"the {kind.plural} of {self._standby} could not be read")
        if wanted.trouble:
            return Step(Do.BLOCKED, key, why=wanted.trouble)
        found = self._there.by_key.get(key, [])
        if len(found) > 1:
            sids = ", ".join(sorted(one.sid for one in found))
            why = f"{self._standby} has {len(found)} of this name ({sids}): nobody can tell which. Rename or remove one"
            return Step(Do.CONFLICT, key, why=why)
        blocked = self._blocked_by(wanted)
        resource = found[0] if found else None
        if resource is None:
            return blocked or self._make(wanted)
        step = self._keep(wanted, resource)
        return blocked if blocked is not None and step.do in WRITES else step

    def _blocked_by(self, wanted: Wanted) -> Step | None:
        for need in sorted(wanted.needs, key=str):
            before = self._done.get(need)
            if before is None and self._there.one(need) is None:
                why = f"it needs {need}, which {self._standby} does not have, and the workbook leaves out"
                return Step(Do.BLOCKED, wanted.key, why=why)
            if before is not None and need != wanted.key.parent and self._unlike(need):
                why = f"it needs {need}, and what belongs to that is in conflict"
                return Step(Do.BLOCKED, wanted.key, why=why)
            if before is None or before.do not in (Do.CONFLICT, Do.BLOCKED, Do.UNKNOWN):
                continue
            do = Do.UNKNOWN if before.do is Do.UNKNOWN else Do.BLOCKED
            return Step(do, wanted.key, why=f"it needs {need}, which is {_state(before.do)}")
        return None

    def _unlike(self, key: Key) -> bool:
        """Whether something that belongs to this is in conflict."""
        below = self._below.get(key, ())
        return any(one in self._done and self._done[one].do is Do.CONFLICT for one in below)

    def _make(self, wanted: Wanted) -> Step:
        kind = KINDS[wanted.key.kind]
        if kind.makes == "update":
            return Step(Do.BLOCKED, wanted.key, why=f"{self._standby} does not have it, and it cannot be made there")
        for field in kind.fields:
            if field.role.value == "secret" and not isinstance(wanted.fields.get(field.name), Secret):
                name = f"{wanted.key.parent.name if wanted.key.parent else ''}/{wanted.key.name}"
                why = f'its {field.name} cannot be read. Say where it is: sync.credentials: {{"{name}": env:NAME}}'
                return Step(Do.BLOCKED, wanted.key, why=why)
        for value in wanted.fields.values():
            if isinstance(value, Secret) and value.reference in self._unusable:
                return Step(Do.BLOCKED, wanted.key, why=self._unusable[value.reference])
        parent_sid = self._sid_there(wanted.key.parent)
        if wanted.key.parent is not None and not self._is_ours(wanted.key.parent):
            why = f"{self._standby} does not have it, and voicedr did not make {_it(wanted.key)}."
            return Step(Do.CONFLICT, wanted.key, as_made(wanted), f"{why} {self._way_on(wanted.key.root)}")
        do = Do.MAP if kind.makes == "create" else Do.CREATE
        return Step(do, wanted.key, as_made(wanted), parent_sid=parent_sid)

    def _keep(self, wanted: Wanted, resource: Resource) -> Step:
        key = wanted.key
        changes = differences(wanted, resource, self._there)
        parent_sid = resource.parent_sid if KINDS[resource.kind].parent is not None else None
        if not changes:
            return Step(Do.EQUAL, key, sid=resource.sid, parent_sid=parent_sid)
        empty = KINDS[resource.kind].makes == "update" and is_empty(resource)
        if not self._is_ours(key) and not empty:
            why = f"{self._standby} has it otherwise, and voicedr did not make {_it(key)}. {self._way_on(key.root)}"
            return Step(Do.CONFLICT, key, changes, why, resource.sid, parent_sid)
        asked = key.parent is None and not empty and not self._already_ours(key, resource)
        return Step(
            Do.UPDATE, key, changes, sid=resource.sid, parent_sid=parent_sid, takes_over="asked" if asked else ""
        )

    def _way_on(self, owner: Key) -> str:
        return f"Take it over (--adopt {quoted(owner.short)}), or change it there"

    def _is_ours(self, key: Key) -> bool:
        """Whether a thing of the standby may be changed: it is ours, or is to be made, or what it belongs to is."""
        if key.parent is not None:
            return key.kind in self._ours or self._is_ours(key.parent)
        resource = self._there.one(key)
        if resource is None:
            return key in self._done and self._done[key].do in (Do.CREATE, Do.MAP)
        return self._already_ours(key, resource) or self._adopt.takes(key)

    def _already_ours(self, key: Key, resource: Resource) -> bool:
        """Whether a thing that belongs to nothing is ours without anybody asking for it now."""
        return key.kind in self._ours or self._ledger.claim(resource) is not None or self._asked_for(key, resource)

    def _asked_for(self, key: Key, resource: Resource) -> bool:
        """Whether it is what a run had asked for that did not see the answer."""
        asked = self._ledger.asked.get(key)
        return asked is not None and made_by_us(asked, self._seen(key, resource))

    def _seen(self, key: Key, resource: Resource) -> dict[str, str]:
        wanted = self._wanted.get(key)
        names = wanted.fields if wanted is not None else resource.fields
        seen: dict[str, str] = {}
        for name in names:
            field = KINDS[resource.kind].field(name)
            value = resource.fields.get(name)
            said = text(field.default if value is None else value)
            if field.refers is not None and value:
                there = self._there.key_of(field.refers, str(value))
                said = str(there or value)
            if said is not None:
                seen[name] = said
        return seen

    def _sid_there(self, key: Key | None) -> str | None:
        found = None if key is None else self._there.one(key)
        return None if found is None else found.sid

    def _settle_families(self) -> None:
        """What is as it should be, and not ours yet, becomes ours: see ``Step.takes_over``."""
        for key, step in list(self._done.items()):
            resource = self._there.one(key)
            if step.do not in (Do.EQUAL, Do.UPDATE) or resource is None or self._ledger.claim(resource) is not None:
                continue
            how: Literal["", "equal", "asked", "made"] = step.takes_over
            if self._asked_for(key, resource):
                how = "made"
            elif key.parent is not None or step.do is Do.UPDATE:
                continue
            elif self._adopt.takes(key):
                how = "asked"
            elif all(self._done[one].do is Do.EQUAL for one in self._below.get(key, ())):
                how = "equal"
            self._done[key] = msgspec.structs.replace(step, takes_over=how)

    def _extras(self, *, prune: bool) -> list[Step]:
        """What is in the copy's things besides, what belongs to something last first."""
        found: list[Step] = []
        children = self._there.children()
        for key, step in self._done.items():
            resource = self._there.one(key)
            if resource is None or step.do not in (Do.EQUAL, Do.UPDATE):
                continue
            for child, one in children.get((resource.kind, resource.sid), ()):
                if child in self._wanted or child in self._target.kept or child.kind in self._target.uncertain:
                    continue
                do = Do.TAKE_OFF if prune and self._may_take_off(child, one, resource) else Do.LEAVE
                why = "" if do is Do.TAKE_OFF else self._why_left(child, one, resource)
                found.append(Step(do, child, why=why, sid=one.sid, parent_sid=one.parent_sid))
        return sorted(found, key=lambda step: (step.do is Do.LEAVE, str(step.key)))

    def _may_take_off(self, key: Key, resource: Resource, parent: Resource) -> bool:
        strong = (Claim.MADE, Claim.ADOPTED)
        return (
            key.kind in self._ours
            or self._ledger.claim(resource) in strong
            or self._ledger.claim(parent) in strong
            or (key.parent is not None and self._adopt.takes(key.parent))
        )

    def _why_left(self, key: Key, resource: Resource, parent: Resource) -> str:
        if self._may_take_off(key, resource, parent):
            return "not done: it is ours, and --prune takes it off"
        return "not done: not ours"


def _it(key: Key) -> str:
    return "it" if key.parent is None else str(key.root)


def quoted(name: str) -> str:
    """A name as it is entered in a shell."""
    return name if all(char.isalnum() or char in "-_.:+/@" for char in name) else f"'{name}'"


def _state(do: Do) -> str:
    return {
        Do.CONFLICT: "in conflict",
        Do.BLOCKED: "blocked",
        Do.UNKNOWN: "not known",
    }[do]


def needed_sids(wanted: Wanted) -> tuple[Key, ...]:
    """What must have a SID in the standby before this can be written: what it belongs to, and what it names."""
    names = {value.key for value in wanted.fields.values() if isinstance(value, Ref)}
    return tuple(sorted(names | ({wanted.key.parent} if wanted.key.parent is not None else set()), key=str))

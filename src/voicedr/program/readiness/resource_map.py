"""The regional resource map: everything that a flow's calls need, beside itself in the primary and in the standby.

What a flow uses is what its entry points lead to: a number leads to its TwiML App or trunk, a trunk to its origination
URIs and lists, a list to what is in it. What the standby should have is what ``voicedr sync`` would make there, by the
workbook's rules; so that the map, the plan and the copy never disagree. To it come the routes and the Regions' keys.

Each line ends in one word: same, by rule (otherwise, as the workbook says), differs, missing, or unknown. No password
is in a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Resource, Role, Value
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case, routed_subjects
from voicedr.program.readiness.urls import shown
from voicedr.program.scope.standby_copy import Sync
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.standby import closure
from voicedr.program.standby.compare import differences
from voicedr.program.standby.desired import Target, Wanted, desired
from voicedr.program.standby.keys import Inventory, Key, named
from voicedr.program.standby.placeholders import Place, mapped
from voicedr.program.vocabulary import Region


class Verdict(StrEnum):
    """What the standby's side of a line is worth. Worst first."""

    MISSING = "missing"
    DIFFERS = "differs"
    UNKNOWN = "unknown"
    BY_RULE = "by rule"
    SAME = "same"


class Cell(msgspec.Struct, frozen=True):
    """What one Region has.

    Attributes:
        value: As it may be shown; None: nothing is there, or ``unseen``.
        unseen: Why nobody could look; empty if somebody did.
        seen_at, seen_in: The evidence.
    """

    region: Region
    value: str | None
    unseen: str = ""
    seen_at: str = ""
    seen_in: str = ""


class FieldLine(msgspec.Struct, frozen=True):
    """One field of a thing, in both Regions. ``note``: the rule behind it, or what is wrong."""

    field: str
    primary: str | None
    standby: str | None
    verdict: Verdict
    note: str = ""


class Line(msgspec.Struct, frozen=True):
    """One thing in both Regions.

    Attributes:
        kind: In the plural, for people: ``"numbers"``.
        name: What names it in every Region, with what it belongs to.
        cells: The primary's, then the standby's.
        verdict: The worst of its fields', or that it is missing or unknown.
        fields: Those that are set in either Region.
    """

    kind: str
    name: str
    cells: tuple[Cell, Cell]
    verdict: Verdict
    note: str = ""
    fields: tuple[FieldLine, ...] = ()


class FlowMap(msgspec.Struct, frozen=True):
    """A flow's map. ``unread``: what of a Region could not be read, each with why."""

    flow: str
    primary: Region
    standby: Region
    lines: tuple[Line, ...]
    unread: tuple[str, ...] = ()

    def count(self, verdict: Verdict) -> int:
        """How many lines end so."""
        return sum(line.verdict is verdict for line in self.lines)


def resource_maps(flows: Iterable[Flow], account: Account, snapshot: Snapshot, sync: Sync) -> dict[str, FlowMap]:
    """The map of each flow, by its id.

    Args:
        flows: The flows.
        account: The account, for the edges of its Regions.
        snapshot: What was read, with the whole estate; what is too old must be unobserved in it already.
        sync: The workbook's rules of what may differ.
    """
    pairs: dict[tuple[Region, Region], list[Flow]] = {}
    for flow in flows:
        pairs.setdefault((flow.primary, flow.standby), []).append(flow)
    return {
        found.flow: found
        for (primary, standby), of_pair in pairs.items()
        for found in _Pair(primary, standby, of_pair, account, snapshot, sync).maps()
    }


class _Pair:
    """Two Regions: each is walked once, however many flows have them."""

    def __init__(
        self, primary: Region, standby: Region, flows: Sequence[Flow], account: Account, snapshot: Snapshot, sync: Sync
    ) -> None:
        self._primary, self._standby = primary, standby
        self._flows, self._account, self._snapshot, self._sync = flows, account, snapshot, sync
        self._places = tuple(
            Place(region, account.regions[region].edge if region in account.regions else "")
            for region in (primary, standby)
        )
        estates = [_estate(snapshot, region) for region in (primary, standby)]
        self._subjects = {flow.id: flow.subjects for flow in flows}
        self._target: Target = desired(estates[0], self._subjects, sync, *self._places)
        self._here, self._there = (named(estate) for estate in estates)
        self._sources = self._primary_resources()

    def maps(self) -> Iterator[FlowMap]:
        """Each flow's."""
        lines: dict[str, list[Line]] = {flow.id: [] for flow in self._flows}
        for wanted in self._target.wanted:
            line = self._line(wanted)
            for id_ in sorted(wanted.flows & lines.keys()):
                lines[id_].append(line)
        order = list(KINDS)
        for flow in self._flows:
            things = sorted(lines[flow.id], key=lambda line: (_rank(order, line.kind), line.name))
            every = (*self._keys(), *self._routes(flow), *things)
            yield FlowMap(flow.id, self._primary, self._standby, every, self._target.unread)

    def _primary_resources(self) -> dict[Key, Resource]:
        """The primary's things by what names them in the standby: what is named by an address is named otherwise."""
        found: dict[Key, Resource] = {}
        used, _ = closure.used(self._here, self._subjects, self._sync.also)
        for key, flows in used.items():
            for resource in self._here.by_key[key]:
                for there in self._keys_there(key, flows):
                    found.setdefault(there, resource)
        return found

    def _keys_there(self, key: Key, flows: frozenset[str]) -> Iterator[Key]:
        yield key
        roles = {KINDS[key.kind].field(name).role for name in KINDS[key.kind].identity}
        if roles & {Role.URL, Role.SIP_URI}:
            for flow in flows:
                made = mapped(key.name, self._sync.urls, flow or None, *self._places)
                yield Key(key.kind, made.value, key.parent)

    def _line(self, wanted: Wanted) -> Line:
        key = wanted.key
        resource, there = self._sources.get(key), self._there.by_key.get(key, [])
        facts = [self._snapshot.every(region, key.kind) for region in (self._primary, self._standby)]
        cells = (
            _cell(self._primary, facts[0], None if resource is None else _says(resource)),
            _cell(self._standby, facts[1], " and ".join(_says(one) for one in there) or None),
        )

        def line(verdict: Verdict, note: str = "", fields: tuple[FieldLine, ...] = ()) -> Line:
            return Line(KINDS[key.kind].plural, _name(key), cells, verdict, note, fields)

        if resource is None and isinstance(facts[0], Observed) and not wanted.unknown:
            return line(Verdict.MISSING, wanted.trouble or f"{self._primary} has none such")
        for why in (wanted.unknown, cells[0].unseen, cells[1].unseen, wanted.trouble):
            if why:
                return line(Verdict.UNKNOWN, why)
        if not there:
            return line(Verdict.MISSING, f"{self._standby} has none such")
        if len(there) > 1:
            return line(Verdict.UNKNOWN, f"{self._standby} has {len(there)} of this name: nobody can tell which counts")
        assert resource is not None  # noqa: S101 - else it is missing or unseen
        fields = tuple(self._fields(wanted, resource, there[0]))
        verdict = min((field.verdict for field in fields), key=list(Verdict).index, default=Verdict.SAME)
        return line(verdict, "", fields)

    def _fields(self, wanted: Wanted, here: Resource, there: Resource) -> Iterator[FieldLine]:
        apart = {change.field: change for change in differences(wanted, there, self._there)}
        for field in KINDS[here.kind].fields:
            mine, theirs = here.fields.get(field.name), there.fields.get(field.name)
            if field.role is Role.SECRET or (mine in (None, "") and theirs in (None, "")):
                continue
            verdict, note = Verdict.SAME, ""
            if field.name in apart:
                verdict, note = Verdict.DIFFERS, f"should be {_text(apart[field.name].after) or 'nothing'}"
            elif field.name in wanted.rules:
                verdict, note = Verdict.BY_RULE, f"sync.urls: {wanted.rules[field.name]}"
            elif field.name in wanted.left:
                verdict, note = Verdict.BY_RULE, wanted.left[field.name]
            elif field.writable and field.name not in wanted.fields:
                verdict, note = Verdict.BY_RULE, "sync.ignore: it may differ"
            yield FieldLine(
                field.name, self._shown(self._here, field.refers, mine), self._shown(self._there, field.refers, theirs),
                verdict, note,
            )  # fmt: skip

    def _shown(self, inventory: Inventory, refers: str | None, value: Value) -> str | None:
        """A value; a reference by what it names, because its letters are the Region's own."""
        if refers is None or value in (None, ""):
            return _text(value)
        key = inventory.key_of(refers, str(value))
        return f"{value}, which names nothing that was seen" if key is None else _name(key)

    def _routes(self, flow: Flow) -> Iterator[Line]:
        for routed in routed_subjects(Case(flow, self._account, self._snapshot)):
            route, name = routed.route, f"route of {routed.subject.kind} {routed.name}"
            if isinstance(route, Unobserved):
                unseen = Cell(self._primary, None, route.reason), Cell(self._standby, None, route.reason)
                yield Line("routes", name, unseen, Verdict.UNKNOWN, route.reason)
                continue
            cells = tuple(
                _cell(region, route, "calls go here" if route.value == region else None)
                for region in (self._primary, self._standby)
            )
            good = route.value == routed.expected
            note = f"calls go to {route.value}" + ("" if good else f", and by the workbook to {routed.expected}")
            verdict = Verdict.SAME if good else Verdict.DIFFERS
            yield Line("routes", name, (cells[0], cells[1]), verdict, note)

    def _keys(self) -> Iterator[Line]:
        cells = []
        for region in (self._primary, self._standby):
            facts = self._snapshot.regions.get(region)
            fact: Fact[str] = Unobserved(f"{region} was not read") if facts is None else facts.credential
            cells.append(_cell(region, fact, "accepted" if isinstance(fact, Observed) else None))
        dark = next((cell.unseen for cell in cells if cell.unseen), "")
        note = dark or "each Region has its own"
        yield Line("keys", "API key", (cells[0], cells[1]), Verdict.UNKNOWN if dark else Verdict.BY_RULE, note)


def _estate(snapshot: Snapshot, region: Region) -> dict[str, Fact[tuple[Resource, ...]]]:
    return {kind: snapshot.every(region, kind) for kind in KINDS}


def _rank(order: list[str], plural: str) -> int:
    return next(at for at, kind in enumerate(order) if KINDS[kind].plural == plural)


def _cell(region: Region, fact: Fact[Any], value: str | None) -> Cell:
    match fact:
        case Unobserved(reason):
            return Cell(region, None, reason)
        case Observed(at=at, source=source):
            return Cell(region, value, "", f"{at:%Y-%m-%d %H:%M:%SZ}", source)


def _says(resource: Resource) -> str:
    """What is there: its id, because everything else is in its fields."""
    return resource.sid


def _name(key: Key) -> str:
    own = _masked(key.name)
    return own if key.parent is None else f"{own} of {KINDS[key.parent.kind].id} {_name(key.parent)}"


def _text(value: Value) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _masked(str(value))


_SIP_USER = re.compile(r"^(sips?:[^:@;?]*):[^@;?]*@", re.IGNORECASE)


def _masked(text: str) -> str:
    """Text without the password that an address may have. The user part of a SIP URI may have one, too (RFC 3261
    §19.1.1)."""
    return _SIP_USER.sub(r"\1:***@", shown(text) if "://" in text else text)

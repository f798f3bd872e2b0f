"""What the standby should have, thing by thing, from what the primary has and the workbook's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.kinds import KINDS, Field, Resource, Role, Value
from voicedr.program.readiness.resources import Routable
from voicedr.program.readiness.snapshot import UNSERVED
from voicedr.program.scope.standby_copy import Sync
from voicedr.program.standby import closure
from voicedr.program.standby.keys import Estate, Key, named, unread
from voicedr.program.standby.placeholders import Mapped, Place, host_names, mapped

MESSAGING_REGIONS = frozenset({"us1", "ie1"})
"""Where SMS is served. Source: https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability
(read 2026-11-21)."""

MESSAGING_FIELDS = ("sms_", "message_status_callback")
"""How the fields that only messaging has begin."""


BY_HAND = frozenset({"symmetric_rtp_enabled"})
"""Fields that the provider shows, and no request sets."""


class Ref(msgspec.Struct, frozen=True):
    """A field that names another thing: in the standby, the one with this key."""

    key: Key


class Secret(msgspec.Struct, frozen=True):
    """A field that is given by reference, and can never be read back."""

    reference: str


Desired = Value | Ref | Secret


class Wanted(msgspec.Struct, frozen=True):
    """One thing that the standby should have.

    Attributes:
        key: What names it there.
        fields: What it should have, by the provider's names.
        rules: The rule that made an address, by the field.
        left: Fields that are not copied, each with why.
        hints: Addresses that no rule changes although they name the primary, each with what they name.
        needs: What must be there first, and be as it should.
        trouble: Why it cannot be said what the standby should have; empty if it can.
        unknown: Why nobody could look; empty if somebody could.
        flows: The flows that use it.
    """

    key: Key
    fields: dict[str, Desired]
    rules: dict[str, str] = {}
    left: dict[str, str] = {}
    hints: dict[str, str] = {}
    needs: frozenset[Key] = frozenset()
    trouble: str = ""
    unknown: str = ""
    flows: frozenset[str] = frozenset()


class Target(msgspec.Struct, frozen=True):
    """Everything that the standby should have, and what cannot be said of it.

    Attributes:
        wanted: Thing by thing.
        unread: What of the primary could not be read, each with why.
        uncertain: Kinds of which not everything is known: of these, nothing is taken off.
        kept: What is meant to differ: it is neither made nor taken off.
        notes: What is not copied by its nature, for people.
    """

    wanted: tuple[Wanted, ...]
    unread: tuple[str, ...] = ()
    uncertain: frozenset[str] = frozenset()
    kept: frozenset[Key] = frozenset()
    notes: tuple[str, ...] = ()


def desired(
    estate: Estate,
    flows: Mapping[str, Sequence[Routable]],
    sync: Sync,
    primary: Place,
    standby: Place,
    *,
    everything: bool = False,
) -> Target:
    """Everything that the standby should have.

    Args:
        estate: What the primary has, of the kinds that are needed.
        flows: The entry points of each flow, by its id.
        sync: The workbook's rules.
        primary: The primary and its edge.
        standby: The standby and its edge.
        everything: Also what no flow uses.
    """
    return _Desire(estate, flows, sync, primary, standby, everything).all()


class _Desire:
    def __init__(
        self,
        estate: Estate,
        flows: Mapping[str, Sequence[Routable]],
        sync: Sync,
        primary: Place,
        standby: Place,
        everything: bool,
    ) -> None:
        self._estate = estate
        self._sync = sync
        self._primary = primary
        self._standby = standby
        self._everything = everything
        self._here = named(estate)
        self._used, self._absent = closure.used(self._here, flows, sync.also, everything=everything)
        # Keys of the standby: what is named by an address has its address there.
        self._there = named(estate, self._renamed)

    def all(self) -> Target:
        by_standby_key: dict[Key, list[tuple[Key, Resource]]] = {}
        for key in self._used:
            for resource in self._here.by_key[key]:
                by_standby_key.setdefault(self._key_there(resource), []).append((key, resource))
        wanted = [self._wanted(key, found) for key, found in by_standby_key.items()]
        wanted += [self._missing(key, flows) for key, flows in self._absent.items()]
        kept = frozenset(one.key for one in wanted if self._ignored(one.key))
        dark = {kind for kind, fact in self._estate.items() if isinstance(fact, Unobserved) and fact.reason != UNSERVED}
        nameless = {resource.kind for resource, _ in self._here.nameless}
        uncertain = {kind.id for kind in KINDS.values() if {kind.id, *kind.refers} & dark} | nameless
        return Target(
            tuple(one for one in wanted if one.key not in kept),
            unread(self._estate, self._primary.region),
            frozenset(uncertain),
            kept,
            (*self._nameless(), *(_not_copied(self._primary.region) if self._everything else ())),
        )

    def _nameless(self) -> list[str]:
        return [
            f"{KINDS[resource.kind].plural} of {self._primary.region}: {resource.sid} is not copied: {why}"
            for resource, why in self._here.nameless
        ]

    def _key_there(self, resource: Resource) -> Key:
        parent_sid = None if KINDS[resource.kind].parent is None else resource.parent_sid
        return self._there.keys[resource.kind, parent_sid, resource.sid]

    def _ignored(self, key: Key) -> bool:
        return any(not one.fields and one.names(key.kind, key.name) for one in self._sync.ignore)

    def _ignored_fields(self, key: Key) -> frozenset[str]:
        return frozenset(f for one in self._sync.ignore if one.names(key.kind, key.name) for f in one.fields)

    def _wanted(self, key: Key, found: list[tuple[Key, Resource]]) -> Wanted:
        flows = frozenset(flow for source, _ in found for flow in self._used[source])
        if len(found) > 1:
            sids = ", ".join(sorted(resource.sid for _, resource in found))
            why = f"{self._primary.region} has {len(found)} that would have this name ({sids}): nobody can tell which"
            return Wanted(key, {}, trouble=why, flows=flows)
        source, resource = found[0]
        kind = KINDS[resource.kind]
        fields: dict[str, Desired] = {}
        rules: dict[str, str] = {}
        left: dict[str, str] = {}
        hints: dict[str, str] = {}
        needs = {key.parent} if key.parent is not None else set()
        trouble = unknown = ""
        ignored = self._ignored_fields(source)
        for field in kind.fields:
            value = resource.fields.get(field.name)
            if field.name in ignored:
                continue
            if field.name in BY_HAND and value is not None and value != field.default:
                left[field.name] = f"it is {str(value).lower()}, and the API shows it and cannot set it: set it there"
            if not field.writable and field.name not in kind.identity:
                continue
            if field.name.startswith(MESSAGING_FIELDS) and self._standby.region not in MESSAGING_REGIONS:
                if value is not None and value != field.default:
                    left[field.name] = f"{self._standby.region} has no messaging"
                continue
            if field.role is Role.SECRET:
                reference = self._sync.credentials.get(f"{key.parent.name if key.parent else ''}/{key.name}")
                if reference is not None:
                    fields[field.name] = Secret(reference)
            elif field.role is Role.REFERENCE:
                of, trouble, unknown = self._reference(resource, field, trouble, unknown)
                fields[field.name] = of
                if isinstance(of, Ref):
                    needs.add(of.key)
            elif field.role in (Role.URL, Role.SIP_URI) and value is not None:
                made = self._address(str(value), flows)
                if isinstance(made, str):
                    trouble = made
                else:
                    fields[field.name] = made.value
                    if made.rule:
                        rules[field.name] = made.rule
                    elif names := self._names_primary(made.value):
                        hints[field.name] = f"it names {names}, and no rule of sync.urls is for it"
            else:
                fields[field.name] = value
        return Wanted(key, fields, rules, left, hints, frozenset(needs), trouble, unknown, flows)

    def _names_primary(self, address: str) -> str:
        """The primary or its edge, if an address names one of them."""
        words = {*host_names(address), *address.partition(";")[2].replace("edge=", "").split(";")}
        return next((word for word in self._primary if word in words), "")

    def _reference(self, resource: Resource, field: Field, trouble: str, unknown: str) -> tuple[Desired, str, str]:
        assert field.refers is not None  # noqa: S101 - what a reference has
        sid = resource.fields.get(field.name)
        if sid is None and field.name == "sid":
            sid = resource.sid
        if not sid:
            return None, trouble, unknown
        key = self._there.key_of(field.refers, str(sid))
        if key is not None:
            return Ref(key), trouble, unknown
        plural, region = KINDS[field.refers].plural, self._primary.region
        fact = self._estate.get(field.refers)
        if fact is None or isinstance(fact, Unobserved):
            why = f"its {field.name} names one of the {plural} of {region}, which could not be read"
            return None, trouble, why
        return None, f"its {field.name} names {sid}, which is none of the {plural} of {region}", unknown

    def _address(self, address: str, flows: frozenset[str]) -> Mapped | str:
        """The address in the standby; a sentence if two flows want different ones."""
        made: dict[str, Mapped] = {}
        for flow in sorted(flows - {closure.EVERYTHING}) or [closure.EVERYTHING]:
            one = mapped(address, self._sync.urls, flow or None, self._primary, self._standby)
            made.setdefault(one.value, one)
        if len(made) > 1:
            rules = " and ".join(f"{one.rule or 'no rule'}" for one in made.values())
            named_flows = ", ".join(sorted(filter(None, flows)))
            return f"the flows that use it ({named_flows}) want different addresses: {rules}"
        return next(iter(made.values()))

    def _renamed(self, resource: Resource, field: str, value: Value) -> Value:
        """The name in the standby of what is named by an address."""
        role = KINDS[resource.kind].field(field).role
        if value is None or role not in (Role.URL, Role.SIP_URI):
            return value
        parent_sid = None if KINDS[resource.kind].parent is None else resource.parent_sid
        key = self._here.keys.get((resource.kind, parent_sid, resource.sid))
        made = self._address(str(value), self._used.get(key, frozenset()) if key is not None else frozenset())
        return value if isinstance(made, str) else made.value

    def _missing(self, key: Key, flows: frozenset[str]) -> Wanted:
        fact = self._estate.get(key.kind)
        region = self._primary.region
        if fact is None or isinstance(fact, Unobserved):
            return Wanted(key, {}, unknown=f"the {KINDS[key.kind].plural} of {region} could not be read", flows=flows)
        return Wanted(key, {}, trouble=f"the workbook names it, and {region} has none such", flows=flows)


def _not_copied(region: str) -> list[str]:
    """What a copy of everything does not have, and why."""
    why = {
        "caller-id": "other Regions do not have them",
        "api-key": "each Region has its own, and a secret is shown once",
        "dialing-country": "they are only looked at (voicedr ready)",
    }
    return [
        f"{kind.plural} of {region} are not copied: {why.get(kind.id, 'they are only read')}"
        for kind in KINDS.values()
        if kind.makes == "none"
    ]

"""Who is let in at a trunk or a SIP domain, and how it is set, in the standby beside the primary.

A list is compared by its name and by what is in it: its SID is another one in every Region.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.indexed import by_any_name, by_parent, by_sid
from voicedr.program.readiness.kinds import KINDS, Resource, Role
from voicedr.program.readiness.once import OncePerCase
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case, trunks_in_both
from voicedr.program.vocabulary import Region

Lists = dict[str, frozenset[str]]
"""Members by the name of their list: ``{"office": {"203.0.113.0/24"}}``."""

_MAPPED = {
    ("trunk", "addresses"): ("trunk-acl", "ip-acl", "ip-address"),
    ("trunk", "users"): ("trunk-credentials", "credential-list", "credential"),
    ("sip-domain", "addresses"): ("domain-acl", "ip-acl", "ip-address"),
    ("sip-domain", "users"): ("domain-credentials", "credential-list", "credential"),
    ("sip-domain", "devices"): ("domain-registrations", "credential-list", "credential"),
}
"""Mapping, list and member kinds, by what something is and whom the lists let in."""

Who = Literal["addresses", "users", "devices"]


@dataclass(frozen=True, slots=True)
class Door:
    """A trunk or a SIP domain as one Region has it, with the lists that let somebody in."""

    what: Literal["trunk", "sip-domain"]
    name: str
    region: Region
    is_standby: bool
    found: Fact[Resource | None]
    lists: dict[Who, Fact[Lists]]

    @property
    def kind(self) -> str:
        return "trunks" if self.what == "trunk" else "SIP domains"


@dataclass(frozen=True, slots=True)
class DoorPair:
    """The same in both Regions."""

    here: Door
    there: Door

    @property
    def kind(self) -> str:
        return self.here.kind

    @property
    def name(self) -> str:
        return self.here.name

    @property
    def region(self) -> Region:
        return self.here.region

    def both(self, who: Who) -> tuple[Observed[Lists], Observed[Lists]] | Unobserved | None:
        """The lists of both; None where one Region has no such thing, which is another check's business."""
        for door in (self.here, self.there):
            if isinstance(door.found, Unobserved):
                return door.found
            if door.found.value is None:
                return None
        here, there = self.here.lists[who], self.there.lists[who]
        if isinstance(here, Unobserved):
            return here
        if isinstance(there, Unobserved):
            return there
        return here, there


def doors(case: Case) -> Iterator[Door]:
    """Every trunk and every SIP domain of the flow, as each Region has it."""
    for pair in door_pairs(case):
        yield from (pair.here, pair.there)


def trunk_doors(case: Case) -> Iterator[Door]:
    """The trunks among them."""
    return (door for door in doors(case) if door.what == "trunk")


def domain_doors(case: Case) -> Iterator[Door]:
    """The SIP domains among them."""
    return (door for door in doors(case) if door.what == "sip-domain")


@OncePerCase
def door_pairs(case: Case) -> Iterator[DoorPair]:
    """Every trunk and every SIP domain of the flow, the standby's beside the primary's."""
    standby, primary = case.flow.standby, case.flow.primary
    trunks = dict.fromkeys(one.name for one in trunks_in_both(case))
    domains = [subject.name for subject in case.flow.subjects if subject.kind == "sip-domain"]
    seen: set[str] = set()
    for name in trunks:
        pair = DoorPair(_door(case, "trunk", name, standby, True), _door(case, "trunk", name, primary, False))
        # Where a Region's trunks could not be read, a number still names its trunk by SID: that is the same trunk.
        sids = {
            door.found.value.sid
            for door in (pair.here, pair.there)
            if isinstance(door.found, Observed) and door.found.value
        }
        if not sids & seen or not sids:
            seen |= sids
            yield pair
    for name in domains:
        yield DoorPair(_door(case, "sip-domain", name, standby, True), _door(case, "sip-domain", name, primary, False))


def trunk_pairs(case: Case) -> Iterator[DoorPair]:
    """The trunks among them."""
    return (pair for pair in door_pairs(case) if pair.here.what == "trunk")


def domain_pairs(case: Case) -> Iterator[DoorPair]:
    """The SIP domains among them."""
    return (pair for pair in door_pairs(case) if pair.here.what == "sip-domain")


def settings_apart(here: Resource, there: Resource) -> tuple[str, ...]:
    """Plain fields in which two things of a kind differ, defaults counted. Names, URLs and lists are not compared.

    A method counts where its URL is set in both: a webhook that is asked with another method answers with an error.
    """
    apart = []
    for field in KINDS[here.kind].fields:
        if field.role is not Role.PLAIN or not field.writable or field.name.endswith("friendly_name"):
            continue
        if field.name.endswith("_method") and not all(
            one.fields.get(f"{field.name.removesuffix('_method')}_url") for one in (here, there)
        ):
            continue
        if field.name in KINDS[here.kind].identity:
            continue
        mine, theirs = (one.fields.get(field.name) for one in (here, there))
        if (field.default if mine is None else mine) != (field.default if theirs is None else theirs):
            apart.append(field.name)
    return tuple(apart)


def lists_apart(here: Lists, there: Lists) -> str | None:
    """How two Regions' lists differ, in words; None if they do not."""
    if missing := sorted(there.keys() - here.keys()):
        return f"{', '.join(missing)} is mapped at home and not here"
    if extra := sorted(here.keys() - there.keys()):
        return f"{', '.join(extra)} is mapped here and not at home"
    for name in sorted(there):
        if missing := sorted(there[name] - here[name]):
            return f"{name} is without {', '.join(missing[:3])}" + (
                f" and {len(missing) - 3} more" if missing[3:] else ""
            )
        if extra := sorted(here[name] - there[name]):
            return f"{name} also has {', '.join(extra[:3])}" + (f" and {len(extra) - 3} more" if extra[3:] else "")
    return None


def _door(case: Case, what: Literal["trunk", "sip-domain"], name: str, region: Region, is_standby: bool) -> Door:
    snapshot = case.snapshot
    every = snapshot.every(region, what)
    whose: tuple[Who, ...] = ("addresses", "users") if what == "trunk" else ("addresses", "users", "devices")
    if isinstance(every, Unobserved):
        return Door(what, name, region, is_standby, every, dict.fromkeys(whose, every))
    found = by_any_name(every.value).get(name.lower())
    lists: dict[Who, Fact[Lists]] = {
        who: Observed({}, every.at, every.source) if found is None else _lists(snapshot, region, what, who, found)
        for who in whose
    }
    return Door(what, name, region, is_standby, Observed(found, every.at, every.source), lists)


def _lists(snapshot: Snapshot, region: Region, what: str, who: Who, of: Resource) -> Fact[Lists]:
    mapped, named, members = (snapshot.every(region, kind) for kind in _MAPPED[what, who])
    if isinstance(mapped, Unobserved):
        return mapped
    if isinstance(named, Unobserved):
        return named
    if isinstance(members, Unobserved):
        return members
    every, inside = by_sid(named.value), by_parent(members.value)
    of_it = [every[one.sid] for one in by_parent(mapped.value).get(of.sid, ()) if one.sid in every]
    lists = {one.name: frozenset(member.name for member in inside.get(one.sid, ())) for one in of_it}
    return Observed(lists, min(mapped.at, named.at, members.at), mapped.source)

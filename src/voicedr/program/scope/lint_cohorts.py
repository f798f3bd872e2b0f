"""Cohorts: everything moves, everything moves once, and the application moves with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.members import FlowMembers, Member, Members, flow_members
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.scope.structure import cut

Found = Iterator[tuple[Place, str]]

_TRICKLE = -1
"""The trickle's index among the cohorts."""

_A = {"number": "A number", "trunk": "A trunk domain", "sip-domain": "A SIP domain"}


class _Owner(NamedTuple):
    """Who has an entry point, and where it says so. Two cohorts may have one name, or by an alias one place, so the
    order tells them apart.
    """

    order: int
    name: str
    place: Place


def cohort_problems(root: Node) -> Found:
    """Every mistake about entry points, cohorts, trickle and context."""
    owners: dict[Routable, _Owner] = {}
    for index, entry in enumerate(root.get("flows").entries):
        flow = entry.value
        members = flow_members(flow)
        yield from _entry_points(index, entry.key, flow, members.entry, owners)
        yield from _overlaps(entry.key, flow, members)
        yield from _left_behind(entry.key, flow, members)
        yield from _empty(flow, members)
        yield from _names_and_rest(entry.key, flow)
        yield from _canary(flow, members)
        yield from _context(entry.key, flow)


def cohort_name(cohort: Node, index: int) -> str:
    """A cohort's name; its place in the list if it has none."""
    return cut(cohort.get("name").text or str(index + 1))


def _some(subjects: list[Routable]) -> str:
    """One subject by its name; of several, how many and the first."""
    if len(subjects) == 1:
        return str(subjects[0])
    return f"{len(subjects)} entry points, the first {subjects[0]}"


def _grouped(members: Iterable[tuple[Member, _Owner]]) -> Iterator[tuple[Place, _Owner, list[Routable]]]:
    """One group for each pair of places, so that two overlapping ranges are one mistake, not a thousand."""
    groups: dict[tuple[Place, _Owner], list[Routable]] = {}
    for member, owner in members:
        groups.setdefault((member.place, owner), []).append(member.subject)
    return ((place, owner, subjects) for (place, owner), subjects in groups.items())


def _taken(me: _Owner, members: Members, owners: dict[Routable, _Owner]) -> list[tuple[Member, _Owner]]:
    """What somebody else already has, or what is named twice here. The rest becomes mine."""
    taken = []
    for member in members.listed:
        owner = owners.setdefault(member.subject, me._replace(place=member.place))
        if owner.order != me.order or owner.place != member.place:
            taken.append((member, owner))
    return taken


def _entry_points(index: int, flow_id: str, flow: Node, entry: Members, owners: dict[Routable, _Owner]) -> Found:
    if flow.get("entry_points").kind == "mapping" and not entry.listed and entry.complete:
        yield (
            flow.key_place("entry_points"),
            f'flow "{flow_id}" has no entry points, so nothing of it could be moved.'
            " List its numbers, trunks or SIP domains.",
        )
    me = _Owner(index, flow_id, flow.place)
    for place, owner, subjects in _grouped(_taken(me, entry, owners)):
        if owner.order == index:
            yield (
                place,
                f'flow "{flow_id}" names {_some(subjects)} twice in entry_points (first on line {owner.place.line}).'
                " Take it out of one of them.",
            )
        else:
            yield (
                place,
                f'flow "{flow_id}" has {_some(subjects)}, which flow "{owner.name}" (line {owner.place.line})'
                " already has. An entry point belongs to one flow: take it out of one of them.",
            )


def _overlaps(flow_id: str, flow: Node, members: FlowMembers) -> Found:
    entry = {member.subject for member in members.entry.listed}
    owners: dict[Routable, _Owner] = {}
    parts = [(_Owner(_TRICKLE, "trickle", flow.key_place("trickle")), members.trickle)]
    for index, (cohort, part) in enumerate(zip(flow.get("cohorts").items, members.cohorts, strict=True)):
        parts.append((_Owner(index, cohort_name(cohort, index), cohort.place), part))
    for me, part in parts:
        who = me.name if me.order == _TRICKLE else f'cohort "{me.name}"'
        for place, owner, subjects in _grouped(_taken(me, part, owners)):
            yield place, _twice(who, me, owner, subjects)
        if not members.entry.complete or not entry:
            continue  # what is wrong with the entry points is told there
        strangers = [(member, me) for member in part.listed if member.subject not in entry]
        for place, _, subjects in _grouped(strangers):
            yield (
                place,
                f"{who} names {_some(subjects)}, which is not in entry_points of flow"
                f' "{flow_id}". Add it there, or take it out here.',
            )


def _twice(who: str, me: _Owner, owner: _Owner, subjects: list[Routable]) -> str:
    line = owner.place.line
    if owner.order == me.order:
        return f"{who} names {_some(subjects)} twice (first on line {line}). Take it out of one of them."
    if owner.order == _TRICKLE:
        return (
            f"{who} names {_some(subjects)}, which trickle (line {line}) already has."
            " What lives in the standby all the year does not move: take it out of one of them."
        )
    return (
        f'{who} names {_some(subjects)}, which "{owner.name}" (line {line}) already has.'
        f" {_A[subjects[0].kind]} moves once: take it out of one of them."
    )


def _left_behind(flow_id: str, flow: Node, members: FlowMembers) -> Found:
    if not flow.get("cohorts").items or not all(part.complete for part in (members.trickle, *members.cohorts)):
        return
    named = {member.subject for part in (members.trickle, *members.cohorts) for member in part.listed}
    left: dict[Place, list[Routable]] = {}
    for member in members.entry.listed:
        if member.subject not in named:
            left.setdefault(member.place, []).append(member.subject)
    for place, subjects in left.items():
        yield (
            place,
            f'flow "{flow_id}" has {_some(subjects)}, which no cohort moves: callers would stay in the failed'
            ' Region. Add it to a cohort, or write "rest: true" in the last one.',
        )


def _empty(flow: Node, members: FlowMembers) -> Found:
    if not members.entry.listed:
        return  # the flow is empty, and that is told
    for index, (cohort, part) in enumerate(zip(flow.get("cohorts").items, members.cohorts, strict=True)):
        if part.listed or not part.complete or cohort.kind != "mapping":
            continue
        name = f'cohort "{cohort_name(cohort, index)}"'
        if cohort.get("rest").scalar is True:
            if any(earlier.get("rest").scalar is True for earlier in flow.get("cohorts").items[:index]):
                continue  # that one is the mistake, and is told
            yield (
                cohort.key_place("rest"),
                f"{name} takes the rest, but every entry point is named above; nothing is left for it."
                " Remove the cohort.",
            )
        else:
            yield (
                cohort.place,
                f"{name} is empty: it would move nothing and its gate would judge nothing."
                " Name its numbers, trunks or SIP domains, or remove it.",
            )


def _names_and_rest(flow_id: str, flow: Node) -> Found:
    cohorts = flow.get("cohorts").items
    seen: dict[str, tuple[int, Place]] = {}
    for index, cohort in enumerate(cohorts):
        name = cohort.get("name")
        if name.text:
            first, place = seen.setdefault(name.text, (index, name.place))
            if first != index:
                yield (
                    cohort.place if name.place == place else name.place,
                    f'cohort "{cut(name.text)}" of flow "{flow_id}" is already on line {place.line}.'
                    " Give one of them another name.",
                )
        if cohort.get("rest").scalar is True and index < len(cohorts) - 1:
            follow = len(cohorts) - 1 - index
            yield (
                cohort.key_place("rest"),
                f'cohort "{cohort_name(cohort, index)}" takes the rest, but {follow} more'
                f" follow{'s' if follow == 1 else ''}. Only the last cohort can: move it to the end, or name what it"
                " holds.",
            )


def _canary(flow: Node, members: FlowMembers) -> Found:
    counts = [sum(member.subject.kind == "number" for member in part.listed) for part in members.cohorts]
    if len(counts) < 2 or not all(part.complete for part in members.cohorts):
        return
    first, total = counts[0], sum(counts)
    if first > 1 and first * 2 > total:
        canary = flow.get("cohorts").items[0]
        yield (
            canary.place,
            f'cohort "{cohort_name(canary, 0)}" is the first and holds {first} of {total} numbers; if the standby is'
            " bad, most callers meet it at once. Start with a smaller one.",
        )


def _context(flow_id: str, flow: Node) -> Found:
    cohorts = flow.get("cohorts").items
    application = flow.get("application")
    switching = [index for index, cohort in enumerate(cohorts) if cohort.get("switch_context").scalar is True]
    for index in switching:
        name, place = cohort_name(cohorts[index], index), cohorts[index].key_place("switch_context")
        if not application:
            yield (
                place,
                f'cohort "{name}" switches the context, but flow "{flow_id}" has no application.'
                ' Add "application" with its name and context, or remove the key here.',
            )
        elif index != switching[0]:
            first = cohorts[switching[0]]
            line = first.key_place("switch_context").line
            yield (
                place,
                f'cohort "{name}" switches the context, which "{cohort_name(first, switching[0])}" (line {line})'
                " already does. It is switched once: remove one of them.",
            )
    if application and cohorts and not switching:
        yield (
            flow.key_place("application"),
            f'flow "{flow_id}" has an application, but no cohort switches its context: it would go on using the'
            ' failed Region. Write "switch_context: true" in the cohort that it moves with.',
        )

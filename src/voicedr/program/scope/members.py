"""Who is in what: the entry points of a flow, its cohorts and its trickle, with ranges and ``rest`` written out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place
from voicedr.program.vocabulary import is_e164

NUMBERS_MAX = 500_000
"""Numbers that a whole workbook may name after ranges are written out; the product is made for 100,000, each named
in entry_points and in a cohort."""

_KINDS: tuple[tuple[str, Literal["number", "trunk", "sip-domain"]], ...] = (
    ("numbers", "number"),
    ("trunks", "trunk"),
    ("sip_domains", "sip-domain"),
)


class Member(NamedTuple):
    """An entry point as it is named somewhere in the file."""

    subject: Routable
    place: Place


@dataclass(frozen=True, slots=True)
class Members:
    """What one mapping with ``numbers``, ``trunks`` and ``sip_domains`` names.

    Attributes:
        complete: False if something in it could not be read; then nothing is said about what is missing.
    """

    listed: tuple[Member, ...] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class FlowMembers:
    """A whole flow. The last cohort's ``rest`` is written out."""

    entry: Members
    trickle: Members
    cohorts: tuple[Members, ...]


class NumberRange(NamedTuple):
    """The numbers from ``first`` to ``last``, both included, as integers."""

    first: int
    last: int

    @property
    def size(self) -> int:
        """How many numbers; zero or less if the ends are the wrong way round."""
        return self.last - self.first + 1


def parse_range(text: str) -> NumberRange | None:
    """A number or a range of numbers; None if it is neither, or its ends differ in length."""
    first, dots, last = text.partition("..")
    last = last if dots else first
    if not is_e164(first) or not is_e164(last) or len(first) != len(last):
        return None
    return NumberRange(int(first[1:]), int(last[1:]))


def members_of(node: Node) -> Members:
    """What a mapping names, in the order of the file by kind: numbers, trunks, SIP domains."""
    listed: list[Member] = []
    complete = True
    for key, kind in _KINDS:
        items = node.get(key)
        complete = complete and len(items.texts) == len(items.items) and (items.kind in ("sequence", "absent"))
        for text, place in items.texts:
            if kind != "number":
                listed.append(Member(Routable(kind, text), place))
                continue
            numbers = parse_range(text)
            if numbers is None or numbers.size < 1:
                complete = False
                continue
            listed.extend(
                Member(Routable("number", f"+{number}"), place) for number in range(numbers.first, numbers.last + 1)
            )
    return Members(tuple(listed), complete)


def flow_members(flow: Node) -> FlowMembers:
    """Everything a flow names."""
    entry, trickle = members_of(flow.get("entry_points")), members_of(flow.get("trickle"))
    cohorts: list[Members] = []
    named = {member.subject for member in trickle.listed}
    for cohort in flow.get("cohorts").items:
        members = members_of(cohort)
        named.update(member.subject for member in members.listed)
        if cohort.get("rest").scalar is True:
            place = cohort.key_place("rest")
            left = [Member(member.subject, place) for member in entry.listed if member.subject not in named]
            left = list({member.subject: member for member in left}.values())
            named.update(member.subject for member in left)
            members = Members(members.listed + tuple(left), members.complete and entry.complete)
        cohorts.append(members)
    return FlowMembers(entry, trickle, tuple(cohorts))


def range_problems(root: Node) -> tuple[list[tuple[Place, str]], bool]:
    """Ranges that cannot be written out, and whether the whole is small enough to write out."""
    found: list[tuple[Place, str]] = []
    total = 0
    for text, place in _number_texts(root):
        numbers = parse_range(text)
        if numbers is None:
            first, dots, last = text.partition("..")
            if dots and is_e164(first) and is_e164(last):
                found.append((place, f"the range {text} has ends of different length; both ends have as many digits."))
        elif numbers.size < 1:
            first, _, last = text.partition("..")
            found.append((place, f"the range {text} counts down; write {last}..{first}."))
        else:
            total += numbers.size
            if total > NUMBERS_MAX:
                found.append(
                    (
                        place,
                        f"with {text} the workbook names more than {NUMBERS_MAX} numbers; at most so many are read."
                        " Make the range smaller, or split the program over several workbooks.",
                    )
                )
                return found, False
    return found, True


def _number_texts(root: Node) -> list[tuple[str, Place]]:
    texts: list[tuple[str, Place]] = []
    for flow in root.get("flows").entries:
        owners = (flow.value.get("entry_points"), flow.value.get("trickle"), *flow.value.get("cohorts").items)
        for owner in owners:
            texts.extend(owner.get("numbers").texts)
    return texts

"""What the standby has beside what the primary has: numbers, TwiML Apps, queues, dialing permissions.

Two things are compared by a rule and not letter by letter: a URL may be another one in another Region, and a reference
is compared by what it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.indexed import by_identity, by_number, by_sid
from voicedr.program.readiness.kinds import KINDS, Resource, Role, Value
from voicedr.program.readiness.once import OncePerCase
from voicedr.program.readiness.subjects import Case
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class Estate:
    """One Region's things by SID, as far as numbers refer to them."""

    region: Region
    numbers: Fact[dict[Value, Resource]]
    applications: Fact[dict[str, Resource]]
    trunks: Fact[dict[str, Resource]]

    @staticmethod
    def of(case: Case, region: Region) -> Estate:
        """The estate of a Region."""
        snapshot = case.snapshot
        numbers = snapshot.every(region, "number")
        return Estate(
            region,
            numbers
            if isinstance(numbers, Unobserved)
            else Observed(by_number(numbers.value), numbers.at, numbers.source),
            _by_sid(snapshot.every(region, "application")),
            _by_sid(snapshot.every(region, "trunk")),
        )

    def number(self, e164: str) -> Fact[Resource | None]:
        """A number's configuration; observed None: it has none of this name."""
        if isinstance(self.numbers, Unobserved):
            return self.numbers
        return Observed(self.numbers.value.get(e164), self.numbers.at, self.numbers.source)

    def named_by(self, number: Resource, field: str) -> Fact[Resource | None] | None:
        """What a field of a number refers to here; observed None: nothing of that SID. None: the field is empty."""
        sid = number.fields.get(field)
        if not sid:
            return None
        every = self.trunks if field == "trunk_sid" else self.applications
        if isinstance(every, Unobserved):
            return every
        return Observed(every.value.get(str(sid)), every.at, every.source)


def _by_sid(every: Fact[tuple[Resource, ...]]) -> Fact[dict[str, Resource]]:
    if isinstance(every, Unobserved):
        return every
    return Observed(by_sid(every.value), every.at, every.source)


@dataclass(frozen=True, slots=True)
class NumberPair:
    """A number as the standby has it, beside how the primary has it. ``here`` is the standby, ``there`` the primary."""

    e164: str
    here: Fact[Resource | None]
    there: Fact[Resource | None]
    standby: Estate
    primary: Estate

    @property
    def kind(self) -> str:
        return "numbers"

    @property
    def name(self) -> str:
        return self.e164

    @property
    def region(self) -> Region:
        return self.standby.region

    @property
    def both(self) -> Observed[tuple[Resource, Resource]] | Unobserved | None:
        """Both configurations, as old as the older one; None if a Region has none: another check's business."""
        return both(self.here, self.there)


@dataclass(frozen=True, slots=True)
class Pair:
    """A thing of the primary by its name, and everything of that name in the standby."""

    kind: str
    name: str
    region: Region
    here: Fact[tuple[Resource, ...]]
    there: Fact[Resource]
    """The primary's; ``Unobserved`` where nobody could see what there is."""


def both(
    here: Fact[Resource | None], there: Fact[Resource | None]
) -> Observed[tuple[Resource, Resource]] | Unobserved | None:
    """Two things that were seen, as one fact; None if one of them is not there."""
    if isinstance(here, Unobserved):
        return here
    if isinstance(there, Unobserved):
        return there
    if here.value is None or there.value is None:
        return None
    return Observed((here.value, there.value), min(here.at, there.at), here.source)


@OncePerCase
def numbers_compared(case: Case) -> Iterator[NumberPair]:
    """Every number in scope, as the standby has it beside the primary."""
    here, there = Estate.of(case, case.flow.standby), Estate.of(case, case.flow.primary)
    for e164 in case.flow.numbers:
        yield NumberPair(e164, here.number(e164), there.number(e164), here, there)


def applications_compared(case: Case) -> Iterator[Pair]:
    """Every TwiML App that answers a number of the flow in the primary, and those of its name in the standby."""
    estate = Estate.of(case, case.flow.primary)
    here = case.snapshot.every(case.flow.standby, "application")
    seen: set[str] = set()

    def unseen(why: Unobserved) -> Pair:
        return Pair("TwiML Apps", "the TwiML Apps of its numbers", case.flow.standby, here, why)

    if not case.flow.numbers:
        return
    if isinstance(estate.numbers, Unobserved):
        yield unseen(estate.numbers)
        return
    for e164 in case.flow.numbers:
        number = estate.numbers.value.get(e164)
        found = None if number is None else estate.named_by(number, "voice_application_sid")
        match found:
            case Unobserved():
                yield unseen(found)
                return
            case Observed(value=Resource() as application) if application.sid not in seen:
                seen.add(application.sid)
                alike = _of_identity(here, application)
                fact = Observed(application, found.at, found.source)
                yield Pair("TwiML Apps", application.name, case.flow.standby, alike, fact)


@OncePerCase
def queues_compared(case: Case) -> Iterator[Pair]:
    """Every queue of the primary, and those of its name in the standby."""
    here, there = (case.snapshot.every(region, "queue") for region in (case.flow.standby, case.flow.primary))
    if isinstance(there, Unobserved):
        yield Pair("queues", "its queues", case.flow.standby, here, there)
        return
    for queue in there.value:
        fact = Observed(queue, there.at, there.source)
        yield Pair("queues", queue.name, case.flow.standby, _of_identity(here, queue), fact)


def _of_identity(every: Fact[tuple[Resource, ...]], wanted: Resource) -> Fact[tuple[Resource, ...]]:
    if isinstance(every, Unobserved):
        return every
    return Observed(by_identity(every.value).get(wanted.identity, ()), every.at, every.source)


def differing(here: Resource, there: Resource, *prefixes: str) -> tuple[str, ...]:
    """Fields in which two things of a kind differ by the rule, of those whose name begins with a prefix.

    A URL differs if only one Region has one; a method counts only where its URL is set; a reference is not compared.
    """
    found = []
    for field in KINDS[here.kind].fields:
        if field.role is Role.REFERENCE or not field.name.startswith(prefixes):
            continue
        mine, theirs = (one.fields.get(field.name) or field.default for one in (here, there))
        if field.role is Role.URL:
            mine, theirs = bool(mine), bool(theirs)
        if field.name.endswith("_method") and not there.fields.get(f"{_of_method(here.kind, field.name)}"):
            continue
        if mine != theirs:
            found.append(field.name)
    return tuple(found)


def _of_method(kind: str, name: str) -> str:
    """The URL that a method belongs to: ``voice_url`` of ``voice_method``, ``status_callback`` of its method."""
    stem = name.removesuffix("_method")
    names = {field.name for field in KINDS[kind].fields}
    return next((one for one in (f"{stem}_url", stem) if one in names), stem)


def answered_by(estate: Estate, number: Resource) -> Fact[str | None]:
    """What answers a number's calls, named as it is named in every Region; observed None: nobody.

    The order is the provider's: trunk, application, URL.
    """
    for field, word in (("trunk_sid", "trunk"), ("voice_application_sid", "TwiML App")):
        found = estate.named_by(number, field)
        if isinstance(found, Unobserved):
            return found
        if found is not None:
            name = None if found.value is None else f"{word} {found.value.name}"
            return Observed(name, found.at, found.source)
    if isinstance(estate.numbers, Unobserved):
        return estate.numbers
    word_or_none = "a URL" if number.fields.get("voice_url") else None
    return Observed(word_or_none, estate.numbers.at, estate.numbers.source)

"""What a flow may do in the standby: countries, caller IDs, calls per second, calls at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.views.forms import figure, of_region, texts
from voicedr.program.vocabulary import E164, US1, Region


@dataclass(frozen=True, slots=True)
class Country:
    """A country that the flow calls, and what the standby lets it call there. ``iso`` empty: nobody said which."""

    iso: str
    region: Region
    said: Said[object] | Unsaid
    there: Fact[Resource | None]

    @property
    def kind(self) -> str:
        return "countries"

    @property
    def name(self) -> str:
        return self.iso or "the countries it calls"


@dataclass(frozen=True, slots=True)
class CallerId:
    """A number that the flow shows on outbound calls, and what the standby knows of it."""

    e164: str
    region: Region
    said: Said[object] | Unsaid
    is_owned: Fact[bool]
    is_verified: Fact[bool]

    @property
    def kind(self) -> str:
        return "caller IDs"

    @property
    def name(self) -> str:
        return self.e164 or "its caller IDs"


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure of capacity: what the flow needs, and what was declared of each Region."""

    name: str
    region: Region
    primary: Region
    need: Said[object] | Unsaid
    capacity: Said[object] | Unsaid

    @property
    def kind(self) -> str:
        return "figures"

    @property
    def here(self) -> float | None:
        """Of the standby."""
        return self._of(self.region)

    @property
    def there(self) -> float | None:
        """Of the primary."""
        return self._of(self.primary)

    @property
    def needed(self) -> float | None:
        """In the flow's busy hour."""
        return figure(self.need.value, self.name) if isinstance(self.need, Said) else None

    def _of(self, region: Region) -> float | None:
        return figure(of_region(self.capacity.value, region), self.name) if isinstance(self.capacity, Said) else None


def countries(case: Case) -> Iterator[Country]:
    """Every country that the flow calls."""
    said = case.said(About.OUTBOUND_COUNTRIES)
    every = case.snapshot.every(case.flow.standby, "dialing-country")
    named = texts(said.value) if isinstance(said, Said) else ("",)
    for iso in named:
        yield Country(iso.upper(), case.flow.standby, said, _of_iso(every, iso.upper()))


def _of_iso(every: Fact[tuple[Resource, ...]], iso: str) -> Fact[Resource | None]:
    if isinstance(every, Unobserved):
        return every
    found = next((one for one in every.value if str(one.fields.get("iso_code")).upper() == iso), None)
    return Observed(found, every.at, every.source)


def caller_ids(case: Case) -> Iterator[CallerId]:
    """Every number that the flow shows on outbound calls."""
    said = case.said(About.OUTBOUND_CALLER_IDS)
    for e164 in texts(said.value) if isinstance(said, Said) else ("",):
        yield _caller_id(case, e164, said)


def the_test_caller(case: Case) -> Iterator[CallerId]:
    """The number that test calls come from, if the flow has one."""
    if case.flow.test_caller is not None:
        yield _caller_id(case, case.flow.test_caller, Unsaid(""))


def _caller_id(case: Case, e164: str, said: Said[object] | Unsaid) -> CallerId:
    region = case.flow.standby
    return CallerId(e164, region, said, _owned(case.snapshot, region, e164), _verified(case.snapshot, region, e164))


def _owned(snapshot: Snapshot, region: Region, e164: str) -> Fact[bool]:
    found = snapshot.number_in(region, E164(e164))
    return found if isinstance(found, Unobserved) else Observed(found.value is not None, found.at, found.source)


def _verified(snapshot: Snapshot, region: Region, e164: str) -> Fact[bool]:
    """Only us1 has verified caller IDs
    (https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability, read 2026-11-21)."""
    if region != US1:
        return Observed(False, snapshot.taken_at, "the provider's list of what Regions have")
    every = snapshot.every(region, "caller-id")
    if isinstance(every, Unobserved):
        return every
    return Observed(any(one.fields.get("phone_number") == e164 for one in every.value), every.at, every.source)


FIGURES = ("calls_per_second", "concurrent_calls", "trunk_calls_per_second")


def calls_per_second(case: Case) -> Iterator[Figures]:
    """Calls that may be made in a second."""
    yield _figures(case, "calls_per_second")


def calls_at_once(case: Case) -> Iterator[Figures]:
    """Calls that may be up at once."""
    yield _figures(case, "concurrent_calls")


def every_figure(case: Case) -> Iterator[Figures]:
    """Every figure; those of trunks only where the flow has trunks."""
    has_trunks = any(subject.kind == "trunk" for subject in case.flow.subjects)
    for name in FIGURES:
        if has_trunks or name != "trunk_calls_per_second":
            yield _figures(case, name)


def _figures(case: Case, name: str) -> Figures:
    flow = case.flow
    return Figures(name, flow.standby, flow.primary, case.said(About.NEED), case.said(About.CAPACITY))

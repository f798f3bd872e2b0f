"""What shows the standby's calls: the provider's records, and the customer's own pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact
from voicedr.program.readiness.outside.application import Eye, Page
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.urls import shown
from voicedr.program.readiness.views.forms import is_url, of_region, texts
from voicedr.program.vocabulary import REGIONS, Region


@dataclass(frozen=True, slots=True)
class Shown:
    """One kind of record as a Region shows it to its own key: how many lines were given when one was asked for."""

    name: str
    region: Region
    lines: Fact[int]

    @property
    def kind(self) -> str:
        return "kinds of records"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody says shows the standby's calls.

    Attributes:
        text: A URL, or words. Empty: nothing was said, and ``said`` tells why or by whom.
        page: What it answered; None if it is no URL, or one that is not asked for.
        is_shared: The very same is given for the primary, and it does not name the standby.
    """

    text: str
    region: Region
    said: Said[object] | Unsaid
    page: Fact[Page] | None
    is_shared: bool

    @property
    def kind(self) -> str:
        return "entries"

    @property
    def name(self) -> str:
        return shown(self.text) if self.text else "what the workbook declares"


def shown_by(*eyes: Eye) -> Callable[[Case], Iterator[Shown]]:
    """Views of what the standby shows."""

    def over(case: Case) -> Iterator[Shown]:
        for eye in eyes:
            region = case.flow.standby
            yield Shown(f"the {eye}", region, case.snapshot.application.seen_in(region, eye))

    return over


def declared_for_standby(about: About) -> Callable[[Case], Iterator[Entry]]:
    """Views of what somebody declared for the standby; one empty entry where there is nothing."""

    def over(case: Case) -> Iterator[Entry]:
        flow, said = case.flow, case.said(about)
        mine = texts(of_region(said.value, flow.standby)) if isinstance(said, Said) else ()
        theirs = texts(of_region(said.value, flow.primary)) if isinstance(said, Said) else ()
        for text in mine or ("",):
            # What alarms is not asked for: it would alarm. Its URL is somebody's word.
            asked = is_url(text) and about is not About.ALERTS
            page = case.snapshot.application.page(text) if asked else None
            shared = text in theirs and not _names(text, flow.standby)
            yield Entry(text, flow.standby, said, page, shared)

    return over


def _names(text: str, region: Region) -> bool:
    """Whether it says the Region or the edge that belongs to it."""
    words = text.lower()
    return region in words or REGIONS.get(region, region) in words

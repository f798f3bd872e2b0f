"""Checks of what shows the standby's calls: the provider's records and the customer's own pages."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from one_check import conclude, fails, is_unknown, passes
from readiness_scene import snapshot
from ready_application import BOARD, application_facts, declaring, seen
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.program.readiness.outside.application import Eye, Page, eye_key
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import IE1

NO = Unobserved("nobody looked")
REFUSED = Unobserved("403: this key may not", refused=True)

EYES: dict[str, tuple[Eye, ...]] = {
    "call_log_is_shown": ("call log",),
    "alerts_are_shown": ("alerts",),
    "recordings_are_shown": ("recordings", "transcriptions"),
}
ENTRIES = {
    "dashboard_shows_standby": About.DASHBOARDS,
    "alert_rings_for_standby": About.ALERTS,
    "apm_sees_standby": About.APM,
    "support_sees_standby": About.SUPPORT_TOOLING,
    "analytics_see_standby": About.ANALYTICS,
}
OF_EYES = [(check, eye) for check, eyes in EYES.items() for eye in eyes]


def looking(eye: Eye, fact: Fact[int]) -> Snapshot:
    """The standby shows one kind of record in another way."""
    return msgspec.structs.replace(snapshot(), application=application_facts(eyes={eye_key(IE1, eye): fact}))


def paging(fact: Fact[Page]) -> Snapshot:
    """The page answers in another way."""
    return msgspec.structs.replace(snapshot(), application=application_facts(pages={BOARD: fact}))


@pytest.mark.parametrize("check", [*EYES, *ENTRIES])
def test_a_standby_that_is_watched_passes(check: str) -> None:
    """What is shown and declared passes."""
    assert passes(conclude(check))


@pytest.mark.parametrize(("check", "eye"), OF_EYES)
def test_records_that_are_refused_are_a_gap_and_records_not_asked_for_are_unknown(check: str, eye: Eye) -> None:
    """A key that may not read fails; silence does not."""
    assert fails(conclude(check, looking(eye, REFUSED)), "ie1 refused to show it: 403")
    assert is_unknown(conclude(check, looking(eye, NO)), "nobody looked")


@pytest.mark.parametrize(("check", "eye"), OF_EYES)
def test_an_empty_record_is_shown_too(check: str, eye: Eye) -> None:
    """A standby without calls has nothing to show, and shows it."""
    assert passes(conclude(check, looking(eye, seen(0))))


@pytest.mark.parametrize(("check", "about"), ENTRIES.items())
def test_what_nobody_declared_is_unknown_and_what_leaves_out_the_standby_is_a_gap(check: str, about: About) -> None:
    """No word is unknown; a word that names the primary alone is a gap."""
    assert is_unknown(conclude(check, said=declaring(None, about)), "nobody has declared")
    for value in ({"us1": ["https://boards.acme.example/us1"]}, {"ie1": []}, {}):
        assert fails(conclude(check, said=declaring({about: value})), "nothing is declared for ie1")


PAGES = [check for check in ENTRIES if check != "alert_rings_for_standby"]


@pytest.mark.parametrize("check", PAGES)
def test_a_page_that_is_not_there_is_a_gap_and_one_not_asked_for_is_unknown(check: str) -> None:
    """404, 500 and no answer are gaps; a page that nobody asked for is unknown."""
    for problem in ("answered 404", "answered 503", "did not answer: name-not-found"):
        assert fails(conclude(check, paging(seen(Page(None, problem)))), problem)
    assert is_unknown(conclude(check, paging(NO)), "nobody looked")


def test_one_page_for_both_regions_is_looked_at_by_people() -> None:
    """The same page for both Regions passes if it names the standby, or its edge, and is unknown if it does not."""
    rows: list[tuple[str, Outcome]] = [
        ("https://boards.acme.example/all", Outcome.UNKNOWN),
        ("https://boards.acme.example/all?region=ie1", Outcome.PASS),
        ("https://boards.acme.example/dublin", Outcome.PASS),
    ]
    for url, outcome in rows:
        said = declaring({About.DASHBOARDS: {"ie1": [url], "us1": [url]}})
        pages: dict[str, Any] = {url: seen(Page(200))}
        facts = msgspec.structs.replace(snapshot(), application=application_facts(pages=pages))
        assert [one.outcome for one in conclude("dashboard_shows_standby", facts, said)] == [outcome]


def test_each_entry_is_judged_by_itself() -> None:
    """Words need no page, and a password in a URL is not shown."""
    said = declaring({About.SUPPORT_TOOLING: {"ie1": ["the agents' desk reads ie1", BOARD]}})
    assert passes(conclude("support_sees_standby", said=said))
    assert len(conclude("support_sees_standby", said=said)) == 2


def test_an_alert_that_is_a_url_counts_by_the_word_of_its_owner() -> None:
    """What alarms is asked for by nobody, so that it may not stay unknown for that."""
    said = declaring({About.ALERTS: {"ie1": ["https://pager.acme.example/ie1/failed-calls"]}})
    assert passes(conclude("alert_rings_for_standby", said=said))

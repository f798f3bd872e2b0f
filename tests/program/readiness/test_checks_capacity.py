"""Checks of countries, caller IDs and figures."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from one_check import conclude, fails, is_unknown, passes
from readiness_scene import NUMBERS, a_flow, an_estate, snapshot
from ready_application import SAID, declaring, dialing, resource, seen
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import E164, IE1, US1

NO = Unobserved("Endpoint is not supported in realm 'ie1'")
STRANGER = "+35315550100"


def permitting(*countries: Any, region: str = "standby") -> Snapshot:
    """A snapshot in which a Region permits these countries; a fact in place of them stands for itself."""
    estate: dict[str, Any] = {kind: seen(found) for kind, found in an_estate().items()}
    alone = countries[0] if len(countries) == 1 and isinstance(countries[0], Unobserved) else None
    estate["dialing-country"] = alone or seen(tuple(countries))
    return snapshot(**{region: {"estate": estate}})  # type: ignore[arg-type]


def capacity(region: str, **figures: float | None) -> dict[About, Any]:
    """Other figures of one Region; None takes one away."""
    usual = SAID[About.CAPACITY]
    changed = {name: value for name, value in (usual[region] | figures).items() if value is not None}
    return {About.CAPACITY: usual | {region: changed}}


CHECKS = (
    "country_is_permitted",
    "permissions_alike",
    "caller_id_is_owned",
    "test_caller_is_owned",
    "calls_per_second_suffice",
    "calls_at_once_suffice",
    "capacity_alike",
)


@pytest.mark.parametrize("check", CHECKS)
def test_a_standby_that_may_as_much_passes(check: str) -> None:
    """With the primary's permissions and figures every check passes."""
    assert passes(conclude(check))


FAILS = [
    ("country_is_permitted", permitting(dialing("US")), "ie1 does not know this country"),
    (
        "country_is_permitted",
        permitting(dialing("US"), dialing("IE", low_risk_numbers_enabled=False)),
        "ie1 may not call it",
    ),
    (
        "permissions_alike",
        permitting(dialing("US"), dialing("IE", high_risk_special_numbers_enabled=True)),
        "the primary: IE",
    ),
    (
        "permissions_alike",
        permitting(*(dialing(iso) for iso in ("US", "IE", "AA", "BB", "CC", "DD", "EE", "FF"))),
        "AA, BB, CC, DD, EE and 1 more",
    ),
    ("test_caller_is_owned", snapshot(standby={"numbers": seen({})}), "ie1 shows no such number"),
    ("caller_id_is_owned", snapshot(standby={"numbers": seen({})}), "it is no number of the account"),
]


@pytest.mark.parametrize(("check", "facts", "says"), FAILS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FAILS)])
def test_what_the_standby_may_not_is_a_gap(check: str, facts: Snapshot, says: str) -> None:
    """Each permission that is missing fails its check."""
    assert fails(conclude(check, facts), says)


SAID_WRONG = [
    ("caller_id_is_owned", {About.OUTBOUND_CALLER_IDS: [STRANGER]}, "ie1 takes no other"),
    ("calls_per_second_suffice", {About.NEED: {"calls_per_second": 5.5}}, "ie1 has 5, the busy hour needs 5.5"),
    ("calls_at_once_suffice", capacity("ie1", concurrent_calls=99), "ie1 has 99, the busy hour needs 100"),
    ("capacity_alike", capacity("ie1", calls_per_second=4), "4 in ie1, 5 in us1"),
    ("capacity_alike", capacity("ie1", trunk_calls_per_second=1), "1 in ie1, 5 in us1"),
]


@pytest.mark.parametrize(("check", "said", "says"), SAID_WRONG, ids=[row[2] for row in SAID_WRONG])
def test_figures_that_do_not_suffice_are_a_gap(check: str, said: dict[About, Any], says: str) -> None:
    """A figure that was declared and is too small fails."""
    assert fails(conclude(check, said=declaring(said)), says)


NOT_SEEN = [
    ("country_is_permitted", permitting(NO)),
    ("permissions_alike", permitting(NO)),
    ("permissions_alike", permitting(NO, region="primary")),
    ("permissions_alike", permitting()),
    ("caller_id_is_owned", snapshot(standby={"numbers": NO})),
    ("test_caller_is_owned", snapshot(standby={"numbers": NO})),
]


@pytest.mark.parametrize(("check", "facts"), NOT_SEEN, ids=[f"{n}-{row[0]}" for n, row in enumerate(NOT_SEEN)])
def test_permissions_that_the_standby_does_not_show_are_unknown(check: str, facts: Snapshot) -> None:
    """A host that refuses says neither yes nor no."""
    assert is_unknown(conclude(check, facts))


UNSAID: list[tuple[str, Declarations]] = [
    ("country_is_permitted", declaring(None, About.OUTBOUND_COUNTRIES)),
    ("caller_id_is_owned", declaring(None, About.OUTBOUND_CALLER_IDS)),
    ("calls_per_second_suffice", declaring(None, About.NEED)),
    ("calls_per_second_suffice", declaring(None, About.CAPACITY)),
    ("calls_per_second_suffice", declaring({About.NEED: {"concurrent_calls": 1}})),
    ("calls_at_once_suffice", declaring(capacity("ie1", concurrent_calls=None))),
    ("capacity_alike", declaring(None, About.CAPACITY)),
    ("capacity_alike", declaring(capacity("us1", trunk_calls_per_second=None))),
    ("capacity_alike", declaring(capacity("ie1", calls_per_second=True))),
]


@pytest.mark.parametrize(("check", "said"), UNSAID, ids=[f"{n}-{row[0]}" for n, row in enumerate(UNSAID)])
def test_figures_that_nobody_said_are_unknown(check: str, said: Declarations) -> None:
    """No figure is not enough."""
    assert is_unknown(conclude(check, said=said))


def test_a_flow_that_calls_nobody_needs_no_permission() -> None:
    """Somebody says that no country is called and no number shown: the checks do not apply."""
    said = declaring({About.OUTBOUND_COUNTRIES: [], About.OUTBOUND_CALLER_IDS: []})
    assert conclude("country_is_permitted", said=said) == []
    assert conclude("caller_id_is_owned", said=said) == []
    assert conclude("test_caller_is_owned", flow=a_flow(test_caller=None)) == []


def test_countries_are_named_in_any_case() -> None:
    """ISO codes are the same in small letters."""
    assert passes(conclude("country_is_permitted", said=declaring({About.OUTBOUND_COUNTRIES: ["ie"]})))


def test_a_verified_caller_id_counts_in_us1_only() -> None:
    """What was verified may be shown from us1, and from nowhere else."""
    said = declaring({About.OUTBOUND_CALLER_IDS: [STRANGER]})
    verified = resource("caller-id", "PN" + "5" * 32, phone_number=STRANGER, friendly_name="a shop")
    estate = {kind: seen(found) for kind, found in an_estate(caller_id=[verified]).items()}
    facts = snapshot(standby={"estate": estate}, primary={"estate": estate})
    assert fails(conclude("caller_id_is_owned", facts, said), "ie1 takes no other")
    home = a_flow(primary=IE1, standby=US1)
    assert passes(conclude("caller_id_is_owned", facts, said, home))
    unread = snapshot(primary={"estate": {}})
    assert is_unknown(conclude("caller_id_is_owned", unread, said, home))


def test_trunks_have_a_figure_of_their_own() -> None:
    """A flow without trunks needs no calls per second on trunks."""
    without = a_flow(cohorts=(msgspec.structs.replace(a_flow().cohorts[0]),))
    assert len(conclude("capacity_alike")) == 3
    assert len(conclude("capacity_alike", flow=without)) == 2


def test_the_test_caller_may_be_a_number_outside_the_flow() -> None:
    """What counts is that the account has it."""
    assert passes(conclude("test_caller_is_owned", flow=a_flow(test_caller=NUMBERS[-1])))
    assert fails(conclude("test_caller_is_owned", flow=a_flow(test_caller=E164(STRANGER))), "no such number")

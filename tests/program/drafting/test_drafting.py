"""Drafting: what one thing answers belongs together, nothing unread is guessed, and people's edits survive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.drafting.clusters import CLUSTERS_MAX, Cluster, clusters
from voicedr.program.drafting.document import document
from voicedr.program.drafting.merge import merge
from voicedr.program.drafting.proposals import propose
from voicedr.program.drafting.seen import CallVolume, Seen, volume_of
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import (
    Application,
    CallRecord,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Account, RegionAccess
from voicedr.program.vocabulary import E164, IE1, US1, Region

AT = datetime(2026, 11, 21, tzinfo=UTC)
ACCOUNT = Account(
    "AC" + "0" * 32,
    {
        US1: RegionAccess("ashburn", "SK" + "1" * 32, "env:U"),
        IE1: RegionAccess("dublin", "SK" + "2" * 32, "env:I", "env:T"),
    },
)
NO = Unobserved("403")


def number(n: int) -> E164:
    """The n-th number."""
    return E164(f"+1415555{n:04}")


def hook(url: str) -> VoiceHandler:
    """A handler with a URL."""
    return VoiceHandler(voice_url=url)


def seen(
    handlers: dict[int, str | VoiceHandler],
    *,
    routes: dict[int, Region | None] | None = None,
    rates: dict[int, float] | None = None,
    trunk: Trunk | None = None,
    domain: SipDomain | None = None,
    **facts: object,
) -> Seen:
    """An account whose numbers are answered by URLs, by ``app NAME`` or by the trunk."""
    apps: dict[str, Application] = {}
    configs = {}
    for n, by in handlers.items():
        e164 = number(n)
        if isinstance(by, str) and by.startswith("app "):
            sid = "AP" + by[4:]
            apps[sid] = Application(sid, by[4:], hook("https://x.example"))
            configs[e164] = NumberConfig(e164, "PN", None, VoiceHandler(), voice_application_sid=sid)
        elif by == "trunk":
            configs[e164] = NumberConfig(e164, "PN", None, VoiceHandler(), trunk_sid=trunk.sid if trunk else "TK")
        else:
            configs[e164] = NumberConfig(e164, "PN", None, by if isinstance(by, VoiceHandler) else hook(by))
    region = RegionFacts(
        Observed("ok", AT, "x"),
        Observed(configs, AT, "x"),
        Observed(apps, AT, "x"),
        Observed((trunk,) if trunk else (), AT, "x"),
        Observed((domain,) if domain else (), AT, "x"),
        NO,
    )
    region = msgspec.structs.replace(region, **facts)
    stored: dict[str, Fact[Route | None]] = {}
    for n in handlers:
        subject = Routable("number", number(n))
        wanted = (routes or {}).get(n, US1)
        stored[subject.key] = NO if wanted is None else Observed(Route(subject, wanted), AT, "x")
    for name, kind in ((trunk and trunk.domain_name, "trunk"), (domain and domain.domain_name, "sip-domain")):
        if name:
            subject = Routable(kind, name)  # type: ignore[arg-type]
            stored[subject.key] = Observed(Route(subject, US1), AT, "x")
    busiest = {number(n): rate for n, rate in (rates or {}).items()}
    volume: Fact[CallVolume] = NO if rates is None else Observed(CallVolume({}, busiest, AT, True), AT, "x")
    snapshot = Snapshot(AT, ACCOUNT.sid, {US1: region, IE1: region}, stored, {})
    return Seen(snapshot, {US1: volume})


TRUNK = Trunk("TK1", "Acme yard", "acme.pstn.twilio.com", None, "POST", "IP_ACL")


def test_what_one_thing_answers_belongs_together() -> None:
    """An app, a URL whatever its query and overrides, a trunk with its domain; a domain by its handler."""
    domain = SipDomain("SD1", "acme.sip.twilio.com", None, hook("https://app.example/voice/support#rc=2"), "IP_ACL")
    found = clusters(
        seen(
            {
                1: "https://app.example/voice/support?line=1",
                2: "https://app.example/voice/support/#e=dublin",
                3: "app Sales desk",
                4: "app Sales desk",
                5: "trunk",
                6: "https://app.example/voice/other",
            },
            trunk=TRUNK,
            domain=domain,
        )
    )
    told = {cluster.name: cluster for cluster in found.every}
    assert set(told) == {"support", "sales-desk", "acme-yard", "other"}
    assert told["support"].numbers == (number(1), number(2))
    assert told["support"].sip_domains == ("acme.sip.twilio.com",)
    assert told["acme-yard"].trunks == ("acme.pstn.twilio.com",)
    assert found.remarks == ()


def test_what_could_not_be_read_is_said_and_in_no_flow() -> None:
    """No handler, no list, no route: each is told; a number whose app was not read is not guessed."""
    found = clusters(seen({1: VoiceHandler(), 2: "app x", 3: "https://a.example/v"}, applications=NO))
    assert [cluster.numbers for cluster in found.every] == [(number(3),)]
    told = "\n".join(found.remarks)
    assert "1 numbers are answered by nobody" in told
    assert f"who answers {number(2)} in us1 could not be read" in told
    assert "the applications of us1 could not be read" in told
    unrouted = clusters(seen({1: "https://a.example/v"}, routes={1: None}))
    assert "is taken as us1" in unrouted.remarks[0]
    assert clusters(seen({1: "https://a.example/v"}, numbers=NO)).every == ()


def test_a_number_is_read_where_it_lives() -> None:
    """One that is routed to ie1 is of ie1's flow, though its URL is the same."""
    found = clusters(seen({1: "https://a.example/v", 2: "https://a.example/v"}, routes={2: IE1}))
    assert {(cluster.home, cluster.numbers) for cluster in found.every} == {(US1, (number(1),)), (IE1, (number(2),))}
    assert len({cluster.name for cluster in found.every}) == 2


def test_a_url_for_each_number_is_one_application() -> None:
    """More flows than anybody can look at become one for each host."""
    handlers: dict[int, str | VoiceHandler] = {n: f"https://app.example/n/{n}" for n in range(CLUSTERS_MAX + 1)}
    (cluster,) = clusters(seen(handlers)).every
    assert (len(cluster.numbers), cluster.name) == (CLUSTERS_MAX + 1, "app-example")


@given(st.dictionaries(st.integers(0, 400), st.floats(0, 50), min_size=1, max_size=200))
def test_every_number_is_in_one_cohort_and_the_quiet_go_first(rates: dict[int, float]) -> None:
    """No number twice, none forgotten; the canary has at most two; the draft is a valid workbook."""
    account = seen(dict.fromkeys(rates, "https://a.example/voice/line"), rates=rates)
    proposals = propose(clusters(account).every, account, ACCOUNT)
    (flow,) = read_workbook(document(proposals, ACCOUNT), "draft.yaml").flows
    assert sorted(flow.numbers) == sorted(number(n) for n in rates)
    assert len(flow.numbers) == len(set(flow.numbers))
    if len(rates) > 1:
        assert len(flow.cohorts[0].numbers) <= 2
        rate = {number(n): value for n, value in rates.items()}
        called = [value for value in rate.values() if value]
        assert all(rate[one] <= max(called, default=0.0) for one in flow.cohorts[0].numbers)
        assert max(rate[one] for one in flow.cohorts[0].numbers) <= sorted(called or [0.0])[:2][-1]


def test_tiers_follow_the_calls() -> None:
    """Those that have half of the calls first; without a call log, nobody is above anybody."""
    handlers: dict[int, str | VoiceHandler] = {n: f"https://a.example/voice/line{n}" for n in range(4)}
    rated = seen(handlers, rates={0: 60.0, 1: 30.0, 2: 9.0, 3: 0.0})
    tiers = {p.cluster.name: p.tier for p in propose(clusters(rated).every, rated, ACCOUNT)}
    assert tiers == {"line0": 1, "line1": 2, "line2": 3, "line3": 3}
    silent = seen(handlers)
    assert {p.tier for p in propose(clusters(silent).every, silent, ACCOUNT)} == {2}


def test_the_volume_is_of_incoming_calls_in_the_busiest_hour() -> None:
    """Outgoing legs are not counted; the hour with most calls gives the rate."""

    def call(minute: int, direction: str = "inbound") -> CallRecord:
        return CallRecord("CA", "+1", number(1), "completed", direction, AT + timedelta(minutes=minute), 1)

    volume = volume_of([call(1), call(2), call(3), call(70), call(4, "outbound-api")], whole=True)
    assert volume.calls == {number(1): 4}
    assert volume.busiest == {number(1): pytest.approx(3 / 60)}


EDITED = f"""\
# ours, do not touch
voicedr: 1
account:
  sid: AC{"0" * 32}
  regions:
    us1: {{edge: ashburn, api_key: SK{"1" * 32}, api_secret: "env:U"}}
    ie1: {{edge: dublin, api_key: SK{"2" * 32}, api_secret: "env:I"}}
people:   # who is asked
  - {{id: a, name: 'A. Ruiz', roles: [lead]}}
  - {{id: b, name: "B. Chen", roles: [director]}}
flows:
  support:
    title: The line that matters   # decided 2026-11-01
    tier: 1
    primary: us1
    standby: ie1
    rto: 1h
    entry_points:
      numbers: ["{number(1)}", "{number(2)}"]   # two for now
    cohorts:
      - name: canary
        numbers: ["{number(1)}"]
      - name: rest
        rest: true
    roles:
      {{detection: lead, technical_assessment: lead, business_impact: director, approval: {{roles: [lead, director]}}}}
"""


def merged(account: Seen, text: str = EDITED) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """The text, what was added and what is gone."""
    found = merge(text, read_workbook(text, "w.yaml"), clusters(account).every, account)
    return found.text, found.added, found.gone


SUPPORT = "https://a.example/voice/support"


def test_nothing_new_changes_no_byte() -> None:
    """The same account: the same text."""
    assert merged(seen({1: SUPPORT, 2: SUPPORT})) == (EDITED, (), ())


@pytest.mark.parametrize("name", ["null", "911", "2026-11-21", "true"])
def test_a_flow_whose_name_is_something_else_to_yaml(name: str) -> None:
    """An app called null or 911 is a flow of that name; it is added, and what is new joins it later."""
    text, added, _ = merged(seen({1: SUPPORT, 2: SUPPORT, 7: f"app {name}"}))
    assert len(added) == 1
    flow = read_workbook(text, "w.yaml").flow(name)
    assert flow is not None
    assert flow.numbers == (number(7),)
    joined, again, _ = merged(seen({1: SUPPORT, 2: SUPPORT, 7: f"app {name}", 8: f"app {name}"}), text)
    assert len(again) == 1
    grown = read_workbook(joined, "w.yaml").flow(name)
    assert grown is not None
    assert grown.numbers == (number(7), number(8))


def test_new_numbers_join_their_flow_and_edits_survive() -> None:
    """A number that the flow's own handler answers joins it; a purpose of its own is a new flow at the end."""
    account = seen({1: SUPPORT, 2: SUPPORT, 3: SUPPORT, 7: "app Billing", 8: "app Billing"})
    text, added, gone = merged(account)
    workbook = read_workbook(text, "w.yaml")
    support, billing = workbook.flow("support"), workbook.flow("billing")
    assert support is not None
    assert billing is not None
    assert support.numbers == (number(1), number(2), number(3))
    assert support.title == "The line that matters"
    assert billing.numbers == (number(7), number(8))
    assert (len(added), gone) == (2, ())
    for kept in (
        "# ours, do not touch",
        "# who is asked",
        "# decided 2026-11-01",
        "# two for now",
        "'A. Ruiz'",
        '"B. Chen"',
    ):
        assert kept in text
    assert text.index("support:") < text.index("billing:")
    assert merged(account, text) == (text, (), ())


def test_what_is_gone_is_told_and_left() -> None:
    """People take it out; what could not be read is not gone."""
    text, _, gone = merged(seen({1: SUPPORT}))
    assert (text, gone) == (EDITED, (f"support: {number(2)}",))
    assert merged(seen({1: SUPPORT}, numbers=NO))[2] == ()


def test_a_number_between_two_flows_is_a_flow_of_its_own() -> None:
    """Where people split what one thing answers into two flows, nobody guesses which one is meant."""
    numbers = f'["{number(1)}", "{number(2)}"]'
    two = (
        EDITED.replace(numbers, f'["{number(1)}"]').replace("      - name: rest\n        rest: true\n", "").rstrip()
        + "\n"
    )
    other = two[two.index("  support:") :].replace("support:", "second:").replace(number(1), number(2))
    text = two + other
    read_workbook(text, "w.yaml")
    after, added, _ = merged(seen({1: SUPPORT, 2: SUPPORT, 3: SUPPORT}), text)
    assert added == ("support-2: a new flow of 1 entry points",)
    assert read_workbook(after, "w.yaml").flow("support-2") is not None


def test_a_cluster_tells_its_size() -> None:
    """Numbers, trunks and domains."""
    assert Cluster("k", "a", "n", US1, (number(1),), ("t",), ("s", "u")).size == 4

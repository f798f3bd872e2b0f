"""Checks of webhooks, fallbacks, the application and the REST API: what passes, what fails, what cannot be known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from readiness_scene import (
    A_SIP_DOMAIN,
    NUMBERS,
    a_flow,
    an_account,
    an_estate,
    config,
    declaring,
    judge,
    nothing_seen,
    number_resource,
    seen,
    snapshot,
)
from ready_web import (
    AT,
    CONFIRM,
    FALLBACK,
    HOSTED,
    INSTANCES,
    MESSAGES,
    SOURCE,
    STATUS,
    URL,
    answer,
    web_facts,
)
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.outside.web import (
    AlertCount,
    Alerted,
    CertificateSeen,
    ContextSeen,
    InstanceSaid,
    Reached,
    RestSource,
    WebFacts,
)
from voicedr.program.readiness.resources import Hop, Route, VoiceHandler, WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import AU1, IE1, US1

NO = Unobserved("forbidden")
APP, DR = "app.acme.example", "dr.other.example"
SINCE = AT - timedelta(days=1)


def found(check: str, facts: Snapshot, said: Any = None, **changes: Any) -> list[Finding]:
    """What a check says of the flow."""
    account = changes.pop("account", None) or an_account()
    judged = judge(a_flow(**changes), account, facts, said=said)
    return [finding for finding in judged.findings if finding.check == check]


def web(**changes: Any) -> Snapshot:
    return snapshot(web=web_facts(**changes))


def handled(url: str = URL, fallback: str | None = FALLBACK, status: str | None = STATUS) -> dict[str, Any]:
    """The first number of a Region, answered by these URLs."""
    handler = VoiceHandler(voice_url=url, voice_fallback_url=fallback, status_callback=status)
    return {
        "numbers": seen({one: config(one, **({"handler": handler} if one == NUMBERS[0] else {})) for one in NUMBERS})
    }


def told(url: str, **changes: Any) -> Snapshot:
    return snapshot(webhooks={url: seen(answer(url, **changes))})


def messages(**changes: Any) -> dict[str, Any]:
    """A Region whose first number has its messages changed."""
    numbers = [number_resource(one, **(changes if one == NUMBERS[0] else {})) for one in NUMBERS]
    return {"estate": {kind: seen(found) for kind, found in an_estate(number=numbers).items()}}


def certificate(**changes: Any) -> Snapshot:
    usual = CertificateSeen(AT + timedelta(days=60), None, "TLSv1.3")
    return web(certificates={f"{DR}:443": seen(msgspec.structs.replace(usual, **changes))})


def alerts(*counts: AlertCount, whole: bool = True) -> Snapshot:
    return web(alerts={IE1: seen(Alerted(SINCE, counts, whole))})


def alert(url: str, code: int = 11200, count: int = 3) -> AlertCount:
    return AlertCount(url.partition("#")[0], code, count, AT)


def forged(status: int | None, problem: str | None = None) -> Snapshot:
    return web(forged={URL: seen(answer(URL, status=status, problem=problem, verbs=()))})


def signed(region: str, **changes: Any) -> Snapshot:
    fact = answer(URL, **({"signed_as": region} | changes))
    return web(signed={f"{region} {URL}": seen(fact)})


FAILS: list[tuple[str, Snapshot, str]] = [
    ("webhook_host_is_public", web(addresses={APP: seen(("8.8.8.8", "10.0.0.7"))}), "leads to 10.0.0.7"),
    ("webhook_host_is_public", web(addresses={APP: seen(())}), "to no address"),
    ("webhook_certificate_valid", certificate(problem="it has expired"), "refuse its certificate: it has expired"),
    ("webhook_certificate_lasts", certificate(until=AT + timedelta(days=20)), "in 20 days"),
    ("webhook_certificate_lasts", certificate(until=AT - timedelta(days=1)), "ended on 2026-11-20"),
    ("webhook_url_is_accepted", snapshot(standby=handled("/voice")), "is not an absolute http or https URL"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://localhost/v")), "only its own machine"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://10.1.2.3/v")), "only its own machine"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://a.example/v w")), "' ' unescaped"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://a_b.example/v")), "underscore"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://a:b&c@a.example/v")), "& or :"),
    ("webhook_url_is_accepted", snapshot(standby=handled("https://[broken")), "cannot be read as a URL"),
    ("webhook_is_encrypted", snapshot(standby=handled(fallback="http://dr.other.example/v")), "fallback URL is plain"),
    ("webhook_is_encrypted", snapshot(primary=handled(status="http://app.acme.example/s")), "status callback is plain"),
    ("webhook_answers_soon", told(URL, seconds=8.0), "took 8.0 s of 15 s"),
    ("webhook_stays_on_its_host", told(URL, hops=(Hop(301, DR),)), f"redirects for good to {DR}"),
    ("webhook_stays_on_its_host", told(URL, hops=(Hop(302, "cdn.example"),)), "redirects to cdn.example"),
    ("overrides_are_valid", snapshot(standby=handled("https://app.acme.example/v#e=paris")), "(11240)"),
    ("overrides_are_valid", snapshot(standby=handled("https://app.acme.example/v#rc=9")), "rc=9 is not"),
    ("overrides_fit_the_budget", snapshot(standby=handled("https://app.acme.example/v#rc=3")), "4 attempts"),
    ("overrides_fit_the_budget", snapshot(standby=handled("https://app.acme.example/v#rp=rt")), "40 s"),
    ("overrides_name_two_edges", snapshot(standby=handled("https://app.acme.example/v")), "no edge, so ashburn"),
    (
        "overrides_name_two_edges",
        snapshot(standby=handled("https://app.acme.example/v#e=dublin")),
        "only the edge dublin",
    ),
    (
        "overrides_name_two_edges",
        snapshot(standby=handled("https://app.acme.example/v#e=dublin,frankfurt,tokyo&rc=1&rp=ct,5xx")),
        "never comes to tokyo",
    ),
    ("overrides_name_two_edges", snapshot(standby=handled("https://a.example/v#e=dublin,frankfurt")), "leaves out 5xx"),
    (
        "standby_leaves_by_its_own_edge",
        snapshot(standby=handled("https://a.example/v")),
        "names no edge, and so leaves by ashburn",
    ),
    (
        "standby_leaves_by_its_own_edge",
        snapshot(standby=handled("https://a.example/v#e=ashburn,dublin")),
        "names ashburn",
    ),
    ("fallback_on_other_address", web(addresses={DR: seen(("8.8.4.4", "1.1.1.1"))}), "are both at 8.8.4.4"),
    (
        "fallback_takes_error_parameters",
        snapshot(
            webhooks={FALLBACK: seen(answer(FALLBACK, status=500, problem="answered 500"))},
            web=web_facts(untold={FALLBACK: seen(answer(FALLBACK))}),
        ),
        "with them it answered 500",
    ),
    ("fallback_stands_alone", told(FALLBACK, needs=(DR, APP)), f"goes on with its primary's host, {APP}"),
    ("fallback_stands_alone", told(FALLBACK, hops=(Hop(302, APP),)), f"redirects to its primary's host, {APP}"),
    (
        "fallback_not_hosted_alike",
        snapshot(standby=handled("https://webhooks.twilio.com/v1/Flows/FW1", "https://late-1.twil.io/voice")),
        "Studio falls back to Functions",
    ),
    ("hosted_handler_in_standby", snapshot(standby=handled("https://x.ashburn.us1.twil.io/v")), "it needs us1"),
    ("status_callback_in_standby", snapshot(standby=handled(status=None)), "no status callback in ie1"),
    ("status_callback_answers", web(reached={STATUS: seen(Reached(503, 0.1, "answered 503"))}), "answered 503"),
    ("webhook_takes_each_regions_signature", signed(IE1, status=403, problem="answered 403"), "signed as ie1 signs"),
    ("webhook_takes_each_regions_signature", signed(US1, status=401, problem="answered 401"), "signed as us1 signs"),
    ("webhook_refuses_forgeries", forged(200), "answers requests with a wrong signature"),
    (
        "application_instance_answers",
        web(instances={CONFIRM[0]: seen(Reached(None, 5.0, "did not answer"))}),
        "did not",
    ),
    ("application_knows_the_region", web(confirms={CONFIRM[0]: seen(InstanceSaid(IE1, 7))}), "works for ie1"),
    ("application_knows_the_region", web(confirms={CONFIRM[0]: seen(InstanceSaid(US1, 6))}), "epoch 6, and another"),
    (
        "application_knows_the_region",
        web(confirms={CONFIRM[0]: seen(InstanceSaid(None, None, "it answered 500"))}),
        "500",
    ),
    ("application_context_readable", web(contexts={"context.json": seen(ContextSeen(IE1, 8))}), "names ie1"),
    (
        "application_context_readable",
        web(contexts={"context.json": seen(ContextSeen(None, None, "is not there"))}),
        "not there",
    ),
    (
        "rest_has_a_second_edge",
        web(edges={f"{edge}.us1": seen(Reached(None, 5.0, "did not answer")) for edge in ("umatilla", "sydney")}),
        "1 of 3 names answer: umatilla did not answer",
    ),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(True, (12,)))}), "(line 12)"),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(True, (), ("dublin",), True))}), "knows one edge"),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(True, (), (), True))}), "a Region without an edge"),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(True))}), "without an edge"),
    ("no_webhook_failed_lately", alerts(alert(URL), alert(URL, 12100, 2)), "3 × 11200, 2 × 12100 on its primary URLs"),
    ("no_webhook_failed_lately", alerts(AlertCount("https://app.acme.example/voice/menu", 11200, 1, AT)), "1 × 11200"),
    ("no_fallback_failed_lately", alerts(alert(FALLBACK), whole=False), "at least 3 × 11200 on its fallbacks"),
    ("messages_have_fallback", snapshot(standby=messages(sms_fallback_url=None)), "no fallback URL for messages"),
    ("messages_have_fallback", snapshot(primary=messages(sms_fallback_url=MESSAGES + "/2")), f"primary's host, {APP}"),
    ("messages_in_standby", snapshot(standby=messages(sms_url=None)), "no URL for messages in ie1"),
]


@pytest.mark.parametrize(("check", "facts", "says"), FAILS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FAILS)])
def test_a_gap_is_found(check: str, facts: Snapshot, says: str) -> None:
    """Each single fault fails its own check, says which, with evidence, something to do and a source."""
    failed = [finding for finding in found(check, facts) if finding.outcome is Outcome.FAIL]
    assert failed, [(finding.outcome, finding.detail) for finding in found(check, facts)]
    assert all(says in finding.detail for finding in failed)
    assert all(finding.fix and "{" not in finding.fix.replace('{"region"', "") for finding in failed)
    assert all(finding.seen_at is not None for finding in failed)


SAID_FAILS: list[tuple[str, About, Any, str]] = [
    ("fallback_in_other_place", About.HOST_PLACES, {APP: "AWS  us-east-1", DR: "aws us-east-1"}, "where its primary"),
    ("application_is_in_two_places", About.APPLICATION_INSTANCES, {"https://a.example/h": "aws a"}, "1 instances in 1"),
    (
        "application_is_in_two_places",
        About.APPLICATION_INSTANCES,
        {"https://a.example/h": "aws a", "https://b.example/h": "AWS a"},
        "2 instances in 1 places",
    ),
    ("dependency_survives", About.DEPENDENCIES, {"db": {"instances": 1, "places": ["a", "b"]}}, "does not fail over"),
    (
        "dependency_survives",
        About.DEPENDENCIES,
        {"db": {"instances": 3, "places": ["a", "A "]}},
        "all of it in 1 place",
    ),
]


@pytest.mark.parametrize(("check", "about", "value", "says"), SAID_FAILS)
def test_what_somebody_said_may_be_a_gap(check: str, about: About, value: Any, says: str) -> None:
    """A declaration that says that something is not so fails, and shows whose word it is."""
    failed = [f for f in found(check, snapshot(), declaring({about: value})) if f.outcome is Outcome.FAIL]
    assert failed
    assert all(says in finding.detail and finding.said_by == "ann" for finding in failed)


UNKNOWN: list[tuple[str, Snapshot]] = [
    ("webhook_host_is_public", web(addresses={APP: NO})),
    ("webhook_certificate_valid", web(certificates={f"{APP}:443": NO})),
    ("webhook_certificate_lasts", web(certificates={f"{APP}:443": NO})),
    ("webhook_certificate_lasts", certificate(until=None)),
    ("webhook_url_is_accepted", snapshot(standby={"numbers": NO})),
    ("webhook_is_encrypted", snapshot(standby={"numbers": NO})),
    ("webhook_answers_soon", snapshot(webhooks={URL: NO})),
    ("webhook_stays_on_its_host", snapshot(webhooks={URL: NO})),
    ("webhook_stays_on_its_host", told(URL, status=None, problem="did not answer")),
    ("overrides_are_valid", snapshot(standby={"numbers": NO})),
    ("overrides_fit_the_budget", snapshot(standby={"numbers": NO})),
    ("overrides_name_two_edges", snapshot(standby={"applications": NO})),
    ("standby_leaves_by_its_own_edge", snapshot(standby={"numbers": NO})),
    ("fallback_on_other_address", web(addresses={DR: NO})),
    ("fallback_on_other_address", web(addresses={APP: NO})),
    ("fallback_in_other_place", snapshot(standby={"numbers": NO})),
    ("fallback_takes_error_parameters", snapshot(webhooks={FALLBACK: NO})),
    ("fallback_takes_error_parameters", told(FALLBACK, status=500, problem="answered 500")),
    ("fallback_stands_alone", snapshot(webhooks={FALLBACK: NO})),
    ("fallback_stands_alone", told(FALLBACK, status=500, problem="answered 500")),
    ("fallback_not_hosted_alike", snapshot(standby={"numbers": NO})),
    ("hosted_handler_in_standby", snapshot(standby={"numbers": NO})),
    ("hosted_handler_in_standby", snapshot(standby=handled("https://handler.twilio.com/twiml/EH1"))),
    ("hosted_handler_in_standby", snapshot(standby=handled("https://webhooks.twilio.com/v1/x"))),
    ("hosted_handler_in_standby", snapshot(standby=handled("https://late-1.twil.io/voice"))),
    ("status_callback_in_standby", snapshot(standby={"numbers": NO})),
    ("status_callback_in_standby", snapshot(primary={"numbers": NO})),
    ("status_callback_answers", web(reached={STATUS: NO})),
    ("webhook_takes_each_regions_signature", web(signed={f"{US1} {URL}": NO})),
    ("webhook_takes_each_regions_signature", signed(IE1, signed_as=None)),
    ("webhook_refuses_forgeries", web(forged={URL: NO})),
    ("webhook_refuses_forgeries", forged(None, "did not answer")),
    ("webhook_refuses_forgeries", forged(500, "answered 500")),
    ("application_instance_answers", web(instances={CONFIRM[0]: NO})),
    ("application_knows_the_region", web(confirms={CONFIRM[0]: NO})),
    ("application_knows_the_region", snapshot(routes={a_flow().subjects[0]: NO})),
    ("application_knows_the_region", snapshot(routes={a_flow().subjects[0]: seen(Route(a_flow().subjects[0], IE1))})),
    ("application_context_readable", web(contexts={"context.json": NO})),
    ("application_context_readable", snapshot(routes={a_flow().subjects[0]: NO})),
    ("rest_has_a_second_edge", web(edges={"umatilla.us1": NO, "sydney.us1": NO})),
    ("rest_client_falls_back", web(sources={SOURCE: NO})),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(False))})),
    ("rest_client_falls_back", web(sources={SOURCE: seen(RestSource(True, from_environment=True))})),
    ("no_webhook_failed_lately", web(alerts={IE1: NO})),
    ("no_webhook_failed_lately", alerts(whole=False)),
    ("no_fallback_failed_lately", web(alerts={US1: NO})),
    ("messages_have_fallback", snapshot(standby={"estate": {}})),
    ("messages_have_fallback", snapshot(standby=messages(sms_fallback_url="dr"))),
    ("messages_in_standby", snapshot(standby={"estate": {}})),
    ("messages_in_standby", snapshot(primary={"estate": {}})),
]


@pytest.mark.parametrize(("check", "facts"), UNKNOWN, ids=[f"{n}-{row[0]}" for n, row in enumerate(UNKNOWN)])
def test_what_could_not_be_looked_at_is_unknown(check: str, facts: Snapshot) -> None:
    """Not having seen it is neither a pass nor a gap, and the reason is kept."""
    findings = found(check, facts)
    assert any(finding.outcome is Outcome.UNKNOWN and finding.detail for finding in findings)
    assert not any(finding.outcome is Outcome.FAIL for finding in findings)


UNSAID = [
    ("fallback_in_other_place", About.HOST_PLACES),
    ("application_instance_answers", About.APPLICATION_INSTANCES),
    ("application_is_in_two_places", About.APPLICATION_INSTANCES),
    ("dependency_survives", About.DEPENDENCIES),
    ("rest_client_falls_back", About.REST_CLIENTS),
]


@pytest.mark.parametrize(("check", "about"), UNSAID)
def test_what_nobody_declared_is_unknown(check: str, about: About) -> None:
    """Nobody's word is not a yes, and the finding says where to write it."""
    findings = found(check, snapshot(), declaring(None, about))
    assert {finding.outcome for finding in findings} == {Outcome.UNKNOWN}
    assert all(about.value in finding.detail for finding in findings)


def test_a_place_that_was_not_declared_is_asked_for_by_name() -> None:
    """One host of two is not enough; addresses beside each other are mentioned and prove nothing."""
    said = declaring({About.HOST_PLACES: {APP: "aws us-east-1"}})
    one = found("fallback_in_other_place", web(addresses={DR: seen(("8.8.8.9",))}), said)
    assert {finding.outcome for finding in one} == {Outcome.UNKNOWN}
    assert f"where {DR} is" in one[0].detail
    assert "next to its primary's" in one[0].detail


def test_one_address_needs_a_word_about_the_balancer() -> None:
    """Two addresses are seen; behind one there may be a balancer, which somebody has to say."""
    one = web(addresses={APP: seen(("8.8.8.8",))})
    assert [f.outcome for f in found("webhook_host_is_not_one_machine", snapshot())] == [Outcome.PASS]
    assert [f.said_by for f in found("webhook_host_is_not_one_machine", one)] == ["ann"]
    unsaid = found("webhook_host_is_not_one_machine", one, declaring(None, About.BALANCER))
    assert [finding.outcome for finding in unsaid] == [Outcome.UNKNOWN]
    dark = found("webhook_host_is_not_one_machine", nothing_seen())
    assert [finding.outcome for finding in dark] == [Outcome.UNKNOWN]


def test_a_hosted_fallback_passes_where_it_runs_and_shares_nothing() -> None:
    """A Function of the standby by its name stands in for a host of one's own, in any Region that has Functions."""
    domain = msgspec.structs.replace(A_SIP_DOMAIN, handler=VoiceHandler(voice_url=URL, voice_fallback_url=HOSTED))
    facts = snapshot(standby={"sip_domains": seen((domain,))}, webhooks={HOSTED: seen(answer(HOSTED))})
    for check in ("hosted_handler_in_standby", "fallback_not_hosted_alike"):
        assert [finding.outcome for finding in found(check, facts)] == [Outcome.PASS]
    regions = {AU1: facts.regions[IE1], US1: facts.regions[US1]}
    moved = msgspec.structs.replace(facts, regions=regions)
    there = found("hosted_handler_in_standby", moved, standby=AU1)
    assert [finding.detail for finding in there] == ["the fallback URL is Functions, which au1 does not have"]


def test_two_hosted_handlers_in_two_regions_by_name_are_two() -> None:
    """What the provider runs may fall back to what it runs, if their names say different Regions."""
    studio = "https://studio.ashburn.us1.twilio.com/v1/x"
    facts = snapshot(primary=handled(studio, HOSTED))
    assert [f.outcome for f in found("fallback_not_hosted_alike", facts)] == [Outcome.PASS]


def test_au1_has_no_messages_to_look_at() -> None:
    """Where a Region has no messages, nothing is said about them there."""
    facts = snapshot()
    regions = {AU1: facts.regions[IE1], US1: facts.regions[US1]}
    moved = msgspec.structs.replace(facts, regions=regions)
    assert found("messages_in_standby", moved, standby=AU1) == []
    assert {finding.region for finding in found("messages_have_fallback", moved, standby=AU1)} == {US1}


def test_a_region_with_one_documented_name_has_no_second_to_look_for() -> None:
    """Only us1's REST API has other names."""
    assert {finding.region for finding in found("rest_has_a_second_edge", snapshot())} == {US1}
    assert found("rest_has_a_second_edge", snapshot(), primary=AU1) == []


def test_a_twin_on_this_machine_reaches_this_machine() -> None:
    """With the provider on loopback, loopback hosts need no public name, certificate or https."""
    local = handled("http://127.0.0.1:9001/voice", "http://127.0.0.2:9001/voice", None)
    facts = snapshot(standby=local, primary=local)
    twin = an_account(address="http://127.0.0.1:8080")
    for check in ("webhook_host_is_public", "webhook_is_encrypted", "webhook_url_is_accepted"):
        assert any(
            finding.outcome is Outcome.FAIL or finding.outcome is Outcome.UNKNOWN for finding in found(check, facts)
        )
        assert {finding.outcome for finding in found(check, facts, account=twin)} == {Outcome.PASS}


def test_a_number_that_nobody_answers_in_the_standby_has_another_check() -> None:
    """No status callback is no gap of its own where there is no handler at all."""
    bare = seen({one: config(one, **({"handler": VoiceHandler()} if one == NUMBERS[0] else {})) for one in NUMBERS})
    findings = found("status_callback_in_standby", snapshot(standby={"numbers": bare}))
    assert {finding.outcome for finding in findings} == {Outcome.PASS}


def test_a_fallback_that_was_asked_as_a_primary_is_judged_by_its_other_answer() -> None:
    """Two Regions that fall back to each other: the answer without ErrorCode proves nothing about the one with it."""
    first = {FALLBACK: seen(answer(FALLBACK, told=False))}
    check = "fallback_takes_error_parameters"
    unasked = found(check, snapshot(webhooks=first))
    assert {finding.outcome for finding in unasked} == {Outcome.UNKNOWN}
    for problem, outcome in ((None, Outcome.PASS), ("answered 500", Outcome.FAIL)):
        told_now = web_facts(told={FALLBACK: seen(answer(FALLBACK, problem=problem))})
        judged = found(check, snapshot(webhooks=first, web=told_now))
        assert {finding.outcome for finding in judged} == {outcome}


def test_dead_and_slow_are_told_apart() -> None:
    """What gave no answer is not called slow, and what answers neither way does not fail for its parameters."""
    assert URL not in {
        name for f in found("webhook_answers_soon", told(URL, problem="answered 500")) for name in f.subjects
    }
    both = snapshot(
        webhooks={FALLBACK: seen(answer(FALLBACK, status=500, problem="answered 500"))},
        web=web_facts(untold={FALLBACK: seen(answer(FALLBACK, status=500, problem="answered 500"))}),
    )
    assert found("fallback_takes_error_parameters", both) == []


@pytest.mark.parametrize("table", WebFacts.__struct_fields__)
def test_losing_sight_of_one_thing_never_passes_anything(table: str) -> None:
    """Whatever single fact is lost, no check of the web passes on more than before, and none fails for it."""
    names = {row[0] for row in FAILS}
    before = {result.check: result.passed for result in judge(a_flow(), an_account(), snapshot()).checks}
    for key in getattr(web_facts(), table):
        lost = judge(a_flow(), an_account(), web(**{table: {key: NO}}))
        for result in lost.checks:
            assert result.check not in names or (result.passed <= before[result.check] and not result.failed), key


def test_web_evidence_ages() -> None:
    """A certificate that was looked at two days ago was not looked at."""
    judged = judge(a_flow(), an_account(), snapshot(), now=AT + timedelta(days=2))
    outcomes = {finding.outcome for finding in judged.findings if finding.check == "webhook_certificate_valid"}
    assert outcomes == {Outcome.UNKNOWN}


def test_the_scene_is_ready_for_the_web() -> None:
    """Every check here passes on it, so that each failure above is its own."""
    names = {row[0] for row in FAILS} | {row[0] for row in SAID_FAILS} | {"webhook_host_is_not_one_machine"}
    results = {result.check: result for result in judge(a_flow(), an_account(), snapshot()).checks}
    hosted = {"fallback_not_hosted_alike", "hosted_handler_in_standby"}
    assert all(results[name].outcome is Outcome.PASS for name in names - hosted)
    assert all(results[name].outcome is None for name in hosted)
    assert len(names) == 33
    assert isinstance(answer(URL), WebhookAnswer)
    assert set(INSTANCES) == set(CONFIRM)

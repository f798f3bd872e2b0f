"""Each check: what passes it, what fails it, and what it cannot know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_scene import (
    A_SIP_DOMAIN,
    A_TRUNK,
    APPLICATION,
    BY_APPLICATION,
    BY_TRUNK,
    FALLBACK,
    HANDLER,
    NUMBERS,
    RECOVERY,
    SIP_DOMAIN,
    TRUNK,
    URL,
    a_flow,
    an_account,
    config,
    judge,
    nothing_seen,
    region_facts,
    seen,
    snapshot,
)
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.resources import Route, SipDomain, Trunk, VoiceHandler, WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow, Limits
from voicedr.program.vocabulary import AU1, E164, IE1, US1

NO = Unobserved("forbidden")
FIRST = NUMBERS[0]


def findings(check: str, facts: Snapshot, flow: Flow | None = None, account: Any = None) -> list[Finding]:
    judged = judge(flow or a_flow(), account or an_account(), facts)
    return [finding for finding in judged.findings if finding.check == check]


def numbers_with(number: E164, **changes: Any) -> Any:
    return seen({one: config(one, **(changes if one == number else {})) for one in NUMBERS})


def trunk_with(**changes: Any) -> Any:
    return seen((msgspec.structs.replace(A_TRUNK, **changes),))


def sip_domain_with(**changes: Any) -> Any:
    return seen((msgspec.structs.replace(A_SIP_DOMAIN, **changes),))


def answering(url: str, **changes: Any) -> dict[str, Any]:
    return {url: seen(msgspec.structs.replace(WebhookAnswer(url, 200, 0.2, ("Say",)), **changes))}


ON_SBC = "https://sbc1.acme.example/dr"
SAME_HOST = VoiceHandler(voice_url=URL, voice_fallback_url="https://APP.acme.example:8443/other#e=dublin&rc=2")
NO_FALLBACK = VoiceHandler(voice_url=URL)
OFF = tuple(msgspec.structs.replace(uri, enabled=False) for uri in A_TRUNK.origination_urls)
ONE_ON = (A_TRUNK.origination_urls[0], OFF[1])
ONE_HOST = (
    A_TRUNK.origination_urls[0],
    msgspec.structs.replace(OFF[1], sip_url="sip:x@sbc1.acme.example", enabled=True),
)
NUMBER = a_flow().subjects[0]

FAILS = [
    (
        "number_has_handler",
        snapshot(standby={"numbers": numbers_with(FIRST, handler=VoiceHandler())}),
        "no handler in ie1",
    ),
    ("number_has_handler", snapshot(primary={"numbers": numbers_with(FIRST, handler=VoiceHandler())}), "today"),
    (
        "number_has_handler",
        snapshot(standby={"applications": seen({})}),
        f"application {APPLICATION.sid} does not exist",
    ),
    ("number_has_handler", snapshot(standby={"trunks": seen(())}), f"its trunk {A_TRUNK.sid} does not exist in ie1"),
    (
        "number_has_handler",
        snapshot(standby={"trunks": trunk_with(origination_urls=OFF)}),
        "no enabled origination URI",
    ),
    ("number_has_handler", snapshot(standby={"numbers": seen({})}), "ie1 shows no such number"),
    ("has_fallback", snapshot(standby={"numbers": numbers_with(FIRST, handler=NO_FALLBACK)}), "in ie1"),
    ("has_fallback", snapshot(primary={"numbers": numbers_with(FIRST, handler=NO_FALLBACK)}), "in us1"),
    (
        "has_fallback",
        snapshot(
            standby={"applications": seen({APPLICATION.sid: msgspec.structs.replace(APPLICATION, handler=NO_FALLBACK)})}
        ),
        "in ie1",
    ),
    ("has_fallback", snapshot(standby={"sip_domains": sip_domain_with(handler=NO_FALLBACK)}), "in ie1"),
    (
        "fallback_on_other_host",
        snapshot(standby={"numbers": numbers_with(FIRST, handler=SAME_HOST)}),
        "app.acme.example",
    ),
    ("webhook_answers_twiml", snapshot(webhooks=answering(URL, problem="answered 500")), "answered 500"),
    (
        "trunk_has_disaster_recovery",
        snapshot(standby={"trunks": trunk_with(disaster_recovery_url=None)}),
        "no disaster",
    ),
    ("trunk_has_disaster_recovery", snapshot(primary={"trunks": trunk_with(disaster_recovery_url=ON_SBC)}), "sbc1"),
    (
        "trunk_has_two_sbcs",
        snapshot(standby={"trunks": trunk_with(origination_urls=ONE_ON)}),
        "1 of 2 origination URIs",
    ),
    ("trunk_has_two_sbcs", snapshot(standby={"trunks": trunk_with(origination_urls=ONE_HOST)}), "on 1 hosts"),
    (
        "trunk_in_standby",
        snapshot(standby={"trunks": trunk_with(domain_name="other.pstn.twilio.com")}),
        "no trunk in ie1",
    ),
    ("sip_domain_takes_calls", snapshot(standby={"sip_domains": seen(())}), "ie1 has no SIP domain"),
    ("sip_domain_takes_calls", snapshot(standby={"sip_domains": sip_domain_with(auth_type="")}), "gets no traffic"),
    (
        "sip_domain_takes_calls",
        snapshot(standby={"sip_domains": sip_domain_with(handler=VoiceHandler())}),
        "no voice URL",
    ),
    (
        "standby_credential_accepted",
        snapshot(standby={"credential": Unobserved("401", True)}),
        "ie1 refused its key: 401",
    ),
    ("route_write_works", snapshot(standby={"route_write": Unobserved("403", True)}), "refused to write a route: 403"),
    (
        "route_is_as_expected",
        snapshot(routes={TRUNK: seen(Route(TRUNK, IE1))}),
        "routed to ie1; the workbook expects us1",
    ),
    ("twiml_runs_in_standby", snapshot(webhooks=answering(URL, verbs=("Connect", "Connect/Room"))), "<Connect><Room>"),
    (
        "twiml_runs_in_standby",
        snapshot(webhooks=answering(FALLBACK, verbs=("Message",))),
        "the fallback URL uses <Message>",
    ),
]


@pytest.mark.parametrize(("check", "facts", "says"), FAILS, ids=[f"{n}-{row[0]}" for n, row in enumerate(FAILS)])
def test_a_gap_is_found_and_nothing_else_of_its_check_hides_it(check: str, facts: Snapshot, says: str) -> None:
    """Each single fault fails its own check, says which, and comes with something to do and a source."""
    failed = [finding for finding in findings(check, facts) if finding.outcome is Outcome.FAIL]
    assert failed
    assert all(says in finding.detail for finding in failed)
    assert all(finding.fix and "{" not in finding.fix and finding.source.startswith("https://") for finding in failed)
    assert all(finding.seen_at is not None for finding in failed if "refused" not in finding.detail)


COULD_NOT_LOOK = [
    ("number_has_handler", snapshot(standby={"numbers": NO})),
    ("number_has_handler", snapshot(standby={"applications": NO})),
    ("number_has_handler", snapshot(standby={"trunks": NO})),
    ("has_fallback", snapshot(primary={"numbers": NO})),
    ("has_fallback", snapshot(standby={"sip_domains": NO})),
    ("fallback_on_other_host", snapshot(standby={"applications": NO})),
    (
        "fallback_on_other_host",
        snapshot(standby={"numbers": numbers_with(FIRST, handler=VoiceHandler(URL, voice_fallback_url="dr"))}),
    ),
    ("webhook_answers_twiml", snapshot(webhooks={FALLBACK: NO})),
    ("webhook_answers_twiml", snapshot(standby={"numbers": NO})),
    ("trunk_has_disaster_recovery", snapshot(standby={"trunks": NO})),
    ("trunk_has_disaster_recovery", snapshot(standby={"numbers": NO})),
    ("trunk_has_two_sbcs", snapshot(standby={"trunks": NO})),
    ("trunk_in_standby", snapshot(standby={"trunks": NO})),
    ("sip_domain_takes_calls", snapshot(standby={"sip_domains": NO})),
    ("standby_credential_accepted", snapshot(standby={"credential": NO})),
    ("route_write_works", snapshot(standby={"route_write": NO})),
    ("route_is_as_expected", snapshot(routes={NUMBER: NO})),
    ("rto_achievable", snapshot(standby={"credential": NO})),
    ("twiml_runs_in_standby", snapshot(webhooks={URL: NO})),
    ("twiml_runs_in_standby", snapshot(webhooks=answering(URL, problem="answered 500"))),
    ("twiml_runs_in_standby", snapshot(webhooks=answering(URL, verbs=("Pay",)))),
]


@pytest.mark.parametrize(
    ("check", "facts"), COULD_NOT_LOOK, ids=[f"{n}-{row[0]}" for n, row in enumerate(COULD_NOT_LOOK)]
)
def test_what_could_not_be_looked_at_is_unknown(check: str, facts: Snapshot) -> None:
    """Not being allowed to look is neither a pass nor a gap, and the reason is kept."""
    result = next(one for one in judge(a_flow(), an_account(), facts).checks if one.check == check)
    assert result.outcome is Outcome.UNKNOWN
    assert result.failed == 0


NOT_OF_THIS_FLOW = {
    "test_caller_is_owned",  # it has no test caller
    "fallback_not_hosted_alike",  # nothing of it is hosted by the provider
    "hosted_handler_in_standby",
    "interconnect_has_way_outside",  # it has no private line
    "interconnect_in_two_regions",
}
"""Checks that do not apply to the flow of the scene; their own tests have a flow that they apply to."""


def test_a_flow_that_is_ready_passes_every_check() -> None:
    """With everything in place every check applies, passes, and says who has seen it."""
    judged = judge(a_flow(), an_account(), snapshot())
    assert judged.outcome is Outcome.PASS
    assert {result.check for result in judged.checks} == set(all_checks())
    applying = [result for result in judged.checks if result.check not in NOT_OF_THIS_FLOW]
    assert all(result.outcome is Outcome.PASS and result.looked_at > 0 for result in applying)
    assert all((finding.seen_at is not None and finding.seen_in) or finding.said_by for finding in judged.findings)


def test_trunk_before_application_before_urls() -> None:
    """The URLs of a number that a trunk answers are not judged, and those of its application are."""
    stale_urls = numbers_with(BY_TRUNK, handler=NO_FALLBACK)
    assert not [
        f for f in findings("has_fallback", snapshot(standby={"numbers": stale_urls})) if f.outcome is Outcome.FAIL
    ]
    stale_urls = numbers_with(BY_APPLICATION, handler=NO_FALLBACK)
    assert not [
        f for f in findings("has_fallback", snapshot(standby={"numbers": stale_urls})) if f.outcome is Outcome.FAIL
    ]
    bad = {APPLICATION.sid: msgspec.structs.replace(APPLICATION, handler=SAME_HOST)}
    failed = [
        f
        for f in findings("fallback_on_other_host", snapshot(standby={"applications": seen(bad)}))
        if f.outcome is Outcome.FAIL
    ]
    assert [finding.subjects for finding in failed] == [(BY_APPLICATION,)]


def test_a_trunk_that_only_answers_a_number_is_judged_too() -> None:
    """A trunk outside the flow's trunk domains is in scope as soon as one of the flow's numbers hangs on it."""
    flow = a_flow(cohorts=tuple(
        msgspec.structs.replace(cohort, subjects=tuple(s for s in cohort.subjects if s.kind == "number"))
        for cohort in a_flow().cohorts
    ))  # fmt: skip
    facts = snapshot(standby={"trunks": trunk_with(disaster_recovery_url=None, domain_name=None)})
    failed = [f for f in findings("trunk_has_disaster_recovery", facts, flow) if f.outcome is Outcome.FAIL]
    assert [finding.subjects for finding in failed] == [("acme",)]
    assert findings("trunk_in_standby", facts, flow) == []


def test_an_rto_that_the_arithmetic_cannot_keep_fails_and_shows_the_arithmetic() -> None:
    """Ten minutes of propagation do not fit into five, whatever the Regions show."""
    failed = findings("rto_achievable", nothing_seen(), a_flow(rto_s=300.0))
    assert [finding.outcome for finding in failed] == [Outcome.FAIL]
    assert "RTO 5 min" in failed[0].detail
    assert "canary: 2 writes at 20/s" in failed[0].detail
    slow = an_account(limits=Limits(calls_per_second=0.01))
    flow = a_flow(test_caller=E164("+14155550999"))
    assert findings("rto_achievable", snapshot(), flow, slow)[0].outcome is Outcome.FAIL


def test_a_number_of_the_trickle_belongs_in_the_standby() -> None:
    """What lives in the standby all the year is as expected there, and has drifted when it is at home."""
    flow = a_flow(trickle=(NUMBER,))
    there = snapshot(routes={NUMBER: seen(Route(NUMBER, IE1))})
    assert {finding.outcome for finding in findings("route_is_as_expected", there, flow)} == {Outcome.PASS}
    failed = [f for f in findings("route_is_as_expected", snapshot(), flow) if f.outcome is Outcome.FAIL]
    assert [finding.subjects for finding in failed] == [(FIRST,)]


def test_a_route_that_was_never_set_means_us1() -> None:
    """No route at all is the provider's way of saying us1."""
    assert {f.outcome for f in findings("route_is_as_expected", snapshot(routes={NUMBER: seen(None)}))} == {
        Outcome.PASS
    }


@pytest.mark.parametrize(
    ("url", "product"),
    [
        ("https://webhooks.twilio.com/v1/Accounts/AC1/Flows/FW1", "Studio"),
        ("https://support-1234.twil.io/voice", "Functions"),
        ("https://taskrouter.dublin.ie1.twilio.com/v1/x", "TaskRouter"),
    ],
)
def test_au1_has_no_studio_functions_or_taskrouter(url: str, product: str) -> None:
    """A product's URL is refused where the product does not exist, whatever it answers, and is fine elsewhere."""
    handler = msgspec.structs.replace(HANDLER, voice_url=url)
    regions = {
        AU1: region_facts(numbers=numbers_with(FIRST, handler=handler)),
        IE1: region_facts(numbers=numbers_with(FIRST, handler=handler)),
        US1: region_facts(),
    }
    facts = msgspec.structs.replace(snapshot(webhooks=answering(url)), regions=regions)
    failed = [f for f in findings("twiml_runs_in_standby", facts, a_flow(standby=AU1)) if f.outcome is Outcome.FAIL]
    assert [finding.detail for finding in failed] == [f"the voice URL is a {product} URL: au1 has no {product}"]
    assert {f.outcome for f in findings("twiml_runs_in_standby", facts)} == {Outcome.PASS}


def test_taskrouter_in_a_document_is_missing_in_au1_only() -> None:
    """``Enqueue`` with a ``Task`` runs in ie1 and not in au1."""
    facts = snapshot(webhooks=answering(URL, verbs=("Enqueue", "Enqueue/Task")))
    assert {f.outcome for f in findings("twiml_runs_in_standby", facts)} == {Outcome.PASS}
    regions = {AU1: facts.regions[IE1], US1: facts.regions[US1]}
    there = findings("twiml_runs_in_standby", msgspec.structs.replace(facts, regions=regions), a_flow(standby=AU1))
    assert there[0].outcome is Outcome.FAIL


def test_passwords_in_urls_are_not_shown() -> None:
    """A webhook may carry a password; no finding does."""
    secret = "https://app:hunter2@app.acme.example/voice"
    handler = VoiceHandler(voice_url=secret, voice_fallback_url=secret + "/again")
    facts = snapshot(
        standby={"numbers": numbers_with(FIRST, handler=handler)},
        webhooks=answering(secret) | answering(secret + "/again", problem="answered 500"),
    )
    judged = judge(a_flow(), an_account(), facts)
    assert b"hunter2" not in msgspec.json.encode(judged)
    assert any("app:***@app.acme.example" in name for finding in judged.findings for name in finding.subjects)


def test_names_compare_without_case() -> None:
    """Domain names are the same in any case."""
    facts = snapshot(
        standby={
            "trunks": trunk_with(domain_name=TRUNK.name.upper()),
            "sip_domains": sip_domain_with(domain_name=SIP_DOMAIN.name.upper()),
        }
    )
    assert judge(a_flow(), an_account(), facts).outcome is Outcome.PASS


def test_the_scene_is_of_the_right_types() -> None:
    """The helpers above replace real fields of real resources."""
    assert isinstance(sip_domain_with().value[0], SipDomain)
    assert isinstance(trunk_with().value[0], Trunk)
    assert RECOVERY != FALLBACK

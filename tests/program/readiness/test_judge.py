"""The judgement of a flow: what it groups, how it sorts, and what it never says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness_scene import (
    AT,
    FALLBACK,
    HANDLER,
    NUMBERS,
    RECOVERY,
    URL,
    a_flow,
    an_account,
    config,
    judge,
    nothing_seen,
    region_facts,
    report,
    seen,
    snapshot,
)
from voicedr.program.readiness.check import ClosedBy, Outcome, Severity
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.judge import worst
from voicedr.program.readiness.ranges import ranges
from voicedr.program.readiness.reference import checks_reference
from voicedr.program.readiness.resources import Routable, VoiceHandler
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.readiness.urls import host_of, shown
from voicedr.program.scope.workbook import Cohort
from voicedr.program.vocabulary import E164, IE1, US1, Region

REASONS = st.text(min_size=1, max_size=20)
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "checks.md"


APPLY = {result.check for result in judge(a_flow(), an_account(), snapshot()).checks if result.outcome is not None}


def on_somebodys_word(finding: Finding) -> bool:
    """Whether it rests on the workbook or on what was declared, and on nothing that had to be looked at."""
    return finding.seen_in == "the workbook" or (finding.seen_in is None and finding.said_by is not None)


@given(
    refused=st.booleans(),
    why=REASONS,
    regions=st.sets(st.sampled_from([US1, IE1])),
    webhooks=st.sets(st.sampled_from([URL, FALLBACK, RECOVERY])),
    subjects=st.sets(st.sampled_from(a_flow().subjects)),
)
def test_no_check_passes_on_a_snapshot_in_which_nothing_was_seen(
    refused: bool, why: str, regions: set[Any], webhooks: set[str], subjects: set[Routable]
) -> None:
    """Unobserved, refused or not read at all: nothing of it passes anything but what rests on people's word, and every
    check that applies to a flow which was seen has something to say."""
    no = Unobserved(why, refused)
    dark = RegionFacts(no, no, no, no, no, no)
    facts = Snapshot(AT, "AC", dict.fromkeys(regions, dark), {s.key: no for s in subjects}, dict.fromkeys(webhooks, no))
    judged = judge(a_flow(), an_account(), facts)
    assert judged.outcome is not Outcome.PASS
    assert all(on_somebodys_word(finding) for finding in judged.findings if finding.outcome is Outcome.PASS)
    for result in judged.checks:
        assert result.outcome is not None or result.check not in APPLY, result.check


FACTS = ("credential", "numbers", "applications", "trunks", "sip_domains", "route_write")


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(lost=st.sets(st.tuples(st.sampled_from([US1, IE1]), st.sampled_from(FACTS)), min_size=1))
def test_losing_sight_never_turns_a_gap_or_an_unknown_into_a_pass(lost: set[tuple[Any, str]]) -> None:
    """The less is seen, the less passes: per check, the count of passes never rises."""
    before = {result.check: result for result in judge(a_flow(), an_account(), snapshot()).checks}
    facts = snapshot()
    regions = dict(facts.regions)
    for region, name in lost:
        regions[region] = msgspec.structs.replace(regions[region], **{name: Unobserved("forbidden")})
    after = judge(a_flow(), an_account(), msgspec.structs.replace(facts, regions=regions))
    for result in after.checks:
        assert result.passed <= before[result.check].passed
        assert result.failed == 0
    assert after.outcome is Outcome.UNKNOWN or lost <= {(US1, "credential"), (US1, "route_write")}


def test_the_same_said_of_many_numbers_is_one_finding() -> None:
    """Nine numbers without a handler are one line with a range and a denominator."""
    bare = seen({one: config(one, handler=VoiceHandler()) if one < NUMBERS[8] else config(one) for one in NUMBERS})
    judged = judge(a_flow(), an_account(), snapshot(standby={"numbers": bare}))
    first = judged.findings[0]
    assert judged.gaps == 1
    assert (first.check, first.count, first.of, first.kind) == ("number_has_handler", 8, 10, "numbers")
    assert first.subjects == ("+1415555010{0..7}",)
    assert first.region == IE1
    assert judged.next == first.fix
    assert first.fix.startswith("Give the number a VoiceUrl, VoiceApplicationSid or TrunkSid that exists in ie1")


def test_ranges_are_written_as_a_shell_reads_them() -> None:
    """Runs of three and more become one word, across a carry too; others stay as they are, each once."""
    assert ranges(["+14155550103", "+14155550101", "+14155550102", "+14155550102"]) == ("+1415555010{1..3}",)
    assert ranges(["+14155550099", "+14155550100", "+14155550101"]) == ("+14155550{099..101}",)
    assert ranges(["+14155550101", "+14155550102", "trunk.example"]) == (
        "+14155550101",
        "+14155550102",
        "trunk.example",
    )
    assert ranges(["+999", "+1000", "+1001", "+1002"]) == ("+999", "+100{0..2}")


@given(st.sets(st.integers(min_value=10_000, max_value=10_300)))
def test_ranges_lose_no_number_and_invent_none(numbers: set[int]) -> None:
    """Written out again, the ranges are the numbers."""
    written: list[int] = []
    for word in ranges(f"+{number}" for number in numbers):
        if "{" in word:
            stem, _, run = word.removesuffix("}").partition("{")
            first, last = run.split("..")
            written += [int(f"{stem}{n:0{len(first)}d}") for n in range(int(first), int(last) + 1)]
        else:
            written.append(int(word))
    assert written == sorted(numbers)


def test_what_hurts_callers_most_comes_first() -> None:
    """Gaps before unknowns before passes, and among gaps callers who reach nobody before one more failure."""
    facts = snapshot(
        standby={
            "numbers": seen({one: config(one, handler=VoiceHandler(voice_url=URL)) for one in NUMBERS}),
            "sip_domains": seen(()),
            "credential": Unobserved("no answer"),
        }
    )
    judged = judge(a_flow(rto_s=60.0), an_account(), facts)
    order = [finding.outcome for finding in judged.findings]
    assert order == sorted(order, key=[Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS].index)
    failed = [finding.severity for finding in judged.findings if finding.outcome is Outcome.FAIL]
    assert failed == sorted(failed, key=lambda severity: severity.rank)
    assert {Severity.REACHES_NOBODY, Severity.LATE, Severity.ONE_FAILURE_AWAY} <= set(failed)


def test_what_the_provider_does_not_document_is_always_said() -> None:
    """The route write during an outage is unproven in the best case and in the worst."""
    for facts in (snapshot(), nothing_seen()):
        judged = judge(a_flow(), an_account(), facts)
        assert judged.unproven[0].what == (
            "route writes through ie1's host during a us1 outage: not documented by the provider"
        )
    assert judge(a_flow(), an_account(), snapshot()).unproven[0].stands == "works from ie1 today"
    assert "not seen to work" in judge(a_flow(), an_account(), nothing_seen()).unproven[0].stands
    with_caller = judge(a_flow(test_caller=E164("+14155550999")), an_account(), snapshot())
    assert len(with_caller.unproven) == 3


def test_evidence_ages() -> None:
    """What was seen more than a day ago is as unknown as what was never seen."""
    judged = judge(a_flow(), an_account(), snapshot(), now=AT + timedelta(hours=23))
    assert judged.outcome is Outcome.PASS
    stale = judge(a_flow(), an_account(), snapshot(), now=AT + timedelta(hours=30))
    passed = [finding for finding in stale.findings if finding.outcome is Outcome.PASS]
    assert all(on_somebodys_word(finding) for finding in passed)
    assert {result.outcome for result in stale.checks} <= {Outcome.UNKNOWN, Outcome.PASS, None}
    assert any("seen 30 h ago in test" in finding.detail for finding in stale.findings)


def test_one_old_fact_spoils_only_its_own_checks() -> None:
    """Age is judged fact by fact."""
    old = Observed(snapshot().regions[IE1].sip_domains.value, AT - timedelta(days=3), "test")  # type: ignore[union-attr]
    judged = judge(a_flow(), an_account(), snapshot(standby={"sip_domains": old}))
    unknown = {result.check for result in judged.checks if result.outcome is Outcome.UNKNOWN}
    assert "sip_domain_takes_calls" in unknown
    assert "route_is_as_expected" not in unknown
    assert "trunk_has_two_sbcs" not in unknown


def test_checks_that_do_not_apply_say_so() -> None:
    """A flow without trunks is not judged on trunks, and that is not a pass."""
    flow = a_flow(cohorts=(Cohort("only", (Routable("number", NUMBERS[0]),)),))
    results = {result.check: result for result in judge(flow, an_account(), snapshot()).checks}
    assert results["trunk_has_two_sbcs"].outcome is None
    assert results["sip_domain_takes_calls"].outcome is None
    assert results["number_has_handler"].outcome is Outcome.PASS


def test_a_report_puts_the_worst_flow_first() -> None:
    """Flows are in order of their outcome, then of their tier; nothing at all is unknown."""
    bad = a_flow(id="b", rto_s=60.0, tier=2)
    flows = [a_flow(id="z"), bad, a_flow(id="a", tier=3)]
    whole = report(flows, an_account(), snapshot())
    assert [flow.flow for flow in whole.flows] == ["b", "z", "a"]
    assert whole.outcome is Outcome.FAIL
    assert report([], an_account(), snapshot()).outcome is Outcome.UNKNOWN
    assert worst([]) is Outcome.UNKNOWN


def test_every_check_is_a_sentence_with_a_reason_a_remedy_and_a_source() -> None:
    """A check states what is true when it passes, and its page can be looked up."""
    for check_id, check in all_checks().items():
        assert check.title[0].isupper(), check_id
        assert not check.title.endswith("."), check_id
        assert check.why.endswith("."), check_id
        assert check.fix.endswith("."), check_id
        assert check.source.startswith("https://www.twilio.com/docs/"), check_id
        assert check.judge.__doc__, check_id
    assert len(all_checks()) >= 13


def test_the_reference_page_is_current() -> None:
    """docs/reference/checks.md says what the checks say. If not: .venv/bin/python scripts/write_checks_reference.py"""
    assert PAGE.read_text(encoding="utf-8") == checks_reference()


def test_hosts_are_read_out_of_every_kind_of_url() -> None:
    """http and SIP, with users, ports, parameters, headers, overrides and addresses."""
    table = {
        "https://APP.example.:8443/x?y#e=dublin": "app.example",
        "https://user:secret@app.example/x": "app.example",
        "sip:sbc1.example": "sbc1.example",
        "sip:100;isub=1@SBC1.example:5060;transport=tls;edge=dublin?X-a=b": "sbc1.example",
        "sips:[2001:db8::1]:5061": "2001:db8::1",
        "sip:192.0.2.7:5060": "192.0.2.7",
        "not a url": None,
        "https://[broken": None,
        "": None,
    }
    assert {url: host_of(url) for url in table} == table
    assert shown("https://user:secret@app.example/x") == "https://user:***@app.example/x"
    assert shown("https://app.example/x#rc=2") == "https://app.example/x#rc=2"


def test_ten_thousand_numbers_are_judged_in_no_time() -> None:
    """The work grows with the numbers and not with their square, and one finding holds them all."""
    many = tuple(E164(f"+1415{n:07d}") for n in range(10_000))
    flow = a_flow(cohorts=(Cohort("all", tuple(Routable("number", one) for one in many)),))
    facts = region_facts(numbers=seen({one: config(one) for one in many}))
    whole = msgspec.structs.replace(snapshot(), regions={IE1: facts, US1: facts})
    judged = judge(flow, an_account(), whole)
    handlers = [finding for finding in judged.findings if finding.check == "number_has_handler"]
    assert {finding.subjects for finding in handlers} == {("+1415000{0000..9999}",)}
    assert {(finding.count, finding.of) for finding in handlers} == {(10_000, 10_000)}


def test_a_copy_mends_only_what_the_primary_has_right() -> None:
    """What is missing in the standby alone is closed by sync; what is missing at home too, or at home, by people."""
    no_fallback = msgspec.structs.replace(HANDLER, voice_fallback_url=None)
    bare = seen({one: config(one, handler=no_fallback) if one == NUMBERS[0] else config(one) for one in NUMBERS})

    def closers(**changes: Any) -> dict[Region | None, ClosedBy]:
        judged = judge(a_flow(), an_account(), snapshot(**changes))
        found = [f for f in judged.findings if f.check == "has_fallback" and f.outcome is Outcome.FAIL]
        return {finding.region: finding.closed_by for finding in found}

    assert closers(standby={"numbers": bare}) == {IE1: ClosedBy.SYNC}
    assert closers(primary={"numbers": bare}) == {US1: ClosedBy.PEOPLE}
    both = closers(standby={"numbers": bare}, primary={"numbers": bare})
    assert both == {IE1: ClosedBy.PEOPLE, US1: ClosedBy.PEOPLE}

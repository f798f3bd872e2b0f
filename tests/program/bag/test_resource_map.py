"""Who answers on both sides, as it was read: nobody, not known, and what may be shown of a URL."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from bag_scene import KEY, NOW, PEM, PEOPLE, VALID
from scenes import HANDLER, account_values, fake_account, flow_of, number, snapshot_of
from voicedr.program.bag.archive import read_archive
from voicedr.program.bag.resource_map import hosts_of, resource_map
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import OriginationUrl, Routable, SipDomain, Trunk, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Cohort, Flow, Workbook
from voicedr.program.vocabulary import E164, IE1, US1
from voicedr.usecases.make_bag import Maker, Papers, make_bag

SECRET = "hunter2"


def scene(handler: VoiceHandler = HANDLER) -> tuple[Flow, Snapshot]:
    """Three numbers, a trunk and a SIP domain; the standby's numbers answer with this handler."""
    flow = flow_of({"canary": 3})
    account = fake_account(flow)
    for one in flow.numbers:
        account.configure(IE1, one, handler)
    facts = snapshot_of(account, flow)
    urls = (
        OriginationUrl("OU1", f"sip:user:{SECRET}@sbc.example", 1, 1, True),
        OriginationUrl("OU2", "sip:off.example", 2, 1, False),
    )
    trunk = Trunk("TK1", None, "a.pstn.twilio.com", f"https://u:{SECRET}@dr.example/x", "POST", None, urls)
    domain = SipDomain("SD1", "a.sip.twilio.com", None, HANDLER, "IP_ACL")
    there = msgspec.structs.replace(
        facts.regions[IE1], trunks=Observed((trunk,), NOW, "t"), sip_domains=Observed((domain,), NOW, "t")
    )
    gone = Unobserved("us1 is not asked in ungraceful mode")
    left = msgspec.structs.replace(facts.regions[US1], numbers=gone, trunks=gone, sip_domains=gone)
    facts = msgspec.structs.replace(facts, regions={US1: left, IE1: there})
    more = (Routable("trunk", "a.pstn.twilio.com"), Routable("sip-domain", "a.sip.twilio.com"))
    cohort = Cohort("canary", (*flow.cohorts[0].subjects, *more))
    return msgspec.structs.replace(flow, cohorts=(cohort,)), facts


def test_both_sides_of_every_entry_point_are_told_and_not_known_is_not_nobody() -> None:
    """Numbers by their handler, trunks by where their calls go, SIP domains by theirs."""
    flow, facts = scene()
    entries = {one.name: one for one in resource_map(flow, facts)}
    assert [one.name for one in entries.values()] == [one.name for one in flow.subjects]
    assert {one.primary.not_known for one in entries.values()} == {"us1 is not asked in ungraceful mode"}
    assert {one.primary.handler for one in entries.values()} == {""}
    assert entries[number(0)].standby.handler == HANDLER.voice_url
    assert entries[number(0)].route == "us1"
    assert entries["a.pstn.twilio.com"].route == "not known: it was not read"
    assert entries["a.pstn.twilio.com"].standby.handler == "trunk a.pstn.twilio.com: sip:sbc.example"
    assert entries["a.sip.twilio.com"].standby.handler == HANDLER.voice_url
    nobody = {one.name: one.standby.handler for one in resource_map(*scene(VoiceHandler()))}
    assert nobody[number(0)] == ""


@pytest.mark.parametrize(
    "url", [f"https://app:{SECRET}@app.example/voice", f"https://app.example/voice?token={SECRET}#rc=3"]
)
def test_no_secret_of_a_url_is_shown_and_its_host_is_listed(url: str) -> None:
    """The password, and whatever stands behind the question mark."""
    flow, facts = scene(VoiceHandler(voice_url=url, voice_fallback_url=url))
    entries = resource_map(flow, facts)
    assert SECRET not in msgspec.json.encode(entries).decode()
    hosts = dict(hosts_of(Workbook(account_values(), PEOPLE, (flow,)), flow, entries))
    assert hosts["app.example"] == "answers calls in ie1"
    assert "routes.dublin.ie1.twilio.com" in hosts
    assert not any("us1" in host for host in hosts)


def test_a_plan_that_cannot_be_made_is_said_and_the_rest_of_the_bag_is_there(tmp_path: Path) -> None:
    """Nobody answers one number in the standby: no plan, no procedure, and the first page says why."""
    flow = flow_of({"canary": 2})
    account = fake_account(flow)
    account.configure(IE1, E164(number(1)), VoiceHandler())
    workbook = Workbook(account_values(), PEOPLE, (flow,), str(tmp_path / "voicedr.yaml"))
    maker = Maker("ana", "0.1", PEM, KEY.sign)
    body, contents = make_bag(workbook, (flow,), snapshot_of(account, flow), Papers(b"x"), {}, maker, NOW, NOW + VALID)
    assert [(one.path, bool(one.refused)) for one in contents.plans] == [("", True), ("", True)]
    members = read_archive(body)
    assert f"NO PLAN: no handler in ie1 for {number(1)}" in members["READ-ME-FIRST.txt"].decode()
    assert "NOBODY ANSWERS" in members["regions/support-line.txt"].decode()
    assert not [path for path in members if path.startswith(("plans/", "manual/"))]

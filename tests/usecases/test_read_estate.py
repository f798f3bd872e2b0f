"""Reading everything a Region has: each list once, a lost permission in its own place, and near the provider's pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from readiness_scene import a_flow, an_account
from voicedr.adapters.pace import Pace
from voicedr.ports.clock import Clock
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Kind, Resource
from voicedr.program.readiness.resources import Routable, VoiceHandler
from voicedr.program.readiness.snapshot import UNSERVED, RegionFacts, Snapshot
from voicedr.program.readiness.typed import Every
from voicedr.program.scope.workbook import Cohort
from voicedr.program.vocabulary import AU1, IE1, US1, Region
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.read_estate import DEAF_AFTER, LISTS_AT_ONCE_MAX, read_estate
from voicedr.usecases.read_facts import read_facts
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response

NUMBER = "+14155550100"


def an_estate(region: Region = IE1, parents: int = 2) -> FakeAccount:
    """Some of every kind in one Region."""
    account = FakeAccount()
    account.add_number(NUMBER, route=US1)
    lists: dict[str, Resource] = {}
    for kind, name in (("ip-acl", "office"), ("credential-list", "phones"), ("queue", "waiting"), ("api-key", "ready")):
        lists[kind] = account.add_resource(region, Resource(kind, "", None, {"friendly_name": name}))
    account.add_resource(region, Resource("ip-address", "", lists["ip-acl"].sid, {"ip_address": "192.0.2.8"}))
    account.add_resource(region, Resource("credential", "", lists["credential-list"].sid, {"username": "desk"}))
    for n in range(parents):
        trunk = account.add_resource(region, Resource("trunk", "", None, {"domain_name": f"t{n}.pstn.twilio.com"}))
        for of, sid in (("trunk-acl", lists["ip-acl"].sid), ("trunk-credentials", lists["credential-list"].sid)):
            account.add_resource(region, Resource(of, sid, trunk.sid, {"sid": sid}))
        url = {"sip_url": f"sip:sbc{n}.example", "priority": 1, "weight": 1, "enabled": True}
        account.add_resource(region, Resource("origination-url", "", trunk.sid, url))
        domain = account.add_resource(region, Resource("sip-domain", "", None, {"domain_name": f"d{n}.sip.twilio.com"}))
        account.add_resource(
            region, Resource("domain-acl", lists["ip-acl"].sid, domain.sid, {"sid": lists["ip-acl"].sid})
        )
    account.add_application(region, "support", VoiceHandler("https://app.example/"))
    return account


def estate_of(provider: Callable[[Clock], FakeProvider]) -> tuple[dict[str, Every], FakeProvider, list[Any]]:
    """What is read through a provider, the provider, and what was said meanwhile."""
    said: list[Any] = []

    async def main(clock: VirtualClock) -> tuple[dict[str, Every], FakeProvider]:
        made = provider(clock)
        found = await read_estate(
            made, clock, lambda product, what: f"{product} {what}", progress=lambda *one: said.append(one)
        )
        return found, made

    return *run_virtual(main), said


def test_every_kind_is_read_once_and_children_parent_by_parent() -> None:
    """All kinds, no list twice, and what two parents have is told apart."""
    account = an_estate()
    found, provider, said = estate_of(lambda clock: FakeProvider(account, IE1, clock, latency_s=0.1))
    assert set(found) == set(KINDS)
    assert set(provider.listed.values()) == {1}
    urls = found["origination-url"]
    assert isinstance(urls, Observed)
    assert [one.fields["sip_url"] for one in urls.value] == ["sip:sbc0.example", "sip:sbc1.example"]
    assert len({one.parent_sid for one in urls.value}) == 2
    assert urls.source == "trunking Trunks/…/OriginationUrls"
    assert isinstance(found["domain-credentials"], Observed)
    assert found["domain-credentials"].value == ()
    assert ("origination URIs of ie1", 2, 2) in said


def test_what_the_region_does_not_serve_is_not_an_empty_list() -> None:
    """Verified caller IDs are in us1 only: elsewhere nobody has looked, and the facts say why."""
    found, _, _ = estate_of(lambda clock: FakeProvider(an_estate(), IE1, clock))
    assert found["caller-id"] == Unobserved(UNSERVED)
    no = Unobserved("not read")
    facts = RegionFacts(no, no, no, no, no, no, found)
    assert (facts.serves("caller-id"), facts.serves("queue"), facts.serves("trunk")) == (False, True, True)
    assert RegionFacts(no, no, no, no, no, no).serves("queue") is None
    there, _, _ = estate_of(lambda clock: FakeProvider(an_estate(US1), US1, clock))
    assert isinstance(there["caller-id"], Observed)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.WRONG_CREDENTIAL, Fault.UNREACHABLE, Fault.THROTTLED])
def test_losing_one_permission_makes_only_that_kind_unobserved(kind: str, fault: Fault) -> None:
    """That kind and what belongs to it; a refusal is told apart from silence; a lost permission is no wrong key."""
    account = an_estate(US1)

    def broken(clock: Clock) -> FakeProvider:
        provider = FakeProvider(account, US1, clock)
        provider.fail("resources", fault, about=kind)
        return provider

    found, provider, _ = estate_of(broken)
    unseen = {id_ for id_, fact in found.items() if isinstance(fact, Unobserved)}
    assert unseen == {kind} | {one.id for one in KINDS.values() if one.parent == kind}
    fact = found[kind]
    assert isinstance(fact, Unobserved)
    assert fact.refused is (fault in (Fault.REFUSED, Fault.WRONG_CREDENTIAL))
    if fault is Fault.WRONG_CREDENTIAL:
        assert "may not read" in fact.reason
        assert "revoked" not in fact.reason
    assert set(provider.listed.values()) == {1}


def test_one_parent_that_could_not_be_read_makes_the_kind_unobserved_and_names_it() -> None:
    """Half a list is no list."""
    account = an_estate()

    class Deaf(FakeProvider):
        async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
            self.heal()
            if kind.id == "origination-url" and parent_sid == "TK" + "0" * 31 + "2":
                self.fail("resources", Fault.UNREACHABLE, about=kind.id)
            return await super().resources(kind, parent_sid)

    found, _, _ = estate_of(lambda clock: Deaf(account, IE1, clock))
    fact = found["origination-url"]
    assert isinstance(fact, Unobserved)
    assert "those of t1.pstn.twilio.com" in fact.reason
    assert isinstance(found["trunk-acl"], Observed)


def test_lists_in_flight_are_bounded_and_a_dead_host_ends_early() -> None:
    """A hundred trunks do not become hundreds of requests at once, nor hundreds of time-outs."""
    account = an_estate(parents=100)
    now = most = 0

    class Counting(FakeProvider):
        async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
            nonlocal now, most
            now, most = now + 1, max(most, now + 1)
            try:
                return await super().resources(kind, parent_sid)
            finally:
                now -= 1

    found, provider, _ = estate_of(lambda clock: Counting(account, IE1, clock, latency_s=0.1))
    assert len(found["origination-url"].value) == 100  # type: ignore[union-attr]
    assert 8 < most <= LISTS_AT_ONCE_MAX
    assert provider.listed.total() == len([one for one in KINDS.values() if not one.parent]) + 2 + 6 * 100

    def dead(clock: Clock) -> FakeProvider:
        provider = FakeProvider(account, IE1, clock, latency_s=0.1)
        provider.fail("resources", Fault.UNREACHABLE, about="trunk-acl")
        return provider

    found, provider, _ = estate_of(dead)
    assert isinstance(found["trunk-acl"], Unobserved)
    asked = sum(count for (kind, _), count in provider.listed.items() if kind == "trunk-acl")
    assert asked <= LISTS_AT_ONCE_MAX + DEAF_AFTER


class Paced(FakeProvider):
    """Takes a turn of the account's pace for each page of a list and each route."""

    pace: Pace

    async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
        """Pages of a thousand, one after the other."""
        found = await super().resources(kind, parent_sid)
        for _ in range(max(1, -(-len(found) // 1000))):
            await self.pace.turn()
            await self._clock.sleep(0.25)
        return found

    async def route(self, subject: Routable) -> Any:
        """One."""
        await self.pace.turn()
        await self._clock.sleep(0.25)
        return await super().route(subject)


@pytest.mark.parametrize("rate", [20.0, 100.0])
def test_ten_thousand_numbers_in_three_regions_are_read_at_nine_tenths_of_the_pace(rate: float) -> None:
    """Every page and every route takes a turn, and turns are hardly left unused: answers take 250 ms."""
    account = an_estate(parents=5)
    many = tuple(Routable("number", f"+1415{n:07d}") for n in range(10_000))
    for subject in many:
        account.add_number(subject.name)
    flows = [
        a_flow(id="one", standby=IE1, trickle=(), cohorts=(Cohort("all", many[:5000]),)),
        a_flow(id="two", standby=AU1, trickle=(), cohorts=(Cohort("all", many[5000:]),)),
    ]

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        raise no_response(Failure.CONNECT_REFUSED)

    async def main(clock: VirtualClock) -> tuple[Snapshot, float, int]:
        pace = Pace(rate, clock)
        providers = {region: Paced(account, region, clock) for region in (US1, IE1, AU1)}
        for provider in providers.values():
            provider.pace = pace
        began = clock.monotonic_s()
        facts = await read_facts(
            flows, an_account(), providers, nobody, clock, whole=True, probe_webhooks=False, prove_route_write=False
        )
        turns = sum(one.asked["resources"] + one.asked["route"] for one in providers.values()) + 3 * 10
        return facts, clock.monotonic_s() - began, turns

    facts, seconds, turns = run_virtual(main)
    assert len(facts.routes) == 10_000
    assert all(isinstance(fact, Observed) for fact in facts.routes.values())
    assert {len(facts.regions[region].numbers.value) for region in (US1, IE1, AU1)} == {10_001}  # type: ignore[union-attr]
    assert 0.9 * rate <= turns / seconds <= 1.05 * rate


def test_the_whole_reading_reads_nothing_twice_and_planning_reads_no_more_than_it_did() -> None:
    """The typed numbers, applications, trunks and SIP domains come from the same lists."""
    account = an_estate()

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        raise no_response(Failure.CONNECT_REFUSED)

    def read(whole: bool) -> tuple[Snapshot, dict[Region, FakeProvider]]:
        async def main(clock: VirtualClock) -> tuple[Snapshot, dict[Region, FakeProvider]]:
            providers = {region: FakeProvider(account, region, clock) for region in (US1, IE1)}
            flows = [a_flow(trickle=(), cohorts=(Cohort("all", (Routable("number", NUMBER),)),))]
            facts = await read_facts(
                flows,
                an_account(),
                providers,
                nobody,
                clock,
                whole=whole,
                probe_webhooks=False,
                prove_route_write=False,
            )
            return facts, providers

        return run_virtual(main)

    facts, providers = read(whole=True)
    typed = {"numbers", "applications", "trunks", "sip_domains"}
    for provider in providers.values():
        assert not typed & set(provider.asked)
        assert set(provider.listed.values()) == {1}
    planning, narrow = read(whole=False)
    for region in (US1, IE1):
        assert not narrow[region].listed
        assert {narrow[region].asked[name] for name in typed | {"check_credential"}} == {1}
        for name in typed:
            ours, theirs = getattr(facts.regions[region], name), getattr(planning.regions[region], name)
            assert ours.value == theirs.value
    assert isinstance(planning.every(IE1, "queue"), Unobserved)
    assert planning.regions[IE1].estate == {}

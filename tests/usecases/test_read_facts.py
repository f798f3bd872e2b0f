"""Reading the facts: what is asked of whom, and what stays unknown when something may not be seen."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness_scene import (
    A_TRUNK,
    FALLBACK,
    NUMBERS,
    RECOVERY,
    SIP_DOMAIN,
    TRUNK,
    URL,
    a_flow,
    a_workbook,
    an_account,
    fake_account,
)
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.judge import judge
from voicedr.program.readiness.resources import Routable, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Cohort
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.fake_account import FakeAccount, RouteChange
from voicedr.testing.fake_provider import METHODS, FakeProvider, Fault
from voicedr.usecases.check_readiness import NoSuchFlow, check_readiness
from voicedr.usecases.read_facts import DEAF_AFTER, ROUTES_AT_ONCE_MAX, read_facts
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response

TWIML = Response(200, (("Content-Type", "text/xml"),), b"<Response><Say>Hello</Say></Response>")


class Hand:
    """A clock that is moved by hand; waiting moves it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, 14, 2, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(0.0, seconds)
        await asyncio.sleep(0)


class Web:
    """The customer's web servers: an answer or a failure by URL without query; TwiML from everything else."""

    def __init__(self, **_: Any) -> None:
        self.answers: dict[str, Response | Failure] = {}
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        assert timeouts.total_s <= 15.0
        self.requests.append(request)
        answer = self.answers.get(request.url.partition("?")[0], TWIML)
        if isinstance(answer, Failure):
            raise no_response(answer)
        return answer


def read(
    account: FakeAccount | None = None,
    *,
    providers: Mapping[Region, FakeProvider] | None = None,
    web: Web | None = None,
    flow: Any = None,
    **options: Any,
) -> Snapshot:
    clock = Hand()
    account = account or fake_account()
    providers = providers or both(account)
    return asyncio.run(read_facts([flow or a_flow()], an_account(), providers, web or Web(), clock, **options))


def both(account: FakeAccount) -> dict[Region, FakeProvider]:
    return {region: FakeProvider(account, region, Hand()) for region in (US1, IE1)}


def outcomes(facts: Snapshot) -> dict[str, Outcome | None]:
    """Of the checks that need only what planning reads, too."""
    checks = judge(a_flow(), an_account(), facts).checks
    return {result.check: result.outcome for result in checks if result.check in PLANNING}


def test_a_ready_account_reads_as_ready() -> None:
    """Everything is read once, every fact says who said it, and all checks pass on it."""
    account = fake_account()
    providers = both(account)
    facts = read(account, providers=providers)
    assert set(outcomes(facts).values()) == {Outcome.PASS}
    for provider in providers.values():
        assert {name: provider.asked[name] for name in ("numbers", "applications", "trunks", "sip_domains")} == {
            "numbers": 1,
            "applications": 1,
            "trunks": 1,
            "sip_domains": 1,
        }
    numbers = facts.regions[IE1].numbers
    assert isinstance(numbers, Observed)
    assert numbers.source == "api.dublin.ie1 IncomingPhoneNumbers"
    assert facts.routes[TRUNK.key].source == "routes.dublin.ie1"  # type: ignore[union-attr]


def test_routes_are_read_through_the_standby_and_only_there() -> None:
    """The side that survives can see every route; the primary is not asked for any."""
    account = fake_account()
    providers = both(account)
    facts = read(account, providers=providers)
    subjects = (*a_flow().subjects, *a_flow().trickle)
    assert set(facts.routes) == {subject.key for subject in subjects}
    assert providers[US1].asked["route"] == 0
    assert providers[IE1].asked["route"] == len(subjects) + 1  # once more, right before the proof


def test_the_route_write_proof_changes_nothing() -> None:
    """One canary's own Region is written back; every route is as before."""
    account = fake_account()
    facts = read(account)
    assert [(change.subject, change.region, change.via) for change in account.changes] == [
        (Routable("number", NUMBERS[0]), US1, IE1)
    ]
    proof = facts.regions[IE1].route_write
    assert isinstance(proof, Observed)
    assert proof.value == Routable("number", NUMBERS[0])


def test_the_proof_writes_what_is_there_now_and_not_what_was_read_before() -> None:
    """If somebody moves the canary while we read, the proof does not move it back."""
    account = fake_account()
    canary = Routable("number", NUMBERS[0])

    class MovedMeanwhile(FakeProvider):
        async def sip_domains(self) -> Any:
            account.seed_route(canary, IE1)
            return await super().sip_domains()

    read(account, providers={US1: FakeProvider(account, US1, Hand()), IE1: MovedMeanwhile(account, IE1, Hand())})
    assert account.stored_route(canary).region == IE1  # type: ignore[union-attr]


def test_no_proof_on_a_route_that_was_never_set() -> None:
    """Writing would set it for good, so nobody does; what to do instead is said."""
    account = FakeAccount()
    for number in NUMBERS:
        account.add_number(number)
    facts = read(account)
    proof = facts.regions[IE1].route_write
    assert isinstance(proof, Unobserved)
    assert "none of the 2 entry points" in proof.reason
    assert account.changes == []


def test_no_proof_when_it_was_not_asked_for() -> None:
    """A reading that may not write does not write, and the check is unknown."""
    account = fake_account()
    facts = read(account, prove_route_write=False)
    assert account.writes == []
    assert outcomes(facts)["route_write_works"] is Outcome.UNKNOWN


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST_AFTER, Fault.ANSWER_LOST_BEFORE, Fault.THROTTLED])
def test_a_proof_without_an_answer_is_no_proof(fault: Fault) -> None:
    """A lost answer is not repeated and not counted."""
    account = fake_account()
    providers = both(account)
    providers[IE1].fail("set_route", fault)
    facts = read(account, providers=providers)
    assert outcomes(facts)["route_write_works"] is Outcome.UNKNOWN
    assert providers[IE1].asked["set_route"] == 1


def test_a_proof_that_was_answered_with_another_region_is_a_failure() -> None:
    """The provider must say back what was written."""
    account = fake_account()

    class Liar(FakeProvider):
        async def set_route(self, subject: Routable, region: Region) -> Any:
            route = await super().set_route(subject, region)
            return type(route)(route.subject, IE1, route.sid)

    facts = read(account, providers={US1: FakeProvider(account, US1, Hand()), IE1: Liar(account, IE1, Hand())})
    assert outcomes(facts)["route_write_works"] is Outcome.FAIL


def test_the_failed_region_is_asked_nothing() -> None:
    """In ungraceful mode not one request goes to the Region that failed, and what only it knows is unknown."""
    account = fake_account()
    providers = both(account)
    facts = read(account, providers=providers, without=frozenset({US1}))
    assert sum(providers[US1].asked.values()) == 0
    assert facts.regions[US1].numbers == Unobserved("us1 is not asked in ungraceful mode")
    judged = outcomes(facts)
    assert judged["number_has_handler"] is Outcome.UNKNOWN
    assert judged["route_is_as_expected"] is Outcome.PASS
    assert judged["route_write_works"] is Outcome.PASS
    assert judged["twiml_runs_in_standby"] is Outcome.PASS


def test_a_standby_that_may_not_be_asked_is_left_alone_too() -> None:
    """Then the routes are read through the other Region, and the proof is not tried."""
    account = fake_account()
    providers = both(account)
    facts = read(account, providers=providers, without=frozenset({IE1}))
    assert sum(providers[IE1].asked.values()) == 0
    assert isinstance(facts.routes[SIP_DOMAIN.key], Observed)
    assert account.writes == []


PLANNING = {
    "fallback_on_other_host", "has_fallback", "number_has_handler", "route_is_as_expected", "route_write_works",
    "rto_achievable", "sip_domain_takes_calls", "standby_credential_accepted", "trunk_has_disaster_recovery",
    "trunk_has_two_sbcs", "trunk_in_standby", "twiml_runs_in_standby", "webhook_answers_twiml",
}  # fmt: skip
ANSWERED = {"number_has_handler", "has_fallback", "fallback_on_other_host"}
ASKED = {"webhook_answers_twiml", "twiml_runs_in_standby"}
TRUNKS = {"trunk_has_disaster_recovery", "trunk_has_two_sbcs"}
AFFECTED = {
    "numbers": ANSWERED | ASKED | TRUNKS,
    "applications": ANSWERED | ASKED,
    "trunks": ANSWERED | ASKED | TRUNKS | {"trunk_in_standby"},
    "sip_domains": ANSWERED - {"number_has_handler"} | ASKED | {"sip_domain_takes_calls"},
    "route": {"route_is_as_expected", "route_write_works"},
    "set_route": {"route_write_works"},
    "check_credential": {"standby_credential_accepted", "rto_achievable", "route_write_works"},
}
PERMISSION_CHECKS = {"standby_credential_accepted", "route_write_works"}


@pytest.mark.parametrize("method", sorted(AFFECTED))
@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.WRONG_CREDENTIAL, Fault.UNREACHABLE, Fault.THROTTLED])
def test_losing_one_permission_makes_its_checks_unknown_and_never_green(method: str, fault: Fault) -> None:
    """What cannot be read does not pass; only a check of the permission itself may call the refusal a gap."""
    account = fake_account()
    providers = both(account)
    providers[IE1].fail(method, fault)
    judged = outcomes(read(account, providers=providers))
    not_green = {check for check, outcome in judged.items() if outcome is not Outcome.PASS}
    if (method, fault) == ("check_credential", Fault.WRONG_CREDENTIAL):
        assert not_green > AFFECTED[method]  # nothing else is asked with a refused key
    else:
        assert not_green == AFFECTED[method]
    assert {check for check, outcome in judged.items() if outcome is Outcome.FAIL} <= PERMISSION_CHECKS


def test_a_refused_key_is_a_gap_and_is_not_tried_again() -> None:
    """401 at the standby fails the credential check; nothing else is asked with that key."""
    account = fake_account()
    providers = both(account)
    providers[IE1].fail("*", Fault.WRONG_CREDENTIAL)
    facts = read(account, providers=providers)
    judged = outcomes(facts)
    assert judged["standby_credential_accepted"] is Outcome.FAIL
    assert judged["route_write_works"] is Outcome.FAIL
    assert providers[IE1].asked == {"check_credential": 1}


def test_a_region_without_access_is_unknown_and_says_what_to_add() -> None:
    """A Region that the workbook gives no key for is not an error of the reading."""
    account = fake_account()
    facts = read(account, providers={US1: FakeProvider(account, US1, Hand())})
    credential = facts.regions[IE1].credential
    assert isinstance(credential, Unobserved)
    assert "account.regions" in credential.reason


def test_a_dead_host_costs_a_few_time_outs_and_not_one_per_number() -> None:
    """After some reads in a row that reached nobody the rest are not tried."""
    account = FakeAccount()
    many = tuple(Routable("number", f"+1415{n:07d}") for n in range(1000))
    for subject in many:
        account.add_number(subject.name, route=US1)
    providers = both(account)
    providers[IE1].fail("route", Fault.UNREACHABLE)
    facts = read(account, providers=providers, flow=a_flow(cohorts=(Cohort("all", many),)))
    assert providers[IE1].asked["route"] <= ROUTES_AT_ONCE_MAX + DEAF_AFTER
    assert all(isinstance(facts.routes[subject.key], Unobserved) for subject in many)


def test_not_more_than_so_many_routes_are_read_at_once() -> None:
    """A thousand numbers do not become a thousand requests in flight."""
    account = FakeAccount()
    many = tuple(Routable("number", f"+1415{n:07d}") for n in range(200))
    for subject in many:
        account.add_number(subject.name, route=US1)
    now, most = 0, 0

    class Counting(FakeProvider):
        async def route(self, subject: Routable) -> Any:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1
            return await super().route(subject)

    providers = {US1: FakeProvider(account, US1, Hand()), IE1: Counting(account, IE1, Hand())}
    seen: list[tuple[str, int, int]] = []
    read(
        account,
        providers=providers,
        flow=a_flow(cohorts=(Cohort("all", many),), trickle=()),
        progress=lambda *said: seen.append(said),
    )
    assert 1 < most <= ROUTES_AT_ONCE_MAX
    assert ("routes", 200, 200) in seen


def test_every_method_that_reading_uses_is_a_read_but_one() -> None:
    """Reading places no calls and fetches no logs."""
    account = fake_account()
    providers = both(account)
    read(account, providers=providers)
    asked = {name for provider in providers.values() for name in provider.asked}
    assert asked <= set(METHODS) - {"place_call", "calls", "alerts"}
    assert [write.method for write in account.writes] == ["set_route"]
    assert isinstance(account.changes[0], RouteChange)


def test_a_number_that_an_application_answers_has_the_applications_webhook_probed() -> None:
    """URLs behind applications, trunks and SIP domains are asked like the numbers' own."""
    account = fake_account()
    application = account.add_application(IE1, "other", VoiceHandler("https://behind.acme.example/app"))
    account.configure(IE1, NUMBERS[3], application_sid=application.sid)
    web = Web()
    facts = read(account, web=web)
    assert set(facts.webhooks) >= {URL, FALLBACK, RECOVERY, "https://behind.acme.example/app"}
    assert len(web.requests) == len(facts.webhooks)


def test_webhooks_stay_unknown_when_they_are_not_asked() -> None:
    """No request goes out, and nothing passes for it."""
    web = Web()
    facts = read(web=web, probe_webhooks=False)
    assert web.requests == []
    assert outcomes(facts)["webhook_answers_twiml"] is Outcome.UNKNOWN


def test_check_readiness_judges_the_flows_it_is_asked_for() -> None:
    """All flows without a name; an unknown name is refused before anything is read."""
    account = fake_account()
    workbook = a_workbook(a_flow(), a_flow(id="sales", rto_s=60.0))
    providers = both(account)
    whole = asyncio.run(check_readiness(workbook, [], providers, Web(), Hand()))
    assert {flow.flow for flow in whole.flows} == {"sales", "support-line"}
    assert whole.outcome is Outcome.FAIL
    one = asyncio.run(check_readiness(workbook, ["support-line"], providers, Web(), Hand()))
    assert [flow.flow for flow in one.flows] == ["support-line"]
    judged = {result.check: result.outcome for result in one.flows[0].checks if result.check in PLANNING}
    assert set(judged.values()) == {Outcome.PASS}
    fresh = both(fake_account())
    with pytest.raises(NoSuchFlow, match=r"dr\.yaml has no flow 'suport'\. It has: support-line, sales"):
        asyncio.run(check_readiness(workbook, ["suport"], fresh, Web(), Hand()))
    assert sum(sum(provider.asked.values()) for provider in fresh.values()) == 0


def test_a_trunk_that_exists_in_one_region_only_is_found() -> None:
    """The whole way from the account to the finding."""
    account = FakeAccount()
    for number in NUMBERS:
        account.add_number(number, route=US1)
    account.add_trunk(US1, A_TRUNK, route=US1)
    judged = judge(a_flow(), an_account(), read(account))
    missing = [finding for finding in judged.findings if finding.check == "trunk_in_standby"]
    assert [(finding.outcome, finding.region) for finding in missing] == [(Outcome.FAIL, IE1), (Outcome.PASS, US1)]

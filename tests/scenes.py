"""A small account, a flow over it, its approved plan and its journal: what most tests of an execution begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.ports.clock import Clock
from voicedr.program.execution import events as ev
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Routable, SipDomain, Trunk, VoiceHandler
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.scope.workbook import Account, Cohort, Flow, Gate, Limits, RegionAccess, Roles, SequentialTest
from voicedr.program.vocabulary import E164, IE1, US1, Kind, Mode, Purpose, Region
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import FakeProvider
from voicedr.usecases.cut_over import cut_over, open_execution

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEST_CALLER = E164("+14155550999")
QUICK = SequentialTest(bad_share_ok=0.05, bad_share_bad=0.5, numbers_min=1)
ROLES = Roles("noc", "telephony", "business", ("lead", "director"), 2)
HANDLER = VoiceHandler(voice_url="https://app.example/voice")


def number(n: int) -> str:
    """The n-th test number."""
    return f"+1415555{n:04d}"


def account_values(*, limits: Limits | None = None) -> Account:
    """The workbook's account."""
    access = {US1: RegionAccess("ashburn", "env:K", "env:S"), IE1: RegionAccess("dublin", "env:K", "env:S")}
    return Account("AC" + "0" * 31 + "1", access, limits or Limits(100.0, 10.0, 300.0))


def flow_of(sizes: dict[str, int], *, gate: Gate | None = None) -> Flow:
    """A flow with cohorts of these sizes over consecutive numbers."""
    cohorts, first = [], 0
    for name, size in sizes.items():
        subjects = tuple(Routable("number", number(n)) for n in range(first, first + size))
        cohorts.append(Cohort(name, subjects, gate or Gate(QUICK)))
        first += size
    return Flow("support-line", "Support", 1, US1, IE1, 3600.0, tuple(cohorts), ROLES, test_caller=TEST_CALLER)


def fake_account(flow: Flow, *, propagation_s: float | Callable[[], float] = 3.0) -> FakeAccount:
    """An account with the flow's numbers, configured in both Regions, routed to the primary."""
    account = FakeAccount(propagation_s=propagation_s)
    for one in (*flow.numbers, TEST_CALLER):
        account.add_number(one, route=flow.primary)
        account.configure(US1, one, HANDLER)
        account.configure(IE1, one, HANDLER)
    return account


def snapshot_of(account: FakeAccount, flow: Flow) -> Snapshot:
    """The facts, as somebody who could see all of it would read them."""

    def facts(region: Region) -> RegionFacts:
        return RegionFacts(
            credential=Observed("accepted", NOW, "test"),
            numbers=Observed({config.e164: config for config in account.numbers_in(region)}, NOW, "test"),
            applications=Observed({}, NOW, "test"),
            trunks=Observed((), NOW, "test"),
            sip_domains=Observed((), NOW, "test"),
            route_write=Unobserved("not tried"),
        )

    routes = {subject.key: Observed(account.stored_route(subject), NOW, "test") for subject in flow.subjects}
    return Snapshot(NOW, account.account_sid, {US1: facts(US1), IE1: facts(IE1)}, dict(routes), {})


@dataclass
class Scene:
    """Everything an execution needs."""

    directory: Path
    sizes: dict[str, int] = field(default_factory=lambda: {"canary": 2, "rest": 6})
    gate: Gate | None = None
    mode: Mode = Mode.UNGRACEFUL
    purpose: Purpose = Purpose.FAILOVER
    propagation_s: float | Callable[[], float] = 3.0
    execution: str = "x1"

    def __post_init__(self) -> None:
        self.flow = flow_of(self.sizes, gate=self.gate)
        self.account = fake_account(self.flow, propagation_s=self.propagation_s)
        self.events: list[ev.Event] = []
        self.journal = SqliteJournal(self.directory / "journal.db")

    def plan(self) -> Plan:
        """The flow's plan from the facts of now."""
        facts = snapshot_of(self.account, self.flow)
        return make_plan(self.flow, account_values(), facts, purpose=self.purpose, mode=self.mode)

    def plan_with_domains(self, *names: str) -> Plan:
        """The plan from facts in which the standby has these trunks and SIP domains, whatever the account has."""
        facts = snapshot_of(self.account, self.flow)
        trunks = tuple(Trunk("TK", None, name, None, "POST", None) for name in names if ".pstn." in name)
        domains = tuple(SipDomain("SD", name, None, HANDLER, None) for name in names if ".sip." in name)
        there = msgspec.structs.replace(
            facts.regions[IE1], trunks=Observed(trunks, NOW, "test"), sip_domains=Observed(domains, NOW, "test")
        )
        facts = msgspec.structs.replace(facts, regions=facts.regions | {IE1: there})
        return make_plan(self.flow, account_values(), facts, purpose=self.purpose, mode=self.mode)

    def open(self, plan: Plan | None = None) -> Plan:
        """Approve the plan by two people and open its execution."""
        plan = plan or self.plan()
        digest = plan_hash(plan)
        for person, role in (("ana", "lead"), ("ben", "director")):
            self.journal.approve(ev.Approved(at=NOW, person=person, role=role, plan_hash=digest))
        open_execution(self.journal, plan, execution=self.execution, kind=Kind.DRILL_TWIN, by="ana", now=NOW)
        return plan

    def providers(self, clock: Clock, *regions: Region) -> dict[Region, FakeProvider]:
        """Providers of these Regions; the standby alone by default."""
        return {region: FakeProvider(self.account, region, clock, latency_s=0.05) for region in regions or (IE1,)}

    async def run(
        self,
        clock: Clock,
        providers: dict[Region, FakeProvider] | None = None,
        *,
        holder: str = "me",
        stay: bool = False,
    ) -> Execution:
        """Work until it is finished or paused."""
        return await cut_over(
            self.execution,
            self.journal,
            providers or self.providers(clock),
            None,
            clock,
            holder=holder,
            listener=lambda event, _state: self.events.append(event),
            stay_when_paused=stay,
        )

    def routed(self) -> dict[str, Region]:
        """Where every number of the flow is routed, as stored."""
        stored = {one: self.account.stored_route(Routable("number", one)) for one in self.flow.numbers}
        return {one: US1 if route is None else route.region for one, route in stored.items()}

    def changes_per_number(self) -> dict[str, int]:
        """How often each number's route was written during the test."""
        counts = dict.fromkeys(map(str, self.flow.numbers), 0)
        for change in self.account.changes:
            counts[change.subject.name] += 1
        return counts

    def said(self, kind: type[ev.Event]) -> list[ev.Event]:
        """The events of one kind, from the journal."""
        return [record.event for record in self.journal.read(self.execution) if isinstance(record.event, kind)]


def gate_with(**changes: object) -> Gate:
    """The quick gate, changed."""
    return msgspec.structs.replace(Gate(QUICK), **changes)

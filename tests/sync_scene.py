"""A small account whose primary has one of everything that is copied, and what plans and carries out its copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from scenes import ROLES, account_values
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.journal.syncs import JournalSyncs
from voicedr.ports.clock import Clock
from voicedr.program.readiness.kinds import KINDS, Resource, Value
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.standby_copy import Sync, UrlRule
from voicedr.program.scope.workbook import Cohort, Flow, Gate, Person, SequentialTest, Workbook
from voicedr.program.standby.ownership import ledger
from voicedr.program.standby.plan import Adopt
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import FakeProvider
from voicedr.usecases.apply_sync import Applied, apply_sync
from voicedr.usecases.plan_sync import Planned, SyncOptions, pairs_of, plan_sync

ON_APP, ON_TRUNK, ON_URL = "+14155550100", "+14155550101", "+14155550102"
TRUNK, DOMAIN = "acme.pstn.twilio.com", "acme.sip.twilio.com"
PASSWORD = "Correct-horse-7"
RULES = Sync(
    urls=(
        UrlRule("https://us1.app.example", "https://{region}.app.example"),
        UrlRule(";edge={edge}", ";edge={edge}"),
    ),
    credentials={"Phones/reception": "env:SIP_RECEPTION"},
)


def flow(*subjects: Routable) -> Flow:
    """The flow over everything, or over some of it."""
    every = (
        Routable("number", ON_APP),
        Routable("number", ON_TRUNK),
        Routable("number", ON_URL),
        Routable("trunk", TRUNK),
        Routable("sip-domain", DOMAIN),
    )
    cohort = Cohort("all", subjects or every, Gate(SequentialTest()))
    return Flow("support", "Support", 1, US1, IE1, 900.0, (cohort,), ROLES)


def workbook(sync: Sync = RULES, *flows: Flow) -> Workbook:
    """A workbook with the rules."""
    return Workbook(account_values(), (Person("ruiz", "A. Ruiz", ("lead",)),), flows or (flow(),), sync=sync)


@dataclass
class Scene:
    """An account, its two Regions, and the record of what was done."""

    clock: Clock
    folder: Path
    book: Workbook = field(default_factory=workbook)
    account: FakeAccount = field(default_factory=FakeAccount)
    runs: int = 0

    def __post_init__(self) -> None:
        self.providers = {region: FakeProvider(self.account, region, self.clock) for region in (US1, IE1)}
        self.journal = SqliteJournal(self.folder / "journal.db")
        self.syncs = JournalSyncs(self.journal)

    @property
    def standby(self) -> FakeProvider:
        """ie1."""
        return self.providers[IE1]

    def put(
        self, kind: str, parent: Resource | None = None, *, region: Region = US1, sid: str = "", **fields: Value
    ) -> Resource:
        """Put something into a Region, as if somebody had long ago."""
        resource = Resource(kind, sid, None if parent is None else parent.sid, dict(fields))
        return self.account.add_resource(region, resource)

    def number(self, e164: str, *, region: Region = US1, **fields: Value) -> None:
        """Configure a number in a Region; it is bought if nobody has it."""
        owned = {one.e164: one.sid for one in self.account.numbers_in(region)}
        if e164 not in owned:
            self.account.add_number(e164)
            owned = {one.e164: one.sid for one in self.account.numbers_in(region)}
        self.put("number", region=region, sid=owned[e164], phone_number=e164, **fields)

    def furnish(self) -> None:
        """One of everything, in the primary."""
        app = self.put(
            "application", friendly_name="Support", voice_url="https://us1.app.example/voice",
            voice_fallback_url="https://fallback.example/voice", status_callback="https://us1.app.example/status",
        )  # fmt: skip
        acl = self.put("ip-acl", friendly_name="Office")
        self.put("ip-address", acl, friendly_name="hq", ip_address="203.0.113.1", cidr_prefix_length=32)
        self.put("ip-address", acl, friendly_name="yard", ip_address="203.0.113.64", cidr_prefix_length=28)
        phones = self.put("credential-list", friendly_name="Phones")
        self.put("credential", phones, username="reception")
        domain = self.put(
            "sip-domain", domain_name=DOMAIN, friendly_name="Lobby", voice_url="https://us1.app.example/sip",
            sip_registration=True,
        )  # fmt: skip
        self.put("domain-acl", domain, sid=acl.sid)
        self.put("domain-credentials", domain, sid=phones.sid)
        self.put("domain-registrations", domain, sid=phones.sid)
        trunk = self.put(
            "trunk", domain_name=TRUNK, friendly_name="Dispatch", secure=True,
            disaster_recovery_url="https://us1.app.example/dr",
        )  # fmt: skip
        for n in (1, 2):
            self.put(
                "origination-url", trunk, sip_url=f"sip:sbc{n}.acme.example;edge=ashburn", friendly_name=f"sbc{n}",
                priority=10 * n, weight=10, enabled=True,
            )  # fmt: skip
        self.put("trunk-acl", trunk, sid=acl.sid)
        self.put("trunk-credentials", trunk, sid=phones.sid)
        self.put("queue", friendly_name="Nurses", max_size=50)
        self.number(ON_APP, voice_application_sid=app.sid)
        self.number(ON_TRUNK, trunk_sid=trunk.sid)
        self.number(ON_URL, voice_url="https://us1.app.example/voice", sms_url="https://us1.app.example/sms")

    async def plan(self, *, everything: bool = False, adopt: Adopt | None = None, prune: bool = False) -> Planned:
        """The plan now."""
        events = [[record.event for record in self.syncs.read(one.run)] for one in self.syncs.runs()]
        return await plan_sync(
            pairs_of(self.book.flows)[0],
            self.book,
            self.providers,
            self.clock,
            options=SyncOptions(everything, adopt or Adopt(), prune),
            ledger=ledger(events, IE1),
        )

    async def apply(self, planned: Planned | None = None, **options: object) -> Applied:
        """Carry out a plan, or the plan now."""
        planned = planned or await self.plan(**options)  # type: ignore[arg-type]
        self.runs += 1
        return await apply_sync(
            planned,
            self.standby,
            self.syncs,
            self.clock,
            run=f"run-{self.runs}",
            by="me",
            holder="me@here:1/1/x",
            secret=lambda reference: {"env:SIP_RECEPTION": PASSWORD}[reference],
        )

    def listed(self, kind: str, region: Region = IE1) -> list[Resource]:
        """Everything of a kind in a Region."""
        of = KINDS[kind]
        if of.parent is None:
            return self.account.resources_in(region, of)
        parents = self.account.resources_in(region, KINDS[of.parent])
        return [one for parent in parents for one in self.account.resources_in(region, of, parent.sid)]

    def world(self, region: Region = IE1) -> dict[str, list[tuple[str, dict[str, Value]]]]:
        """Everything that a Region has, by kind, for comparing."""
        kinds = [kind.id for kind in KINDS.values() if not kind.us1_only]
        return {kind: sorted(((one.sid, one.fields) for one in self.listed(kind, region)), key=str) for kind in kinds}

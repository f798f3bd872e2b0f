"""An account that is ready in every respect, and what readiness says of it: twin, adapter, customer, one process.

The reading is the product's own, from the workbook's text to the judgement: ``read_workbook``, ``check_readiness`` and
the provider's adapter against the twin's API. Time is virtual, so that a silent webhook takes none. Every reading is a
loop of its own; between two readings everything is plain state, which is how a fault is seeded and taken away.
"""

from __future__ import annotations

import copy
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.readiness import declared
from bench.readiness import estate as has
from bench.readiness.customer import Customer, CustomerFaults
from bench.readiness.estate import OUT, Direction
from bench.readiness.outside import Beside
from voicedr.adapters.http.in_process import InProcessSend, place_of
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.api.handle import handle
from voicedr.twin.twin import Twin, is_provider
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import World
from voicedr.twin.world.routes import write_route
from voicedr.twin.world.state import as_json, from_json
from voicedr.usecases.check_readiness import check_readiness
from voicedr.wire.http import Failure, NotDelivered, Request, Response, form_request
from voicedr.wire.signatures import sign

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
"""When it is read: within what was declared."""

READING_S_MAX = 3600.0
"""Virtual seconds of one reading. Everything silent at once takes minutes."""

Rewrite = Callable[[dict[str, Any]], None]
"""Changes what a Region shows, in place: for what the provider shows and the twin keeps nothing about."""


@dataclass
class HealthyAccount:
    """One account. Everything public may be spoilt; ``heal`` brings all of it back.

    Attributes:
        way: Where the flow lives and where it goes.
        world: The twin's.
        document: The workbook.
        beside: Names, SIP, certificates, files, secrets.
        customer: What is wrong at the customer's.
        shows: By Region and end of the path: what a list shows otherwise than the twin has it.
        clock_off_s: So far this machine's clock is ahead.
    """

    way: Direction = OUT
    seed: int = 1
    world: World = field(init=False)
    document: dict[str, Any] = field(init=False)
    beside: Beside = field(init=False)
    customer: CustomerFaults = field(init=False)
    shows: dict[tuple[str, str], Rewrite] = field(init=False)
    clock_off_s: float = field(init=False)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    """Regions and permissions that the twin missed in a key, since it was healed."""

    def __post_init__(self) -> None:
        self.heal()

    def heal(self) -> None:
        """As it was made."""
        self.world = from_json(_made(self.way, self.seed))
        self.document = copy.deepcopy(declared.workbook(self.way))
        self.beside = Beside(AT + timedelta(days=90))
        for region in has.EDGES:
            store = self.world.regions[region]
            key = next(iter(store.keys.values()))
            self.beside.secrets |= {
                f"KEY_{region.upper()}": key.sid,
                f"SECRET_{region.upper()}": key.secret,
                f"TOKEN_{region.upper()}": store.auth_token,
            }
        self.beside.secrets["BEARER"] = "letmein"
        self.beside.files[declared.CONTEXT] = json.dumps({"region": self.way.primary, "epoch": 7}).encode()
        self.customer = CustomerFaults()
        self.shows = {}
        self.clock_off_s = 0.0
        self.refusals = []

    def workbook(self) -> Workbook:
        """As its reader reads it."""
        return _workbook(json.dumps(self.document))

    def read(self) -> FlowReadiness:
        """What readiness says of the flow now."""
        return self.read_all()[0]

    def read_all(self) -> tuple[FlowReadiness, Snapshot]:
        """The same, and everything that was seen."""
        return run_virtual(self._read, start=AT, limit_s=READING_S_MAX)

    def control(self, method: str, path: str, body: object = None) -> Any:
        """Ask the twin's control API, e.g. for a fault."""

        async def ask(clock: VirtualClock) -> Response:
            twin = Twin(self.world, clock, InProcessSend({}, clock))
            content = b"" if body is None else json.dumps(body).encode()
            answer = await twin.respond(Request(method, f"http://127.0.0.1{path}", (), content))
            await twin.close()
            return answer

        answer = run_virtual(ask, start=AT)
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.text}")
        return json.loads(answer.body) if answer.body else None

    def fault(self, fault: str, **params: Any) -> None:
        """Break something in the twin."""
        self.control("POST", "/_twin/faults", {"fault": fault, **params})

    def rest(self, method: str, region: str, product: str, path: str, **form: Any) -> dict[str, Any]:
        """A request to the twin's REST API with the Region's Auth Token, as somebody in the Console would change it."""
        prefix = f"/2010-04-01/Accounts/{self.world.account_sid}" if product == "api" else "/v1"
        url = f"https://{product}.{has.EDGES[region]}.{region}.twilio.com{prefix}/{path}"
        token = b64encode(f"{self.world.account_sid}:{self.world.regions[region].auth_token}".encode()).decode()
        request = form_request(method, url, {name: str(value) for name, value in form.items()})
        request = Request(method, request.url, (*request.headers, ("Authorization", f"Basic {token}")), request.body)
        response = handle(self.world, request, AT.timestamp()).response
        if not isinstance(response, Response) or response.status >= 400:
            raise RuntimeError(f"{method} {url} {urlencode(form)}: {response}")
        told: dict[str, Any] = json.loads(response.body) if response.body else {}
        return told

    def number(self, region: str, e164: str, **form: Any) -> None:
        """Configure a number in one Region."""
        self.rest("POST", region, "api", f"IncomingPhoneNumbers/{self.world.numbers[e164].sid}.json", **form)

    def route(self, kind: str, name: str, region: str) -> None:
        """Somebody routes something: ``PhoneNumbers``, ``Trunks`` or ``SipDomains``."""
        write_route(self.world, kind, name, AT.timestamp() - 60, region=region, via="us1")  # type: ignore[arg-type]

    def say(self, about: str, value: Any) -> None:
        """Somebody declares something else."""
        next(one for one in self.document["declared"] if one["about"] == about)["value"] = value

    def said(self, about: str) -> Any:
        """What somebody declared."""
        return next(one for one in self.document["declared"] if one["about"] == about)["value"]

    @property
    def flow(self) -> dict[str, Any]:
        """The flow in the workbook."""
        found: dict[str, Any] = self.document["flows"][declared.FLOW]
        return found

    async def _read(self, clock: VirtualClock) -> tuple[FlowReadiness, Snapshot]:
        ours = _OffClock(clock, self.clock_off_s)
        workbook = self.workbook()
        to_customer = InProcessSend(Customer(self.world, self.beside, clock, self.customer).handlers(), clock)
        twin = Twin(self.world, clock, to_customer)

        async def provider(request: Request) -> Response:
            if not is_provider(place_of(request.url)):
                raise NotDelivered(Failure.NAME_NOT_FOUND, f"{place_of(request.url)}: nobody has this name")
            return self._shown(request, await twin.respond(request), clock.now())

        handlers = Customer(self.world, self.beside, clock, self.customer).handlers()
        send = InProcessSend(handlers, clock, otherwise=provider)
        limits = workbook.account.limits
        pace, call_pace = Pace(limits.requests_per_second, clock), Pace(limits.calls_per_second, clock)
        outside = self.beside.as_outside()
        providers = {
            region: TwilioRegion(
                workbook.account.sid, region, how.edge, self.beside.secret(how.api_key),
                self.beside.secret(how.api_secret), send, clock, pace, call_pace, chance=lambda: 0.5,
            )
            for region, how in workbook.account.regions.items()
        }  # fmt: skip

        def signer(url: str, form: Mapping[str, str], region: Region) -> str | None:
            how = workbook.account.regions.get(region)
            if how is None or how.auth_token is None:
                return None
            return sign(self.beside.secret(how.auth_token), url, form.items())

        kept: list[Snapshot] = []
        report = await check_readiness(
            workbook, (), providers, send, ours, outside=outside, signer=signer, keep=kept.append
        )
        await twin.close()
        return report.flows[0], kept[0]

    def _shown(self, request: Request, answer: Response, now: datetime) -> Response:
        """As it comes over a wire: with the date that a server puts there."""
        parts = urlsplit(request.url)
        if answer.status == 403 and b"lacks the permission " in answer.body:
            permission = answer.body.partition(b"lacks the permission ")[2].partition(b'"')[0].decode()
            self.refusals.append((parts.netloc.split(".")[2], permission))
        for (region, ending), rewrite in self.shows.items():
            if request.method == "GET" and f".{region}." in parts.netloc and parts.path.endswith(ending):
                told = json.loads(answer.body)
                rewrite(told)
                answer = Response(answer.status, answer.headers, json.dumps(told).encode())
        if answer.header("Date") is None:
            answer = Response(
                answer.status, (*answer.headers, ("Date", format_datetime(now, usegmt=True))), answer.body
            )
        return answer


class _OffClock:
    """A clock that is wrong by so much."""

    def __init__(self, clock: VirtualClock, off_s: float) -> None:
        self._clock, self._off = clock, timedelta(seconds=off_s)

    def now(self) -> datetime:
        """The time of day as this machine has it."""
        return self._clock.now() + self._off

    def monotonic_s(self) -> float:
        """Seconds that have passed."""
        return self._clock.monotonic_s()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._clock.sleep(seconds)


@cache
def _workbook(text: str) -> Workbook:
    return read_workbook(text, "voicedr.yaml")


@cache
def _made(way: Direction, seed: int) -> bytes:
    """The twin's state."""
    world = world_from_account(has.account_file(way), seed, AT.timestamp() - 86_400 * 30)
    for region, store in world.regions.items():
        if region not in has.EDGES:
            continue
        _add_queue(world, region)
        desks = next(one.sid for one in store.credential_lists.values() if one.friendly_name == "Desks")
        for domain in store.sip_domains.values():
            domain.registration_credential_lists[desks] = AT.timestamp()
    for e164 in has.NUMBERS:
        world.numbers[e164].bundle_sid = has.BUNDLE
    return as_json(world)


def _add_queue(world: World, region: str) -> None:
    token = b64encode(f"{world.account_sid}:{world.regions[region].auth_token}".encode()).decode()
    url = (
        f"https://api.{REGIONS[Region(region)]}.{region}.twilio.com/2010-04-01/Accounts/{world.account_sid}/Queues.json"
    )
    request = form_request("POST", url, {"FriendlyName": "support", "MaxSize": "50"})
    request = Request("POST", url, (*request.headers, ("Authorization", f"Basic {token}")), request.body)
    answer = handle(world, request, AT.timestamp())
    if not isinstance(answer.response, Response) or answer.response.status != 201:
        raise RuntimeError(f"the queue of {region} was not made: {answer.response}")

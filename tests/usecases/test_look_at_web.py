"""Looking at webhooks, hosts and an application over real sockets: what is sent, what is seen, and what it may cost."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest

from adapters.http.certificates import Authority
from adapters.http.loopback import listening, read_request
from readiness_scene import NUMBERS, a_flow, an_account, config, declaring, fake_account, judge, seen, snapshot
from ready_web import FALLBACK, INSTANCES, SOURCE, STATUS, URL
from voicedr.adapters.certificates import SocketCertificates
from voicedr.adapters.clock import WallClock
from voicedr.adapters.http.sockets import SocketSend
from voicedr.ports.context import ActiveRegion, ContextError
from voicedr.ports.names import NamesFailed
from voicedr.ports.provider import RegionalProvider
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import Declarations
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.web import WebFacts
from voicedr.program.readiness.resources import Alert, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case, webhooks
from voicedr.program.scope.workbook import RegionAccess
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.fake_provider import FakeProvider
from voicedr.usecases import look_at_web as looking
from voicedr.usecases import probe_webhooks as probing
from voicedr.usecases.look_at_web import look_at_web
from voicedr.usecases.outside import NOWHERE, Outside
from voicedr.usecases.probe_webhooks import probe_webhooks
from voicedr.wire.http import Request, Response, Timeouts
from voicedr.wire.signatures import HEADER, sign, validate

TOKENS = {US1: "token of us1", IE1: "token of ie1"}
SECRET = "the secret of the key"
HOSTS = (
    "app.acme.example", "dr.other.example", "a.acme.example", "b.acme.example",
    "api.ashburn.us1.twilio.com", "api.umatilla.us1.twilio.com", "api.sydney.us1.twilio.com",
)  # fmt: skip
ACCOUNT = an_account(
    regions={
        US1: RegionAccess("ashburn", "SK1", "env:S1", "env:T1"),
        IE1: RegionAccess("dublin", "SK2", "env:S2", "env:T2"),
    }
)


@dataclass
class Application:
    """Everybody behind the hosts: webhooks that check signatures, callbacks, instances, and a REST API."""

    knows: Mapping[str, str] = field(default_factory=lambda: dict(TOKENS))
    checks: bool = True
    heard: list[Request] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        while True:
            raw = await read_request(reader)
            head, _, body = raw.partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            method, path, _ = first.split(" ")
            headers = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
            host = next(value for name, value in headers if name.lower() == "host")
            request = Request(method, f"https://{host}{path}", headers, body)
            self.heard.append(request)
            status, content = self._answer(request, path)
            kind = "text/xml" if content.startswith("<") else "application/json"
            size = f"Content-Length: {len(content)}\r\nContent-Type: {kind}\r\n\r\n"
            writer.write(f"HTTP/1.1 {status} Said\r\n{size}{'' if method == 'HEAD' else content}".encode())
            await writer.drain()

    def _answer(self, request: Request, path: str) -> tuple[int, str]:
        if path.startswith("/2010-04-01"):
            return (200 if request.header("Authorization") else 401), "{}"
        if path == "/health":
            return 200, '{"active_region": "us1", "epoch": 7}'
        if path == "/status":
            return 405, ""
        pairs = [(name, value) for name, value in parse_qsl(request.body.decode(), keep_blank_values=True)]
        signature = request.header(HEADER) or ""
        good = any(validate(token, signature, request.url, pairs) for token in self.knows.values())
        if self.checks and not good:
            return 403, ""
        return 200, "<Response><Say>Hello</Say><Redirect>/voice/next</Redirect></Response>"


class PublicNames:
    """A resolver that gives every host an address of its own."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        if host.startswith("app"):
            return ("8.8.4.4", "8.8.8.8")
        return ("1.1.1.1",)


def signer(url: str, fields: Mapping[str, str], region: Region) -> str:
    return sign(TOKENS[region], url, fields.items())


def read_file(name: str) -> bytes:
    """The files beside the workbook."""
    files = {
        str(Path("context.json").absolute()): b'{"region": "us1", "epoch": 7, "written_at": "2026-11-21T14:02:11Z"}',
        SOURCE: b"from twilio.rest import Client\nEDGES = ['ashburn', 'umatilla']\n",
    }
    if name not in files:
        raise FileNotFoundError(2, "No such file or directory", name)
    return files[name]


@asynccontextmanager
async def served(application: Application, folder: Path, tls: ssl.SSLContext | None = None) -> AsyncIterator[Any]:
    """The hosts, and everything to look with, which leads to them and nowhere else."""
    authority = Authority(folder)
    async with (
        listening(application, tls or authority.server(*HOSTS)) as port,
        SocketSend(address=f"https://127.0.0.1:{port}", ca_file=authority.ca_file) as send,
    ):
        certificates = SocketCertificates(ca_file=authority.ca_file, address=("127.0.0.1", port))
        yield send, Outside(PublicNames(), None, read_file, lambda reference: SECRET, certificates)


async def looked(
    send: Any, outside: Outside, *, providers: Mapping[Region, RegionalProvider] | None = None, **options: Any
) -> Snapshot:
    """A ready account, looked at: first its webhooks, then the rest."""
    clock, flow, said = WallClock(), a_flow(), declaring()
    facts = msgspec.structs.replace(options.pop("facts", None) or snapshot(), webhooks={}, web=WebFacts())
    account = options.pop("account", ACCOUNT)
    asked = webhooks(Case(flow, account, facts))
    answers = await probe_webhooks(asked, account.sid, send, clock, signer=signer)
    facts = msgspec.structs.replace(facts, webhooks=answers)
    web = await look_at_web(
        [flow],
        account,
        options.pop("said", said),
        facts,
        providers or {},
        send,
        clock,
        outside,
        signer=signer,
        **options,
    )
    return msgspec.structs.replace(facts, web=web)


def look(application: Application, folder: Path, **options: Any) -> Snapshot:
    async def main() -> Snapshot:
        async with served(application, folder) as (send, outside):
            return await looked(send, outside, **options)

    return asyncio.run(main())


def outcomes(facts: Snapshot) -> dict[str, Outcome | None]:
    judged = judge(a_flow(), ACCOUNT, facts)
    return {result.check: result.outcome for result in judged.checks}


def test_a_ready_application_is_seen_to_be_ready(tmp_path: Path) -> None:
    """Every fact that can be got over sockets is got, and the checks pass on it; only the certificate ends soon."""
    application = Application()
    account = fake_account()
    providers: dict[Region, RegionalProvider] = {
        region: FakeProvider(account, region, WallClock()) for region in (US1, IE1)
    }
    result = outcomes(look(application, tmp_path, providers=providers))
    for check in (
        "webhook_host_is_public", "webhook_certificate_valid", "webhook_answers_twiml", "webhook_answers_soon",
        "webhook_stays_on_its_host", "fallback_on_other_address", "fallback_takes_error_parameters",
        "fallback_stands_alone", "status_callback_answers", "webhook_takes_each_regions_signature",
        "webhook_refuses_forgeries", "application_instance_answers", "application_knows_the_region",
        "application_context_readable", "rest_has_a_second_edge", "rest_client_falls_back", "no_webhook_failed_lately",
        "no_fallback_failed_lately",
    ):  # fmt: skip
        assert result[check] is Outcome.PASS, check
    assert result["webhook_certificate_lasts"] is Outcome.FAIL


def test_nothing_that_is_sent_belongs_to_a_call_or_changes_anything(tmp_path: Path) -> None:
    """One name on every request; POST only to webhooks and with a CallSid of zeros; one forgery a URL."""
    application = Application()
    look(application, tmp_path)
    assert {request.header("User-Agent") for request in application.heard} == {"voicedr-readiness"}
    assert {request.method for request in application.heard} == {"POST", "GET", "HEAD"}
    posts = [request for request in application.heard if request.method == "POST"]
    assert {dict(request.form())["CallSid"] for request in posts} == {"CA" + "0" * 32}
    forged = [request.url for request in posts if request.header(HEADER) == probing.FORGED_SIGNATURE]
    assert sorted(forged) == sorted(set(forged))
    assert len(forged) == 3
    assert {request.url for request in application.heard if request.method == "HEAD"} == {STATUS}


def test_an_application_that_knows_one_token_refuses_the_other_region(tmp_path: Path) -> None:
    """The same URL is asked as each Region asks; the one whose token is missing is the one that fails."""
    judged = judge(a_flow(), ACCOUNT, look(Application(knows={US1: TOKENS[US1]}), tmp_path))
    failed = [
        finding
        for finding in judged.findings
        if finding.check == "webhook_takes_each_regions_signature" and finding.outcome is Outcome.FAIL
    ]
    assert {finding.region for finding in failed} == {IE1}
    assert all("403 to a request signed as ie1 signs" in finding.detail for finding in failed)


def test_an_application_that_checks_nothing_is_found_out(tmp_path: Path) -> None:
    """A wrong signature that is answered with TwiML is a gap."""
    assert outcomes(look(Application(checks=False), tmp_path))["webhook_refuses_forgeries"] is Outcome.FAIL


def test_two_regions_that_fall_back_to_each_other_are_asked_as_fallbacks_too(tmp_path: Path) -> None:
    """Each URL is a primary in one Region; what it says to ErrorCode is found out in a request of its own."""
    turned = VoiceHandler(voice_url=FALLBACK, voice_fallback_url=URL)
    numbers = seen({number: config(number, handler=turned) for number in NUMBERS})
    application = Application()
    facts = look(application, tmp_path, facts=snapshot(primary={"numbers": numbers}))
    assert isinstance(facts.web.told_at(URL), Observed)
    told = [r.url for r in application.heard if r.method == "POST" and "ErrorCode" in dict(r.form())]
    assert URL.partition("#")[0] in told
    assert outcomes(facts)["fallback_takes_error_parameters"] is Outcome.PASS


def test_without_a_token_nobody_knows(tmp_path: Path) -> None:
    """No Auth Token of a Region: whether it is accepted is unknown, and the reason says where to put one."""
    regions = ACCOUNT.regions | {IE1: RegionAccess("dublin", "SK2", "env:S2")}
    half = msgspec.structs.replace(ACCOUNT, regions=regions)

    async def main() -> WebFacts:
        async with served(Application(), tmp_path) as (send, outside):
            facts = msgspec.structs.replace(snapshot(), web=WebFacts())
            args = ([a_flow()], half, declaring(), facts, {}, send, WallClock(), outside)
            return await look_at_web(*args, signer=signer)  # type: ignore[arg-type]

    fact = asyncio.run(main()).signed_as(IE1, URL)
    assert isinstance(fact, Unobserved)
    assert "no auth_token of ie1" in fact.reason


def test_no_secret_is_in_any_fact(tmp_path: Path) -> None:
    """Keys and tokens go into requests and nowhere else."""
    written = msgspec.json.encode(look(Application(), tmp_path).web)
    assert SECRET.encode() not in written
    assert not any(token.encode() in written for token in TOKENS.values())


def test_a_secret_that_cannot_be_had_is_unknown_and_not_shown(tmp_path: Path) -> None:
    """Whatever keeps secrets may say it in its error; we do not."""

    def broken(reference: str) -> str:
        raise RuntimeError(f"{reference} is {SECRET}")

    async def main() -> WebFacts:
        async with served(Application(), tmp_path) as (send, _):
            return (await looked(send, Outside(None, None, None, broken, None))).web

    fact = asyncio.run(main()).edge_of("umatilla", US1)
    assert isinstance(fact, Unobserved)
    assert SECRET not in fact.reason


def test_nothing_to_look_with_is_nothing_seen(tmp_path: Path) -> None:
    """Without resolver, certificates, files and keys nothing is raised and nothing passes."""

    async def main() -> WebFacts:
        async with served(Application(), tmp_path) as (send, _):
            return (await looked(send, NOWHERE)).web

    web = asyncio.run(main())
    for table in (web.addresses, web.certificates, web.contexts, web.sources, web.edges, web.alerts):
        assert table
        assert all(isinstance(fact, Unobserved) for fact in table.values())


def test_an_application_that_is_not_asked_is_not_sent_anything(tmp_path: Path) -> None:
    """Where webhooks are not to be asked, only the REST API hears of us."""
    application = Application()

    async def main() -> None:
        async with served(application, tmp_path) as (send, outside):
            facts = msgspec.structs.replace(snapshot(), web=WebFacts())
            args = ([a_flow()], ACCOUNT, declaring(), facts, {}, send, WallClock(), outside)
            await look_at_web(*args, signer=signer, ask_webhooks=False)  # type: ignore[arg-type]

    asyncio.run(main())
    assert application.heard
    assert all(".us1.twilio.com" in request.url for request in application.heard)


def test_a_region_that_must_not_be_asked_is_not(tmp_path: Path) -> None:
    """Ungraceful: no name of its REST API is asked, and no alert is read."""
    application = Application()
    account = fake_account()
    providers: dict[Region, RegionalProvider] = {
        region: FakeProvider(account, region, WallClock()) for region in (US1, IE1)
    }
    web = look(application, tmp_path, providers=providers, without=frozenset({US1})).web
    assert not any("twilio.com" in request.url for request in application.heard)
    assert isinstance(web.alerts_of(US1), Unobserved)
    assert isinstance(web.alerts_of(IE1), Observed)
    assert isinstance(web.edge_of("umatilla", US1), Unobserved)


def test_there_is_an_end_to_what_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the budget nothing is sent, and what was left out says so."""
    monkeypatch.setattr(looking, "REQUESTS_MAX", 4)
    application = Application()
    web = look(application, tmp_path).web
    # The first answers of three webhooks are not part of this budget.
    assert len(application.heard) == 3 + 4
    left_out = [fact for fact in web.forged.values() if isinstance(fact, Unobserved)]
    assert left_out
    assert all("at most 4" in fact.reason for fact in left_out)


def test_whoever_is_silent_is_asked_once() -> None:
    """A dead webhook costs one time-out and no second."""
    sent: list[Request] = []

    async def send(request: Request, timeouts: Timeouts) -> Response:
        sent.append(request)
        raise ConnectionError  # nobody gets here twice

    silent = msgspec.structs.replace(
        snapshot().webhooks[URL], value=probing.WebhookAnswer(URL, None, 15.0, (), "is dead")
    )
    facts = msgspec.structs.replace(snapshot(webhooks={URL: silent, FALLBACK: silent}), web=WebFacts())
    facts = msgspec.structs.replace(facts, webhooks=dict.fromkeys(facts.webhooks, silent))
    flow = a_flow(application=None)
    said = declaring({}, *(one.about for one in declaring().every))
    none = msgspec.structs.replace(facts, regions={})
    asyncio.run(look_at_web([flow], ACCOUNT, said, none, {}, send, WallClock(), NOWHERE, signer=signer))
    assert sent == []


def test_alerts_are_counted_by_url_and_code(tmp_path: Path) -> None:
    """Errors about URLs of the last day count; warnings, old ones and those about nothing do not."""
    account = fake_account()
    now = datetime.now(UTC)
    url = URL.partition("#")[0]
    hour = timedelta(hours=1)
    for sid, code, level, where, at in (
        ("NO1", 11200, "error", f"{url}?x=1", now - hour),
        ("NO2", 11200, "error", url.replace("https://", "https://app:secret@"), now - hour * 2),
        ("NO3", 12200, "warning", url, now - hour),
        ("NO4", 11200, "error", None, now - hour),
        ("NO5", 11200, "error", url, now - hour * 30),
        ("NO6", 20404, "error", url, now - hour),
    ):
        account.add_alert(IE1, Alert(sid, code, level, "CA1", where, None, at))
    providers: dict[Region, RegionalProvider] = {
        region: FakeProvider(account, region, WallClock()) for region in (US1, IE1)
    }
    facts = look(Application(), tmp_path, providers=providers)
    fact = facts.web.alerts_of(IE1)
    assert isinstance(fact, Observed)
    assert [(one.url, one.code, one.count) for one in fact.value.counts] == [(url, 11200, 2)]
    assert outcomes(facts)["no_webhook_failed_lately"] is Outcome.FAIL


def test_a_context_that_is_not_there_or_not_readable(tmp_path: Path) -> None:
    """Missing is seen; unreadable is unknown; something else is no context."""

    def reading(outcome: bytes | OSError) -> Callable[[str], bytes]:
        def read(name: str) -> bytes:
            if isinstance(outcome, OSError):
                raise outcome
            return outcome

        return read

    async def said(outcome: bytes | OSError) -> Any:
        async with served(Application(), tmp_path) as (send, _):
            facts = await looked(send, Outside(None, None, reading(outcome), None, None))
            return facts.web.context_at("context.json")

    missing = asyncio.run(said(FileNotFoundError(2, "No such file")))
    assert missing.value.problem == "is not there"
    assert isinstance(asyncio.run(said(PermissionError(13, "Permission denied"))), Unobserved)
    assert asyncio.run(said(b"<html>")).value.problem == "is no context document"
    assert asyncio.run(said(b'{"region": "mars", "epoch": 1}')).value.problem is not None


def test_a_context_that_is_in_no_plain_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read as a cutover reads it; not there is seen, and silence is unknown."""
    plain = a_flow()
    assert plain.application is not None

    def said(context: str, key: str | None, found: ActiveRegion | ContextError | None) -> Any:
        application = msgspec.structs.replace(plain.application, context=context, signing_key=key)
        monkeypatch.setitem(globals(), "a_flow", lambda: msgspec.structs.replace(plain, application=application))
        asked: list[str] = []

        async def read(reference: str) -> ActiveRegion | None:
            asked.append(reference)
            if isinstance(found, ContextError):
                raise found
            return found

        async def main() -> Any:
            async with served(Application(), tmp_path) as (send, _):
                outside = Outside(None, None, read_file, None, None, read)
                return (await looked(send, outside)).web.context_at(context)

        fact = asyncio.run(main())
        assert asked == [context]
        return fact

    etcd = "etcd:http://127.0.0.1:2379/app"
    seen = said(etcd, None, ActiveRegion(US1, 7)).value
    assert (seen.region, seen.epoch, seen.problem) == (US1, 7, None)
    assert said(etcd, None, None).value.problem == "is not there"
    assert said(etcd, None, ContextError("silent")) == Unobserved("silent")
    assert said("file:/var/lib/x.json", "file:/key", ActiveRegion(IE1, 8)).value.region == IE1


def test_names_that_cannot_be_resolved_are_unknown(tmp_path: Path) -> None:
    """No answer from the resolver is not "no such name"."""

    class Deaf:
        async def addresses(self, host: str) -> tuple[str, ...]:
            raise NamesFailed(f"the resolver did not answer for {host}")

    async def main() -> WebFacts:
        async with served(Application(), tmp_path) as (send, _):
            return (await looked(send, Outside(Deaf(), None, None, None, None))).web

    fact = asyncio.run(main()).addresses_of("app.acme.example")
    assert isinstance(fact, Unobserved)
    assert "did not answer" in fact.reason


def test_the_declarations_are_of_the_scene() -> None:
    """What is looked at beyond the account is what was declared."""
    assert isinstance(declaring(), Declarations)
    assert set(INSTANCES) == {"https://a.acme.example/health", "https://b.acme.example/health"}

"""Looking at the customer's own parts: what is asked, what is kept, and what never stops the looking."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from asgi_caller import ask
from readiness_scene import a_flow, an_account, fake_account, snapshot
from ready_application import ACCOUNT, AT, BOARD, KEY, PUSH, SECRET, TOKENS, declaring, token_text
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.outside.access_token import NoToken, read_access_token
from voicedr.program.readiness.outside.application import EYES, ApplicationFacts, Eye, TokenAnswer
from voicedr.program.scope.workbook import Account, RegionAccess
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.runtime.tokens.app import create_app
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.usecases.look_at_application import AT_ONCE_MAX, PAGES_MAX, look_at_application
from voicedr.usecases.outside import NOWHERE, Outside
from voicedr.usecases.read_clocks import ahead
from voicedr.wire.http import Failure, Request, Response, Send, Timeouts, no_response

PLAIN = {"env:K1": "SK" + "1" * 32, "env:S1": "ofAmerica", "env:K2": KEY, "env:S2": SECRET, "env:T2": "token2"}
PLAIN |= {"env:COPY": PLAIN["env:K1"], "env:BEARER": "who-asks"}

Answer = Callable[[Request], Response]


class StillClock:
    """A clock at which nothing passes."""

    def now(self) -> datetime:
        """Always the same."""
        return AT

    def monotonic_s(self) -> float:
        """Always the same."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Let others run."""
        await asyncio.sleep(0 * seconds)


class World:
    """Whoever answers. It counts what it was asked, and how much at once."""

    def __init__(self, answers: dict[str, Answer | Response | Failure] | None = None) -> None:
        self.asked: list[Request] = []
        self.at_once = self.most = 0
        self._answers = answers or {}

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Answer as the host would."""
        self.asked.append(request)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        assert timeouts.total_s <= 10
        host = urlsplit(request.url).hostname or ""
        answer = self._answers.get(host, _usual)
        if isinstance(answer, Failure):
            raise no_response(answer)
        return answer if isinstance(answer, Response) else answer(request)

    def of(self, host: str) -> list[Request]:
        """What one host was asked."""
        return [request for request in self.asked if urlsplit(request.url).hostname == host]


def _usual(request: Request) -> Response:
    host = urlsplit(request.url).hostname or ""
    if host.startswith("api."):
        return Response(401, (("Date", format_datetime(AT, usegmt=True)),))
    if host.startswith("tokens."):
        region = parse_qs(urlsplit(request.url).query)["region"][0]
        return Response(200, body=json.dumps({"token": token_text(region)}).encode())
    return Response(302, (("Location", "https://login.acme.example"),))


def secret(reference: str) -> str:
    """What a reference stands for."""
    return PLAIN[reference]


def account(**changes: object) -> Account:
    """The account, whose standby has an Auth Token as well."""
    usual = an_account()
    ireland = msgspec.structs.replace(usual.regions[IE1], auth_token="env:T2")
    return msgspec.structs.replace(usual, **({"regions": usual.regions | {IE1: ireland}} | changes))


def look(
    world: Send,
    *,
    declared: Declarations | None = None,
    outside: Outside | None = None,
    without: frozenset[Region] = frozenset(),
    of: Account | None = None,
    provider: FakeProvider | None = None,
) -> ApplicationFacts:
    """Look at everything once."""
    clock = StillClock()
    ireland = provider or FakeProvider(fake_account(), IE1, clock)
    return asyncio.run(
        look_at_application(
            [a_flow()], of or account(), declared or declaring(), snapshot(), {IE1: ireland}, world, clock,
            outside or Outside(secret=secret), without=without,
        )
    )  # fmt: skip


def test_everything_that_is_there_is_seen() -> None:
    """Clocks, tokens, pages, references and records: each is observed, with its time and its source."""
    world = World()
    facts = look(world)
    assert facts.clock(IE1) == Observed(0.0, AT, "Date of api.dublin.ie1.twilio.com")
    for url in TOKENS:
        match facts.token_from(IE1, url):
            case Observed(value=TokenAnswer(status=200, token=token)) if token is not None:
                assert (token.region, token.signed_by, token.signature) == (IE1, IE1, "good")
            case other:
                pytest.fail(f"{other}")
    page = facts.page(BOARD)
    assert isinstance(page, Observed)
    assert (page.value.status, page.value.problem) == (302, None)
    standing = facts.credential(IE1)
    assert isinstance(standing, Observed)
    assert (standing.value.had, standing.value.same_as) == (("api_key", "api_secret", "auth_token"), {})
    assert all(isinstance(facts.seen_in(IE1, eye), Observed) for eye in EYES)


def test_only_gets_are_sent_and_they_say_who_asks() -> None:
    """Nothing is changed by looking, no key goes to anybody, and each thing is asked for once."""
    world = World()
    look(world)
    assert {request.method for request in world.asked} == {"GET"}
    assert {request.header("User-Agent") for request in world.asked} == {"voicedr-readiness"}
    assert all(request.header("Authorization") is None for request in world.asked)
    assert len({request.url for request in world.asked}) == len(world.asked)
    query = parse_qs(urlsplit(world.of("tokens.acme.example")[0].url).query)
    assert query == {"identity": ["voicedr-readiness"], "region": ["ie1"]}


def test_no_secret_and_no_token_stays_in_the_facts() -> None:
    """What was compared and checked is not kept."""
    kept = msgspec.json.encode(look(World())).decode()
    assert all(value not in kept for reference, value in PLAIN.items() if reference != "env:K2")
    assert token_text().rpartition(".")[2] not in kept


def test_a_shared_value_is_noticed_whatever_the_references_are_called() -> None:
    """Two names for one secret are one secret."""
    shared = RegionAccess("dublin", "env:COPY", "env:S2", "env:NONE")
    facts = look(World(), of=account(regions={US1: an_account().regions[US1], IE1: shared}))
    standing = facts.credential(IE1)
    assert isinstance(standing, Observed)
    assert standing.value.same_as == {US1: ("api_key",)}
    assert standing.value.missing == {"auth_token": "its reference stands for nothing that could be had (KeyError)"}
    home = facts.credential(US1)
    assert isinstance(home, Observed)
    assert home.value.unnamed == ("auth_token",)


def test_a_region_that_may_not_be_asked_is_asked_nothing() -> None:
    """In ungraceful mode the failed Region sees no request of ours."""
    world = World()
    provider = FakeProvider(fake_account(), IE1, StillClock())
    facts = look(world, without=frozenset({IE1, US1}), provider=provider)
    assert not [request for request in world.asked if "twilio" in request.url]
    assert sum(provider.asked.values()) == 0
    for fact in (facts.clock(IE1), facts.clock(US1), *(facts.seen_in(IE1, eye) for eye in EYES)):
        assert isinstance(fact, Unobserved)
        assert "ungraceful" in fact.reason


@pytest.mark.parametrize("failure", list(Failure))
def test_whatever_breaks_stops_nothing(failure: Failure) -> None:
    """Every way in which an exchange can break leaves words in its place, and the rest is seen."""
    facts = look(
        World({"tokens.acme.example": failure, "boards.acme.example": failure, "api.ashburn.us1.twilio.com": failure})
    )
    answer, page, other = facts.token_from(IE1, TOKENS[0]), facts.page(BOARD), facts.token_from(IE1, TOKENS[1])
    assert isinstance(answer, Observed)
    assert answer.value.problem == f"did not answer: {failure.value}"
    assert isinstance(page, Observed)
    assert page.value.problem == f"did not answer: {failure.value}"
    assert isinstance(facts.clock(US1), Unobserved)
    assert isinstance(other, Observed)
    assert other.value.token is not None


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (Response(403), "answered 403"),
        (Response(200, body=b"hello"), "gave no access token"),
        (Response(200, body=b'{"jeton": "x"}'), "has none of token"),
        (Response(200, body=b"{" * 100), "broken JSON"),
        (Response(302, (("Location", "/login"),)), "answered 302"),
    ],
)
def test_what_is_no_token_says_why(response: Response, problem: str) -> None:
    """A refusal, a page and broken JSON are told apart."""
    fact = look(World({"tokens.acme.example": response})).token_from(IE1, TOKENS[0])
    assert isinstance(fact, Observed)
    assert problem in (fact.value.problem or "")
    assert fact.value.token is None


@pytest.mark.parametrize(
    "body",
    [token_text(), f'"{token_text()}"', f'{{"accessToken": "{token_text()}"}}', f'{{"jwt":"{token_text()}"}}\n'],
)
def test_a_token_is_found_in_each_usual_form(body: str) -> None:
    """As text, as a JSON string, and under the usual names."""
    fact = look(World({"tokens.acme.example": Response(200, body=body.encode())})).token_from(IE1, TOKENS[0])
    assert isinstance(fact, Observed)
    assert fact.value.token is not None


def test_a_service_that_wants_to_know_who_asks_gets_its_secret_and_nobody_else_does() -> None:
    """The bearer secret is resolved for one service; where it cannot be had, that one is not asked."""
    services = [{"url": TOKENS[0], "bearer": "env:BEARER"}, {"url": TOKENS[1], "bearer": "env:NOT-THERE"}]
    world = World()
    facts = look(world, declared=declaring({About.TOKEN_SERVICES: services}))
    assert [request.header("Authorization") for request in world.of("tokens.acme.example")] == ["Bearer who-asks"] * 2
    assert world.of("tokens.other.example") == []
    assert isinstance(facts.token_from(IE1, TOKENS[1]), Unobserved)
    assert "who-asks" not in msgspec.json.encode(facts).decode()


def test_no_secret_is_sent_where_others_can_read_it() -> None:
    """Over plain HTTP a bearer secret goes to this machine alone."""
    services = [
        {"url": "http://tokens.acme.example/token", "bearer": "env:BEARER"},
        {"url": "http://127.0.0.1:8088/token", "bearer": "env:BEARER"},
    ]
    world = World({"127.0.0.1": Response(200, body=token_text().encode())})
    facts = look(world, declared=declaring({About.TOKEN_SERVICES: services}))
    refused = facts.token_from(IE1, "http://tokens.acme.example/token")
    assert isinstance(refused, Observed)
    assert refused.value.problem == "is not https: no secret is sent to it"
    assert world.of("tokens.acme.example") == []
    assert [request.header("Authorization") for request in world.of("127.0.0.1")] == ["Bearer who-asks"] * 2


def test_a_token_of_the_official_library_is_read() -> None:
    """What the provider's own library makes says the same here: Region, key, account, grants, life, signature."""
    voice = VoiceGrant(outgoing_application_sid="AP" + "1" * 32, push_credential_sid=PUSH, incoming_allow=True)
    made = AccessToken(ACCOUNT, KEY, SECRET, grants=[voice], identity="ann", ttl=900, region="ie1")
    read = read_access_token(made.to_jwt(), {IE1: (KEY, SECRET)})
    assert (read.region, read.issuer, read.account_sid, read.signature) == (IE1, KEY, ACCOUNT, "good")
    assert (read.application_sid, read.push_credential_sid, read.has_voice) == ("AP" + "1" * 32, PUSH, True)
    assert read.ends is not None
    assert read.begins is not None
    assert 899 <= read.ends - read.begins <= 901
    at_home = AccessToken(ACCOUNT, KEY, "another" * 6, grants=[voice], identity="ann")
    assert read_access_token(at_home.to_jwt(), {IE1: (KEY, SECRET)}).region == US1
    assert read_access_token(at_home.to_jwt(), {IE1: (KEY, SECRET)}).signature == "bad"


@pytest.mark.parametrize("claims", [b'{"iss": "\xff"}', b"[" * 3000, b"7"], ids=["no UTF-8", "deep", "a number"])
def test_what_is_no_token_is_told_without_it(claims: bytes) -> None:
    """Whatever a service answers in a token's form is read or is none."""
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"HS256"}', claims, b"x" * 32)]
    with pytest.raises(NoToken) as none:
        read_access_token(".".join(parts), {})
    assert parts[1] not in str(none.value)


def test_a_moment_with_hundreds_of_digits_is_none() -> None:
    """It is not known when such a token ends, which is not yes."""
    claims = b'{"exp": ' + b"9" * 400 + b"}"
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (b'{"alg":"HS256"}', claims, b"x" * 32)]
    assert read_access_token(".".join(parts), {}).ends is None


def test_our_own_token_service_gives_what_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service that comes with the product mints for the Region that is asked for, with that Region's key."""
    monkeypatch.setenv("TOKENS_CALLER", "who-asks")
    monkeypatch.setenv("IE1_KEY", SECRET)
    monkeypatch.setenv("US1_KEY", "another" * 6)
    settings = tmp_path / "tokens.yaml"
    settings.write_text(
        f"""\
account: {ACCOUNT}
region: us1
callers: [{{name: readiness, secret: "env:TOKENS_CALLER"}}]
regions:
  us1: {{edges: [ashburn], keys: [{{sid: SK{"1" * 32}, secret: "env:US1_KEY"}}]}}
  ie1: {{application: AP{"1" * 32}, edges: [dublin], keys: [{{sid: {KEY}, secret: "env:IE1_KEY"}}]}}
""",
        encoding="utf-8",
    )
    app = create_app(settings, now_s=AT.timestamp)

    async def send(request: Request, timeouts: Timeouts) -> Response:
        if urlsplit(request.url).hostname != "tokens.acme.example":
            return _usual(request)
        came = await ask(app, request.method, request.url, request.headers)
        return Response(came.status, tuple(came.headers.items()), came.body)

    services = [{"url": TOKENS[0], "bearer": "env:BEARER"}]
    facts = look(send, declared=declaring({About.TOKEN_SERVICES: services}))
    fact = facts.token_from(IE1, TOKENS[0])
    assert isinstance(fact, Observed)
    assert fact.value.token is not None, fact.value.problem
    assert (fact.value.token.region, fact.value.token.signature) == (IE1, "good")
    assert fact.value.token.application_sid == "AP" + "1" * 32
    assert fact.value.token.ends == AT.timestamp() + 300


def test_a_key_that_may_not_read_is_told_from_silence() -> None:
    """Refused is what the provider said; unreachable is nothing that it said."""
    ireland = FakeProvider(fake_account(), IE1, StillClock())
    ireland.fail("calls", Fault.REFUSED)
    ireland.fail("kept", Fault.UNREACHABLE)
    facts = look(World(), provider=ireland)
    rows: list[tuple[Eye, bool]] = [("call log", True), ("recordings", False), ("transcriptions", False)]
    for eye, refused in rows:
        fact = facts.seen_in(IE1, eye)
        assert isinstance(fact, Unobserved)
        assert fact.refused is refused
    assert isinstance(facts.seen_in(IE1, "alerts"), Observed)


def test_without_secrets_at_hand_nothing_is_guessed() -> None:
    """References are not looked at, and signatures not checked."""
    facts = look(World(), outside=NOWHERE)
    assert isinstance(facts.credential(IE1), Unobserved)
    fact = facts.token_from(IE1, TOKENS[0])
    assert isinstance(fact, Observed)
    assert fact.value.token is not None
    assert fact.value.token.signature == "not checked"


def test_a_twin_is_asked_at_its_address_by_the_providers_name() -> None:
    """Where every request to the provider goes to one place, the clock is read there, too."""
    world = World({"127.0.0.1": lambda _: Response(200, (("Date", format_datetime(AT, usegmt=True)),))})
    facts = look(world, of=account(address="http://127.0.0.1:8080"))
    assert not [request for request in world.asked if "twilio" in request.url]
    assert {request.header("Host") for request in world.of("127.0.0.1")} == {
        "api.dublin.ie1.twilio.com",
        "api.ashburn.us1.twilio.com",
    }
    assert isinstance(facts.clock(IE1), Observed)
    lost = look(World(), of=account(address="env:NOWHERE"))
    assert isinstance(lost.clock(IE1), Unobserved)


@pytest.mark.parametrize(
    "url", ["https://boards.acme.example:99999/x", "https://boards acme/x", "https://[broken/x", "https:///x"]
)
def test_a_url_that_cannot_be_asked_is_a_problem_of_its_own(url: str) -> None:
    """A slip of the pen in one URL stops nothing, and nobody is asked for it."""
    said = declaring({About.DASHBOARDS: {"ie1": [url]}, About.TOKEN_SERVICES: [url, TOKENS[1]]})
    world = World()
    facts = look(world, declared=said)
    page, answer, other = facts.page(url), facts.token_from(IE1, url), facts.token_from(IE1, TOKENS[1])
    assert isinstance(page, Observed)
    assert isinstance(answer, Observed)
    assert isinstance(other, Observed)
    assert page.value.problem == answer.value.problem == "is not a URL that can be asked for"
    assert other.value.token is not None
    assert not [request for request in world.asked if request.url.startswith(url)]


def test_there_is_an_end_to_pages_and_only_a_few_are_asked_at_once() -> None:
    """A thousand dashboards are not asked for, and what was left out says so."""
    many = [f"https://boards.acme.example/{n}" for n in range(1000)]
    world = World()
    facts = look(world, declared=declaring({About.DASHBOARDS: {"ie1": many}}))
    assert len(world.of("boards.acme.example")) == PAGES_MAX
    assert world.most <= AT_ONCE_MAX
    left = facts.page(many[-1])
    assert isinstance(left, Unobserved)
    assert f"at most {PAGES_MAX} pages" in left.reason


def test_nothing_declared_asks_nothing_of_the_customers_parts() -> None:
    """Nobody named a service or a page."""
    world = World()
    facts = look(world, declared=Declarations())
    assert {urlsplit(request.url).hostname for request in world.asked} == {
        "api.dublin.ie1.twilio.com",
        "api.ashburn.us1.twilio.com",
    }
    assert facts.tokens == {}
    assert facts.pages == {}


@pytest.mark.parametrize(
    ("offset_s", "took_s", "expected"),
    [(0, 0, 0.0), (0.9, 0, 0.0), (5, 0, 4.0), (-5, 0, -5.0), (-5, 7, 0.0), (3600, 0, 3599.0)],
)
def test_a_clock_is_off_only_by_what_is_certain(offset_s: float, took_s: float, expected: float) -> None:
    """The header knows whole seconds, and the answer takes its time: only what is beyond both counts."""
    before = AT + timedelta(seconds=offset_s)
    date = format_datetime(AT, usegmt=True)
    assert ahead(date, before, before + timedelta(seconds=took_s)) == pytest.approx(expected)
    assert ahead(None, before, before) is None
    assert ahead("yesterday", before, before) is None


def test_facts_of_yesterday_do_not_count() -> None:
    """Every fact of the application ages as the others do."""
    facts = look(World())
    old = facts.aged(lambda fact: Unobserved("old"))
    tables = (old.clocks, old.tokens, old.pages, old.credentials, old.eyes)
    assert all(table and all(isinstance(fact, Unobserved) for fact in table.values()) for table in tables)

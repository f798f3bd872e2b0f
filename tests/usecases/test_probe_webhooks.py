"""Asking webhooks: what is sent, what counts as an answer, and when nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.readiness.subjects import Webhook
from voicedr.program.vocabulary import IE1, Region
from voicedr.usecases.probe_webhooks import AT_ONCE_MAX, URLS_MAX, probe_webhooks
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response
from voicedr.wire.signatures import HEADER, sign, validate

URL = "https://app.acme.example/voice"
XML = (("Content-Type", "text/xml"),)
TWIML = Response(200, XML, b"<Response><Dial><Number>+14155550100</Number></Dial><Dial/></Response>")
Answering = Callable[[Request], Response]


class Hand:
    """A clock that is moved by hand."""

    seconds = 0.0

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic_s(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def webhook(url: str = URL, method: str = "POST", **changes: Any) -> Webhook:
    values: dict[str, Any] = {"role": "voice URL", "called": "+14155550100", "instead_of": None} | changes
    return Webhook(url, method, IE1, True, values["role"], values["called"], values["instead_of"], Unobserved(""))


def ask(
    *webhooks: Webhook, answer: Answering, clock: Hand | None = None, **options: Any
) -> dict[str, Fact[WebhookAnswer]]:
    async def send(request: Request, timeouts: Timeouts) -> Response:
        assert 0 < timeouts.total_s <= 15.0
        await asyncio.sleep(0)
        return answer(request)

    return asyncio.run(probe_webhooks(webhooks, "AC1", send, clock or Hand(), **options))


def one(answer: Answering, asked: Webhook | None = None, **options: Any) -> WebhookAnswer:
    fact = ask(asked or webhook(), answer=answer, **options)[(asked or webhook()).url]
    assert isinstance(fact, Observed)
    return fact.value


def breaking(failure: Failure) -> Answering:
    def answer(request: Request) -> Response:
        raise no_response(failure)

    return answer


def test_the_request_is_the_providers_and_belongs_to_no_call() -> None:
    """Every documented parameter, a CallSid of zeros, and our own name; overrides are not sent."""
    sent: list[Request] = []
    ask(webhook(URL + "#e=dublin&rc=2"), answer=lambda request: sent.append(request) or TWIML)  # type: ignore[func-returns-value]
    request = sent[0]
    assert (request.method, request.url) == ("POST", URL)
    assert dict(request.form()) == {
        "CallSid": "CA" + "0" * 32,
        "AccountSid": "AC1",
        "From": "+15005550006",
        "To": "+14155550100",
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    }
    assert request.header("User-Agent") == "voicedr-readiness"
    assert request.header(HEADER) is None


def test_a_get_webhook_is_asked_by_get() -> None:
    """The parameters go into the query, behind what is there already."""
    sent: list[Request] = []
    ask(webhook(URL + "?flow=1", "GET"), answer=lambda request: sent.append(request) or TWIML)  # type: ignore[func-returns-value]
    assert sent[0].method == "GET"
    assert sent[0].url.startswith(URL + "?flow=1&CallSid=CA000")


def test_a_fallback_is_told_what_failed() -> None:
    """``ErrorCode`` and ``ErrorUrl`` come with it, as they will on the day."""
    sent: list[Request] = []
    fallback = webhook(role="fallback URL", instead_of="https://app:secret@primary.example/voice")
    ask(fallback, answer=lambda request: sent.append(request) or TWIML)  # type: ignore[func-returns-value]
    fields = dict(sent[0].form())
    assert fields["ErrorCode"] == "11200"
    assert fields["ErrorUrl"] == "https://app:***@primary.example/voice"


def test_valid_twiml_is_an_answer_and_its_verbs_are_kept() -> None:
    """Each verb once, nouns with their verb."""
    answer = one(lambda request: TWIML)
    assert (answer.problem, answer.status, answer.verbs) == (None, 200, ("Dial", "Dial/Number"))


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (Response(500, XML, b""), "answered 500"),
        (Response(404, XML, b""), "answered 404"),
        (Response(200, XML, b"<html>"), "(12100)"),
        (Response(200, XML, b"<Order/>"), "(12102)"),
        (Response(200, (("Content-Type", "application/json"),), b"{}"), "(12300)"),
        (Response(200, (), b"<Response/>"), "(12300)"),
        (Response(200, XML, b"<Response>" + b" " * 70_000 + b"</Response>"), "(11750)"),
        (Response(302, (), b""), "redirects (302)"),
        (Response(302, (("Location", "ftp://app.acme.example/x"),), b""), "redirects (302)"),
        (Response(301, (("Location", "/voice"),), b""), "redirects (301)"),
    ],
)
def test_what_the_provider_could_not_execute_is_a_problem(response: Response, says: str) -> None:
    """Status, content type, size, XML and redirects are judged as the provider judges them."""
    assert says in (one(lambda request: response).problem or "")


@pytest.mark.parametrize("failure", list(Failure))
def test_a_broken_exchange_is_a_problem_with_its_name(failure: Failure) -> None:
    """Every way in which no answer comes is said as what it was."""
    assert f"did not answer: {failure.value}" in (one(breaking(failure)).problem or "")


def test_a_redirect_is_followed_within_the_budget() -> None:
    """A 307 keeps the method and the form; what comes at the end is judged."""
    sent: list[Request] = []

    def answer(request: Request) -> Response:
        sent.append(request)
        return TWIML if request.url.endswith("/new") else Response(307, (("Location", "/new"),))

    assert one(answer).problem is None
    assert [(request.method, request.url) for request in sent] == [
        ("POST", URL),
        ("POST", "https://app.acme.example/new"),
    ]


def test_an_answer_after_the_budget_is_too_late() -> None:
    """Fifteen seconds are the provider's, and the time that it took is kept."""
    clock = Hand()

    def answer(request: Request) -> Response:
        clock.seconds += 15.5
        return TWIML

    late = one(answer, clock=clock)
    assert late.seconds == 15.5
    assert late.problem == "took 15.5 s of at most 15 s"


def test_a_signed_request_verifies() -> None:
    """The signature is over what is sent, with the token of the webhook's Region."""
    sent: list[Request] = []

    def signer(url: str, fields: Mapping[str, str], region: Region) -> str | None:
        return sign(f"token-{region}", url, fields.items())

    def answer(request: Request) -> Response:
        sent.append(request)
        return TWIML

    ask(webhook(), webhook(URL + "/get", "GET"), answer=answer, signer=signer)
    for request in sent:
        fields = request.form() if request.method == "POST" else []
        assert validate("token-ie1", request.header(HEADER) or "", request.url, fields)


def test_a_refusal_of_an_unsigned_request_says_nothing() -> None:
    """403 without a signature is unknown; with one it is a gap."""
    refused = Response(403, XML, b"")
    fact = ask(webhook(), answer=lambda request: refused)[URL]
    assert isinstance(fact, Unobserved)
    assert "Auth Token" in fact.reason
    signed = one(lambda request: refused, signer=lambda url, fields, region: "signature")
    assert signed.problem == "answered 403 to a request signed as ie1 signs"
    no_token = ask(webhook(), answer=lambda request: refused, signer=lambda url, fields, region: None)[URL]
    assert isinstance(no_token, Unobserved)


def test_a_password_in_the_url_goes_into_a_header() -> None:
    """And into no source, so into no report."""
    sent: list[Request] = []
    url = "https://app:hunter2@app.acme.example/voice"
    fact = ask(webhook(url), answer=lambda request: sent.append(request) or TWIML)[url]  # type: ignore[func-returns-value]
    assert sent[0].url == URL
    assert sent[0].header("Authorization") == "Basic YXBwOmh1bnRlcjI="
    assert isinstance(fact, Observed)
    assert "hunter2" not in fact.source


@pytest.mark.parametrize("url", ["voice", "ftp://app.acme.example/x", "https:///voice", "https://[broken/"])
def test_what_is_no_url_is_a_problem_and_is_not_asked(url: str) -> None:
    """The provider could not ask it either."""
    assert one(breaking(Failure.RESET), webhook(url)).problem == "is not an absolute http or https URL"


def test_all_dark_is_suspected_to_be_our_own_fault() -> None:
    """If no webhook on any of several hosts can be reached, our network may be down, and nobody knows."""
    hosts = [webhook(f"https://app{n}.example/voice") for n in range(3)]
    facts = ask(*hosts, answer=breaking(Failure.NAME_NOT_FOUND))
    assert all(isinstance(fact, Unobserved) for fact in facts.values())

    def one_of_them(request: Request) -> Response:
        if "app1" in request.url:
            return TWIML
        raise no_response(Failure.NAME_NOT_FOUND)

    facts = ask(*hosts, answer=one_of_them)
    assert all(isinstance(fact, Observed) for fact in facts.values())


def test_each_url_is_asked_once_a_few_at_a_time_and_not_without_end() -> None:
    """Distinct URLs only, sixteen at once, two hundred in all; the rest are unknown."""
    many = [webhook(f"https://app.acme.example/{n}") for n in range(URLS_MAX + 5)]
    now = most = asked = 0

    async def send(request: Request, timeouts: Timeouts) -> Response:
        nonlocal now, most, asked
        asked += 1
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return TWIML

    said: list[tuple[str, int, int]] = []
    facts = asyncio.run(probe_webhooks([*many, *many], "AC1", send, Hand(), progress=lambda *words: said.append(words)))
    assert asked == URLS_MAX
    assert 1 < most <= AT_ONCE_MAX
    assert sum(isinstance(fact, Unobserved) for fact in facts.values()) == 5
    assert said[-1] == ("webhooks", URLS_MAX, URLS_MAX)

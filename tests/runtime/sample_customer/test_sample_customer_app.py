"""The sample application, called in process: what callers hear, who is refused, what is counted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from voicedr.runtime.sample_customer import Settings, create_app
from voicedr.runtime.sample_customer.lines import LINES
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.wire.http import Request, Response
from voicedr.wire.signatures import sign
from voicedr.wire.twiml import Element, parse

BASE = "http://127.0.0.1:9001"
NOW = datetime(2026, 11, 21, 14, 2, 11, tzinfo=UTC)
TOKENS = {"us1": "token-of-us1", "ie1": "token-of-ie1"}
CALL = {"CallSid": "CA" + "0" * 32, "From": "+14155551234", "To": "+14155550100", "CallStatus": "ringing", "Called": ""}


class Application:
    """One process of it, without a socket."""

    def __init__(self, **changes: Any) -> None:
        given: dict[str, Any] = {"role": "primary", "region": "us1", "instance": "primary-us1", "auth_tokens": TOKENS}
        self._app = create_app(Settings(**(given | {"now": lambda: NOW} | changes)))

    def ask(self, request: Request) -> Response:
        """One request, straight to the ASGI app."""
        return asyncio.run(self.answer(request))

    async def answer(self, request: Request) -> Response:
        """The same, inside a running loop."""
        parts = urlsplit(request.url)
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [
                (b"host", parts.netloc.encode()),
                *((name.lower().encode(), value.encode()) for name, value in request.headers),
            ],
        }
        await self._app(scope, receive, send)
        headers = tuple((name.decode(), value.decode()) for name, value in sent[0]["headers"])
        return Response(sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]))

    def webhook(self, path: str, region: str = "us1", **params: str) -> Response:
        """A webhook as the provider sends it from a Region."""
        return self.ask(webhook(BASE + path, CALL | params, TOKENS[region]))

    def twiml(self, path: str, region: str = "us1", **params: str) -> tuple[Element, ...]:
        """The same, its answer read by the rules of the wire."""
        response = self.webhook(path, region, **params)
        assert response.status == 200, response.text
        document = parse(response.body, response.header("Content-Type"))
        assert not document.warnings
        return document.root.children

    def json(self, path: str) -> Any:
        """A page for machines."""
        response = self.ask(Request("GET", BASE + path))
        assert response.status == 200
        return json.loads(response.body)


def webhook(url: str, params: Mapping[str, str], token: str) -> Request:
    """A signed form POST."""
    signature = sign(token, url, tuple(params.items()))
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("X-Twilio-Signature", signature))
    return Request("POST", url, headers, urlencode(params).encode())


def names(verbs: tuple[Element, ...]) -> list[str]:
    """The verbs, in order."""
    return [verb.name for verb in verbs]


def test_support_line_offers_the_queue_and_voicemail() -> None:
    """A caller hears a menu that takes one key, and without a key goes to the queue."""
    document = Application().twiml("/voice/support-line")
    assert names(document) == ["Say", "Gather", "Say", "Redirect"]
    gather = document[1]
    assert (gather.get("numDigits"), gather.get("action")) == ("1", "/voice/support-line/menu?asked=1")
    assert document[-1].text == "/voice/support-line/queue"


@pytest.mark.parametrize(
    ("query", "digits", "goes_to"),
    [
        ("?asked=1", "1", "/voice/support-line/queue"),
        ("?asked=1", "2", "/voice/support-line/voicemail"),
        ("?asked=1", "7", "/voice/support-line?asked=1"),
        ("?asked=2", "7", "/voice/support-line/queue"),
        ("", "", "/voice/support-line?asked=0"),
        ("?asked=²", "9", "/voice/support-line?asked=0"),
    ],
)
def test_menu_leads_on_and_never_for_ever(query: str, digits: str, goes_to: str) -> None:
    """1 queues, 2 records, another key asks once more, and a second wrong key queues."""
    url = BASE + "/voice/support-line/menu" + query.replace("²", "%C2%B2")
    document = Application().ask(webhook(url, CALL | {"Digits": digits}, TOKENS["us1"]))
    assert parse(document.body, "text/xml").root.children[-1].text == goes_to


def test_queue_waits_with_its_own_document_and_ends_in_voicemail() -> None:
    """The caller is told their place, is offered voicemail after five minutes, and lands there."""
    application = Application()
    enqueue = application.twiml("/voice/support-line/queue")[0]
    assert (enqueue.name, enqueue.text, enqueue.get("waitUrl")) == (
        "Enqueue",
        "support-line",
        "/voice/support-line/wait",
    )
    waiting = application.twiml("/voice/support-line/wait", QueuePosition="3", QueueTime="20")
    assert names(waiting) == ["Say", "Pause"]
    assert "number 3" in waiting[0].spoken
    assert names(application.twiml("/voice/support-line/wait", QueueTime="300")) == ["Say", "Leave"]
    left = application.twiml(enqueue.get("action"), QueueResult="leave")
    assert left[0].text == "/voice/support-line/voicemail"
    assert names(application.twiml(enqueue.get("action"), QueueResult="hangup")) == ["Hangup"]


@pytest.mark.parametrize("line", LINES)
def test_every_line_takes_a_message_and_says_thank_you(line: str) -> None:
    """Voicemail records and then thanks."""
    application = Application()
    record = application.twiml(f"/voice/{line}/voicemail")[-1]
    assert record.name == "Record"
    assert names(application.twiml(record.get("action"), RecordingDuration="4")) == ["Say", "Hangup"]


@pytest.mark.parametrize("line", ["sales", "dispatch", "lobby"])
def test_ringing_lines_fall_to_voicemail(line: str) -> None:
    """These lines ring a desk; when nobody answers, the caller may leave a message."""
    application = Application()
    dial = application.twiml(f"/voice/{line}")[-1]
    assert dial.name == "Dial"
    assert names(application.twiml(dial.get("action"), DialCallStatus="completed")) == ["Hangup"]
    unanswered = application.twiml(dial.get("action"), DialCallStatus="no-answer")
    assert unanswered[-1].text == f"/voice/{line}/voicemail"


@pytest.mark.parametrize(("line", "last"), [("support-line", "Redirect"), ("sales", "Redirect"), ("dispatch", "Dial")])
def test_fallback_apologises_but_dispatch_still_rings(line: str, last: str) -> None:
    """The fallback process takes messages; for dispatch, whose disaster-recovery URL it is, it rings the duty desk."""
    application = Application(role="fallback", region="none", instance="fallback")
    document = application.twiml(f"/voice/{line}", ErrorCode="11200", ErrorUrl=f"{BASE}/voice/{line}")
    assert names(document) == ["Say", last]
    assert application.json("/stats")["errors_reported"] == {"11200": 1}


def test_a_get_webhook_is_answered_too() -> None:
    """With GET the parameters are in the URL, and so in what is signed."""
    url = f"{BASE}/voice/support-line/menu?asked=1&{urlencode(CALL | {'Digits': '2'})}"
    request = Request("GET", url, (("X-Twilio-Signature", sign(TOKENS["us1"], url)),))
    assert parse(Application().ask(request).body, "text/xml").root.children[-1].text == "/voice/support-line/voicemail"


@pytest.mark.parametrize("path", ["/voice/support-line", "/status"])
def test_only_the_provider_is_answered(path: str) -> None:
    """No signature, another token, another URL and changed parameters are all refused with 403."""
    application = Application()
    good = webhook(BASE + path, CALL, TOKENS["ie1"])
    bad = [
        msgspec.structs.replace(good, headers=good.headers[:1]),
        webhook(BASE + path, CALL, "token-of-somebody"),
        msgspec.structs.replace(good, url=good.url + "?more=1"),
        msgspec.structs.replace(good, body=good.body + b"&To=%2B1"),
    ]
    assert [application.ask(request).status for request in bad] == [403] * 4
    assert application.ask(good).status in (200, 204)
    stats = application.json("/stats")
    assert stats["refused"] == 4
    assert sum(stats["webhooks"]["support-line"].values()) == (1 if path.startswith("/voice") else 0)


def test_behind_a_proxy_the_public_url_is_what_was_signed() -> None:
    """The host that reaches the process may differ from the one the provider asked."""
    application = Application(public_url="https://voice.acme.example")
    request = webhook("https://voice.acme.example/voice/sales", CALL, TOKENS["us1"])
    assert application.ask(msgspec.structs.replace(request, url=BASE + "/voice/sales")).status == 200


def test_stats_count_by_line_and_by_the_region_whose_token_signed() -> None:
    """The Region is the one that processed the call, which its token proves."""
    application = Application()
    for region in ("us1", "ie1", "ie1"):
        application.webhook("/voice/support-line", region)
    application.webhook("/voice/lobby", "us1")
    assert application.webhook("/status", "us1", CallStatus="completed").status == 204
    stats = application.json("/stats")
    assert stats["webhooks"] == {"support-line": {"ie1": 2, "us1": 1}, "sales": {}, "dispatch": {}, "lobby": {"us1": 1}}
    assert stats["last_at"] == "2026-11-21T14:02:11Z"
    assert stats["status_callbacks"] == 1


def test_health_says_the_active_region_and_voicemail_follows_it(tmp_path: Path) -> None:
    """When the context moves to the standby, health says so at once and messages are no longer transcribed."""
    path = tmp_path / "context.json"
    application = Application(context_path=path)
    expected = {"region": "us1", "active_region": None, "epoch": 0, "instance": "primary-us1"}
    assert application.json("/health") == expected
    path.write_text('{"region": "us1", "epoch": 1, "written_at": "2026-11-21T14:00:00Z"}')
    assert application.json("/health") == expected | {"active_region": "us1", "epoch": 1}
    assert application.twiml("/voice/support-line/voicemail")[-1].get("transcribe") == "true"
    path.write_text('{"region": "ie1", "epoch": 2, "written_at": "2026-11-21T14:02:00Z"}')
    assert application.json("/health") == expected | {"active_region": "ie1", "epoch": 2}
    assert application.twiml("/voice/support-line/voicemail")[-1].get("transcribe") == ""


def test_the_operator_makes_it_answer_badly_and_heals_it() -> None:
    """With the token, webhooks answer as ordered until they are healed; health and status callbacks go on."""
    application = Application(operator_token="operator")

    def order(status: object, token: str = "operator") -> int:
        body = json.dumps({"status": status}).encode()
        return application.ask(
            Request("POST", BASE + "/_operator/answer", (("Authorization", f"Bearer {token}"),), body)
        ).status

    assert order(500, token="somebody") == 403
    assert application.webhook("/voice/sales").status == 200
    assert order(500) == 200
    assert application.webhook("/voice/sales").status == 500
    assert application.webhook("/status").status == 204
    assert application.json("/health")["region"] == "us1"
    assert (order("bad"), order(99), order(1000)) == (400, 400, 400)
    assert order(200) == 200
    assert application.webhook("/voice/sales").status == 200
    assert application.json("/stats")["answered_badly"] == 1


def test_without_an_operator_token_nobody_is_the_operator() -> None:
    """A process that was given no token refuses the switch, whatever is sent."""
    request = Request("POST", BASE + "/_operator/answer", (("Authorization", "Bearer None"),), b'{"status": 500}')
    assert Application().ask(request).status == 403


@pytest.mark.parametrize("path", ["/voice/nobody", "/voice/sales/menu", "/voice/support-line/nowhere"])
def test_unknown_lines_and_steps_are_not_found(path: str) -> None:
    """A wrong path is 404, signed or not, so a typing mistake in an account is seen as one."""
    assert Application().webhook(path).status == 404


def test_it_needs_neither_threads_nor_sockets_nor_a_clock() -> None:
    """The same app answers in a loop whose time is virtual, where each of these is an error."""
    application = Application(now=lambda: START)

    async def drill(clock: VirtualClock) -> int:
        await clock.sleep(3600)
        return (await application.answer(webhook(BASE + "/voice/support-line", CALL, TOKENS["us1"]))).status

    assert run_virtual(drill) == 200
    assert application.json("/stats")["last_at"] == "2026-01-01T00:00:00Z"


def test_a_body_without_end_is_refused() -> None:
    """More than a webhook can be is 413."""
    request = Request("POST", BASE + "/voice/sales", (), b"x=" + b"y" * 70_000)
    assert Application().ask(request).status == 413

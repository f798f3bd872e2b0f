"""Messages and SIP calls through the control API, and what it shows of the webhooks of each."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from switchboard_scene import CALLER, FALLBACK, NUMBER, PRIMARY, T0, make_world, twiml, voice_of
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.twin import Twin
from voicedr.twin.world.model import SipDomain, Voice, World
from voicedr.wire.http import Request, Response, Timeouts

Ask = Callable[..., Awaitable[tuple[int, Any]]]


def _with_twin(world: World, answers: dict[str, Response], main: Callable[[Ask], Awaitable[None]]) -> None:
    async def application(request: Request, timeouts: Timeouts) -> Response:
        return answers.get(request.url, Response(404))

    async def run(clock: VirtualClock) -> None:
        twin = Twin(world, clock, application)

        async def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            data = b"" if body is None else json.dumps(body).encode()
            response = await twin.answer(Request(method, "http://127.0.0.1:8740" + path, (), data))
            assert isinstance(response, Response)
            return response.status, json.loads(response.body)

        try:
            await main(ask)
        finally:
            await twin.close()

    run_virtual(run)


def test_a_message() -> None:
    """A message is answered when it has been dealt with: how it went, the replies, every attempt."""
    world = make_world()
    voice_of(world).sms_url = "https://app.example/sms#rp=5xx&e=dublin,tokyo"
    voice_of(world).sms_fallback_url = "https://spare.example/sms"
    answers = {
        "https://app.example/sms": Response(500),
        "https://spare.example/sms": twiml("<Message>Back soon</Message>"),
    }

    async def main(ask: Ask) -> None:
        status, told = await ask("POST", "/_twin/messages", {"from": CALLER, "to": NUMBER, "body": "Hello"})
        assert status == 201
        assert (told["from"], told["to"], told["body"], told["region"]) == (CALLER, NUMBER, "Hello", "us1")
        assert (told["outcome"], told["replies"]) == ("answered-by-fallback", ["Back soon"])
        assert [(one["edge"], one["attempt"], one["status"]) for one in told["exchanges"]] == [
            ("dublin", 1, 500), ("tokyo", 2, 500), ("ashburn", 1, 200),
        ]  # fmt: skip
        assert [one["error_code"] for one in (await ask("GET", "/_twin/alerts"))[1]["alerts"]] == ["11200"]
        kept = (await ask("GET", "/_twin/state"))[1]["regions"]["us1"]["messages"]
        assert list(kept) == [told["sid"]]

    _with_twin(world, answers, main)


def test_a_message_that_is_wrong() -> None:
    """What is missing or too long is refused and changes nothing."""

    async def main(ask: Ask) -> None:
        for body in ({"from": CALLER}, {"from": CALLER, "to": NUMBER, "body": "x" * 1601}, {"to": NUMBER, "from": ""}):
            status, told = await ask("POST", "/_twin/messages", body)
            assert status == 400
            assert "Nothing was changed" in told["error"]

    _with_twin(make_world(), {}, main)


def test_a_sip_call_and_its_exchanges() -> None:
    """A SIP domain is dialled like a number; the one call shows each attempt, the list of calls does not."""
    world = make_world()
    voice = Voice(PRIMARY + "#rc=0", "POST", FALLBACK)
    world.regions["us1"].sip_domains["SD1"] = SipDomain(
        "SD1", "acme.sip.twilio.com", "Sales", voice, "IP_ACL", False, False, T0, T0
    )

    async def main(ask: Ask) -> None:
        asked = {"from": "sip:alice@pbx.example", "to": "sip:sales@acme.sip.dublin.twilio.com"}
        status, call = await ask("POST", "/_twin/calls?wait=1", asked)
        assert (status, call["outcome"], call["region"]) == (201, "served", "us1")
        followed = (await ask("GET", f"/_twin/calls/{call['id']}"))[1]
        assert [(one["url"], one["status"], one["failure"]) for one in followed["exchanges"]] == [
            (PRIMARY, 404, ""), (FALLBACK, 200, ""),
        ]  # fmt: skip
        assert "exchanges" not in (await ask("GET", "/_twin/calls"))[1]["calls"][0]

    _with_twin(world, {FALLBACK: twiml("<Say>Welcome</Say>")}, main)

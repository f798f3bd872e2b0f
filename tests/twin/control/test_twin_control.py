"""The control API, with calls that reach an application, in virtual time."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from openapi_spec_validator import validate

from asking_the_twin import N0, N1, small_world
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin import faults
from voicedr.twin.control.openapi import document
from voicedr.twin.control.operations import OPERATIONS
from voicedr.twin.twin import Twin
from voicedr.wire.http import AnswerLost, Failure, Request, Response, Timeouts

Ask = Callable[..., Awaitable[tuple[int, Any]]]

WELCOME = b"<Response><Say>Welcome to the line</Say></Response>"


def _with_twin(main: Callable[[Ask, VirtualClock], Awaitable[Any]]) -> Any:
    """Run something with a twin whose application says welcome to everybody."""

    async def application(request: Request, timeouts: Timeouts) -> Response:
        return Response(200, (("Content-Type", "text/xml"),), WELCOME)

    async def run(clock: VirtualClock) -> Any:
        twin = Twin(small_world(), clock, application)

        async def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
            data = b"" if body is None else json.dumps(body).encode()
            response = await twin.answer(Request(method, "http://127.0.0.1:8740" + path, (), data))
            assert isinstance(response, Response)
            return response.status, json.loads(response.body) if response.body else None

        try:
            return await main(ask, clock)
        finally:
            await twin.close()

    return run_virtual(run)


def test_the_document_is_valid_and_complete() -> None:
    """The OpenAPI document passes its standard's own check and has every operation."""
    made = document()
    validate(made)
    assert made["openapi"] == "3.1.0"
    described = {(method.upper(), path) for path, methods in made["paths"].items() for method in methods}
    assert described == {(operation.method, operation.path) for operation in OPERATIONS}


def test_a_call_is_placed_and_waited_for() -> None:
    """A dialled call runs the application's TwiML in the Region it is routed to, and is in the log there."""

    async def main(ask: Ask, clock: VirtualClock) -> None:
        began = clock.now().timestamp()
        status, call = await ask("POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": N0})
        assert (status, call["outcome"], call["region"]) == (201, "served", "us1")
        assert any("Welcome" in heard["detail"] for heard in call["heard"])
        followed = (await ask("GET", f"/_twin/calls/{call['id']}"))[1]
        (exchange, *_) = followed.pop("exchanges")
        assert followed == call
        assert (exchange["edge"], exchange["attempt"], exchange["status"], exchange["failure"]) == (
            "ashburn", 1, 200, "",
        )  # fmt: skip
        assert (await ask("GET", f"/_twin/calls?since={began}&to={N0}"))[1] == {"calls": [call], "more": False}
        assert (await ask("GET", f"/_twin/calls?since={began + 9999}"))[1]["calls"] == []
        log = (await ask("GET", "/_twin/state"))[1]["regions"]
        assert list(log["us1"]["calls"]) == [call["call_sid"]]
        assert log["ie1"]["calls"] == {}
        tally = (await ask("GET", f"/_twin/tally?since={began}"))[1]
        assert tally == {"placed": 1, "ended": 1, "outcomes": {"served": 1}, "by_region": {"us1": {"served": 1}}}

    _with_twin(main)


def test_a_region_dies_and_a_number_is_moved() -> None:
    """Calls to a Region that is down hear silence, and land in the standby once its handler and the route are there."""

    async def main(ask: Ask, clock: VirtualClock) -> None:
        dial = {"from": "+16465550123", "to": N0}
        status, fault = await ask("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "for_s": 3600})
        assert (status, fault["until"] - fault["since"]) == (201, 3600)
        call = (await ask("POST", "/_twin/calls?wait=1", dial))[1]
        assert (call["outcome"], call["call_sid"]) == ("silence", "")
        assert (await ask("DELETE", f"/_twin/faults/{fault['id']}"))[0] == 204
        assert (await ask("POST", "/_twin/calls?wait=1", dial))[1]["outcome"] == "served"
        assert (await ask("DELETE", f"/_twin/faults/{fault['id']}"))[0] == 404

    _with_twin(main)


def test_load_arrives_until_it_is_stopped() -> None:
    """Load places calls at its rate; stopped, it places no more."""

    async def main(ask: Ask, clock: VirtualClock) -> None:
        body = {"calls_per_second": 2.0, "numbers": [N0, N1], "caller": {"hangs_up_after_s": 5}}
        status, made = await ask("POST", "/_twin/load", body)
        assert status == 201
        await clock.sleep(100)
        placed = (await ask("GET", "/_twin/tally"))[1]["placed"]
        assert 150 < placed < 250
        assert made["id"] in (await ask("GET", "/_twin/load"))[1]["loads"]
        assert (await ask("DELETE", f"/_twin/load/{made['id']}"))[0] == 204
        await clock.sleep(100)
        tally = (await ask("GET", "/_twin/tally"))[1]
        assert (tally["placed"], tally["ended"]) == (placed, placed)

    _with_twin(main)


def test_settings_routes_requests_and_menu() -> None:
    """Settings are changed together or not at all; routes tell every write; the menu tells every fault."""

    async def main(ask: Ask, clock: VirtualClock) -> None:
        changed = (await ask("PATCH", "/_twin/settings", {"propagation_s": [1, 2], "calls_per_second": 5}))[1]
        assert (changed["propagation_s"], changed["calls_per_second"]) == ([1, 2], 5)
        wrong = await ask("PATCH", "/_twin/settings", {"calls_per_second": 9, "propagation_s": [6, 2]})
        assert (wrong[0], "[6, 2]" in wrong[1]["error"]) == (400, True)
        assert (await ask("GET", "/_twin/settings"))[1] == changed
        route = (await ask("GET", f"/_twin/routes/PhoneNumbers/{N0}"))[1]
        assert (route["region"], route["changes"][0]["via"]) == ("us1", "console")
        assert route in (await ask("GET", "/_twin/routes"))[1]["routes"]
        requests = (await ask("GET", "/_twin/requests"))[1]
        assert requests == {"by_host": {}, "by_region": {"us1": 0, "ie1": 0, "au1": 0}}
        assert "region-down" in (await ask("GET", "/_twin/menu"))[1]
        assert (await ask("GET", "/_twin/alerts?region=us1"))[1] == {"alerts": []}
        assert (await ask("GET", "/_twin/health"))[1] == {"ready": True}

    _with_twin(main)


def test_an_access_token_is_judged() -> None:
    """What the provider would answer to a token: who gets in where, or the code and the reason."""

    async def main(ask: Ask, clock: VirtualClock) -> None:
        status, told = await ask("POST", "/_twin/token", {"token": "not.a.token"})
        assert (status, told["accepted"], told["code"]) == (200, False, 20101)
        assert (await ask("POST", "/_twin/token", {"token": ""}))[0] == 400
        assert (await ask("POST", "/_twin/token", {}))[0] == 400

    _with_twin(main)


def test_in_process_a_dead_region_is_silence_for_the_whole_budget() -> None:
    """Called directly, a Region that swallows requests costs the caller its budget and leaves it not knowing."""

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        raise AssertionError("no webhook is sent here")

    async def main(clock: VirtualClock) -> tuple[Failure, float]:
        world = small_world()
        faults.begin(world, "region-down", {"region": "us1"}, clock.now().timestamp())
        twin = Twin(world, clock, nobody)
        send = InProcessSend({}, clock, otherwise=twin.respond)
        try:
            await send(Request("GET", f"https://routes.twilio.com/v2/PhoneNumbers/{N0}"), Timeouts(total_s=10))
        except AnswerLost as lost:
            return lost.failure, clock.monotonic_s()
        finally:
            await twin.close()
        raise AssertionError("it answered")

    assert run_virtual(main) == (Failure.READ_TIMEOUT, 10.0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("GET", "/", None, 404, "needs the provider's name in Host"),
        ("GET", "/_twin/nothing", None, 404, "openapi.json"),
        ("PUT", "/_twin/health", None, 405, "it takes GET"),
        ("POST", "/_twin/calls", {"from": "+1"}, 400, "missing required field `to`"),
        ("POST", "/_twin/calls", [], 400, "Expected `object`"),
        ("POST", "/_twin/calls", {"from": "+1", "to": "+2", "caller": {"press": []}}, 400, "unknown field `press`"),
        ("POST", "/_twin/load", {"calls_per_second": 0}, 400, "calls_per_second"),
        ("POST", "/_twin/load", {"calls_per_second": 1, "numbers": []}, 400, "Name at least one number"),
        ("POST", "/_twin/faults", {}, 400, "give one of account-suspended"),
        ("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "for_s": -1}, 400, "for_s is -1"),
        ("DELETE", "/_twin/load/LD1", None, 404, "there is no load LD1"),
        ("GET", "/_twin/calls?since=yesterday", None, 400, "since is 'yesterday'"),
        ("GET", "/_twin/calls/NC1", None, 404, "there is no call NC1"),
        ("GET", "/_twin/routes/PhoneNumbers/+19", None, 404, "was never set"),
        ("GET", "/_twin/alerts?region=mars", None, 400, "one of us1, ie1, au1"),
    ],
)
def test_mistakes_are_told(method: str, path: str, body: Any, status: int, told: str) -> None:
    """Whatever is wrong gets a status and words that say what, and what would be right."""

    async def main(ask: Ask, clock: VirtualClock) -> tuple[int, Any]:
        return await ask(method, path, body)

    got, answer = _with_twin(main)
    assert (got, told in answer["error"]) == (status, True), answer

"""The provider gets TwiML that it can execute, whatever the handler does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asgi_caller import BASE, CALL, Came, ask, signed
from voicedr.runtime.webhooks import Guard, Rules, SafeAsgi, SafeWsgi, SignedAsgi, safely
from voicedr.runtime.webhooks.circuit import TRANSITIONS, Circuit, Event, State, admit, settle
from voicedr.runtime.webhooks.guard import SAFE_MESSAGE, SAFE_VOICE, Told, Trouble
from voicedr.wire.twiml import parse

OK = b"<Response><Say>hello</Say></Response>"


def answers(status: int = 200, body: bytes = OK, kind: bytes = b"text/xml", after_s: float = 0.0) -> Any:
    """An application that always answers so."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(after_s)
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        for at in range(0, len(body), 20_000):
            await send({"type": "http.response.body", "body": body[at : at + 20_000], "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    return app


async def raises(scope: Any, receive: Any, send: Any) -> None:
    """An application with a defect."""
    raise KeyError("token-of-us1")


async def starts_and_raises(scope: Any, receive: Any, send: Any) -> None:
    """An application that fails in the middle of its answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise OSError


async def says_nothing(scope: Any, receive: Any, send: Any) -> None:
    """An application that forgets to answer."""


async def does_not_listen(scope: Any, receive: Any, send: Any) -> None:
    """An application that goes on when it is told to end."""
    for _ in range(5):
        try:
            await asyncio.sleep(0.2)
        except asyncio.CancelledError:
            continue


def came(app: Any, guard: Guard) -> Came:
    """What the provider gets."""
    return asyncio.run(ask(SafeAsgi(app, guard), "POST", f"{BASE}/voice"))


@pytest.mark.parametrize(
    ("app", "trouble"),
    [
        (raises, Trouble.RAISED),
        (starts_and_raises, Trouble.RAISED),
        (says_nothing, Trouble.NO_ANSWER),
        (answers(500), Trouble.STATUS),
        (answers(404), Trouble.STATUS),
        (answers(200, b"<Response><Say>"), Trouble.TWIML),
        (answers(200, b"<html/>"), Trouble.TWIML),
        (answers(200, b'{"a": 1}', b"application/json"), Trouble.TWIML),
        (answers(200, b"<Response>" + b" " * 70_000 + b"</Response>"), Trouble.TWIML),
        (answers(200, b'<!DOCTYPE a [<!ENTITY b "c">]><Response>&b;</Response>'), Trouble.TWIML),
        (answers(after_s=5.0), Trouble.LATE),
        (does_not_listen, Trouble.LATE),
    ],
)
def test_whatever_goes_wrong_the_caller_hears_something(app: Any, trouble: Trouble) -> None:
    """Each way to fail is answered 200 with the safe TwiML in time, and told without the handler's words."""
    told: list[Told] = []
    guard = Guard(budget_s=0.1, told=told.append)
    begun = time.monotonic()
    answer = came(app, guard)
    assert (answer.status, answer.body) == (200, SAFE_VOICE)
    assert [one.trouble for one in told] == [trouble]
    assert "token-of-us1" not in told[0].why
    assert time.monotonic() - begun < 3.0


@pytest.mark.parametrize(
    ("app", "status"),
    [(answers(), 200), (answers(204, b""), 204), (answers(302, b""), 302), (answers(403, b"no"), 403)],
)
def test_what_is_good_goes_through(app: Any, status: int) -> None:
    """TwiML, an empty 204, a redirect and a refusal reach the provider as they are."""
    guard = Guard()
    assert came(app, guard).status == status
    assert not guard.troubles


def test_an_open_circuit_answers_at_once_and_closes_again() -> None:
    """After failures in a row the handler is not asked; after a while one request tries it, then all do."""
    clock, asked, sick = [0.0], [0], [True]

    async def handler(_: Mapping[str, str]) -> bytes:
        asked[0] += 1
        if sick[0]:
            raise OSError
        return OK

    guard = Guard(rules=Rules(failures_max=3, open_s=10), now=lambda: clock[0])
    guarded = safely(guard)(handler)

    def ask_it() -> bytes:
        return asyncio.run(guarded(CALL))

    assert [ask_it() for _ in range(5)] == [SAFE_VOICE] * 5
    assert (asked[0], guard.state) == (3, State.OPEN)
    clock[0] = 11.0
    assert ask_it() == SAFE_VOICE
    assert (asked[0], guard.state) == (4, State.OPEN)
    sick[0], clock[0] = False, 22.0
    assert ask_it() == OK
    assert (ask_it(), asked[0], guard.state) == (OK, 6, State.CLOSED)


def test_a_plain_function_may_be_late_or_talk_nonsense() -> None:
    """What a function gives too late, or what is no TwiML, is replaced."""

    async def late(_: Mapping[str, str]) -> str:
        await asyncio.sleep(5)
        return ""

    async def nonsense(_: Mapping[str, str]) -> str:
        return "hello & goodbye"

    assert asyncio.run(safely(Guard(budget_s=0.05))(late)(CALL)) == SAFE_VOICE
    assert asyncio.run(safely(Guard())(nonsense)({"MessageSid": "SM1"})) == SAFE_MESSAGE


def test_wrong_requests_do_not_open_the_circuit() -> None:
    """A 404 is replaced, too, but says nothing about the next request."""
    guard = Guard(rules=Rules(failures_max=2))
    for _ in range(5):
        assert came(answers(404), guard).body == SAFE_VOICE
    assert guard.state is State.CLOSED


def test_the_safe_twiml_is_checked_and_has_one_behind_it() -> None:
    """What is no TwiML, or does nothing, is refused at the start; a function that fails is replaced."""
    for wrong in (b"<Response>", b"<Response/>", b"<Say/>"):
        with pytest.raises(ValueError, match="TwiML"):
            Guard(wrong)
    for budget_s in (0.0, 15.0, 60.0):
        with pytest.raises(ValueError, match="15"):
            Guard(budget_s=budget_s)

    def fails(fields: Mapping[str, str]) -> bytes:
        return f"<Response><Say>{fields['To']}</Say></Response>".encode()

    assert came(raises, Guard(fails)).body == SAFE_VOICE
    app = SignedAsgi(SafeAsgi(raises, Guard(fails)), {"us1": "t"})
    answer = asyncio.run(ask(app, *signed("t", f"{BASE}/voice")))
    assert b"+14155550100" in answer.body


def test_wsgi() -> None:
    """The same under WSGI: failures, lateness, and workers that all hang."""

    def good(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [OK]

    def slow(environ: Any, start_response: Any) -> list[bytes]:
        time.sleep(0.4)
        return good(environ, start_response)

    def broken(environ: Any, start_response: Any) -> list[bytes]:
        raise OSError

    def asked(app: SafeWsgi) -> bytes:
        return b"".join(app({}, lambda status, headers: None))

    guard = Guard(budget_s=0.05, rules=Rules(failures_max=100))
    assert asked(SafeWsgi(good, guard)) == OK
    assert asked(SafeWsgi(broken, guard)) == SAFE_VOICE
    hangs = SafeWsgi(slow, guard, workers_max=1)
    assert [asked(hangs), asked(hangs)] == [SAFE_VOICE, SAFE_VOICE]
    assert dict(guard.troubles) == {Trouble.RAISED: 1, Trouble.LATE: 1, Trouble.BUSY: 1}


def test_the_table_has_no_way_out() -> None:
    """From every state every event that can happen there leads to a state, and each state can be left."""
    assert {state for state, _ in TRANSITIONS} == set(State) == set(TRANSITIONS.values())
    assert {event for _, event in TRANSITIONS} == set(Event)


@given(st.lists(st.tuples(st.sampled_from(["ask", "good", "bad", "late-good"]), st.floats(0, 8)), max_size=60))
def test_an_open_circuit_is_never_asked_before_its_time(history: list[tuple[str, float]]) -> None:
    """Whatever happens in whatever order: while open nobody is let through, and each trial is alone for its time."""
    rules, circuit, now = Rules(failures_max=2, open_s=5.0), Circuit(), 0.0
    tickets: list[int] = []
    for what, after_s in history:
        now += after_s
        before = circuit
        if what == "ask":
            circuit, admitted = admit(circuit, rules, now)
            if before.state is not State.CLOSED:
                assert admitted == (now - before.since_s >= rules.open_s)
            if admitted:
                tickets.append(circuit.term)
        elif tickets:
            term = tickets.pop(0 if what == "late-good" else -1)
            circuit = settle(circuit, rules, now, good=what != "bad", term=term)
            if term != before.term:
                assert circuit == before
        assert circuit.term >= before.term
        assert circuit.failures <= rules.failures_max


def test_the_safe_twiml_itself() -> None:
    """What is said by default is TwiML without a warning."""
    for twiml in (SAFE_VOICE, SAFE_MESSAGE):
        assert not parse(twiml, "text/xml").warnings

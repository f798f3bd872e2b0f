"""The transactions of RFC 3261 section 17, told by tables: what is sent when, and when it is given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sip_samples import of_method, request, response
from voicedr.wire.sip.client_transactions import ClientState, InviteClient, NonInviteClient
from voicedr.wire.sip.messages import Response, ack_of_failure
from voicedr.wire.sip.server_transactions import Answer, InviteServer, NonInviteServer, ServerState
from voicedr.wire.sip.timers import Deliver, Effect, GaveUp, Transmit


def told(effects: list[Effect]) -> list[str]:
    """Effects as words: what was sent, what was delivered, why it was given up."""
    words = []
    for effect in effects:
        match effect:
            case Transmit(message):
                words.append(f"> {message.code if isinstance(message, Response) else message.method}")
            case Deliver(message):
                words.append(f"! {message.code if isinstance(message, Response) else message.method}")
            case GaveUp(why):
                words.append(why)
    return words


def run(
    machine: Any, first: list[Effect], script: dict[float, Callable[[float], list[Effect]]]
) -> list[tuple[float, str]]:
    """Wind time from timer to timer until nothing is due any more."""
    log = [(0.0, word) for word in told(first)]
    waiting = dict(sorted(script.items()))
    while True:
        moments = [at for at in (machine.next_at, next(iter(waiting), None)) if at is not None]
        if not moments:
            return log
        now = min(moments)
        if waiting and now == next(iter(waiting)):
            effects = waiting.pop(now)(now)
        else:
            effects = machine.due(now)
        log += [(round(now, 6), word) for word in told(effects)]


def invite_client(script: dict[float, int], **options: Any) -> tuple[InviteClient, list[tuple[float, str]]]:
    """An INVITE answered with these codes at these times."""
    made = InviteClient(request(), **({"reliable": False} | options))
    says = {at: lambda now, code=code: made.receive(response(code), now) for at, code in script.items()}
    return made, run(made, made.start(0.0), says)


def test_a_black_holed_invite_is_given_up_after_exactly_four_seconds() -> None:
    """With 4 s to the first response, an INVITE into nothing goes out at 0, 0.5, 1.5, 3.5 s and fails at 4.00 s."""
    made, log = invite_client({}, no_progress_s=4.0)
    assert log == [
        (0.0, "> INVITE"), (0.5, "> INVITE"), (1.5, "> INVITE"), (3.5, "> INVITE"), (4.0, "no response within 4 s"),
    ]  # fmt: skip
    assert made.state is ClientState.TERMINATED


@pytest.mark.parametrize(
    ("reliable", "script", "log"),
    [
        # Timers A and B: T1 doubling, 64 × T1 (17.1.1.2).
        (False, {}, [*((at, "> INVITE") for at in (0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5)),
                     (32, "no response within 32 s")]),
        (True, {}, [(0, "> INVITE"), (32, "no response within 32 s")]),
        # A provisional response stops both; it may ring for as long as it likes.
        (False, {0.6: 100, 90: 180, 200: 200}, [
            (0, "> INVITE"), (0.5, "> INVITE"), (0.6, "! 100"), (90, "! 180"), (200, "! 200")]),
        # A failure is acknowledged here, again when it comes again, until timer D; over TCP timer D is zero.
        (False, {1: 486, 3: 486, 32.9: 486, 34: 486}, [
            (0, "> INVITE"), (0.5, "> INVITE"), (1, "> ACK"), (1, "! 486"), (3, "> ACK"), (32.9, "> ACK")]),
        (True, {1: 486, 3: 486}, [(0, "> INVITE"), (1, "> ACK"), (1, "! 486")]),
        # A 2xx is acknowledged by the user, who hears of each, until timer M (RFC 6026).
        (False, {0.2: 200, 0.7: 200, 31.9: 200, 33: 200}, [
            (0, "> INVITE"), (0.2, "! 200"), (0.7, "! 200"),
            (31.9, "! 200")]),
    ],
)  # fmt: skip
def test_invite_client(reliable: bool, script: dict[float, int], log: list[tuple[float, str]]) -> None:
    """An INVITE is repeated until anything comes, and what came is acknowledged and told as often as it must be."""
    made, happened = invite_client(script, reliable=reliable)
    assert happened == log
    assert made.state is ClientState.TERMINATED


def test_a_cancelled_invite_ends() -> None:
    """After CANCEL, a peer that never ends its INVITE is given up 64 × T1 later (section 9.1)."""
    made = InviteClient(request(), reliable=True)
    script = {1.0: lambda now: made.receive(response(180), now), 5.0: lambda now: made.cancelled(now) or []}
    assert run(made, made.start(0.0), script)[-1] == (37.0, "no final response within 32 s")


@pytest.mark.parametrize(
    ("reliable", "script", "log"),
    [
        # Timers E and F (17.1.2.2).
        (False, {}, [*((at, "> BYE") for at in (0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5)),
                     (32, "no final response within 32 s")]),
        (True, {}, [(0, "> BYE"), (32, "no final response within 32 s")]),
        # In proceeding it is repeated every T2.
        (False, {0.6: 100, 10: 200}, [
            (0, "> BYE"), (0.5, "> BYE"), (0.6, "! 100"), (1.5, "> BYE"), (5.5, "> BYE"), (9.5, "> BYE"),
            (10, "! 200")]),
        # Timer K takes up what is repeated, and nothing is delivered twice.
        (False, {0.1: 200, 0.3: 200, 6: 200}, [(0, "> BYE"), (0.1, "! 200")]),
        (True, {0.1: 481}, [(0, "> BYE"), (0.1, "! 481")]),
    ],
)  # fmt: skip
def test_non_invite_client(reliable: bool, script: dict[float, int], log: list[tuple[float, str]]) -> None:
    """Any other request is repeated until its final response, at most every T2."""
    made = NonInviteClient(of_method("BYE"), reliable=reliable)
    says = {at: lambda now, code=code: made.receive(response(code, "BYE"), now) for at, code in script.items()}
    assert run(made, made.start(0.0), says) == log
    assert made.state is ClientState.TERMINATED


@pytest.mark.parametrize("reliable", [False, True])
def test_invite_server_repeats_a_failure_until_its_ack(reliable: bool) -> None:
    """A failure is repeated by timer G over UDP, its ACK stops it, and a repeated INVITE gets the last response."""
    made = InviteServer(request(), reliable=reliable)
    script = {
        0.3: lambda now: made.receive(request(), now),
        1.0: lambda now: made.respond(response(486), now),
        1.2: lambda now: made.receive(request(), now),
        3.0: lambda now: made.receive(ack_of_failure(request(), response(486)), now),
    }
    log = run(made, made.start(0.0), script)
    repeated = [] if reliable else [(1.5, "> 486"), (2.5, "> 486")]
    assert log == [
        (0.0, "> 100"), (0.0, "! INVITE"), (0.3, "> 100"), (1.0, "> 486"), (1.2, "> 486"), *repeated,
    ]  # fmt: skip
    assert made.state is ServerState.TERMINATED


def test_invite_server_gives_up_without_ack() -> None:
    """Without an ACK a failure is repeated at T1 doubling to T2 until timer H."""
    made = InviteServer(request(), reliable=False)
    log = run(made, made.start(0.0), {0.0: lambda now: made.respond(response(503), now)})
    assert [at for at, word in log if word == "> 503"] == [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert log[-1] == (32.0, "no ACK within 32 s")


def test_invite_server_takes_up_repeated_invites_after_2xx() -> None:
    """After a 2xx a repeated INVITE is taken up and not delivered again, and no failure can follow (RFC 6026)."""
    made = InviteServer(request(), reliable=False)
    script = {
        1.0: lambda now: made.respond(response(200), now),
        1.1: lambda now: made.receive(request(), now),
        1.2: lambda now: made.respond(response(500), now),
        1.5: lambda now: made.respond(response(200), now),
    }
    log = run(made, made.start(0.0), script)
    assert [word for _, word in log] == ["> 100", "! INVITE", "> 200", "> 200"]
    assert made.state is ServerState.TERMINATED


def test_non_invite_server_answers_a_repeated_request_again() -> None:
    """A repeated request gets the last response again until timer J; before there is one it gets nothing."""
    made = NonInviteServer(of_method("OPTIONS"), reliable=False)
    again = of_method("OPTIONS")
    script = {
        0.5: lambda now: made.receive(again, now),
        1.0: lambda now: made.respond(response(200, "OPTIONS"), now),
        1.5: lambda now: made.receive(again, now),
        2.0: lambda now: made.respond(response(500, "OPTIONS"), now),
        40.0: lambda now: made.receive(again, now),
    }
    assert run(made, made.start(0.0), script) == [(0.0, "! OPTIONS"), (1.0, "> 200"), (1.5, "> 200")]


def test_an_answer_is_repeated_until_its_ack() -> None:
    """A 2xx is repeated at T1 doubling to T2, over any transport, and given up after 64 × T1 (13.3.1.4)."""
    made = Answer(response(200), 0.0)
    log = run(made, [], {})
    assert [at for at, word in log if word == "> 200"] == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert log[-1] == (32.0, "no ACK within 32 s of the answer")
    acked = Answer(response(200), 0.0)
    assert run(acked, [], {2.0: lambda now: acked.acknowledged() or []}) == [(0.5, "> 200"), (1.5, "> 200")]


def test_a_broken_transport_ends_what_waits() -> None:
    """A transport that cannot deliver ends a transaction at once; one that has its response does not mind."""
    waiting, finished = InviteClient(request(), reliable=True), InviteClient(request(), reliable=False)
    waiting.start(0.0)
    finished.start(0.0)
    finished.receive(response(404), 0.1)
    assert told(waiting.failed("connection refused")) == ["connection refused"]
    assert told(finished.failed("connection refused")) == []
    assert waiting.next_at is None

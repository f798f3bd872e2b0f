"""What callers met is judged by what they heard, and a promise is broken by any call that is not in it."""

from __future__ import annotations

from typing import Any

import pytest

from voicedr.cli.sample.breakages import BREAKAGES, NOTHING, Fate, Promise
from voicedr.cli.sample.callers import Loss, caller_of, losses
from voicedr.cli.sample.parts import HOSTS
from voicedr.runtime.sample_deployment.account import NUMBERS
from voicedr.runtime.sample_deployment.lines import FALLBACK_SAYS, GREETING, LEAVE_A_MESSAGE

US1, IE1 = NUMBERS["us1"][0], NUMBERS["ie1"][0]
NOTED = "You are number 7 on our list."


def call(*said: str, at: float = 0.0, to: str = US1, silence_s: float = 0.0, error: bool = False) -> dict[str, Any]:
    """A call of the twin's log."""
    heard = [{"at_s": 0.0, "for_s": 0.3, "what": "ringing", "detail": ""}]
    for words in said:
        heard.append({"at_s": 0.3, "for_s": silence_s, "what": "silence", "detail": ""})
        heard.append({"at_s": 0.3 + silence_s, "for_s": 1.0, "what": "say", "detail": words})
    if error:
        heard.append({"at_s": 1.0, "for_s": 1.0, "what": "error-message", "detail": "an application error"})
    return {"id": f"NC{at}", "to": to, "dialled_at": 1000.0 + at, "ended_at": 1000.0 + at + 2.0, "heard": heard}


@pytest.mark.parametrize(
    ("seen", "fate"),
    [
        (call(GREETING, NOTED), Fate.NOTED),
        (call(GREETING, LEAVE_A_MESSAGE), Fate.MESSAGE),
        (call(GREETING, FALLBACK_SAYS), Fate.FALLBACK),
        (call(FALLBACK_SAYS), Fate.FALLBACK),
        (call(error=True), Fate.ERROR),
        (call(GREETING, NOTED, error=True), Fate.ERROR),
        (call(GREETING), Fate.CUT),
        (call(), Fate.NOBODY),
        (call("Something else."), Fate.NOBODY),
        ({**call(GREETING), "ended_at": None}, Fate.CUT),
    ],
)
def test_a_call_is_what_was_heard(seen: dict[str, Any], fate: Fate) -> None:
    """Only who was greeted and told the place counts as noted."""
    assert caller_of(seen, 1000.0).fate is fate


def loss(*calls: dict[str, Any], healed_at: float = 1010.0) -> Loss:
    return losses(calls, 1000.0, healed_at, 1.0)["us1"]


def test_calls_count_where_they_belong() -> None:
    """In progress at the break counts; over before it, or placed while all finds itself again, does not."""
    fine = (GREETING, NOTED)
    found = losses(
        [call(*fine, at=-5), call(*fine, at=-1), call(*fine, at=3), call(*fine, at=10.5), call(*fine, at=12),
         call(*fine, at=4, to=IE1)],
        1000.0, 1010.0, 1.0,
    )  # fmt: skip
    assert [one.after_s for one in found["us1"].meanwhile] == [-1, 3]
    assert [one.after_s for one in found["us1"].afterwards] == [12]
    assert [one.after_s for one in found["ie1"].meanwhile] == [4]


MESSAGES = Promise(frozenset({Fate.MESSAGE}), for_s_max=5.0)


@pytest.mark.parametrize(
    ("seen", "promise", "broken"),
    [
        (loss(call(GREETING, NOTED)), NOTHING, ""),
        (loss(), NOTHING, "nobody called us1"),
        (loss(call(GREETING, LEAVE_A_MESSAGE, at=4)), MESSAGES, ""),
        (loss(call(GREETING, LEAVE_A_MESSAGE, at=6)), MESSAGES, "6.0 s after the break: message"),
        (loss(call(GREETING, LEAVE_A_MESSAGE, at=4)), NOTHING, "4.0 s after the break: message"),
        (loss(call(GREETING, at=4)), MESSAGES, "4.0 s after the break: cut"),
        (loss(call(GREETING, NOTED, silence_s=3.5)), NOTHING, "waited 3.5 s"),
        (loss(call(GREETING, NOTED), call(FALLBACK_SAYS, at=12)), NOTHING, "after it was healed: fallback"),
        (loss(call(GREETING, NOTED)), Promise(certainly=(Fate.ERROR,)), "error was promised and nobody met it"),
    ],
)
def test_a_promise_is_held_to(seen: Loss, promise: Promise, broken: str) -> None:
    """Another fate, a later one, a longer wait, a loss that nobody saw, or nobody calling at all: each breaks it."""
    found = "\n".join(seen.broken_promises(promise))
    assert (broken in found) if broken else not found


def test_two_broken_at_once_may_lose_what_either_may() -> None:
    """The longer time and wait count, and what must be seen of either must be seen."""
    both = MESSAGES.and_(Promise(frozenset({Fate.ERROR}), None, 4.0, (Fate.ERROR,)))
    assert both == Promise(frozenset({Fate.MESSAGE, Fate.ERROR}), None, 4.0, (Fate.ERROR,))
    assert NOTHING.and_(MESSAGES) == MESSAGES


def test_what_can_be_broken_is_there() -> None:
    """Every breakage names parts that the deployment has, breaks something, and promises for both Regions."""
    for name, breakage in BREAKAGES.items():
        assert set(breakage.kill) | set(breakage.hang) <= set(HOSTS), name
        assert breakage.kill or breakage.hang or breakage.store or breakage.fault, name
        assert set(breakage.callers) == set(NUMBERS), name

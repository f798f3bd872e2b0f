"""A script that something else overtakes: wait music when an agent comes, a prompt when a key is pressed."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import TypeVar

from voicedr.twin.calls.commands import Bell, Interruption, Listen, Script, Wait
from voicedr.twin.calls.office import Office

_T = TypeVar("_T")

_NEAR_S = 1e-4
"""What is due within this is due: clocks tell microseconds, and sums of floats a little less."""


def cut_short(
    script: Script[_T],
    office: Office,
    at: float = inf,
    bell: Bell | None = None,
    is_so: Callable[[], bool] | None = None,
) -> Script[_T | None]:
    """Run a script until it returns, or until this moment, or until this is so: then it is closed where it waits.

    HTTP is not cut short: an exchange that is under way is finished first. Whether it is so is looked at when the
    bell rings.

    Returns:
        The script's result; None if it was cut short.
    """
    answer: object = None
    broken: Interruption | None = None
    while True:
        try:
            command = script.throw(broken) if broken is not None else script.send(answer)
        except StopIteration as end:
            result: _T = end.value
            return result
        broken = None
        try:
            if isinstance(command, Wait):
                if (yield from _cut(command, office, at, bell, is_so)):
                    script.close()
                    return None
                answer = None
            elif isinstance(command, Listen):
                if (yield from _cut_listening(command, office, at, bell, is_so)):
                    script.close()
                    return None
                answer = None
            else:
                answer = yield command
        except Interruption as news:
            broken = news


def _cut_listening(
    listen: Listen, office: Office, at: float, bell: Bell | None, is_so: Callable[[], bool] | None
) -> Script[bool]:
    """Listen, to one bell more; whether that was cut short. The script may be woken by that bell, too."""
    if is_so is None or not is_so():
        also = listen.also if bell is None else (*listen.also, bell)
        yield Listen(listen.bell, max(0.0, min(listen.seconds, at - office.now)), also)
        return office.now >= at - _NEAR_S or (is_so is not None and is_so())
    return True


def _cut(wait: Wait, office: Office, at: float, bell: Bell | None, is_so: Callable[[], bool] | None) -> Script[bool]:
    """Wait; whether that was cut short."""
    until = office.now + wait.seconds
    ends_at = min(until, at)
    if bell is None or is_so is None:
        yield Wait(max(0.0, ends_at - office.now))
        return at <= until
    while not is_so():
        left_s = ends_at - office.now
        if left_s <= _NEAR_S:
            return at <= until
        yield Listen(bell, left_s)
    return True

"""A script that something else overtakes: wait music when an agent comes, a prompt when a key is pressed."""

from __future__ import annotations

from typing import TypeVar

from voicedr.twin.calls.commands import Interruption, Script, Wait
from voicedr.twin.calls.office import Office

_T = TypeVar("_T")


def cut_short(script: Script[_T], office: Office, at: float) -> Script[_T | None]:
    """Run a script until it returns, or until this moment: then it is closed where it waits, and None is given.

    HTTP is not cut short: an exchange that is under way is finished first.
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
        left_s = at - office.now
        if isinstance(command, Wait) and command.seconds >= left_s:
            script.close()
            yield Wait(max(0.0, left_s))
            return None
        try:
            answer = yield command
        except Interruption as news:
            broken = news

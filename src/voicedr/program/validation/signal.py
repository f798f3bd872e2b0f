"""A signal looks at one finished call and the alerts that name it, and says good, bad, or that it cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from voicedr.program.readiness.resources import Alert, CallRecord

FINISHED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""A call with one of these is over (Call resource, https://www.twilio.com/docs/voice/api/call-resource)."""


class Opinion(msgspec.Struct, frozen=True):
    """What one signal says of one call. ``good`` None: this signal cannot tell, and does not count."""

    good: bool | None
    why: str = ""


Judge = Callable[[CallRecord, Sequence[Alert]], Opinion]


class Signal(msgspec.Struct, frozen=True):
    """A signal: a statement that is true of a good call, and the function that finds out."""

    statement: str
    judge: Judge


def opinion_of(call: CallRecord, alerts: Sequence[Alert], signals: dict[str, Signal]) -> tuple[Opinion, str]:
    """The first bad opinion and the name of its signal; else good if any signal could tell; else neither."""
    told = False
    for name, signal in signals.items():
        opinion = signal.judge(call, alerts)
        if opinion.good is False:
            return opinion, name
        told = told or opinion.good is True
    return Opinion(True if told else None), ""

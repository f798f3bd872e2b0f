"""A call that the new Region took came to its end as calls should."""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.readiness.resources import Alert, CallRecord
from voicedr.program.validation.signal import Opinion, Signal


def judge(call: CallRecord, _alerts: Sequence[Alert]) -> Opinion:
    """Completed is good; a caller who hung up before the answer says nothing; everything else is bad."""
    match call.status:
        case "completed":
            return Opinion(True)
        case "canceled":
            return Opinion(None, "the caller hung up before the answer")
        case status:
            return Opinion(False, f"it ended {status}")


signal = Signal("The call is answered and comes to its end", judge)

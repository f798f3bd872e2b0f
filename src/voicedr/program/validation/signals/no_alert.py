"""No error was logged for the call. A call whose webhooks fail ends ``completed``: only its alerts show it."""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.readiness.resources import Alert, CallRecord
from voicedr.program.validation.signal import Opinion, Signal


def judge(_call: CallRecord, alerts: Sequence[Alert]) -> Opinion:
    """Bad if an alert of level error names the call. A warning alone is not an error.

    A call that fell back and recovered has an error too: the primary handler of the new Region does not work, and
    the callers hear the fallback only.
    """
    error = next((alert for alert in alerts if alert.log_level == "error"), None)
    if error is None:
        return Opinion(True)
    at = f" at {error.request_url}" if error.request_url else ""
    return Opinion(False, f"error {error.error_code}{at}")


signal = Signal("No error was logged for the call", judge)

"""Telling the application how a leg fares, beside the call (https://www.twilio.com/docs/voice/twiml#status-callbacks)."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from math import ceil

from voicedr.twin.calls.commands import Apart, Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.webhook import deliver, parameters

FINAL = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})


def tell(line: Line, event: str, status: str = "") -> Script[None]:
    """Send a status callback if the handler asked for this event.

    Args:
        event: initiated, ringing, answered or completed; the last stands for every final status.
        status: The CallStatus to say, where it is not the log's: ``initiated`` is no status of the Call resource.
    """
    handler = line.handler
    if not handler.status_callback or event not in handler.status_callback_events:
        return
    fields = parameters(line)
    if status:
        fields["CallStatus"] = status
    if event == "completed":
        seconds = duration_s(line)
        fields["CallDuration"] = str(seconds)
        fields["Duration"] = str(ceil(seconds / 60))
    fields["Timestamp"] = rfc2822(line.office.now)
    fields["CallbackSource"] = "call-progress-events"
    fields["SequenceNumber"] = str(line.sequence)
    line.sequence += 1
    yield Apart(notify(line, handler.status_callback, handler.status_callback_method, fields))


def notify(line: Line, url: str, method: str, fields: dict[str, str]) -> Script[None]:
    """Post once and look only at whether it was taken: there is no fallback for a callback.

    An answer of 4xx or 5xx is the warning 15003 (https://www.twilio.com/docs/api/errors/15003).
    """
    answer = yield from deliver(line.office, line.region, line.session, url, method, fields)
    if not answer.code:
        return
    refused = answer.response is not None and answer.response.status >= 400
    line.office.alert(
        line.region,
        15003 if refused else answer.code,
        f"callback: {answer.text}",
        resource_sid=line.call.sid,
        url=answer.url,
        method=answer.method,
        level="warning" if refused else "error",
    )


def duration_s(line: Line) -> int:
    """Whole seconds from answering to the end; 0 if it was never answered."""
    call = line.call
    if call.answered_at is None:
        return 0
    return round((call.ended_at if call.ended_at is not None else line.office.now) - call.answered_at)


def rfc2822(at: float) -> str:
    """A time as webhooks write it: ``Tue, 03 Mar 2026 10:00:00 +0000``."""
    return format_datetime(datetime.fromtimestamp(at, UTC))

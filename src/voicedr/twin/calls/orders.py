"""What the REST API tells the switchboard to do: place a call, change a live one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a call that was created by REST goes on once it is answered. Empty means not given.

    ``url`` beats ``twiml``; with ``application_sid`` the other URLs are ignored
    (https://www.twilio.com/docs/voice/api/call-resource).

    Attributes:
        status_callback_events: Any of initiated, ringing, answered, completed; empty means completed only.
        timeout_s: How long the called party may ring.
    """

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    application_sid: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_events: tuple[str, ...] = ()
    timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Change:
    """An update of a live call. Empty means unchanged; ``url`` beats ``twiml``.

    Attributes:
        status: ``completed`` ends the call at any stage, ``canceled`` only before it is answered.
    """

    status: str = ""
    url: str = ""
    method: str = "POST"
    twiml: str = ""

"""What the REST API tells the switchboard to do: place a call, change a live one."""

from __future__ import annotations

from dataclasses import dataclass, field

from voicedr.wire.twiml import Element


@dataclass(frozen=True, slots=True)
class Instructions:
    """How a call that was created by REST goes on once it is answered. Empty means not given.

    ``url`` beats ``twiml``; with ``application_sid`` the other URLs are ignored
    (https://www.twilio.com/docs/voice/api/call-resource).

    Attributes:
        status_callback_events: Any of initiated, ringing, answered, completed; empty means completed only.
        timeout_s: How long the called party may ring.
        sip_login: User name and password for SIP equipment that asks.
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
    sip_login: tuple[str, str] | None = field(default=None, repr=False)


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


@dataclass(frozen=True, slots=True)
class RecordingChanged:
    """REST has begun or stopped a recording of a call.

    Attributes:
        noun: Of one that was begun: has its ``recordingStatusCallback`` attributes. None: it was stopped.
    """

    region: str
    call_sid: str
    recording_sid: str
    noun: Element | None = None

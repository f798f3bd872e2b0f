"""A media stream of a call: what it shall be, and how it stands (https://www.twilio.com/docs/voice/media-streams)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from voicedr.twin.calls.commands import Bell

CODES: dict[str, int] = {
    "timeout": 31901,
    "refused": 31902,
    "handshake": 31920,
    "closed": 31921,
    "broken": 31903,
    "protocol": 31924,
}
"""The error code of each way a socket fails (https://www.twilio.com/docs/api/errors/31901 and the others)."""


@dataclass(slots=True)
class Streaming:
    """One stream.

    Attributes:
        tracks: ``inbound``, ``outbound`` or both.
        two_way: Whether the server may send sound back (Connect), or not (Start).
        state: ``opening``, ``running``, ``over``.
        failure: Why it is over, a key of ``CODES``; empty if it was stopped from this side.
        wanted: False once it shall stop.
        bell: Rung when ``state`` changes.
    """

    sid: str
    url: str
    name: str
    account_sid: str
    call_sid: str
    tracks: tuple[str, ...]
    parameters: Mapping[str, str]
    two_way: bool
    state: str = "opening"
    failure: str = ""
    detail: str = ""
    wanted: bool = True
    bell: Bell = field(default_factory=Bell)

    def stop(self) -> None:
        """Stop it, soon. Saying it twice is saying it once."""
        self.wanted = False
        self.bell.ring()

    def becomes(self, state: str, failure: str = "", detail: str = "") -> None:
        """Go on to another state, and wake whoever listens."""
        self.state, self.failure, self.detail = state, failure, detail
        self.bell.ring()

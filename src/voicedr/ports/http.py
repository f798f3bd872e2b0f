"""HTTP, from the outside world. The values and the Protocol are the wire's; this is its name as a port."""

from __future__ import annotations

from voicedr.wire.http import AnswerLost, NoResponse, NotDelivered, Request, Response, Send, Timeouts

__all__ = ["AnswerLost", "NoResponse", "NotDelivered", "Request", "Response", "Send", "Timeouts"]

"""An application that answers webhooks at once, by a real clock, and remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from switchboard_scene import twiml
from voicedr.wire.http import Request, Response, Timeouts


@dataclass
class Answering:
    """What each URL answers; text is TwiML inside Response."""

    answers: dict[str, str | Response]
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Be asked."""
        url = request.url.partition("?")[0]
        self.asked.append((url, dict(parse_qsl(request.body.decode(), keep_blank_values=True))))
        answer = self.answers.get(url, Response(404))
        return twiml(answer) if isinstance(answer, str) else answer

    def told(self, url: str) -> list[dict[str, str]]:
        """What a URL was told, each time."""
        return [fields for asked, fields in self.asked if asked == url]

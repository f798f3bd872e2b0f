"""One request as bytes for each edge, and one answer from its bytes. The same for sync and async."""

from __future__ import annotations

from voicedr.runtime.edge.answer_reader import AnswerReader, Refused, TooLarge
from voicedr.runtime.edge.forms import Prepared, decoded
from voicedr.runtime.edge.headers import Headers
from voicedr.runtime.edge.hosts import Target
from voicedr.runtime.edge.outcomes import Answer, Lost, Why


class Worded:
    """A request that can be sent to any edge of its Region: only the Host differs."""

    __slots__ = ("_first", "_port", "_region", "_rest", "ready", "target")

    def __init__(self, ready: Prepared, target: Target, region: str) -> None:
        self.ready = ready
        self.target = target
        self._region = region
        path = target.path
        if ready.query:
            path += ("&" if "?" in path else "?") + ready.query
        port = "" if target.port == 443 else f":{target.port}"
        self._first = f"{ready.method} {path} HTTP/1.1\r\nHost: "
        self._port = port
        self._rest = ready.after_host

    def host(self, edge: str) -> str:
        """The name to send it to."""
        return self.target.host(edge, self._region)

    def request(self, host: str) -> bytes:
        """All of it."""
        return f"{self._first}{host}{self._port}\r\n".encode("ascii") + self._rest


def answered(reader: AnswerReader, edge: str) -> Answer:
    """The answer that was read.

    Raises:
        Lost: If its body cannot be unpacked.
    """
    headers = Headers(reader.fields)
    try:
        text = decoded(reader.body(), headers.get("Content-Type", ""))
    except TooLarge as exc:
        raise Lost(Why.TOO_LARGE, str(exc)) from exc
    except Refused as exc:
        raise Lost(Why.NONSENSE, str(exc)) from exc
    return Answer(reader.status, headers, text, edge)

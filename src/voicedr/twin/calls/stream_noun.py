"""Stream: a call's sound on a WebSocket (https://www.twilio.com/docs/voice/twiml/stream). There is no retry."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

from voicedr.twin.calls.attributes import address_of, word
from voicedr.twin.calls.commands import Apart, Listen, OpenStream, Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.status_callback import notify
from voicedr.twin.calls.streaming import CODES, Streaming
from voicedr.wire.twiml import Element

PARAMETER_MAX = 500
"""Characters of a Parameter's name and value together (https://www.twilio.com/docs/voice/twiml/stream)."""

_TRACKS = {
    "inbound_track": ("inbound",),
    "outbound_track": ("outbound",),
    "both_tracks": ("inbound", "outbound"),
}


def begin_stream(noun: Element, line: Line, *, two_way: bool) -> Script[Streaming | None]:
    """Begin a stream and go on. None if its URL cannot be used; then there is an alert and the callback is told."""
    url, wanted = word(noun, "url"), word(noun, "track")
    if two_way and wanted != "inbound_track":
        line.warn(12200, f"a Stream in Connect has the inbound track only, not {wanted}")
        wanted = "inbound_track"
    account_sid = line.office.world.account_sid
    streaming = Streaming(
        sid=line.office.world.mint("MZ"),
        url=url,
        name=word(noun, "name"),
        account_sid=account_sid,
        call_sid=line.call.sid,
        tracks=_TRACKS[wanted],
        parameters=_parameters(noun, line),
        two_way=two_way,
    )
    wrong = _wrong_with(url)
    if wrong:
        streaming.becomes("over", "handshake", wrong)
        yield Apart(_tell(noun, line, streaming))
        return None
    line.streams.append(streaming)
    yield OpenStream(streaming)
    yield Apart(_tell(noun, line, streaming))
    return streaming


def _wrong_with(url: str) -> str:
    """https://www.twilio.com/docs/api/errors/31920: wss only, and no query string."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "wss" and bool(parts.hostname)
    except ValueError:
        return f"{url[:200]!r} is not a URL; give wss://host/path"
    if not usable:
        return f"{url[:200]!r} is not a wss URL; give wss://host/path"
    if "?" in url:
        return f"{url[:200]!r} has a query string, which Stream does not support; use Parameter instead"
    return ""


def _parameters(noun: Element, line: Line) -> dict[str, str]:
    kept: dict[str, str] = {}
    for child in noun.children:
        if child.name != "Parameter":
            continue
        name, value = child.get("name"), child.get("value")
        if len(name) + len(value) >= PARAMETER_MAX:
            line.warn(12200, f"Parameter {name[:40]!r} is left out: name and value have to stay under {PARAMETER_MAX}")
        elif name:
            kept[name] = value
    return kept


def _tell(noun: Element, line: Line, streaming: Streaming) -> Script[None]:
    """Follow a stream to its end: alerts, and the callback for what happens to it."""
    told_start = False
    while True:
        if streaming.state == "running" and not told_start:
            told_start = True
            yield from _callback(noun, line, streaming, "stream-started")
        if streaming.state == "over":
            break
        yield Listen(streaming.bell, CALL_MAX_S)
    if streaming in line.streams:
        line.streams.remove(streaming)
    # The server's closing a two-way stream is how that one ends; of a one-way stream it is the error 31921.
    if streaming.failure and not (streaming.failure == "closed" and streaming.two_way):
        line.office.alert(
            line.region, CODES[streaming.failure], streaming.detail, resource_sid=line.call.sid, url=streaming.url,
            method="GET",
        )  # fmt: skip
        yield from _callback(noun, line, streaming, "stream-error", streaming.detail)
    if told_start:
        yield from _callback(noun, line, streaming, "stream-stopped")


def _callback(noun: Element, line: Line, streaming: Streaming, event: str, error: str = "") -> Script[None]:
    url = address_of(line, noun, "statusCallback")
    if not url:
        return
    fields = {
        "AccountSid": streaming.account_sid,
        "CallSid": streaming.call_sid,
        "StreamSid": streaming.sid,
        "StreamName": streaming.name or streaming.sid,
        "StreamEvent": event,
        "Timestamp": datetime.fromtimestamp(line.office.now, UTC).isoformat(timespec="milliseconds"),
    }
    if error:
        fields["StreamError"] = error
    yield from notify(line, url, word(noun, "statusCallbackMethod"), fields)

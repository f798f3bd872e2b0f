"""What a Region keeps of calls: its log, recordings with their sound, transcriptions, messages.

Lists are filtered by day at the provider and exactly here. Deleted recordings are asked for, too: their metadata stays
for 40 days, so that a deleted one is not one that never was. The sound is at the recording's own address with .wav or
.mp3 behind it.

Sources: https://www.twilio.com/docs/voice/api/call-resource, …/docs/voice/api/recording,
…/docs/voice/api/recording-transcription, …/docs/messaging/api/message-resource (read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

from voicedr.adapters.providers.twilio.exchange import Ask, Exchange
from voicedr.adapters.providers.twilio.paging import PAGE_SIZE_MAX, pages
from voicedr.adapters.providers.twilio.shapes import ShapeError, moment
from voicedr.ports.provider import TooLarge
from voicedr.program.reconciliation.kept import Kept, KeptKind, Media, MediaForm
from voicedr.wire.http import Response

MEDIA_BYTES_PER_S = 250_000.0
"""So fast a recording comes at least, or it counts as lost. Assumption: 2 Mbit/s."""

ERROR_BYTES_MAX = 64 * 1024
"""An answer that is an error is read up to here, however small the sound may be."""

_BEGINS: dict[MediaForm, tuple[bytes, ...]] = {"wav": (b"RIFF",), "mp3": (b"ID3", b"\xff")}
"""What a file of a form begins with: a page for people is not the sound (RFC 2361; ISO/IEC 11172-3)."""

_LISTS: dict[KeptKind, tuple[str, str, str]] = {
    "call": ("Calls", "calls", "StartTime"),
    "recording": ("Recordings", "recordings", "DateCreated"),
    "transcription": ("Transcriptions", "transcriptions", ""),
    "message": ("Messages", "messages", "DateSent"),
}
"""Path, key of the list, and the filter by day, of each kind. Transcriptions have no filter by date."""


class _KeptShape(msgspec.Struct):
    sid: str
    status: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    direction: str | None = None
    start_time: str | None = None
    date_sent: str | None = None
    date_created: str | None = None
    parent_call_sid: str | None = None
    call_sid: str | None = None
    conference_sid: str | None = None
    recording_sid: str | None = None
    source: str | None = None
    trunk_sid: str | None = None


async def read_kept(
    exchange: Exchange,
    address: Callable[[str], str],
    what: str,
    kind: KeptKind,
    since: datetime,
    until: datetime,
    limit: int,
) -> list[Kept]:
    """What a Region keeps of one kind, of a time, newest first.

    Args:
        exchange: What sends.
        address: The URL of a path under the account.
        what: How to speak of it in a message.
        kind: Of what.
        since: From this second on.
        until: To this second.
        limit: At most so many.
    """
    path, key, by = _LISTS[kind]
    fields = {}
    if by:
        # A day as the last moment may mean its beginning; the day after is past it either way.
        fields = {f"{by}>": f"{since:%Y-%m-%d}", f"{by}<": f"{until + timedelta(days=1):%Y-%m-%d}"}
    if kind == "recording":
        fields["IncludeSoftDeleted"] = "true"
    ask = Ask("GET", address(f"{path}.json"), what, fields)
    found: list[Kept] = []
    async for page in pages(exchange, ask, key, msgspec.Raw, PAGE_SIZE_MAX):
        for one in _items(exchange, ask, page, kind, lambda sid: address(f"{path}/{sid}.json")):
            if one.at is None or since.replace(microsecond=0) <= one.at <= until:
                found.append(one)
        if len(found) >= limit:
            break
    return found[:limit]


def _items(
    exchange: Exchange, ask: Ask, page: Sequence[msgspec.Raw], kind: KeptKind, url: Callable[[str], str]
) -> list[Kept]:
    try:
        return [_value(kind, bytes(raw), url) for raw in page]
    except (ShapeError, msgspec.DecodeError) as exc:
        raise exchange.unreadable(ask, Response(200), str(exc)) from exc


def _value(kind: KeptKind, raw: bytes, url: Callable[[str], str]) -> Kept:
    shape = msgspec.json.decode(raw, type=_KeptShape)
    if not shape.sid.isalnum():
        raise ShapeError(f"{shape.sid[:40]!r} is no id")
    return Kept(
        kind=kind,
        sid=shape.sid,
        at=moment(shape.start_time or shape.date_sent or shape.date_created),
        url=url(shape.sid),
        raw=raw,
        from_=shape.from_ or "",
        to=shape.to or "",
        status=shape.status or "",
        direction=shape.direction or "",
        parent_sid=shape.parent_call_sid or "",
        call_sid=shape.call_sid or "",
        conference_sid=shape.conference_sid or "",
        recording_sid=shape.recording_sid or "",
        source=shape.source or "",
        trunk_sid=shape.trunk_sid or "",
    )


async def read_media(exchange: Exchange, url: str, what: str, form: MediaForm, bytes_max: int) -> Media:
    """The sound of a recording, at most so large."""
    most = max(bytes_max, ERROR_BYTES_MAX)
    ask = Ask("GET", url, what, accept="*/*", body_bytes_max=most, body_s=bytes_max / MEDIA_BYTES_PER_S)
    answer = await exchange.ask(ask)
    if len(answer.body) > bytes_max:
        raise TooLarge(f"{what}: it has {len(answer.body)} bytes, and {bytes_max} are taken. Nothing changed.")
    if not answer.body.startswith(_BEGINS[form]):
        raise exchange.unreadable(ask, answer, f"it is no {form} file")
    return Media(url, answer.body)

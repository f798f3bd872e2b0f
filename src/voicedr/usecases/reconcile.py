"""Fetches what a Region keeps of the time a flow was there: log entries, recordings with their sound, and the rest.

It only reads at the provider; nothing there is ever deleted or changed. Lists are read anew each time, and what an
earlier export had and the provider no longer shows is kept. A recording's sound is fetched once: its file is written
whole, then noted. Killed at any instant, the same call goes on. The manifest comes last and says of every item where
it is, or why it is not there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.exports import Exports
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider, TooLarge
from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.plan import Plan
from voicedr.program.reconciliation import choose, manifest
from voicedr.program.reconciliation.kept import KINDS, Kept, KeptKind, MediaForm
from voicedr.program.reconciliation.manifest import Counts, Head, Item, Line, ListFile, MediaFile, Missing, digest
from voicedr.program.reconciliation.redact import line_of
from voicedr.program.reconciliation.window import Stay

MEDIA_AT_ONCE = 2
"""Sounds that are fetched, and held in memory, at once."""

MEDIA_BYTES_MAX = 256 * 1024 * 1024
"""One sound at most: more than two hours of WAV in two channels."""

CALL_S_MAX = 4 * 3600.0
"""A call that began in time may be recorded so long afterwards: the provider's longest call unless somebody has asked
for more (https://www.twilio.com/docs/voice/twiml/dial#timelimit, read 2026-11-21)."""

DEAF_AFTER = 5
"""So many sounds in a row that could not be had, and the rest are left for the next time."""

RULES = (
    "calls to or from the flow's numbers and SIP domains, through its trunks, and all legs of these",
    f"recordings of these calls; a voicemail is one whose source is {choose.VOICEMAIL_SOURCE}, made by <Record>",
    "transcriptions of these recordings; messages to or from the flow's numbers",
)


@dataclass(frozen=True)
class Wanted:
    """What to fetch.

    Attributes:
        media: The form of the sound; None: none, and no words of transcriptions and messages either.
        redact: Shorten numbers.
        conferences: Also recordings of conferences, of which nobody can say whose they are.
        bytes_max: Of sound in all.
        items_max: Of each kind.
    """

    media: MediaForm | None = "wav"
    redact: bool = False
    conferences: bool = False
    bytes_max: int = 10 * 1024**3
    items_max: int = 100_000


class OtherExport(Exception):
    """The place holds something else. Nothing was written."""


Progress = Callable[[str, int, int], None]
"""What is fetched, how many are, of how many."""


@dataclass
class _Known:
    """What an earlier run left: sounds by recording, and the lines of its lists."""

    media: dict[str, MediaFile] = field(default_factory=dict)
    items: dict[KeptKind, dict[str, tuple[Item, bytes]]] = field(default_factory=dict)


async def reconcile(
    stay: Stay,
    plan: Plan,
    wanted: Wanted,
    provider: RegionalProvider,
    exports: Exports,
    clock: Clock,
    progress: Progress = lambda _what, _done, _of: None,
) -> tuple[Counts, str]:
    """Export what the standby holds; give what there is, and the manifest's SHA-256.

    Raises:
        OtherExport: If the place holds another export, or files of somebody else. Nothing was written.
        ProviderError: If not even the calls could be listed. What was exported before stays.
        ExportUnusable: If the place cannot be written. The same call goes on from there.
    """
    now = clock.now()
    head = Head(
        execution=stay.execution,
        flow=stay.flow,
        region=stay.region,
        since=stay.since,
        until=stay.until,
        read_until=stay.until or now,
        ended_by=stay.ended_by,
        media=wanted.media or "",
        redacted=wanted.redact,
        rules=RULES,
    )
    known = _known(exports, head)
    if not exports.notes():
        exports.note(msgspec.json.encode(head))
    run = _Run(head, wanted, provider, exports, clock, progress, known, now)
    lines = await run.everything(plan)
    body = manifest.write(lines)
    exports.keep(manifest.NAME, body)
    exports.drop_notes()
    return manifest.counts(lines), digest(body)


def check(exports: Exports) -> tuple[Head, Counts, list[str]]:
    """Verify an export against its manifest, with nothing but the files; the problems, if there are any.

    Raises:
        ManifestBroken: If there is no manifest, or it is not whole.
    """
    body = exports.read(manifest.NAME)
    if body is None:
        raise manifest.ManifestBroken("there is no manifest: the export was never finished; run reconcile again")
    lines = manifest.read(body)
    names = [name for name in exports.names() if name != manifest.NAME]
    head = lines[0]
    assert isinstance(head, Head)  # noqa: S101 - read() has seen to it
    return head, manifest.counts(lines), manifest.problems(lines, exports.read, names)


class _Run:
    """One run over one export."""

    def __init__(
        self,
        head: Head,
        wanted: Wanted,
        provider: RegionalProvider,
        exports: Exports,
        clock: Clock,
        progress: Progress,
        known: _Known,
        now: datetime,
    ) -> None:
        self._head = head
        self._wanted = wanted
        self._provider = provider
        self._exports = exports
        self._clock = clock
        self._progress = progress
        self._known = known
        self._now = now
        self._missing: list[Missing] = []

    async def everything(self, plan: Plan) -> list[Line]:
        """All lines of the manifest but the last; the files are written when it returns."""
        scope = await self._scope(plan)
        every = await self._list("call", self._head.read_until)
        calls = choose.calls_of(scope, every)
        sids = {*(one.sid for one in calls), *self._known.items.get("call", {})}
        recorded = await self._list("recording", min(self._now, self._later()))
        recordings, meetings = choose.recordings_of(sids, recorded)
        if self._wanted.conferences:
            recordings += meetings
        else:
            self._missing += [self._meeting(one) for one in meetings]
        of = {*(one.sid for one in recordings), *self._known.items.get("recording", {})}
        transcriptions = choose.transcriptions_of(of, await self._list("transcription", self._now))
        messages = choose.messages_of(scope, await self._list("message", self._head.read_until))
        chosen: dict[KeptKind, list[Kept]] = {
            "call": calls,
            "recording": recordings,
            "transcription": transcriptions,
            "message": messages,
        }
        lines: list[Line] = [self._head]
        for kind in KINDS:
            lines += self._write(kind, chosen[kind])
        media = await self._sounds(recordings)
        return [*lines, *media, *self._missing]

    async def _scope(self, plan: Plan) -> choose.Scope:
        subjects = [action.subject for action in plan.actions if isinstance(action, SetRoute)]
        trunks = {one.name for one in subjects if one.kind == "trunk"}
        sids: set[str] = set()
        if trunks:
            try:
                sids = {one.sid for one in await self._provider.trunks() if one.domain_name in trunks}
            except ProviderError as exc:
                why = f"which calls came through {', '.join(sorted(trunks))} could not be told: {exc}"
                self._missing.append(Missing("call", "", "", why, settled=False))
        return choose.Scope(
            numbers=frozenset(one.name for one in subjects if one.kind == "number"),
            domains=frozenset(one.name for one in subjects if one.kind == "sip-domain"),
            trunk_sids=frozenset(sids),
        )

    def _later(self) -> datetime:
        """Until when recordings of calls of that time may have been made."""
        return self._head.read_until + timedelta(seconds=CALL_S_MAX)

    async def _list(self, kind: KeptKind, until: datetime) -> list[Kept]:
        most = self._wanted.items_max
        try:
            found = await self._provider.kept(kind, since=self._head.since, until=until, limit=most + 1)
        except ProviderError as exc:
            if kind == "call":
                raise
            unserved = isinstance(exc, Refused) and exc.unserved
            why = f"{self._head.region} does not serve them, so it keeps none: {exc}" if unserved else str(exc)
            self._missing.append(Missing(kind, "", "", why, settled=unserved))
            return []
        self._progress(f"{kind}s", len(found), len(found))
        if len(found) > most:
            why = f"there are more than {most}; the newest {most} were looked at. Run again with a larger --items-max"
            self._missing.append(Missing(kind, "", "", why, settled=False))
        return list(found)[:most]

    def _meeting(self, one: Kept) -> Missing:
        why = "recorded in a conference; whether this flow's callers took part is not known. --conferences fetches it"
        return Missing("recording", one.sid, one.url, why, settled=True)

    def _write(self, kind: KeptKind, chosen: Sequence[Kept]) -> list[Line]:
        """The file of one kind, with what an earlier export had and is not listed any more."""
        rows: dict[str, tuple[Item, bytes]] = {}
        for one in chosen:
            line = line_of(one.raw, numbers=not self._wanted.redact, words=self._wanted.media is not None)
            voicemail = kind == "recording" and choose.is_voicemail(one)
            rows[one.sid] = Item(kind, one.sid, one.at, one.url, digest(line), len(line), voicemail), line
        rows |= {sid: had for sid, had in self._known.items.get(kind, {}).items() if sid not in rows}
        items = [item for item, _ in rows.values()]
        body = b"".join(line + b"\n" for _, line in rows.values())
        name = f"{kind}s.jsonl"
        self._exports.keep(name, body)
        return [ListFile(kind, name, digest(body), len(body), len(items)), *items]

    async def _sounds(self, recordings: Iterable[Kept]) -> list[MediaFile]:
        """The sounds, voicemails first: somebody waits for an answer to those."""
        files = dict(self._known.media)
        listed = {one.sid: one for one in recordings}
        had = self._known.items.get("recording", {})
        gone = [sid for sid in had if sid not in listed and sid not in files]
        self._missing += [
            self._no_sound(had[sid][0], "the provider no longer lists the recording", True) for sid in gone
        ]
        wanted = sorted(
            (one for one in listed.values() if one.sid not in files), key=lambda one: not choose.is_voicemail(one)
        )
        total, deaf = len(files) + len(wanted), 0
        for first in range(0, len(wanted), MEDIA_AT_ONCE):
            batch = wanted[first : first + MEDIA_AT_ONCE]
            left = self._wanted.bytes_max - sum(one.size for one in files.values())
            share = min(MEDIA_BYTES_MAX, left // len(batch))
            for one, got in zip(
                batch, await asyncio.gather(*(self._sound(one, share, deaf) for one in batch)), strict=True
            ):
                if isinstance(got, MediaFile):
                    files[one.sid] = got
                    deaf = 0
                else:
                    self._missing.append(got)
                    deaf += not got.settled and self._wanted.media is not None and share > 0
            self._progress("sounds", len(files), total)
        return list(files.values())

    async def _sound(self, recording: Kept, bytes_max: int, deaf: int) -> MediaFile | Missing:
        item = Item("recording", recording.sid, recording.at, recording.url, "", 0, choose.is_voicemail(recording))
        if self._wanted.media is None:
            return self._no_sound(item, "it was left out: --without-media", True)
        if recording.status in choose.NO_SOUND:
            return self._no_sound(item, f"{recording.status}: {choose.NO_SOUND[recording.status]}", True)
        if recording.status in choose.RUNS:
            return self._no_sound(item, f"it is {recording.status}; run again when it has ended", False)
        if bytes_max <= 0:
            why = f"the limit of {self._wanted.bytes_max} bytes was reached; run again with a larger --megabytes-max"
            return self._no_sound(item, why, False)
        if deaf >= DEAF_AFTER:
            return self._no_sound(item, f"not tried: {deaf} before it could not be had; run again", False)
        try:
            media = await self._provider.media(recording.sid, form=self._wanted.media, bytes_max=bytes_max)
        except TooLarge as exc:
            return self._no_sound(item, f"{exc} Run again with a larger --megabytes-max", False)
        except ProviderError as exc:
            return self._no_sound(item, str(exc), False)
        name = f"media/{recording.sid}.{self._wanted.media}"
        self._exports.keep(name, media.body)
        size, at = len(media.body), self._clock.now()
        file = MediaFile(recording.sid, name, digest(media.body), size, media.url, at, item.voicemail)
        self._exports.note(msgspec.json.encode(file))
        return file

    def _no_sound(self, item: Item, why: str, settled: bool) -> Missing:
        return Missing("media", item.sid, item.url, why, settled, item.voicemail)


def _known(exports: Exports, head: Head) -> _Known:
    """What an earlier run of the same export left, as far as the files are what it noted.

    Raises:
        OtherExport: If there is something else.
    """
    known = _Known()
    body = exports.read(manifest.NAME)
    lines = manifest.read(body) if body is not None else []
    notes = [msgspec.json.decode(one, type=Line) for one in exports.notes() if _is_line(one)]
    heads = [one for one in (*lines, *notes) if isinstance(one, Head)]
    if not heads and exports.names():
        raise OtherExport("it holds files that are no export. Nothing was written. Name an empty or a new folder.")
    for one in heads:
        if one.identity != head.identity:
            how = f"{one.media or 'no'} media, {'shortened' if one.redacted else 'whole'} numbers"
            raise OtherExport(
                f"it holds the export of {one.execution} from {one.region} ({how}). Nothing was written. Go on with the"
                " same options, or name another folder."
            )
    for line in (*lines, *notes):
        if isinstance(line, MediaFile):
            there = exports.read(line.file)
            if there is not None and (len(there), digest(there)) == (line.size, line.sha256):
                known.media[line.sid] = line
    for file in (one for one in lines if isinstance(one, ListFile)):
        rows = {digest(text): text for text in (exports.read(file.file) or b"").split(b"\n") if text}
        mine = [one for one in lines if isinstance(one, Item) and one.kind == file.kind and one.sha256 in rows]
        for kind in KINDS:
            if kind == file.kind:
                known.items[kind] = {one.sid: (one, rows[one.sha256]) for one in mine}
    return known


def _is_line(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True

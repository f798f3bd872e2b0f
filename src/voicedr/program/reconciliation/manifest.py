"""The manifest of an export: what is in it, where it came from, what is missing and why; verified offline.

One JSON object a line. The first is the head, the last counts what stands between them, so that a cut is seen:

    {"line":"head", …}       of which execution, Region and time, and how it was exported
    {"line":"list", …}       a file of one kind: a line for each item
    {"line":"item", …}       one line of such a file, by its own SHA-256
    {"line":"media", …}      a file with the sound of a recording
    {"line":"missing", …}    what could not be fetched, or was left out, and why
    {"line":"end", …}        how many lines there are
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

NAME = "MANIFEST.jsonl"

VERSION = 1


class Head(msgspec.Struct, frozen=True, tag_field="line", tag="head"):
    """What the export is. ``until`` None: the flow was not home yet; ``read_until`` is where reading ended."""

    execution: str
    flow: str
    region: str
    since: datetime
    until: datetime | None
    read_until: datetime
    ended_by: str
    media: str
    redacted: bool
    rules: tuple[str, ...]
    version: int = VERSION

    @property
    def identity(self) -> tuple[str, str, str, bool]:
        """What must be the same for an export to be gone on with."""
        return self.execution, self.region, self.media, self.redacted


class ListFile(msgspec.Struct, frozen=True, tag_field="line", tag="list"):
    """A file with one kind of things."""

    kind: str
    file: str
    sha256: str
    size: int
    items: int


class Item(msgspec.Struct, frozen=True, tag_field="line", tag="item"):
    """One line of a list. ``voicemail``: see ``choose``."""

    kind: str
    sid: str
    at: datetime | None
    url: str
    sha256: str
    size: int
    voicemail: bool = False


class MediaFile(msgspec.Struct, frozen=True, tag_field="line", tag="media"):
    """A file with the sound of a recording."""

    sid: str
    file: str
    sha256: str
    size: int
    url: str
    fetched_at: datetime
    voicemail: bool = False


class Missing(msgspec.Struct, frozen=True, tag_field="line", tag="missing"):
    """What is not there, and why. ``settled``: fetching it again would change nothing, or it was left out on purpose.

    ``sid`` empty: the whole kind.
    """

    kind: str
    sid: str
    url: str
    why: str
    settled: bool
    voicemail: bool = False


class End(msgspec.Struct, frozen=True, tag_field="line", tag="end"):
    """So many lines come before this one."""

    lines: int


Line = Head | ListFile | Item | MediaFile | Missing | End


class ManifestBroken(Exception):
    """It is no manifest, or was cut; the message says where."""


class Counts(msgspec.Struct, frozen=True):
    """What an export holds, for a person and for the journal."""

    calls: int = 0
    recordings: int = 0
    voicemails: int = 0
    transcriptions: int = 0
    messages: int = 0
    media: int = 0
    media_bytes: int = 0
    missing: int = 0
    unsettled: int = 0


def write(lines: Sequence[Line]) -> bytes:
    """The manifest's bytes; the last line is added."""
    return b"".join(msgspec.json.encode(one) + b"\n" for one in (*lines, End(len(lines))))


def read(body: bytes) -> list[Line]:
    """The lines of a manifest, without its last.

    Raises:
        ManifestBroken: If it is none, or not whole.
    """
    found: list[Line] = []
    for number, text in enumerate(body.splitlines(), start=1):
        try:
            found.append(msgspec.json.decode(text, type=Line))
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise ManifestBroken(f"line {number} is none of a manifest's ({exc})") from exc
    if not found or not isinstance(found[0], Head):
        raise ManifestBroken("it does not begin with a head")
    last = found.pop()
    if not isinstance(last, End) or last.lines != len(found):
        raise ManifestBroken(f"it does not end as it should after {len(found)} lines: it was cut or added to")
    return found


def counts(lines: Iterable[Line]) -> Counts:
    """How much of what."""
    kinds: Counter[str] = Counter()
    size = 0
    for one in lines:
        match one:
            case Item():
                kinds[one.kind] += 1
                kinds["voicemail"] += one.voicemail
            case MediaFile():
                kinds["media"] += 1
                size += one.size
            case Missing():
                kinds["missing"] += 1
                kinds["unsettled"] += not one.settled
            case _:
                pass
    return Counts(
        calls=kinds["call"],
        recordings=kinds["recording"],
        voicemails=kinds["voicemail"],
        transcriptions=kinds["transcription"],
        messages=kinds["message"],
        media=kinds["media"],
        media_bytes=size,
        missing=kinds["missing"],
        unsettled=kinds["unsettled"],
    )


def digest(body: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def problems(lines: Sequence[Line], file: Callable[[str], bytes | None], names: Iterable[str]) -> list[str]:
    """How an export differs from its manifest; empty if it does not.

    Args:
        lines: The manifest's.
        file: A file's bytes; None if it is not there.
        names: Every file of the export but the manifest.
    """
    found: list[str] = []
    known = {one.file for one in lines if isinstance(one, ListFile | MediaFile)}
    found += [f"{name}: is not in the manifest" for name in sorted(set(names) - known)]
    items: dict[str, list[Item]] = {}
    for one in lines:
        if isinstance(one, Item):
            items.setdefault(one.kind, []).append(one)
    for one in lines:
        if not isinstance(one, ListFile | MediaFile):
            continue
        body = file(one.file)
        if body is None:
            found.append(f"{one.file}: is gone")
        elif (len(body), digest(body)) != (one.size, one.sha256):
            found.append(f"{one.file}: has {len(body)} bytes, SHA-256 {digest(body)[:12]}…; not what was exported")
            found += _changed_items(one, body, items) if isinstance(one, ListFile) else []
    sids = {one.sid for one in lines if isinstance(one, MediaFile)}
    sids |= {one.sid for one in lines if isinstance(one, Missing) and one.kind == "media"}
    silent = [one.sid for one in items.get("recording", ()) if one.sid not in sids]
    if silent:
        found.append(f"{len(silent)} recordings have neither their sound nor a reason, {silent[0]} among them")
    return found


def _changed_items(of: ListFile, body: bytes, items: dict[str, list[Item]]) -> list[str]:
    """Which lines of a list that was changed are not as they were."""
    now = Counter(digest(line) for line in body.splitlines())
    gone = [one.sid for one in items.get(of.kind, ()) if not now[one.sha256]]
    return [f"{of.file}: {sid} is changed or gone" for sid in gone[:10]] + (
        [f"{of.file}: and {len(gone) - 10} more"] if len(gone) > 10 else []
    )

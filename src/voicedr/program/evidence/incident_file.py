"""An incident's record as one file that can be verified without us, beside the file of the execution that names it.

    {"voicedr_incident_evidence":1,"incident":"…","flow":"…"}
    {"seq":1,"term":0,"previous":"000…","hash":"9f2…","body":{…}}      as in an execution's file; nobody has a term
    …
    {"size":6,"head":"c41…"}

An execution's OPENED names how long the record was when it was opened, and its head then. So the file of the execution
is a checkpoint of the incident: what was said before the move cannot be rewritten after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.file import (
    Checkpoint,
    EvidenceBroken,
    Line,
    Tail,
    Verdict,
    against_checkpoints,
    bad,
    named,
)
from voicedr.program.execution.events import Opened
from voicedr.program.governance.incident import (
    Closed,
    Declared,
    GlassBroken,
    IncidentEvent,
    Reviewed,
    decode_incident,
    incident_link,
)

VERSION = 1

_LINE = b'{"seq":%d,"term":0,"previous":"%b","hash":"%b","body":%b}'
_MARK = b'{"voicedr_incident_evidence":'


class IncidentHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    voicedr_incident_evidence: int
    incident: str
    flow: str


_head_decoder = msgspec.json.Decoder(IncidentHead)
_line_decoder = msgspec.json.Decoder(Line)
_tail_decoder = msgspec.json.Decoder(Tail)


def write_incident_evidence(incident: str, flow: str, records: Iterable[tuple[int, str, str, bytes]]) -> bytes:
    """An incident's records (seq, previous, hash, body) as a file. Equal records give equal files."""
    encode = msgspec.json.encode
    lines = [encode(IncidentHead(VERSION, incident, flow))]
    size, head = 0, GENESIS
    for seq, previous, link_hash, body in records:
        lines.append(_LINE % (seq, previous.encode(), link_hash.encode(), body))
        size, head = seq, link_hash
    lines.append(encode(Tail(size, head)))
    return b"\n".join(lines) + b"\n"


def is_incident_file(evidence: bytes) -> bool:
    """Whether a file says that it is an incident's."""
    return evidence.startswith(_MARK)


def incident_of(evidence: bytes) -> str:
    """The incident that a file says it is of.

    Raises:
        EvidenceBroken: If it is not an incident's file.
    """
    return _first_line(evidence.split(b"\n", 1)[0]).incident


def opened_checkpoint(opened: Opened) -> Checkpoint | None:
    """What an execution knows of its incident: how long its record was when it was opened, and the head.

    None if it names no incident, or was opened by a release that did not keep the head.
    """
    if not opened.incident or not opened.incident_head:
        return None
    return Checkpoint(opened.incident, opened.incident_size, opened.incident_head, opened.at)


def verify_incident(evidence: bytes, checkpoints: Sequence[Checkpoint] = ()) -> Verdict:
    """Whether an incident's file is whole, and if not, from which record on it cannot be trusted.

    Args:
        evidence: The file.
        checkpoints: Of this incident, their signatures verified by the caller.

    Raises:
        EvidenceBroken: If it is not an incident's file at all, so that nothing can be said of it.
    """
    lines = evidence.split(b"\n")
    return named(_verified(lines, checkpoints), lines)


def _verified(lines: Sequence[bytes], checkpoints: Sequence[Checkpoint]) -> Verdict:
    head = _first_line(lines[0])
    if lines[-1] != b"":
        return bad(None, 0, GENESIS, "the file does not end with a line break: its end was cut off")
    previous, hashes = GENESIS, dict[int, str]()
    said: list[IncidentEvent] = []
    for seq, raw in enumerate(lines[1:-2], start=1):
        found = _record(head.incident, seq, previous, raw)
        if isinstance(found, str):
            return bad(seq, seq - 1, previous, found)
        hashes[seq], event = found
        previous = hashes[seq]
        said.append(event)
    count = len(said)
    try:
        tail = _tail_decoder.decode(lines[-2] if len(lines) > 2 else b"")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bad(count + 1, count, previous, "the closing line is missing: the file was cut off")
    if msgspec.json.encode(tail) != lines[-2] or (tail.size, tail.head) != (count, previous):
        what = f"it should end with record {tail.size}, and ends with record {count}: records are missing"
        return bad(count + 1, count, previous, what)
    if (contradicted := against_checkpoints(hashes, checkpoints)) is not None:
        return contradicted
    if (wrong := _meaning(head, said)) is not None:
        return bad(wrong[0], wrong[0] - 1, hashes.get(wrong[0] - 1, GENESIS), wrong[1])
    what = f"{count} records hold, each linked to the one before"
    return Verdict(True, None, what, count, previous, len(checkpoints))


def _record(incident: str, seq: int, previous: str, raw: bytes) -> tuple[str, IncidentEvent] | str:
    """A record's hash and event; or what is wrong with it."""
    try:
        line = _line_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"record {seq} is not a record"
    body = bytes(line.body)
    if line.seq != seq:
        return f"record {line.seq} stands where record {seq} should"
    if line.previous != previous:
        return f"record {seq} does not follow the one before it"
    if line.hash != incident_link(incident, seq, previous, body):
        return f"record {seq} was changed: its hash is not the one of what it says"
    # Only the exact line that was written counts: white space or another order of keys is a change, too.
    if raw != _LINE % (seq, previous.encode(), line.hash.encode(), body):
        return f"record {seq} is not written as it was exported"
    try:
        return line.hash, decode_incident(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return f"record {seq} holds nothing that this release knows"


def _meaning(head: IncidentHead, said: Sequence[IncidentEvent]) -> tuple[int, str] | None:
    """The first record that is well linked and cannot be true."""
    if not said or not isinstance(said[0], Declared):
        return 1, "record 1 does not declare an incident"
    if (said[0].incident, said[0].flow) != (head.incident, head.flow):
        return 1, "the first line names another incident or flow than record 1"
    broken: set[str] = set()
    closed = False
    for seq, event in enumerate(said[1:], start=2):
        if isinstance(event, Declared):
            return seq, f"record {seq} declares the incident again"
        if closed and not isinstance(event, Reviewed):
            return seq, f"record {seq} was added after the incident was closed, and only reviews may be"
        if isinstance(event, Reviewed) and event.glass not in broken:
            return seq, f"record {seq} reviews glass that was not broken"
        if isinstance(event, GlassBroken):
            broken.add(event.glass)
        closed = closed or isinstance(event, Closed)
    return None


def _first_line(raw: bytes) -> IncidentHead:
    try:
        head = _head_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"line 1 is not the first line of an incident's file ({exc})") from exc
    if head.voicedr_incident_evidence != VERSION:
        raise EvidenceBroken(
            f"it is an incident's file of version {head.voicedr_incident_evidence}; this release reads version"
            f" {VERSION}. Use the release that wrote it, or a newer one"
        )
    if msgspec.json.encode(head) != raw:
        raise EvidenceBroken("line 1 is not written as it was exported")
    return head

"""An execution's journal as one file that can be verified without us: JSON Lines, in UTF-8.

    {"voicedr_evidence":1,"execution":"…","flow":"…","plan_hash":"…"}
    {"seq":1,"term":0,"previous":"000…","hash":"9f2…","body":{…}}      one line per record, the body byte for byte
    …
    {"size":698,"head":"c41…"}

A record's hash is SHA-256 over its execution, number, term, previous hash and body, with a line break between each, so
whoever has the file can recompute all of it. What the file alone cannot show is that its end was cut off and the last
line written anew: for that, somebody elsewhere keeps a checkpoint (size and head at some moment), signed by the machine
that made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from voicedr.program.evidence.chain import GENESIS, decode, link
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import BrokenHistory, Execution, fold

VERSION = 1


class EvidenceBroken(Exception):
    """The file is not an evidence file: what is wrong, and where."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    voicedr_evidence: int
    execution: str
    flow: str
    plan_hash: str


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record's line. ``body`` keeps its bytes."""

    seq: int
    term: int
    previous: str
    hash: str
    body: msgspec.Raw


class Tail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line."""

    size: int
    head: str


class Checkpoint(msgspec.Struct, frozen=True):
    """What somebody elsewhere keeps: so long was the journal at that moment, and this was its head.

    ``signature`` is over ``checkpoint_words``, in hex; empty if it was not signed.
    """

    execution: str
    size: int
    head: str
    at: datetime
    signature: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """What a verification found.

    Attributes:
        whole: True if nothing speaks against the file.
        first_bad: The first record that cannot be trusted; None if the records hold.
        what: What is wrong, or what was verified, in words.
        records: So many records hold, from the first.
        head: The hash of the last of them.
        held: The checkpoints that the file agrees with.
        at: When the first bad record says that it happened; None if it cannot be read, or there is none.
        kind: Which event it says it is; empty if it cannot be read, or there is none.
        signatures: The signatures of approvals in it that were verified.
    """

    whole: bool
    first_bad: int | None
    what: str
    records: int
    head: str
    held: int = 0
    at: datetime | None = None
    kind: str = ""
    signatures: int = 0


class _Opening(msgspec.Struct):
    plan: msgspec.Raw


class _Said(msgspec.Struct):
    """What a record says of itself, if anything of it can be read."""

    event: str
    at: datetime


class _SaidLine(msgspec.Struct):
    body: _Said


_opened_decoder = msgspec.json.Decoder(_Opening)
_LINE = b'{"seq":%d,"term":%d,"previous":"%b","hash":"%b","body":%b}'
_head_decoder = msgspec.json.Decoder(Head)
_line_decoder = msgspec.json.Decoder(Line)
_tail_decoder = msgspec.json.Decoder(Tail)


def checkpoint_words(execution: str, size: int, head: str, at: datetime) -> bytes:
    """What a checkpoint's signature covers."""
    return f"voicedr checkpoint 1\n{execution}\n{size}\n{head}\n{at.isoformat()}\n".encode()


def write_evidence(
    execution: str, flow: str, digest: str, records: Iterable[tuple[int, int, str, str, bytes]]
) -> bytes:
    """An execution's records (seq, term, previous, hash, body) as an evidence file. Equal journals give equal files."""
    encode = msgspec.json.encode
    lines = [encode(Head(VERSION, execution, flow, digest))]
    size, head = 0, GENESIS
    for seq, term, previous, link_hash, body in records:
        lines.append(_LINE % (seq, term, previous.encode(), link_hash.encode(), body))
        size, head = seq, link_hash
    lines.append(encode(Tail(size, head)))
    return b"\n".join(lines) + b"\n"


def execution_of(evidence: bytes) -> str:
    """The execution that a file says it is of.

    Raises:
        EvidenceBroken: If it is not an evidence file.
    """
    return _first_line(evidence.split(b"\n", 1)[0]).execution


def verify(evidence: bytes, checkpoints: Sequence[Checkpoint] = ()) -> Verdict:
    """Whether an evidence file is whole, and if not, from which record on it cannot be trusted.

    Args:
        evidence: The file.
        checkpoints: Of this execution, their signatures verified by the caller.

    Raises:
        EvidenceBroken: If it is not an evidence file at all, so that nothing can be said of it.
    """
    lines = evidence.split(b"\n")
    return named(_verified(lines, checkpoints), lines)


def _verified(lines: Sequence[bytes], checkpoints: Sequence[Checkpoint]) -> Verdict:
    head = _first_line(lines[0])
    if lines[-1] != b"":
        return bad(None, 0, GENESIS, "the file does not end with a line break: its end was cut off")
    previous, count = GENESIS, 0
    hashes: dict[int, str] = {}
    said: list[ev.Event] = []
    plan = b""
    for raw in lines[1:-2]:
        seq = count + 1
        try:
            line = _line_decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return bad(seq, count, previous, f"record {seq} is not a record")
        body = bytes(line.body)
        if line.seq != seq:
            return bad(seq, count, previous, f"record {line.seq} stands where record {seq} should")
        if line.previous != previous:
            return bad(seq, count, previous, f"record {seq} does not follow the one before it")
        if line.hash != link(head.execution, seq, line.term, previous, body):
            return bad(seq, count, previous, f"record {seq} was changed: its hash is not the one of what it says")
        # Only the exact line that was written counts: white space or another order of keys is a change, too.
        if raw != _LINE % (seq, line.term, previous.encode(), line.hash.encode(), body):
            return bad(seq, count, previous, f"record {seq} is not written as it was exported")
        try:
            said.append(decode(body))
            if seq == 1 and isinstance(said[0], ev.Opened):
                plan = bytes(_opened_decoder.decode(body).plan)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return bad(seq, count, previous, f"record {seq} holds no event that this release knows")
        previous, count = line.hash, seq
        hashes[seq] = previous
    return _whole(head, lines[-2] if len(lines) > 2 else b"", said, plan, hashes, checkpoints)


def _whole(
    head: Head,
    last: bytes,
    said: list[ev.Event],
    plan: bytes,
    hashes: dict[int, str],
    checkpoints: Sequence[Checkpoint],
) -> Verdict:
    """The chain holds; do its end, its meaning and the checkpoints?"""
    count, newest = len(said), hashes.get(len(said), GENESIS)
    try:
        tail = _tail_decoder.decode(last)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bad(count + 1, count, newest, "the closing line is missing: the file was cut off")
    if msgspec.json.encode(tail) != last or (tail.size, tail.head) != (count, newest):
        return bad(
            count + 1,
            count,
            newest,
            f"it should end with record {tail.size}, and ends with record {count}: records are missing",
        )
    if (contradicted := against_checkpoints(hashes, checkpoints)) is not None:
        return contradicted
    if (wrong := _meaning(head, said, plan)) is not None:
        return bad(wrong[0], wrong[0] - 1, hashes.get(wrong[0] - 1, GENESIS), wrong[1])
    return Verdict(True, None, f"{count} records hold, each linked to the one before", count, newest, len(checkpoints))


def against_checkpoints(hashes: Mapping[int, str], checkpoints: Sequence[Checkpoint]) -> Verdict | None:
    """How records, by their hashes, contradict what somebody elsewhere keeps; None if they agree.

    Args:
        hashes: Of a whole chain, by record, from 1.
        checkpoints: Of the same execution.
    """
    count, newest = len(hashes), hashes.get(len(hashes), GENESIS)
    for checkpoint in checkpoints:
        at = f"{checkpoint.at:%Y-%m-%d %H:%M:%S} UTC"
        if checkpoint.size > count:
            what = f"at {at} it had {checkpoint.size} records, and now {count}: the tail was cut off"
            return bad(count + 1, count, newest, what)
        if hashes.get(checkpoint.size, GENESIS) != checkpoint.head:
            what = (
                f"record {checkpoint.size} is not the one of the checkpoint of {at}:"
                f" at least one record up to it was written anew"
            )
            return bad(checkpoint.size, 0, GENESIS, what)
    return None


def _meaning(head: Head, said: list[ev.Event], plan: bytes) -> tuple[int, str] | None:
    """The first record that is well linked and cannot be true."""
    if not said or not isinstance(said[0], ev.Opened):
        return 1, "record 1 does not open an execution"
    opened = said[0]
    if opened.execution != head.execution or opened.plan.flow != head.flow or opened.plan_hash != head.plan_hash:
        return 1, "the first line names another execution, flow or plan than record 1"
    # Over the bytes as they stand: the plans of a later release have more fields, and would hash differently.
    if hashlib.sha256(plan).hexdigest() != opened.plan_hash:
        return 1, "the plan in record 1 does not have the hash that was approved"
    for seq, event in enumerate(said, start=1):
        if isinstance(event, ev.Approved) and event.plan_hash != opened.plan_hash:
            return seq, f"record {seq} approves another plan ({event.plan_hash[:12]})"
    execution: Execution = fold(said[:1])
    for seq, event in enumerate(said[1:], start=2):
        try:
            execution.apply(event)
        except (BrokenHistory, KeyError) as exc:
            return seq, f"record {seq} cannot follow the ones before it: {exc}"
    return None


def _first_line(raw: bytes) -> Head:
    try:
        head = _head_decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"line 1 is not the first line of an evidence file ({exc})") from exc
    if head.voicedr_evidence != VERSION:
        raise EvidenceBroken(
            f"it is an evidence file of version {head.voicedr_evidence}; this release reads version {VERSION}."
            f" Use the release that wrote it, or a newer one"
        )
    if msgspec.json.encode(head) != raw:
        raise EvidenceBroken("line 1 is not written as it was exported")
    return head


def bad(first_bad: int | None, records: int, head: str, what: str) -> Verdict:
    """A verdict that the file is broken; see ``Verdict``."""
    return Verdict(False, first_bad, what, records, head)


def named(verdict: Verdict, lines: Sequence[bytes]) -> Verdict:
    """The verdict with the time and kind of its first bad record, as far as its line can be read."""
    number = verdict.first_bad
    if number is None or not 0 < number < len(lines) - 2:
        return verdict
    try:
        said = msgspec.json.decode(lines[number], type=_SaidLine).body
    except (msgspec.DecodeError, UnicodeDecodeError):
        return verdict
    return msgspec.structs.replace(verdict, at=said.at, kind=said.event)

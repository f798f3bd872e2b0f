"""The redacted edition of an evidence file: what happened and when, without numbers, names, notes and addresses.

    {"voicedr_redacted":1,"execution":"…","flow":"…","plan_hash":"#5b0…"}
    {"seq":1,"term":0,"link":"9f2…","body":{…}}      the body with tokens for what is left out
    …
    {"size":698,"head":"c41…","signature":"…"}

Every text is replaced by a token but for those of closed lists (``closed_texts``), the ids of the flow and the
execution, and the names of cohorts. Equal texts have equal tokens within one edition, so that one number can be
followed through it; a token is HMAC-SHA256 under the edition's key, so that nobody can try out all numbers.

For the same reason the hashes of the records are not in it: whoever had a record's hash and the one before it could try
out every number in that one record. ``link`` is HMAC-SHA256 over the hash. Only the last hash stands as it is, since
the one before it is not known. What the edition proves, and to whom:

    alone                    it has as many records as it says, and ends as the last checkpoint kept elsewhere does
    with the machine's key   these are the bodies that the machine redacted, all of them, in this order
    with the full edition    and the edition's key: every body is the redaction of the record with that hash
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.closed_texts import action_parts, field_names, stays
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, Head, Line, Tail, Verdict, bad, named

VERSION = 1

KEY_BYTES = 32

_TOKEN_DIGITS = 20

_TELLING = re.compile(r"\+?[0-9]{7,15}|[^\s@]+@[^\s@]+|://")
"""A number, an address, a URL: never kept, also not as the name of a cohort."""

_HEX = re.compile(r"[0-9a-f]*")


class RedactedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record's line."""

    seq: int
    term: int
    link: str
    body: msgspec.Raw


class RedactedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    voicedr_redacted: int
    execution: str
    flow: str
    plan_hash: str


class RedactedTail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last line. ``signature`` is over ``redaction_words``, in hex; empty if it was not signed."""

    size: int
    head: str
    signature: str


class _Cohort(msgspec.Struct):
    name: str


class _Plan(msgspec.Struct):
    cohorts: tuple[_Cohort, ...]


class _Opening(msgspec.Struct):
    plan: _Plan


def redact(evidence: bytes, key: bytes, sign: Callable[[bytes], bytes] | None = None) -> bytes:
    """The redacted edition of a whole evidence file. Equal files and keys give equal editions.

    Args:
        evidence: A file that ``verify`` finds whole.
        key: The edition's key, ``KEY_BYTES`` long. Keep it with the full edition, and nowhere else.
        sign: The machine's signature.

    Raises:
        EvidenceBroken: If it is not an evidence file.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"the edition's key has {len(key)} bytes; {KEY_BYTES} are needed")
    lines = evidence.split(b"\n")
    try:
        head = msgspec.json.decode(lines[0], type=Head)
        tail = msgspec.json.decode(lines[-2], type=Tail) if len(lines) > 2 else None
        records = [msgspec.json.decode(line, type=Line) for line in lines[1:-2]]
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"it is not a whole evidence file ({exc}); verify it first") from exc
    if tail is None:
        raise EvidenceBroken("it has no closing line; verify it first")
    kept = {"flow": frozenset({head.flow}), "execution": frozenset({head.execution})}
    kept["cohort"] = kept["name"] = _cohorts(records)
    title = RedactedHead(VERSION, head.execution, head.flow, token(head.plan_hash, key))
    written = [msgspec.json.encode(title)]
    for record in records:
        body = _without(msgspec.json.decode(record.body), key, kept, "")
        raw = msgspec.Raw(msgspec.json.encode(body, order="sorted"))
        written.append(msgspec.json.encode(RedactedLine(record.seq, record.term, link_of(record.hash, key), raw)))
    signature = sign(redaction_words(written)).hex() if sign is not None else ""
    written.append(msgspec.json.encode(RedactedTail(tail.size, tail.head, signature)))
    return b"\n".join(written) + b"\n"


def redaction_words(lines: Iterable[bytes]) -> bytes:
    """What the machine signs: the hash of everything before the last line."""
    return b"voicedr redaction 1\n" + hashlib.sha256(b"\n".join(lines)).hexdigest().encode() + b"\n"


def token(text: str, key: bytes) -> str:
    """What stands for a text in the edition with this key."""
    return "#" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_TOKEN_DIGITS]


def link_of(record_hash: str, key: bytes) -> str:
    """What stands for a record's hash in the edition with this key."""
    return hmac.new(key, f"record {record_hash}".encode(), hashlib.sha256).hexdigest()


def is_redacted(file: bytes) -> bool:
    """Whether this says of itself that it is a redacted edition."""
    return file[:20].startswith(b'{"voicedr_redacted":')


def verify_redacted(
    edition: bytes, checkpoints: Sequence[Checkpoint] = (), signed: Callable[[str, bytes], bool] | None = None
) -> Verdict:
    """What a redacted edition proves alone, and with the machine's key.

    A checkpoint of an earlier moment cannot be compared here (that takes the full edition), and is not counted as held.

    Args:
        edition: The file.
        checkpoints: Of this execution, their signatures verified by the caller.
        signed: Whether a signature (hex) over words is the machine's; None: nobody has its key here.

    Raises:
        EvidenceBroken: If it is not a redacted edition at all.
    """
    lines = edition.split(b"\n")
    head = redacted_head(edition)
    if len(lines) < 3 or lines[-1] != b"":
        return bad(None, 0, GENESIS, "the file does not end with a line break: its end was cut off")
    count = 0
    for seq, raw in enumerate(lines[1:-2], start=1):
        try:
            line = msgspec.json.decode(raw, type=RedactedLine)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return named(bad(seq, count, GENESIS, f"record {seq} is not a record"), lines)
        if line.seq != seq:
            words = f"record {line.seq} stands where record {seq} should"
            return named(bad(seq, count, GENESIS, words), lines)
        count = seq
    try:
        tail = msgspec.json.decode(lines[-2], type=RedactedTail)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bad(count + 1, count, GENESIS, "the closing line is missing: the file was cut off")
    if msgspec.json.encode(tail) != lines[-2] or not _HEX.fullmatch(tail.signature):
        return bad(count + 1, count, GENESIS, "the closing line is not written as it was exported")
    if tail.size != count:
        return bad(count + 1, count, GENESIS, f"it should end with record {tail.size}, and ends with {count}")
    if (wrong := _against(tail, checkpoints)) is not None:
        return wrong
    held = sum(one.size == tail.size for one in checkpoints)
    if signed is None:
        what = f"{count} records; what they say is not proved without the machine's key or the full edition"
        return Verdict(True, None, what, count, tail.head, held)
    if not signed(tail.signature, redaction_words(lines[:-2])):
        what = (
            "the machine's signature does not hold: a record was changed, or another machine made the edition. Which"
            " record it is, the full edition tells"
        )
        return bad(None, 0, GENESIS, what)
    what = f"{count} records of {head.execution}, all of them, and what they say is as the machine redacted it"
    return Verdict(True, None, what, count, tail.head, held)


def _against(tail: RedactedTail, checkpoints: Sequence[Checkpoint]) -> Verdict | None:
    """How the end contradicts what somebody elsewhere keeps; None if it does not."""
    for one in checkpoints:
        at = f"{one.at:%Y-%m-%d %H:%M:%S} UTC"
        if one.size > tail.size:
            words = f"at {at} the journal had {one.size} records, and this has {tail.size}: the tail was cut off"
            return bad(tail.size + 1, tail.size, GENESIS, words)
        if one.size == tail.size and one.head != tail.head:
            words = f"its end is not the one of the checkpoint of {at}: at least one record was written anew"
            return bad(None, 0, GENESIS, words)
    return None


def redacted_head(edition: bytes) -> RedactedHead:
    """The first line.

    Raises:
        EvidenceBroken: If it is not one of a redacted edition that this release reads.
    """
    try:
        head = msgspec.json.decode(edition.split(b"\n", 1)[0], type=RedactedHead)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"line 1 is not the first line of a redacted edition ({exc})") from exc
    if head.voicedr_redacted != VERSION:
        raise EvidenceBroken(
            f"it is a redacted edition of version {head.voicedr_redacted}; this release reads {VERSION}"
        )
    return head


def first_difference(evidence: bytes, edition: bytes, key: bytes) -> int | None:
    """The first line (from 1) in which an edition is not the redaction of a full one; None if it is, all of it.

    The closing line's signature is left out of it: it is the machine's, and ``verify_redacted`` looks at it.

    Raises:
        EvidenceBroken: If one of them is none.
    """
    made, given = redact(evidence, key).split(b"\n"), edition.split(b"\n")
    for number, (ours, theirs) in enumerate(zip(made[:-2], given[:-2], strict=False), start=1):
        if ours != theirs:
            return number
    if len(made) != len(given):
        return min(len(made), len(given)) - 1
    try:
        ends = [msgspec.json.decode(lines[-2], type=RedactedTail) for lines in (made, given)]
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"the closing line of the redacted edition cannot be read ({exc})") from exc
    return len(made) - 1 if (ends[0].size, ends[0].head) != (ends[1].size, ends[1].head) else None


def _cohorts(records: Sequence[Line]) -> frozenset[str]:
    """The names of the plan's cohorts, in which a number or an address has no business."""
    try:
        plan = msgspec.json.decode(records[0].body, type=_Opening).plan
    except (msgspec.DecodeError, UnicodeDecodeError, IndexError):
        return frozenset()
    return frozenset(one.name for one in plan.cohorts if not _TELLING.search(one.name))


def _without(value: object, key: bytes, kept: Mapping[str, frozenset[str]], name: str) -> object:
    """A value of JSON with tokens for its texts."""
    match value:
        case str():
            return value if value in kept.get(name, ()) or stays(value, name) else _token(value, key, name)
        case list():
            return [_without(one, key, kept, name) for one in value]
        case dict():
            # A key that no event has was put there by hand, and may say anything.
            return {
                inner if inner in field_names() else token(inner, key): _without(one, key, kept, inner)
                for inner, one in value.items()
            }
        case _:
            return value


def _token(text: str, key: bytes, name: str) -> str:
    """A token; of an action what it does stays, and what it does it to is replaced."""
    parts = action_parts(text) if name == "action" else None
    return token(text, key) if parts is None else f"{parts[0]}{token(parts[1], key)}{parts[2]}"

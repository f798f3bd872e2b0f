"""The redacted edition of an evidence file: what happened and when, without numbers, names, notes and addresses.

    {"voicedr_redacted":1,"execution":"…","flow":"…","plan_hash":"…"}
    {"seq":1,"term":0,"previous":"000…","hash":"9f2…","body":{…}}      the body with tokens for what is left out
    …
    {"size":698,"head":"c41…","signature":"…"}

Every text is replaced by a token, but for those under the keys of ``KEPT``, which come from closed lists or are hashes,
and for the names of the flow and of its cohorts. Equal texts have equal tokens within one edition, so that one number
can be followed through it; a token is HMAC-SHA256 under the edition's key, so that nobody can try out all numbers.

What it proves, and to whom:

    alone                    the hashes form one chain and agree with checkpoints kept elsewhere: no record is missing
    with the machine's key   these are the bodies that the machine redacted, in this order
    with the full edition    and the edition's key: every body is the redaction of the record with that hash
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Sequence

import msgspec

from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, Head, Line, Tail, Verdict, against_checkpoints

VERSION = 1

KEY_BYTES = 32

_TOKEN_DIGITS = 20

KEPT = frozenset(
    {
        "event", "at", "type", "kind", "purpose", "mode", "leaves", "to", "via", "was", "region", "verdict", "outcome",
        "cohort", "flow", "execution", "plan_hash", "detected_at", "given_at", "expires_at", "since", "until",
        "on_go", "on_no_go", "on_no_answer", "on_interrupt", "signal", "signals", "vetoes", "rule", "phase", "stage",
        "severity", "function", "manifest",
    }
)  # fmt: skip
"""Keys whose texts stay. ``to`` and ``was`` are Regions in every event; a text there that is none is replaced, too."""

_REGION = re.compile(r"[a-z]{2}[0-9]{1,2}")
_TELLING = re.compile(r"\+?[0-9]{7,15}|[^\s@]+@[^\s@]+|://")
"""A number, an address, a URL: never kept, whatever its key."""

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(?:Z|[+-][0-9]{2}:[0-9]{2})")

_ACTION = re.compile(r"(route (?:number|trunk|trunk domain|sip domain|sip-domain) )(.+)( -> [a-z]{2}[0-9]{1,2})")


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
    cohorts = _cohorts(records)
    written = [msgspec.json.encode(RedactedHead(VERSION, head.execution, head.flow, head.plan_hash))]
    for record in records:
        body = _without(msgspec.json.decode(record.body), key, cohorts, "")
        raw = msgspec.Raw(msgspec.json.encode(body, order="sorted"))
        written.append(msgspec.json.encode(msgspec.structs.replace(record, body=raw)))
    signature = sign(redaction_words(written)).hex() if sign is not None else ""
    written.append(msgspec.json.encode(RedactedTail(tail.size, tail.head, signature)))
    return b"\n".join(written) + b"\n"


def redaction_words(lines: Iterable[bytes]) -> bytes:
    """What the machine signs: the hash of everything before the last line."""
    return b"voicedr redaction 1\n" + hashlib.sha256(b"\n".join(lines)).hexdigest().encode() + b"\n"


def token(text: str, key: bytes) -> str:
    """What stands for a text in the edition with this key."""
    return "#" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_TOKEN_DIGITS]


def is_redacted(file: bytes) -> bool:
    """Whether this says of itself that it is a redacted edition."""
    return file[:20].startswith(b'{"voicedr_redacted":')


def verify_redacted(
    edition: bytes, checkpoints: Sequence[Checkpoint] = (), signed: Callable[[str, bytes], bool] | None = None
) -> Verdict:
    """What a redacted edition proves alone, and with the machine's key.

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
        return Verdict(False, None, "the file does not end with a line break: its end was cut off", 0, GENESIS)
    hashes: dict[int, str] = {}
    previous = GENESIS
    for seq, raw in enumerate(lines[1:-2], start=1):
        try:
            line = msgspec.json.decode(raw, type=Line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Verdict(False, seq, f"record {seq} is not a record", seq - 1, previous)
        if (line.seq, line.previous) != (seq, previous):
            return Verdict(False, seq, f"record {seq} does not follow the one before it", seq - 1, previous)
        previous = hashes[seq] = line.hash
    count = len(hashes)
    try:
        tail = msgspec.json.decode(lines[-2], type=RedactedTail)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Verdict(False, count + 1, "the closing line is missing: the file was cut off", count, previous)
    if (tail.size, tail.head) != (count, previous):
        return Verdict(
            False, count + 1, f"it should end with record {tail.size}, and ends with {count}", count, previous
        )
    if (wrong := against_checkpoints(hashes, checkpoints)) is not None:
        return wrong
    if signed is None:
        what = f"{count} records are linked; what they say is not proved without the machine's key or the full edition"
        return Verdict(True, None, what, count, previous, len(checkpoints))
    if not signed(tail.signature, redaction_words(lines[:-2])):
        what = "the machine's signature does not hold: a body was changed, or another machine made the edition"
        return Verdict(False, 1 if count else None, what, 0, GENESIS)
    what = f"{count} records of {head.execution} are linked, and what they say is as the machine redacted it"
    return Verdict(True, None, what, count, previous, len(checkpoints))


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
    return None


def _cohorts(records: Sequence[Line]) -> frozenset[str]:
    """The names of the plan's cohorts, in which a number or an address has no business."""
    try:
        plan = msgspec.json.decode(records[0].body, type=_Opening).plan
    except (msgspec.DecodeError, IndexError):
        return frozenset()
    return frozenset(one.name for one in plan.cohorts if not _TELLING.search(one.name))


def _without(value: object, key: bytes, names: frozenset[str], name: str) -> object:
    """A value of JSON with tokens for its texts."""
    match value:
        case str():
            return value if value in names or _stays(value, name) else _token(value, key, name)
        case list():
            return [_without(one, key, names, name) for one in value]
        case dict():
            return {str(inner): _without(one, key, names, str(inner)) for inner, one in value.items()}
        case _:
            return value


def _stays(text: str, name: str) -> bool:
    if not text or name in ("plan_hash", "execution", "flow"):
        return True
    if name in ("to", "was", "via", "leaves", "region"):
        return _REGION.fullmatch(text) is not None
    if name == "at" or name.endswith("_at"):
        return _TIME.fullmatch(text) is not None
    return name in KEPT and not _TELLING.search(text)


def _token(text: str, key: bytes, name: str) -> str:
    """A token; of an action what it does stays, and what it does it to is replaced."""
    found = _ACTION.fullmatch(text) if name == "action" else None
    return token(text, key) if found is None else f"{found[1]}{token(found[2], key)}{found[3]}"

"""The table of contents of a bag: who made it when, until when it may be used, what is in it, and every file's SHA-256.

The maker's machine signs its bytes (``contents.json.sig``, Ed25519, RFC 8032), and with them everything that it lists.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from voicedr.program.bag.errors import BagBroken, BagExpired, BagLacks, BagVersion
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.scope.durations import write_duration
from voicedr.program.validation.spoken import span, stamp
from voicedr.program.vocabulary import Mode

VERSION = 1

READ_ME, CONTENTS, SIGNATURE, KEY, SUMS = (
    "READ-ME-FIRST.txt",
    "contents.json",
    "contents.json.sig",
    "key.pem",
    "SHA256SUMS",
)
VOUCHED, VOUCHED_SIGNATURE = "signed-by.txt", "signed-by.txt.sig"
WORKBOOK = "workbook/voicedr.yaml"
SIGNERS = "workbook/allowed_signers"

UNLISTED = (CONTENTS, SIGNATURE, VOUCHED, VOUCHED_SIGNATURE)
"""What vouches for the list cannot be in it."""

VALID_S_MAX = 90 * 86400.0
"""After a quarter of a year nobody knows what of it is still so. Our own limit."""

CLOCK_AHEAD_MAX = timedelta(minutes=10)
"""So far may the maker's clock be ahead of ours. Assumption: laptops that were off drift by minutes."""

_AGAIN = "Have it made again where the workbook is: voicedr bag make."


class BagPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One plan in the bag, or why there is none.

    Attributes:
        path: Where it is; empty if there is none.
        plan_hash: What is approved: the SHA-256 of that file.
        moves: How many actions it has.
        approvals: How many people must approve it.
        refused: Why there can be none, in words.
    """

    flow: str
    mode: Mode
    path: str = ""
    plan_hash: str = ""
    moves: int = 0
    approvals: int = 0
    refused: tuple[str, ...] = ()


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file."""

    path: str
    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table.

    Attributes:
        voicedr_bag: The format's version.
        release: Of the program that made it.
        made_by: The person, if one said so, and the machine.
        facts_at: When the account was read.
        signers: Where the workbook expects its list of signers, beside itself; empty if it has none.
    """

    voicedr_bag: int
    release: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    facts_at: datetime
    account: str
    plans: tuple[BagPlan, ...]
    members: tuple[Member, ...]
    signers: str = ""


class _Version(msgspec.Struct):
    voicedr_bag: int


def encode_contents(contents: Contents) -> bytes:
    """The bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(contents), indent=1) + b"\n"


def read_contents(members: Mapping[str, bytes]) -> Contents:
    """The table, once every file is found to be as it says, and no other file is there.

    Raises:
        BagBroken: With the file that is not as it was made.
        BagVersion: If it is of another version.
    """
    body = members.get(CONTENTS)
    if body is None:
        raise BagBroken(f"it has no {CONTENTS}, so it is no bag. `voicedr bag make` makes one.")
    try:
        version = msgspec.json.decode(body, type=_Version).voicedr_bag
        if version != VERSION:
            raise BagVersion(
                f"it is a bag of version {version}, and this release reads version {VERSION}. Use the release that"
                f" made it, or a newer one. The printed procedure in it (manual/) needs no release at all."
            )
        contents = msgspec.json.decode(body, type=Contents)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BagBroken(f"its {CONTENTS} cannot be read ({exc}): it was changed. {_AGAIN}") from exc
    listed = {one.path: one for one in contents.members}
    for path, member in listed.items():
        found = members.get(path)
        if found is None:
            raise BagBroken(f"{path} is missing in it: it was cut or changed. {_AGAIN}")
        if len(found) != member.size or hashlib.sha256(found).hexdigest() != member.sha256:
            raise BagBroken(f"{path} in it was changed: it has not the SHA-256 of the table of contents. {_AGAIN}")
    for path in members:
        if path not in listed and path not in UNLISTED:
            raise BagBroken(f"{path} was added to it: the table of contents does not list it. {_AGAIN}")
    return contents


def members_of(files: Mapping[str, bytes]) -> tuple[Member, ...]:
    """The list of files."""
    return tuple(Member(path, len(body), hashlib.sha256(body).hexdigest()) for path, body in files.items())


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """The same for ``sha256sum -c``."""
    return "".join(f"{hashlib.sha256(body).hexdigest()}  {path}\n" for path, body in files.items()).encode()


def plan_file(plan: Plan) -> bytes:
    """A plan as it lies in the bag: its hash is the SHA-256 of these bytes."""
    return msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(plan), type=Plan), order="sorted")


def plan_of(contents: Contents, members: Mapping[str, bytes], flow: str, mode: Mode) -> Plan:
    """A plan of the bag.

    Raises:
        BagLacks: If the bag has none for that flow in that mode, with what it has.
        BagBroken: If it is not the one that the table of contents says.
    """
    found = next((one for one in contents.plans if (one.flow, one.mode) == (flow, mode)), None)
    if found is None or not found.path:
        has = ", ".join(f"{one.flow} ({one.mode})" for one in contents.plans if one.path) or "none"
        why = f": {'; '.join(found.refused)}" if found is not None and found.refused else ""
        raise BagLacks(f"it holds no {mode} plan for {flow!r}{why}. It has: {has}.")
    try:
        plan = msgspec.json.decode(members[found.path], type=Plan)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as exc:
        raise BagBroken(f"{found.path} in it is no plan that this release reads ({exc}). {_AGAIN}") from exc
    if plan_hash(plan) != found.plan_hash or (plan.flow, plan.mode) != (flow, mode):
        raise BagBroken(
            f"{found.path} has the hash {plan_hash(plan)[:12]} in this release, and {found.plan_hash[:12]} in the table"
            f" of contents: it was made by a release with other plans. Use the release {contents.release}."
        )
    return plan


def must_be_in_time(contents: Contents, now: datetime) -> None:
    """Refuse a bag whose time is over, or has not begun.

    Raises:
        BagExpired: With the way on.
    """
    age_s = (now - contents.facts_at).total_seconds()
    if contents.made_at > now + CLOCK_AHEAD_MAX:
        raise BagExpired(
            f"it was made at {stamp(contents.made_at)}, and the clock here says {stamp(now)}: one of the clocks is"
            f" wrong. Set this machine's clock; approvals are judged by it, too."
        )
    if contents.expires_at - contents.made_at > timedelta(seconds=VALID_S_MAX):
        raise BagExpired(
            f"it claims to be valid for more than {write_duration(VALID_S_MAX)}, which no bag is. {_AGAIN}"
        )
    if now >= contents.expires_at:
        raise BagExpired(
            f"it expired at {stamp(contents.expires_at)}; its facts are {span(age_s)} old. {_AGAIN} If nobody can: the"
            f" printed procedure in manual/ is a file like any other; read each route before you change it."
        )


def fingerprint(pem: bytes) -> str:
    """SHA-256 of a public key in DER, as ``openssl pkey -pubin -outform DER -in key.pem | sha256sum`` says it.

    Raises:
        BagBroken: If it is no key in PEM.
    """
    lines = pem.decode("ascii", "replace").strip().splitlines()
    if len(lines) < 3 or (lines[0], lines[-1]) != ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"):
        raise BagBroken(f"its {KEY} is no public key. {_AGAIN}")
    try:
        return hashlib.sha256(base64.b64decode("".join(lines[1:-1]), validate=True)).hexdigest()
    except (binascii.Error, ValueError) as exc:
        raise BagBroken(f"its {KEY} is no public key. {_AGAIN}") from exc


def in_groups(digits: str) -> str:
    """A fingerprint as people read it aloud: groups of eight."""
    return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def in_words(contents: Contents, now: datetime) -> Sequence[tuple[str, str]]:
    """What a person wants to know of a bag, a line each: what about, and the words."""
    left_s = (contents.expires_at - now).total_seconds()
    lines = [
        ("made", f"{stamp(contents.made_at)} by {contents.made_by}, release {contents.release}"),
        ("valid", f"until {stamp(contents.expires_at)}, {span(left_s)} from now"),
        ("facts", f"{span((now - contents.facts_at).total_seconds())} old (read {stamp(contents.facts_at)})"),
        ("account", contents.account),
    ]
    for one in contents.plans:
        can = (
            f"moves {one.moves}, needs {one.approvals} approvals, plan {one.plan_hash[:12]}"
            if one.path
            else f"NO PLAN: {'; '.join(one.refused)}"
        )
        lines.append((f"{one.flow} {one.mode}", can))
    return lines

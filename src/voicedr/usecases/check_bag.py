"""Opens a go-bag, offline: is it whole, who signed it, do we know them, is it in time?

What is whole is looked at before who signed it, and the time last: of what was changed, nothing is believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from voicedr.ports.signatures import SignatureError, Signatures
from voicedr.program.bag import contents as listed
from voicedr.program.bag.archive import read_archive
from voicedr.program.bag.contents import Contents, fingerprint, in_groups, must_be_in_time, read_contents
from voicedr.program.bag.errors import BagBroken, BagUntrusted
from voicedr.program.bag.vouching import read_vouched
from voicedr.program.governance.statement import StatementRefused

DIGITS_MIN = 16
"""So much of a fingerprint must be given: 64 bits, which nobody finds a second key for."""

SignedWith = Callable[[bytes, bytes, bytes], bool]
"""Whether a key (PEM) made a signature over some words."""


@dataclass(frozen=True)
class Known:
    """Whom this machine knows.

    Attributes:
        keys: Fingerprints of machines' keys, or their beginnings.
        signatures: By a list of signers of ours, not by the bag's own; None: there is none.
    """

    keys: tuple[str, ...] = ()
    signatures: Signatures | None = None


@dataclass(frozen=True)
class Bag:
    """A bag that may be used.

    Attributes:
        contents: Its table.
        members: Its files.
        digest: The SHA-256 of the table: the bag's name.
        key: The fingerprint of the machine that made it.
        vouched_by: Why it is believed, in words.
    """

    contents: Contents
    members: Mapping[str, bytes] = field(repr=False)
    digest: str
    key: str
    vouched_by: str


def open_bag(body: bytes, known: Known, signed_with: SignedWith, now: datetime) -> Bag:
    """The bag, if it is whole, signed by somebody who is known here, and in time.

    Raises:
        BagBroken: If it is not a bag, or not as it was made.
        BagVersion: If it has another format.
        BagUntrusted: If nobody who is known here signed it.
        BagExpired: If its time is over or has not begun.
    """
    members = read_archive(body)
    contents = read_contents(members)
    table = members[listed.CONTENTS]
    digest = sha256(table).hexdigest()
    key, pem = "", members.get(listed.KEY)
    if pem is not None:
        key = fingerprint(pem)
    if pem is None or not signed_with(pem, members.get(listed.SIGNATURE, b""), table):
        raise BagBroken(
            "its table of contents is not signed with the key in it: it was changed, or not signed at all. Take another"
            " copy, or have it made again: voicedr bag make."
        )
    vouched = _vouched(members, digest, known)
    machine = any(key.startswith(one) for one in known.keys)
    if not machine and not vouched:
        raise BagUntrusted(_unknown(key, members, known))
    must_be_in_time(contents, now)
    words = [f"the machine's key {in_groups(key[:DIGITS_MIN])}…"] if machine else []
    return Bag(contents, members, digest, key, " and ".join([*words, *([vouched] if vouched else [])]))


def fingerprint_given(text: str) -> str | None:
    """A fingerprint as somebody types it from paper; None if it is none, or too short to name a key by."""
    digits = text.lower().removeprefix("sha256:").replace(" ", "").replace(":", "")
    good = DIGITS_MIN <= len(digits) <= 64 and all(digit in "0123456789abcdef" for digit in digits)
    return digits if good else None


def _vouched(members: Mapping[str, bytes], digest: str, known: Known) -> str:
    """Who vouches for it, in words; empty if nobody, or if nobody here can say.

    Raises:
        BagBroken: If what was signed is another bag.
        BagUntrusted: If it was signed with a key that our list does not give to that person.
    """
    if listed.VOUCHED not in members and listed.VOUCHED_SIGNATURE not in members:
        return ""
    try:
        text = members.get(listed.VOUCHED, b"").decode()
        signature = members.get(listed.VOUCHED_SIGNATURE, b"").decode()
        vouched = read_vouched(text)
    except (StatementRefused, UnicodeDecodeError) as exc:
        raise BagBroken(f"its {listed.VOUCHED} is not what a person signs for a bag: {exc}") from exc
    if vouched.contents != digest:
        raise BagBroken(
            f"{vouched.person} signed another bag ({vouched.contents[:12]}, and this is {digest[:12]}): it was changed."
            f" Take another copy."
        )
    if known.signatures is None:
        return ""
    try:
        key = known.signatures.verify(text, signature, vouched.person)
    except SignatureError as exc:
        raise BagUntrusted(f"the signature of {vouched.person} in it does not hold here: {exc}") from exc
    return f"{vouched.person}'s key {key}"


def _unknown(key: str, members: Mapping[str, bytes], known: Known) -> str:
    person = (
        ""
        if listed.VOUCHED not in members or known.signatures is not None
        else (" A person vouches for it, too: --signers FILE names a list of signers of yours.")
    )
    return (
        f"it is whole, and made with the key {in_groups(key)}, which nobody here knows. Compare that with your paper;"
        f" if it is the same: --trust {key[:DIGITS_MIN]}, or --trust FILE with the public key that"
        f" `voicedr checkpoint-key` printed on the maker's machine.{person} Nothing of it was used."
    )

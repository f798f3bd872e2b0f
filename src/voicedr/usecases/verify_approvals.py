"""Verifies the signed approvals inside an evidence file, offline, by a list of signers that whoever verifies has.

A signature is looked at as of the time at which it was recorded: a key that was taken back since had signed validly
then. A list with ``valid-before`` says until when.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from voicedr.ports.signatures import SignatureRefused, Signatures
from voicedr.program.evidence.file import Verdict, bad, named
from voicedr.program.evidence.signed_approvals import Given, approvals_in, why_not
from voicedr.program.execution.events import Opened


def verify_approvals(evidence: bytes, verdict: Verdict, signatures_at: Callable[[datetime], Signatures]) -> Verdict:
    """The verdict of a file with its signed approvals looked at: each holds, or the first that does not is named.

    Args:
        evidence: The file.
        verdict: What ``verify`` found of it; one that is not whole comes back as it is.
        signatures_at: Verifies signatures by the list as it was valid at a time.

    Raises:
        SignaturesUnusable: If nobody could look, because of the list or the tool.
    """
    if not verdict.whole:
        return verdict
    approvals = approvals_in(evidence)
    for given in approvals.signed:
        if why := _why_not(given, approvals.opened, signatures_at):
            words = f"record {given.seq} is an approval by {given.approval.person} that does not hold: {why}"
            return named(bad(given.seq, given.seq - 1, verdict.head, words), evidence.split(b"\n"))
    return msgspec.structs.replace(verdict, signatures=len(approvals.signed))


def _why_not(given: Given, opened: Opened, signatures_at: Callable[[datetime], Signatures]) -> str:
    approval = given.approval
    if why := why_not(approval, opened):
        return why
    try:
        key = signatures_at(approval.at).verify(approval.statement, approval.signature, approval.person_id)
    except SignatureRefused as exc:
        return str(exc).rstrip(".")
    if approval.key and approval.key != str(key):
        return f"it was signed with {key}, and the record names {approval.key}"
    return ""

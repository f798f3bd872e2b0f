"""The approvals in an evidence file, and whether what was signed is what the record says.

Who may sign is not in the file: whether a signature holds is looked at by whoever has a list of signers.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from voicedr.program.evidence.chain import decode
from voicedr.program.evidence.file import EvidenceBroken, Line
from voicedr.program.execution import events as ev
from voicedr.program.governance.statement import StatementRefused, read_statement


class Given(msgspec.Struct, frozen=True):
    """An approval that counted, and the number of its record."""

    seq: int
    approval: ev.Approved


class Approvals(msgspec.Struct, frozen=True):
    """What a file has of approvals, but for those that were refused when it was opened."""

    opened: ev.Opened
    signed: Sequence[Given]
    by_word: Sequence[Given]


def approvals_in(evidence: bytes) -> Approvals:
    """The approvals in a file that ``verify`` finds whole.

    Raises:
        EvidenceBroken: If it is none.
    """
    opened: ev.Opened | None = None
    given: list[Given] = []
    try:
        for seq, raw in enumerate(evidence.split(b"\n")[1:-2], start=1):
            if seq > 1 and b'"APPROVED"' not in raw:
                continue
            event = decode(bytes(msgspec.json.decode(raw, type=Line).body))
            if isinstance(event, ev.Approved) and not event.refused:
                given.append(Given(seq, event))
            elif seq == 1 and isinstance(event, ev.Opened):
                opened = event
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"it is not a whole evidence file ({exc}); verify it first") from exc
    if opened is None:
        raise EvidenceBroken("record 1 does not open an execution; verify it first")
    signed = [one for one in given if one.approval.signed or one.approval.signature or one.approval.statement]
    return Approvals(opened, signed, [one for one in given if one not in signed])


def why_not(approval: ev.Approved, opened: ev.Opened) -> str:
    """Why the statement is not what the record says it is, or did not hold for this execution; empty if it is."""
    if not approval.statement or not approval.signature:
        return "it says that it was signed, and has no statement or no signature"
    try:
        said = read_statement(approval.statement)
    except StatementRefused as exc:
        return str(exc).split(". ", 1)[0]
    plan = opened.plan
    for name, signed, recorded in (
        ("plan", said.plan, opened.plan_hash),
        ("flow", said.flow, plan.flow),
        ("purpose", said.purpose, plan.purpose.value),
        ("mode", said.mode, plan.mode.value),
        ("person", said.person, approval.person_id),
        ("role", said.role, approval.role),
    ):
        if signed != recorded:
            return f'its {name} is "{signed[:64]}" as it was signed, and "{recorded[:64]}" as it stands here'
    if opened.at >= said.expires_at:
        return f"it had expired at {said.expires_at:%Y-%m-%d %H:%M:%S} UTC, before the execution was opened"
    return ""

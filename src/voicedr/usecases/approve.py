"""Takes signed approvals, and says which approvals count at the moment something is to move.

Nothing is believed because it is in the journal: each signature is verified again, by the list of signers and the clock
as they are now. A signature carries one execution; the next one needs another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from voicedr.ports.journal import Journal
from voicedr.ports.signatures import SignatureError, SignatureRefused, Signatures, SigningKey
from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.approvals import why_refused, why_word_refused
from voicedr.program.governance.statement import Statement, StatementRefused, read_statement
from voicedr.program.scope.workbook import Approvals, Person


class ApprovalRefused(Exception):
    """The approval does not hold: whose, of which plan, and why. Nothing was recorded."""


class AlreadyRecorded(ApprovalRefused):
    """Exactly this approval is in the journal. It counts as it did before."""


@dataclass(frozen=True)
class Approving:
    """By which rules approvals count, who people are, and what verifies signatures; None: nothing can.

    ``any_hour``: people's hours are not looked at, because glass was broken over them.
    """

    rules: Approvals = field(default_factory=Approvals)
    people: tuple[Person, ...] = ()
    signatures: Signatures | None = None
    any_hour: bool = False


BY_WORD = Approving()
"""Nothing can be signed; people's word counts."""


def record_signed(
    journal: Journal,
    plan: Plan,
    person: Person,
    statement_text: str,
    signature: str,
    approving: Approving,
    now: datetime,
) -> Approved:
    """Verify a signed approval and keep it in the journal.

    Raises:
        ApprovalRefused: If it does not approve this plan, now, by this person. Nothing was recorded.
        AlreadyRecorded: If it was recorded before. Nothing was recorded again.
        StatementRefused: If the text is not exactly a statement. Nothing was recorded.
        SignatureRefused: If it was not signed by this person's key. Nothing was recorded.
        SignaturesUnusable: If nobody could look. Nothing was recorded.
    """
    digest = plan_hash(plan)
    statement = read_statement(statement_text)
    if statement.person != person.id:
        raise ApprovalRefused(
            f'this is the approval of "{statement.person}", not of "{person.id}". Nothing was recorded. Say who gives'
            f" it: --as {statement.person}."
        )
    _, key = _verified(statement_text, signature, plan, digest, approving, now)
    if any(one.statement == statement_text for one in journal.approvals(digest)):
        raise AlreadyRecorded(
            f"this approval of {person.name} was recorded before. An approval is given once: sign a new statement"
            f" (voicedr approval-statement {digest[:12]} --as {person.id}) if another one is needed."
        )
    approved = Approved(
        at=now,
        person=person.name,
        role=statement.role,
        plan_hash=digest,
        signed=True,
        person_id=person.id,
        statement=statement_text,
        signature=signature,
        key=str(key),
    )
    journal.approve(approved)
    return approved


def checked_approvals(journal: Journal, plan: Plan, approving: Approving, now: datetime) -> list[Approved]:
    """A plan's approvals as they stand now: ``signed`` only what was verified just now, ``refused`` what counts not.

    Raises:
        JournalBroken: If an execution in which an approval may have been used before cannot be read.
    """
    digest = plan_hash(plan)
    kept = journal.approvals(digest)
    spent = _spent(journal, plan, approving.rules, now) if any(one.statement for one in kept) else frozenset()
    return [_checked(plan, digest, approving, now, spent, one) for one in kept]


def _checked(
    plan: Plan, digest: str, approving: Approving, now: datetime, spent: frozenset[str], approval: Approved
) -> Approved:
    if not approval.signature and not approval.statement:
        refused = why_word_refused(approval, plan, approving.people, any_hour=approving.any_hour)
        if approving.rules.required:
            refused = "it is not signed, and the workbook requires signatures"
        return msgspec.structs.replace(approval, signed=False, key="", refused=refused)
    try:
        statement, key = _verified(approval.statement, approval.signature, plan, digest, approving, now)
        person = next(one for one in approving.people if one.id == statement.person)
        if (person.name, statement.role) != (approval.person, approval.role):
            raise ApprovalRefused(
                f"the statement is of {person.name} ({statement.role}), and the record says otherwise"
            )
        if approval.statement in spent:
            raise ApprovalRefused("it was used for an earlier execution, and an approval carries one")
    except (SignatureError, StatementRefused, ApprovalRefused) as exc:
        return msgspec.structs.replace(approval, signed=False, key="", refused=str(exc))
    return msgspec.structs.replace(approval, signed=True, person_id=person.id, key=str(key), refused="")


def _verified(
    text: str, signature: str, plan: Plan, digest: str, approving: Approving, now: datetime
) -> tuple[Statement, SigningKey]:
    statement = read_statement(text)
    if approving.signatures is None:
        raise SignatureRefused(
            "nobody can check its signature: the workbook names no list of signers (approvals.allowed_signers)"
        )
    # Who signed comes first: what an unknown hand has written is not looked at.
    key = approving.signatures.verify(text, signature, statement.person)
    if why := why_refused(statement, plan, digest, approving.people, approving.rules, now, any_hour=approving.any_hour):
        raise ApprovalRefused(f'the approval of "{statement.person}" does not count: {why}.')
    return statement, key


def _spent(journal: Journal, plan: Plan, rules: Approvals, now: datetime) -> frozenset[str]:
    """Statements that carried an execution already, of those that are not expired. Older executions used older ones."""
    since = now - timedelta(seconds=rules.valid_for_s + rules.clock_skew_s)
    return frozenset(
        event.statement
        for summary in journal.executions()
        if summary.flow == plan.flow and summary.opened_at >= since
        for record in journal.read(summary.execution)
        if isinstance(event := record.event, Approved) and event.statement and not event.refused
    )

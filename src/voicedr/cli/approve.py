"""Approving a plan: signed with one's own OpenSSH key, here or on another laptop; or by word, where that counts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.bootstrap import CannotRead, approving
from voicedr.cli.failures import REFUSED, WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    JournalFile,
    WorkbookFile,
    err,
    journal_of,
    out,
    person_of,
    workbook_of,
)
from voicedr.ports.signatures import SignatureError
from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.approvals import missing_approvals, role_for, statement_of
from voicedr.program.governance.statement import STATEMENT_BYTES_MAX, StatementRefused, write_statement
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Person, Workbook
from voicedr.usecases.approve import ApprovalRefused, checked_approvals, record_signed

PASTED_BYTES_MAX = 64 * 1024
"""More than any signature, so that what is too long is told from what was cut."""

PlanHash = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's hash, or its first digits.")]


def approve(
    plan_prefix: PlanHash,
    person_id: As = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="FILE", help="Sign with this OpenSSH key, here and now.")
    ] = None,
    statement_file: Annotated[
        Path | None,
        typer.Option("--statement", metavar="FILE", help="A statement that was signed elsewhere. With --signature."),
    ] = None,
    signature_file: Annotated[
        str | None,
        typer.Option("--signature", metavar="FILE", help="The signature over it; - reads what you paste."),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="What you want to have said, beside an unsigned approval.")] = "",
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """Approve a plan by its hash: signed with --key, or elsewhere; else it is your word, and every report says so."""
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    made, person, role = _who_approves_what(workbook, journal, plan_prefix, person_id)
    if (statement_file is None) != (signature_file is None):
        raise Stop("--statement and --signature go together: the text that was signed, and the signature.", WRONG_USE)
    if key is not None and statement_file is not None:
        raise Stop("sign here (--key), or bring what was signed elsewhere (--statement, --signature): one.", WRONG_USE)
    signed = key is not None or statement_file is not None
    if note and signed:
        raise Stop("a note is not part of what is signed. Leave --note out.", WRONG_USE)
    if key is not None:
        approved = _signed_here(workbook, journal, made, person, role, key)
    elif statement_file is not None and signature_file is not None:
        statement, signature = _pasted(statement_file, signature_file)
        approved = record_signed(journal, made, person, statement, signature, approving(workbook), datetime.now(UTC))
    else:
        approved = _by_word(workbook, journal, made, person, role, note)
    out.print(
        f"{person.name} ({approved.role}) approved plan {_short(made)} of {made.flow}. {_proof(approved)}", markup=False
    )
    missing = _missing(workbook, journal, made)
    out.print(missing or f"It is approved: voicedr {made.purpose.value} {made.flow}", markup=False)


def approval_statement(
    plan_prefix: PlanHash,
    person_id: As = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """Print what a person would sign, for them to sign on a machine of theirs, with OpenSSH alone."""
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    made, person, role = _who_approves_what(workbook, journal, plan_prefix, person_id)
    if workbook.approvals.allowed_signers is None:
        raise Stop(_NO_SIGNERS.format(path=workbook.path), REFUSED)
    statement = statement_of(made, plan_hash(made), person, role, datetime.now(UTC), workbook.approvals)
    typer.echo(write_statement(statement), nl=False)
    err.print(
        f"Valid for {write_duration(workbook.approvals.valid_for_s)}. {person.name} keeps it as approval.txt and"
        " signs it unchanged:\n"
        "  ssh-keygen -Y sign -n voicedr-approval -f ~/.ssh/id_ed25519 approval.txt\n"
        "Then, here:\n"
        f"  voicedr approve {_short(made)} --as {person.id} --statement approval.txt --signature approval.txt.sig",
        markup=False,
    )


def ask_for_approvals(workbook: Workbook, journal: SqliteJournal, made: Plan) -> None:
    """On a terminal, let people approve here, signed where the workbook has a list of signers."""
    while missing := _missing(workbook, journal, made):
        if not sys.stdin.isatty():
            return
        out.print(f"\n{missing}", markup=False)
        answer = typer.prompt("Who approves here (id of the person, empty to stop)", default="", show_default=False)
        if not answer:
            raise Stop("stopped before anything was moved; the plan is kept for approval.", REFUSED)
        try:
            person = person_of(workbook, answer.strip())
            role = _role(person, made)
            _ask_one(workbook, journal, made, person, role)
        except (Stop, SignatureError, StatementRefused, ApprovalRefused) as refused:
            out.print(str(refused), markup=False)


def _ask_one(workbook: Workbook, journal: SqliteJournal, made: Plan, person: Person, role: str) -> None:
    typed = typer.prompt(f"{person.name} ({role}): type the first 6 digits of the plan to approve it").strip().lower()
    if len(typed) < 6 or not plan_hash(made).startswith(typed):
        raise Stop(f"That is not this plan ({_short(made)}). Nothing was approved.", REFUSED)
    key = ""
    if workbook.approvals.allowed_signers is not None:
        without = "none: sign elsewhere" if workbook.approvals.required else "none: unsigned"
        key = typer.prompt(f"The file of your OpenSSH key ({without})", default="", show_default=False).strip()
    if key:
        approved = _signed_here(workbook, journal, made, person, role, key)
    else:
        approved = _by_word(workbook, journal, made, person, role, "")
    out.print(f"{person.name} approved it. {_proof(approved)}", markup=False)


def _signed_here(
    workbook: Workbook, journal: SqliteJournal, made: Plan, person: Person, role: str, key: str
) -> Approved:
    judge = approving(workbook)
    if judge.signatures is None:
        raise Stop(_NO_SIGNERS.format(path=workbook.path), REFUSED)
    now = datetime.now(UTC)
    statement = write_statement(statement_of(made, plan_hash(made), person, role, now, workbook.approvals))
    signature = judge.signatures.sign(statement, key)
    return record_signed(journal, made, person, statement, signature, judge, datetime.now(UTC))


def _by_word(workbook: Workbook, journal: SqliteJournal, made: Plan, person: Person, role: str, note: str) -> Approved:
    if workbook.approvals.required:
        raise Stop(
            f"{workbook.path} requires signed approvals, and this one is not signed. Nothing was approved. Sign it:"
            f" voicedr approve {_short(made)} --as {person.id} --key FILE; or elsewhere: voicedr approval-statement"
            f" {_short(made)} --as {person.id}",
            REFUSED,
        )
    approved = Approved(
        at=datetime.now(UTC), person=person.name, role=role, plan_hash=plan_hash(made), signed=False, note=note
    )
    journal.approve(approved)
    return approved


_NO_SIGNERS = (
    "{path} names no list of signers, so nothing can be signed. Write one (a line for each person: ID and their public"
    " key) and name it: approvals: {{allowed_signers: allowed_signers}}."
)


def _who_approves_what(
    workbook: Workbook, journal: SqliteJournal, plan_prefix: str, person_id: str | None
) -> tuple[Plan, Person, str]:
    kept = journal.plan(plan_prefix)
    if kept is None:
        raise Stop(f"no plan, or more than one, begins with {plan_prefix!r} (give at least 6 digits).", WRONG_USE)
    made = msgspec.json.decode(kept[1], type=Plan)
    if plan_hash(made) != kept[0]:
        raise Stop(
            f"the plan that is kept as {kept[0][:12]} has another hash ({_short(made)}): it was changed, or made by"
            " another version. Make it again: voicedr plan.",
            REFUSED,
        )
    person = person_of(workbook, person_id)
    return made, person, _role(person, made)


def _role(person: Person, made: Plan) -> str:
    role = role_for(person, made)
    if role is None:
        raise Stop(
            f"{person.name} has the roles {', '.join(person.roles)}; {made.flow} is approved by"
            f" {', '.join(made.approval_roles)}. Ask one of them.",
            REFUSED,
        )
    return role


def _missing(workbook: Workbook, journal: SqliteJournal, made: Plan) -> str:
    checked = checked_approvals(journal, made, approving(workbook), datetime.now(UTC))
    return missing_approvals(made, plan_hash(made), checked)


def _pasted(statement_file: Path, signature_file: str) -> tuple[str, str]:
    statement = _text(statement_file, STATEMENT_BYTES_MAX)
    if signature_file != "-":
        return statement, _text(Path(signature_file), PASTED_BYTES_MAX)
    if sys.stdin.isatty():
        err.print("Paste the signature, then press Ctrl-D.")
    return statement, sys.stdin.buffer.read(PASTED_BYTES_MAX).decode(errors="replace")


def _text(path: Path, bytes_max: int) -> str:
    try:
        with path.open("rb") as file:
            body = file.read(bytes_max + 1)
        # Decoded here and not by the file: line ends must stay as they are, or another text would be checked.
        text = body.decode()
    except OSError as exc:
        raise CannotRead(
            f"{path} cannot be read ({exc.strerror}). Name the file that was signed, or its .sig."
        ) from exc
    except UnicodeDecodeError as exc:
        raise Stop(f"{path} is not text (byte {exc.start}). Nothing was approved.", REFUSED) from exc
    if len(body) > bytes_max:
        raise Stop(f"{path} has more than {bytes_max} bytes, so it is not what was asked for.", REFUSED)
    return text


def _proof(approved: Approved) -> str:
    return f"Signed ({approved.key})." if approved.signed else "Unsigned: it is only their word."


def _short(made: Plan) -> str:
    return plan_hash(made)[:12]

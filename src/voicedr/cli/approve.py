"""Approving a plan: signed with one's own OpenSSH key, here or on another laptop; or by word, where that counts."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import CannotRead, approving, sign_statement
from voicedr.cli.approve_serve import Desk, serve_approvals
from voicedr.cli.failures import DONE, FINDING, REFUSED, WRONG_USE, Stop
from voicedr.cli.need import conditions_of
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
from voicedr.program.governance.armour import read_block, write_block
from voicedr.program.governance.authority import why_may_not
from voicedr.program.governance.statement import STATEMENT_BYTES_MAX, StatementRefused, read_statement, write_statement
from voicedr.program.scope.authority import Decision, Function, Rule
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Person, Workbook
from voicedr.program.vocabulary import Purpose
from voicedr.usecases.approve import ApprovalRefused, Approving, checked_approvals, record_signed
from voicedr.usecases.write_approval_page import Waiting, approval_page

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
    paste: Annotated[
        bool, typer.Option("--paste", help="Read one block from standard input, as voicedr approval-block writes it.")
    ] = False,
    note: Annotated[str, typer.Option("--note", help="What you want to have said, beside an unsigned approval.")] = "",
    serve: Annotated[
        str | None,
        typer.Option("--serve", metavar="127.0.0.1:PORT", help="Take such blocks by HTTP, from this machine alone."),
    ] = None,
    serve_for: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="With --serve: end after this time. Default: 15m.")
    ] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """Approve a plan by its hash: signed with --key, or elsewhere; else it is your word, and every report says so.

    With --serve others approve: it ends with 0 once the plan is approved, with 1 if the time is over before.
    """
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    if serve is not None or serve_for is not None:
        if serve is None or paste or note or key or statement_file or signature_file:
            raise Stop("--serve takes approvals from others, so it goes with --for and --as alone.", WRONG_USE)
        _serve(workbook_file, journal, plan_prefix, person_id, serve, serve_for)
    made, person, role = _who_approves_what(workbook, journal, plan_prefix, person_id)
    if (statement_file is None) != (signature_file is None):
        raise Stop("--statement and --signature go together: the text that was signed, and the signature.", WRONG_USE)
    if key is not None and statement_file is not None:
        raise Stop("sign here (--key), or bring what was signed elsewhere (--statement, --signature): one.", WRONG_USE)
    if paste and (key is not None or statement_file is not None):
        raise Stop("paste a block (--paste), or bring it in another way: one of them.", WRONG_USE)
    signed = paste or key is not None or statement_file is not None
    if note and signed:
        raise Stop("a note is not part of what is signed. Leave --note out.", WRONG_USE)
    if key is not None:
        approved = _signed_here(workbook, journal, made, person, role, key)
    elif paste:
        approved = _from_block(workbook, journal, made, person, _from_stdin("Paste the block, then press Ctrl-D."))
    elif statement_file is not None and signature_file is not None:
        statement, signature = _pasted(statement_file, signature_file)
        approved = record_signed(
            journal, made, person, statement, signature, _judge(workbook, journal, made), datetime.now(UTC)
        )
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


def approval_block(
    statement_file: Annotated[
        Path, typer.Argument(metavar="STATEMENT", help="What voicedr approval-statement printed, unchanged.")
    ],
    key: Annotated[
        str | None, typer.Option("--key", metavar="FILE", help="Sign it with this OpenSSH key, here and now.")
    ] = None,
    signature_file: Annotated[
        Path | None, typer.Option("--signature", metavar="FILE", help="Or take the signature that ssh-keygen wrote.")
    ] = None,
) -> None:
    """Put a statement and its signature into one block that survives mail and chat. Needs no workbook."""
    if (key is None) == (signature_file is None):
        raise Stop("say one of --key FILE (sign it here) and --signature FILE (it is signed).", WRONG_USE)
    statement = _text(statement_file, STATEMENT_BYTES_MAX)
    read_statement(statement)
    signature = sign_statement(statement, key) if key is not None else _text(signature_file or Path(), PASTED_BYTES_MAX)
    typer.echo(write_block(statement, signature), nl=False)


def ask_for_approvals(workbook: Workbook, journal: SqlJournal, made: Plan) -> None:
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
            role = _role(workbook, journal, person, made)
            _ask_one(workbook, journal, made, person, role)
        except (Stop, SignatureError, StatementRefused, ApprovalRefused) as refused:
            out.print(str(refused), markup=False)


def _ask_one(workbook: Workbook, journal: SqlJournal, made: Plan, person: Person, role: str) -> None:
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


def _signed_here(workbook: Workbook, journal: SqlJournal, made: Plan, person: Person, role: str, key: str) -> Approved:
    judge = _judge(workbook, journal, made)
    if judge.signatures is None:
        raise Stop(_NO_SIGNERS.format(path=workbook.path), REFUSED)
    now = datetime.now(UTC)
    statement = write_statement(statement_of(made, plan_hash(made), person, role, now, workbook.approvals))
    signature = judge.signatures.sign(statement, key)
    return record_signed(journal, made, person, statement, signature, judge, datetime.now(UTC))


def _from_block(workbook: Workbook, journal: SqlJournal, made: Plan, person: Person, text: str) -> Approved:
    statement, signature = read_block(text)
    judge = _judge(workbook, journal, made)
    return record_signed(journal, made, person, statement, signature, judge, datetime.now(UTC))


def _serve(
    workbook_file: Path, journal: SqlJournal, plan_prefix: str, only: str | None, where: str, wanted: str | None
) -> NoReturn:
    """Take blocks from others. The workbook is read anew for each: whoever was taken out of it meanwhile is out."""
    made = _kept_plan(journal, plan_prefix)

    def take(text: str, said: str | None) -> Approved:
        workbook = workbook_of(workbook_file)
        person_id = only or said or read_statement(read_block(text)[0]).person
        person = person_of(workbook, person_id)
        _role(workbook, journal, person, made)
        return _from_block(workbook, journal, made, person, text)

    def statement(person_id: str) -> str:
        workbook = workbook_of(workbook_file)
        person = person_of(workbook, person_id)
        role = _role(workbook, journal, person, made)
        now = datetime.now(UTC)
        return write_statement(statement_of(made, plan_hash(made), person, role, now, workbook.approvals))

    def missing() -> str:
        return _missing(workbook_of(workbook_file), journal, made)

    def page(told: str, good: bool) -> str:
        workbook, now = workbook_of(workbook_file), datetime.now(UTC)
        given = checked_approvals(journal, made, _judge(workbook, journal, made), now)
        did = {one.person for one in given if not one.refused}
        able = [(one, role_for(one, made)) for one in workbook.people if only in (None, one.id) and one.name not in did]
        waiting = [
            Waiting(one.id, one.name, role, statement(one.id))
            for one, role in able
            if role is not None and not _why_may_not(workbook, journal, made, one)
        ]
        lacks = missing_approvals(made, plan_hash(made), given)
        return approval_page(made, workbook, now=now, given=given, missing=lacks, waiting=waiting, told=told, good=good)

    workbook = workbook_of(workbook_file)
    if workbook.approvals.allowed_signers is None:
        raise Stop(_NO_SIGNERS.format(path=workbook.path), REFUSED)
    if only is not None:
        _role(workbook, journal, person_of(workbook, only), made)
    approved = not missing() or serve_approvals(Desk(take, page, statement, missing), where, wanted)
    out.print(f"It is approved: voicedr {made.purpose.value} {made.flow}" if approved else missing(), markup=False)
    raise typer.Exit(DONE if approved else FINDING)


def _by_word(workbook: Workbook, journal: SqlJournal, made: Plan, person: Person, role: str, note: str) -> Approved:
    if workbook.approvals.required:
        raise Stop(
            f"{workbook.path} requires signed approvals, and this one is not signed. Nothing was approved. Sign it:"
            f" voicedr approve {_short(made)} --as {person.id} --key FILE; or elsewhere: voicedr approval-statement"
            f" {_short(made)} --as {person.id}",
            REFUSED,
        )
    approved = Approved(
        at=datetime.now(UTC),
        person=person.name,
        role=role,
        plan_hash=plan_hash(made),
        signed=False,
        note=note,
        person_id=person.id,
    )
    journal.approve(approved)
    return approved


_NO_SIGNERS = (
    "{path} names no list of signers, so nothing can be signed. Write one (a line for each person: ID and their public"
    " key) and name it: approvals: {{allowed_signers: allowed_signers}}."
)


def _who_approves_what(
    workbook: Workbook, journal: SqlJournal, plan_prefix: str, person_id: str | None
) -> tuple[Plan, Person, str]:
    made = _kept_plan(journal, plan_prefix)
    person = person_of(workbook, person_id)
    return made, person, _role(workbook, journal, person, made)


def _kept_plan(journal: SqlJournal, plan_prefix: str) -> Plan:
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
    return made


def _role(workbook: Workbook, journal: SqlJournal, person: Person, made: Plan) -> str:
    role = role_for(person, made)
    if role is not None and (why := _why_may_not(workbook, journal, made, person)):
        raise Stop(f"{why}. Nothing was approved.", REFUSED)
    if role is None:
        raise Stop(
            f"{person.name} has the roles {', '.join(person.roles)}; {made.flow} is approved by"
            f" {', '.join(made.approval_roles)}. Ask one of them.",
            REFUSED,
        )
    return role


def _why_may_not(workbook: Workbook, journal: SqlJournal, made: Plan, person: Person) -> str:
    flow = workbook.flow(made.flow)
    if flow is None:
        return f"{workbook.path} has no flow {made.flow} (any more)"
    decisions = [Decision.APPROVE_FAILBACK if made.purpose is Purpose.FAILBACK else Decision.APPROVE_FAILOVER]
    if workbook.account.address is not None:
        decisions.append(Decision.APPROVE_DRILL)  # an account with an address is a twin, or a test
    any_hour = _judge(workbook, journal, made).any_hour
    now = datetime.now(UTC)
    refusals = [
        why_may_not(workbook, flow, one, person, now, function=Function.APPROVAL, any_hour=any_hour)
        for one in decisions
    ]
    return "" if "" in refusals else refusals[0]


def _judge(workbook: Workbook, journal: SqlJournal, made: Plan) -> Approving:
    """By which rules an approval of this plan counts: at any hour where glass was broken over people's hours."""
    judge, flow = approving(workbook), workbook.flow(made.flow)
    if flow is None:
        return judge
    broken = conditions_of(workbook, flow, journal, None).waived(made, judge, datetime.now(UTC))
    return replace(judge, any_hour=Rule.HOURS in broken)


def _missing(workbook: Workbook, journal: SqlJournal, made: Plan) -> str:
    checked = checked_approvals(journal, made, _judge(workbook, journal, made), datetime.now(UTC))
    return missing_approvals(made, plan_hash(made), checked)


def _pasted(statement_file: Path, signature_file: str) -> tuple[str, str]:
    statement = _text(statement_file, STATEMENT_BYTES_MAX)
    if signature_file != "-":
        return statement, _text(Path(signature_file), PASTED_BYTES_MAX)
    return statement, _from_stdin("Paste the signature, then press Ctrl-D.")


def _from_stdin(ask: str) -> str:
    if sys.stdin.isatty():
        err.print(ask)
    return sys.stdin.buffer.read(PASTED_BYTES_MAX + 1).decode(errors="replace")


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

"""Checkpoints by hand: left at any place, and read back from it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from voicedr.adapters.checkpoints.line import write_line
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.machine_key import load_public, machine_key, public_pem, signs
from voicedr.bootstrap import CHECKPOINT_KEY, checkpoint_place, incidents_of
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import FINDING, WRONG_USE, Stop, exit_code
from voicedr.cli.options import DEFAULT_WORKBOOK, JournalFile, WorkbookFile, err, journal_of, keys_folder, out
from voicedr.ports.checkpoints import CheckpointPlace, PlaceAway, PlaceError
from voicedr.ports.http import Send
from voicedr.program.evidence.file import Checkpoint, checkpoint_words
from voicedr.program.execution.events import Opened
from voicedr.usecases.export_evidence import make_checkpoint
from voicedr.usecases.export_incident import make_incident_checkpoint

checkpoints = typer.Typer()

AGAIN_S = (1.0, 2.0)
"""A place that is away is tried again after these, by hand; somebody waits for the prompt."""

Token = Annotated[
    str | None,
    typer.Option("--token", metavar="REFERENCE", help="What an https place wants as its bearer token: env:NAME."),
]


@checkpoints.command()
def checkpoint(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            metavar="PLACE",
            help="Where to leave it: file:/path, git:/path, https://… or s3://…; repeat it. Default: the screen.",
        ),
    ] = None,
    token: Token = None,
    of_incident: Annotated[
        bool, typer.Option("--incident", help="Of the record of the incident that the execution names, instead.")
    ] = False,
) -> None:
    """Say how long an execution's journal is now and what its head is, signed. Keep it where nobody here can reach."""
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    key = machine_key(keys_folder(workbook_file, journal_file) / CHECKPOINT_KEY)
    now = datetime.now(UTC)
    if of_incident:
        made = make_incident_checkpoint(incidents_of(journal), _incident(journal, summary.execution), now, key.sign)
    else:
        made = make_checkpoint(journal, summary.execution, now, key.sign)
    line = write_line(made).decode().strip()
    if not to:
        typer.echo(line)
        return
    failed = asyncio.run(_leave_at(to, token, made, line))
    if failed:
        raise typer.Exit(FINDING if FINDING in failed else failed[0])


def _incident(journal: SqlJournal, execution: str) -> str:
    opened = next(iter(journal.read(execution))).event
    if not isinstance(opened, Opened) or not opened.incident:
        raise Stop(f"{execution} names no incident. Leave --incident out.", WRONG_USE)
    return opened.incident


@checkpoints.command("checkpoint-key")
def checkpoint_key(workbook_file: WorkbookFile = DEFAULT_WORKBOOK, journal_file: JournalFile = None) -> None:
    """Print the public key that verifies this machine's checkpoints and redacted editions. Keep it with them."""
    typer.echo(public_pem(machine_key(keys_folder(workbook_file, journal_file) / CHECKPOINT_KEY)), nl=False)


def kept_elsewhere(
    places: Sequence[str], token: str | None, execution: str, public_key: Path | None
) -> list[Checkpoint]:
    """What places have of an execution, its signatures verified where there is a key to verify with.

    Raises:
        Stop: If a place has none of it, or one that the key did not sign.
        PlaceError, SecretError, KeyUnusable: If a place or the key cannot be read.
    """
    return asyncio.run(_kept_elsewhere(places, token, execution, public_key)) if places else []


async def _kept_elsewhere(
    places: Sequence[str], token: str | None, execution: str, public_key: Path | None
) -> list[Checkpoint]:
    found: list[Checkpoint] = []
    key = load_public(public_key) if public_key is not None else None
    async with SocketSend() as send:
        for text in places:
            place = _place(text, send, token)
            kept = await place.read(execution)
            if not kept:
                raise Stop(
                    f"{place.name} has no checkpoint of {execution}. Name the place where they were left.", WRONG_USE
                )
            for one in kept:
                if key is not None and not signs(key, one.signature, _words_of(one)):
                    raise Stop(
                        f"{place.name}: the checkpoint of {one.size} records was not signed with the key in"
                        f" {public_key}, or was changed since. It proves nothing. Leave the place out, or find the"
                        f" right key.",
                        FINDING,
                    )
            found += kept
    return found


def _words_of(one: Checkpoint) -> bytes:
    return checkpoint_words(one.execution, one.size, one.head, one.at)


def _place(text: str, send: Send, token: str | None) -> CheckpointPlace:
    """A token is for endpoints only, and is handed to no other place."""
    return checkpoint_place(text, send, token=token if text.startswith(("http://", "https://")) else None)


async def _leave_at(places: Sequence[str], token: str | None, made: Checkpoint, line: str) -> list[int]:
    """Leave one at every place; give the exit codes of those where it could not be left, each told."""
    failed: list[int] = []
    async with SocketSend() as send:
        for text in places:
            try:
                place = _place(text, send, token)
                await _patiently(place, made)
            except PlaceError as exc:
                err.print(f"voicedr: {exc}", markup=False)
                failed.append(exit_code(exc) or WRONG_USE)
            else:
                out.print(f"{place.name}: {line}", markup=False, soft_wrap=True)
    return failed


async def _patiently(place: CheckpointPlace, made: Checkpoint) -> None:
    for wait_s in AGAIN_S:
        try:
            await place.leave(made)
        except PlaceAway:
            await asyncio.sleep(wait_s)
        else:
            return
    await place.leave(made)

"""``voicedr init``: read an account and draft the workbook of its flows, or add to a workbook what is new."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from voicedr.adapters.reading_store import FolderReadingStore
from voicedr.bootstrap import access, load_workbook
from voicedr.cli.failures import UNKNOWN, WRONG_USE, Stop
from voicedr.cli.options import DEFAULT_WORKBOOK, AsJson, WorkbookFile, err, out, say_json
from voicedr.cli.prepare import ReadingProgress
from voicedr.program.drafting.clusters import Cluster
from voicedr.program.drafting.document import document
from voicedr.program.drafting.proposals import Proposal
from voicedr.program.scope.problems import WorkbookBroken
from voicedr.program.scope.read import read_workbook
from voicedr.program.scope.workbook import Account, RegionAccess, Workbook
from voicedr.program.vocabulary import E164, REGIONS, Region
from voicedr.usecases.draft_workbook import Drafted, draft_workbook

initial = typer.Typer()

DAYS_MAX = 30

SHOWN_MAX = 20
"""Remarks in a terminal; all of them are in the JSON."""


@initial.command()
def init(
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    sid: Annotated[str | None, typer.Option("--account", help="The account, AC…; for a new workbook.")] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            metavar="NAME=KEY,SECRET[,TOKEN]",
            help="A Region's API key and references to its secret and Auth Token: ie1=SK…,env:IE1_SECRET. Once for each"
            " Region; for a new workbook.",
        ),
    ] = None,
    address: Annotated[
        str | None, typer.Option("--address", help="Send every request there: a twin. For a new workbook.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="How far back call logs are read.")] = 7,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the workbook and write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the account in all Regions and draft the workbook; beside one that is there, add what is new.

    Nothing at the provider changes. Stopped at any instant, the same command goes on where it was, within an hour.

    Exit codes: 0 drafted; 2 wrong use, or a workbook that is broken; 3 drafted, and something could not be read.
    """
    existing = _existing(workbook_file, given=bool(sid or region or address))
    workbook = existing[1] if existing is not None else Workbook(_account(sid, region or [], address), (), ())
    drafted = asyncio.run(_drafted(workbook, existing, days, workbook_file))
    _checked(drafted, workbook_file)
    changed = existing is None or drafted.text != existing[0]
    if changed and not dry_run:
        _write(workbook_file, drafted.text)
        _store(workbook_file, workbook.account).clear()
    if as_json:
        say_json(
            {
                "workbook": str(workbook_file),
                "written": changed and not dry_run,
                "numbers": drafted.numbers,
                "flows": drafted.flows,
                "added": drafted.added,
                "gone": drafted.gone,
                "remarks": drafted.remarks,
            }
        )
    elif dry_run:
        typer.echo(drafted.text, nl=False)
        _say_remarks(drafted)
    else:
        _say(drafted, workbook_file, changed)
    if drafted.unread:
        raise typer.Exit(UNKNOWN)


async def _drafted(
    workbook: Workbook, existing: tuple[str, Workbook] | None, days: int, workbook_file: Path
) -> Drafted:
    store = _store(workbook_file, workbook.account)
    async with access(workbook) as has:
        with ReadingProgress() as reading:
            try:
                return await draft_workbook(
                    workbook.account,
                    has.providers,
                    has.clock,
                    store,
                    existing=existing,
                    days=days,
                    progress=reading.show,
                )
            except ValueError as exc:
                raise Stop(f"{exc}. See what the keys may read: voicedr twin import, or the Console.", UNKNOWN) from exc


def _store(workbook_file: Path, account: Account) -> FolderReadingStore:
    return FolderReadingStore(workbook_file.resolve().parent / ".voicedr" / f"init-{account.sid}")


def _existing(path: Path, *, given: bool) -> tuple[str, Workbook] | None:
    """The workbook that is there; a broken one is never written over."""
    if not path.exists():
        return None
    if given:
        raise Stop(
            f"{path} is there and names its own account: leave --account, --region and --address out to add to it, or"
            " name another file with --workbook. Nothing was read.",
            WRONG_USE,
        )
    workbook = load_workbook(path)
    return path.read_text(encoding="utf-8"), workbook


def _account(sid: str | None, regions: list[str], address: str | None) -> Account:
    if sid is None or not regions:
        raise Stop(
            "there is no workbook yet: name the account and a key of each Region, e.g. voicedr init --account AC…"
            " --region us1=SK…,env:US1_SECRET --region ie1=SK…,env:IE1_SECRET. Nothing was read.",
            WRONG_USE,
        )
    found: dict[Region, RegionAccess] = {}
    for text in regions:
        name, equals, rest = text.partition("=")
        parts = rest.split(",")
        if not equals or name not in REGIONS or len(parts) not in (2, 3) or not all(parts):
            # What is behind the name may be a secret, pasted: it is not shown.
            raise Stop(
                f"--region {name[:20] if equals else ''}=…: write NAME=KEY,SECRET or NAME=KEY,SECRET,TOKEN, a Region"
                f" of {', '.join(REGIONS)} and references (env:NAME, file:/path) for secret and token.",
                WRONG_USE,
            )
        if Region(name) in found:
            raise Stop(f"--region {name} was given twice. Once is enough: one key of each Region.", WRONG_USE)
        region = Region(name)
        found[region] = RegionAccess(REGIONS[region], parts[0], parts[1], parts[2] if len(parts) == 3 else None)
    account = Account(sid, found, address=address)
    _valid(account)
    return account


def _valid(account: Account) -> None:
    """Hold what was given to the workbook's own rules, before anything is asked with it."""
    if len(account.regions) < 2:
        raise Stop(
            "name at least two Regions with --region: the standby needs a key of its own. Nothing was read.", WRONG_USE
        )
    home, standby = list(account.regions)[:2]
    cluster = Cluster("x", "x", "x", home, (E164("+14155550100"),))
    text = document((Proposal(cluster, 1, standby, (("canary", (), None),), 3600.0, None),), account)
    try:
        read_workbook(text, "--account and --region")
    except WorkbookBroken as exc:
        raise Stop(str(exc), WRONG_USE) from exc


def _checked(drafted: Drafted, path: Path) -> None:
    """A draft that is no workbook is a mistake of ours, and is not written."""
    try:
        read_workbook(drafted.text, str(path))
    except WorkbookBroken as exc:
        raise Stop(
            f"the draft breaks a rule of the workbook, so nothing was written. Print it with --dry-run:\n{exc}", UNKNOWN
        ) from exc


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as exc:
        beside.unlink(missing_ok=True)
        raise Stop(
            f"{path} cannot be written ({exc.strerror}). Name another file: --workbook FILE.", WRONG_USE
        ) from exc


def _say(drafted: Drafted, path: Path, changed: bool) -> None:
    if not changed:
        out.print(f"{path}: nothing is new. {drafted.numbers} numbers of the account are in its {drafted.flows} flows.")
    else:
        out.print(f"{path}: {drafted.flows} flows, {drafted.numbers} numbers. New:", markup=False)
        for line in drafted.added:
            out.print(f"  + {line}", markup=False)
    for line in drafted.gone:
        out.print(f"  ! {line} is in the workbook and not in the account: take it out", markup=False)
    _say_remarks(drafted)
    if changed:
        out.print(f"next: look for DECIDE in {path}, then: voicedr ready", markup=False)


def _say_remarks(drafted: Drafted) -> None:
    for line in drafted.remarks[:SHOWN_MAX]:
        err.print(f"? {line}", markup=False)
    if len(drafted.remarks) > SHOWN_MAX:
        err.print(f"? and {len(drafted.remarks) - SHOWN_MAX} more; all of them: --json", markup=False)

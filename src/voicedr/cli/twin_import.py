"""``voicedr twin import``: a real account's configuration as an account file of the twin."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.bootstrap import access, load_workbook
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.options import DEFAULT_WORKBOOK, WorkbookFile, err
from voicedr.program.scope.workbook import Workbook
from voicedr.usecases.mirror_account import Mirror, counts, mirror_account


def import_(
    to: Annotated[Path, typer.Argument(help="The account file to write, e.g. account.json.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Read the workbook's account and write it down as an account file of the twin. Nothing is changed there.

    The account's keys and tokens are not read; secrets in URLs are replaced.

    Exit codes: 0 written; 2 a file or the workbook cannot be used; 3 something could not be read, and nothing was
    written.
    """
    if to.exists() and not force:
        raise Stop(f"{to} is there already. Name another file, or say --force; nothing was read.", WRONG_USE)
    mirror = asyncio.run(_mirror(load_workbook(workbook_file)))
    try:
        to.write_bytes(msgspec.json.format(msgspec.json.encode(mirror.document), indent=2) + b"\n")
    except OSError as exc:
        raise Stop(f"{to} cannot be written: {exc.strerror}. Name another file.", WRONG_USE) from exc
    for remark in mirror.remarks:
        err.print(remark, markup=False)
    typer.echo(f"{to} has {counts(mirror.document)}. Start a twin of it: voicedr twin up --account {to}")


async def _mirror(workbook: Workbook) -> Mirror:
    async with access(workbook) as reach:
        return await mirror_account(workbook.account.sid, reach.providers)

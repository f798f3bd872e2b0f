"""Opening a bag on this machine: whom it knows, by paper, by file, or because it made the bag itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from voicedr.adapters.bag_folder import read_bag
from voicedr.adapters.machine_key import load_public, machine_key, public_pem, signed_with
from voicedr.adapters.signatures import SshSignatures
from voicedr.bootstrap import CannotRead
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.options import keys_folder
from voicedr.program.bag.contents import fingerprint
from voicedr.program.bag.errors import BagError
from voicedr.program.scope.read import WorkbookBroken
from voicedr.usecases.check_bag import DIGITS_MIN, Bag, Known, fingerprint_given, open_bag

Trust = Annotated[
    list[str] | None,
    typer.Option(
        "--trust",
        envvar="VOICEDR_BAG_TRUST",
        help="Whose bags to believe: the fingerprint from your paper (its first 16 digits will do), or a file with the"
        " public key. Repeat it. Default: bags that were made here.",
    ),
]
Signers = Annotated[
    Path | None,
    typer.Option("--signers", metavar="FILE", help="A list of signers of yours: believe whom it names."),
]


def opened(file: Path, trust: list[str] | None, signers: Path | None, workbook_file: Path) -> Bag:
    """The bag in a file.

    Raises:
        BagError: If it is refused, with the file's name before it.
    """
    known = Known(
        (*(_key(one) for one in trust or ()), *_own(workbook_file)),
        None if signers is None else SshSignatures(signers.resolve()),
    )
    body = read_bag(file)
    try:
        return open_bag(body, known, signed_with, datetime.now(UTC))
    except BagError as exc:
        raise type(exc)(f"{file}: {exc}") from exc


def _key(text: str) -> str:
    path = Path(text).expanduser()
    if path.is_file():
        load_public(path)
        return fingerprint(path.read_bytes())
    digits = fingerprint_given(text)
    if digits is None:
        raise Stop(
            f"--trust {text}: it is neither a file nor a fingerprint (at least {DIGITS_MIN} hexadecimal digits).",
            WRONG_USE,
        )
    return digits


def _own(workbook_file: Path) -> tuple[str, ...]:
    """The key of this machine, if it has one; none is made. A workbook that cannot be read is none."""
    try:
        path = keys_folder(workbook_file, None) / "checkpoint-key.pem"
    except (WorkbookBroken, CannotRead):
        return ()
    return (fingerprint(public_pem(machine_key(path)).encode()),) if path.exists() else ()

"""Verifying an evidence file, full or redacted: what it proves alone, and what with the things somebody else keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.machine_key import load_public, signs
from voicedr.adapters.redaction_key import load_redaction_key
from voicedr.adapters.signatures import SshSignatures
from voicedr.cli.checkpoints import Token, kept_elsewhere
from voicedr.cli.failures import DONE, FINDING, WRONG_USE, Stop
from voicedr.cli.options import AsJson, out, say_json
from voicedr.cli.verify_incident import verify_incident_file
from voicedr.cli.verify_pack import evidence_in_pack
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, Verdict, bad, execution_of, named
from voicedr.program.evidence.file import verify as verify_evidence
from voicedr.program.evidence.incident_file import is_incident_file
from voicedr.program.evidence.redaction import first_difference, is_redacted, redacted_head, verify_redacted
from voicedr.program.evidence.signed_approvals import approvals_in
from voicedr.usecases.verify_approvals import verify_approvals

verifying = typer.Typer()


@verifying.command()
def verify(
    file: Annotated[
        Path, typer.Argument(help="An evidence file: full, redacted, or of an incident; or the folder of a pack.")
    ],
    checkpoints: Annotated[
        list[str] | None,
        typer.Option(
            "--checkpoint",
            metavar="PLACE",
            help="Where checkpoints are kept: a file, git:/path, https://… or s3://…; repeat it.",
        ),
    ] = None,
    token: Token = None,
    public_key: Annotated[
        Path | None,
        typer.Option("--public-key", help="Verifies the signatures of checkpoints and of a redacted edition."),
    ] = None,
    allowed_signers: Annotated[
        Path | None,
        typer.Option("--allowed-signers", help="Verifies the signed approvals in the file: OpenSSH's list of signers."),
    ] = None,
    full: Annotated[
        Path | None, typer.Option("--full", help="The full edition, which proves every body of a redacted one.")
    ] = None,
    redaction_key: Annotated[
        Path | None, typer.Option("--redaction-key", help="The key of the redacted edition; needed with --full.")
    ] = None,
    of_execution: Annotated[
        Path | None,
        typer.Option("--execution", help="With an incident's file: that of the execution which was opened over it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify an evidence file, offline, with nothing but the file. Exit 0 whole, 1 broken, 2 not an evidence file."""
    if file.is_dir():
        file = evidence_in_pack(file, as_json=as_json)
    body = _read(file)
    if is_incident_file(body):
        if allowed_signers is not None or full is not None or redaction_key is not None:
            raise Stop(f"{file} is an incident's; it goes with --checkpoint, --public-key and --execution.", WRONG_USE)
        over = None if of_execution is None else _read(of_execution)
        places = checkpoints or []
        raise typer.Exit(verify_incident_file(file, body, of_execution, over, places, token, public_key, as_json))
    if of_execution is not None:
        raise Stop(f"--execution goes with an incident's file, and {file} is none. Leave it out.", WRONG_USE)
    redacted = is_redacted(body)
    if (full is None) != (redaction_key is None):
        raise Stop("--full and --redaction-key prove a redacted edition together. Name both.", WRONG_USE)
    if full is not None and not redacted:
        raise Stop(f"{file} is a full edition itself. Leave --full and --redaction-key out.", WRONG_USE)
    if redacted and allowed_signers is not None and full is None:
        raise Stop(
            "a redacted edition has no statements of approvals to verify. Verify the full edition, or name it: --full.",
            WRONG_USE,
        )
    try:
        execution = redacted_head(body).execution if redacted else execution_of(body)
        kept = kept_elsewhere(checkpoints or [], token, execution, public_key)
        whole = _read(full) if full is not None else None if redacted else body
        verdict = verify_evidence(whole, kept) if whole is not None else None
        if verdict is not None and whole is not None and allowed_signers is not None:
            verdict = verify_approvals(whole, verdict, lambda at: SshSignatures(allowed_signers, as_of=at))
        if redacted and verdict is not None and not verdict.whole:
            verdict = msgspec.structs.replace(verdict, what=f"the full edition {full}: {verdict.what}")
        elif redacted:
            verdict = _of_edition(body, kept, public_key, whole, redaction_key, verdict)
        assert verdict is not None  # noqa: S101 - a full edition was verified, or a redacted one just now
        unseen = 0
        if whole is not None and verdict.whole and allowed_signers is None:
            unseen = len(approvals_in(whole).signed)
    except EvidenceBroken as exc:
        raise Stop(f"{file}: {exc}. `voicedr export` writes evidence files.", WRONG_USE) from exc
    if as_json:
        say_json(msgspec.to_builtins(verdict) | {"edition": "redacted" if redacted else "full"})
    elif verdict.whole:
        _say_whole(execution, verdict, len(kept), unseen)
    else:
        _say_broken(execution, verdict)
    raise typer.Exit(DONE if verdict.whole else FINDING)


def _of_edition(
    edition: bytes,
    kept: list[Checkpoint],
    public_key: Path | None,
    full: bytes | None,
    key_file: Path | None,
    of_full: Verdict | None,
) -> Verdict:
    """A redacted edition, alone or with the machine's key; with a full edition that was found whole, every body."""
    public = load_public(public_key) if public_key is not None else None
    signed = None if public is None else lambda signature, words: signs(public, signature, words)
    # With the full edition at hand, what was changed comes before that the signature does not hold any more.
    verdict = verify_redacted(edition, kept, None if full is not None else signed)
    if not verdict.whole or full is None or key_file is None or of_full is None:
        return verdict
    line = first_difference(full, edition, load_redaction_key(key_file))
    if line is None and signed is not None:
        verdict = verify_redacted(edition, kept, signed)
        if not verdict.whole:
            return verdict
    if line is None:
        what = f"every body of the {verdict.records} records is the redaction of the full edition's"
        return msgspec.structs.replace(of_full, what=what)
    if line == 1:
        return bad(None, 0, "", "line 1 is not that of the full edition's redaction: another execution, plan or key")
    words = f"line {line} (record {line - 1}) is not the redaction of the full edition's record {line - 1}"
    return named(bad(line - 1, line - 2, "", words), full.split(b"\n"))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise Stop(f"{file} cannot be read ({exc.strerror}). Name an evidence file.", WRONG_USE) from exc


def _say_whole(execution: str, verdict: Verdict, given: int, unseen: int) -> None:
    out.print(f"whole: {execution}: {verdict.what}; head {verdict.head}", soft_wrap=True, markup=False)
    if not given:
        said = "No checkpoint was given, so a cut tail would not be noticed: --checkpoint PLACE."
    else:
        said = f"{verdict.held} checkpoints from elsewhere agree."
        if given > verdict.held:
            said += f" {given - verdict.held} of earlier moments can only be compared with the full edition: --full."
    out.print(said, soft_wrap=True, markup=False)
    if verdict.signatures:
        out.print(f"{verdict.signatures} signed approvals hold, by the list of signers.", markup=False)
    if unseen:
        out.print(
            f"{unseen} approvals say that they are signed, and nobody looked: --allowed-signers FILE.", markup=False
        )


def _say_broken(execution: str, verdict: Verdict) -> None:
    out.print(f"BROKEN: {execution}: {verdict.what}.", soft_wrap=True, markup=False)
    if verdict.first_bad is None:
        out.print("Which record is the first bad one cannot be told from this file.", markup=False)
        return
    at = f"{verdict.at:%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC" if verdict.at is not None else "its time cannot be read"
    kind = verdict.kind or "its kind cannot be read"
    out.print(f"First bad event: record {verdict.first_bad}, {at}, {kind}.", soft_wrap=True, markup=False)
    out.print(f"Records 1 to {verdict.records} hold; from {verdict.first_bad} on nothing can be trusted.", markup=False)

"""Verifying an incident's evidence file: alone, against checkpoints, and with the execution that names it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from voicedr.cli.checkpoints import kept_elsewhere
from voicedr.cli.failures import DONE, FINDING, WRONG_USE, Stop
from voicedr.cli.options import out, say_json
from voicedr.program.evidence.chain import decode
from voicedr.program.evidence.file import EvidenceBroken, Line, Verdict
from voicedr.program.evidence.file import verify as verify_evidence
from voicedr.program.evidence.incident_file import incident_of, opened_checkpoint, verify_incident
from voicedr.program.execution.events import Opened


def verify_incident_file(
    file: Path,
    body: bytes,
    execution_file: Path | None,
    execution: bytes | None,
    places: list[str],
    token: str | None,
    public_key: Path | None,
    as_json: bool,
) -> int:
    """Say what an incident's file is worth; gives the exit code.

    Raises:
        Stop: If a file is not one of its kind, or the execution's is of another incident.
    """
    opened = None
    try:
        incident = incident_of(body)
        kept = kept_elsewhere(places, token, incident, public_key)
        of_execution = None if execution is None else verify_evidence(execution)
        if execution is not None and of_execution is not None and of_execution.whole:
            opened = _opened(execution)
            if opened.incident != incident:
                names = f"names {opened.incident}" if opened.incident else "names no incident"
                raise Stop(f"{execution_file} {names}, and {file} is of {incident}. Name its own.", WRONG_USE)
        bound = opened_checkpoint(opened) if opened is not None else None
        verdict = verify_incident(body, [*kept, *([bound] if bound is not None else [])])
    except EvidenceBroken as exc:
        raise Stop(f"{file}: {exc}. `voicedr export` writes such files.", WRONG_USE) from exc
    whole = verdict.whole and (of_execution is None or of_execution.whole)
    if as_json:
        about = {"edition": "incident", "incident": incident, "bound": bound is not None, "whole": whole}
        execution_says = None if of_execution is None else msgspec.to_builtins(of_execution)
        say_json(msgspec.to_builtins(verdict) | about | {"execution": execution_says})
        return DONE if whole else FINDING
    _say(incident, verdict)
    if of_execution is not None and not of_execution.whole:
        out.print(f"BROKEN: {execution_file}: {of_execution.what}.", soft_wrap=True, markup=False)
    elif opened is not None and bound is None:
        out.print(f"{opened.execution} names it without its head: it was opened by an earlier release.", markup=False)
    elif opened is not None and verdict.whole:
        out.print(
            f"{opened.execution} was opened over its first {opened.incident_size} records: their head is the same.",
            soft_wrap=True,
            markup=False,
        )
    elif execution_file is None and not kept and verdict.whole:
        out.print("A cut tail would not be noticed: --execution FILE, or --checkpoint PLACE.", markup=False)
    return DONE if whole else FINDING


def _opened(execution: bytes) -> Opened:
    said = decode(bytes(msgspec.json.decode(execution.split(b"\n", 2)[1], type=Line).body))
    if not isinstance(said, Opened):
        raise EvidenceBroken("record 1 does not open an execution")
    return said


def _say(incident: str, verdict: Verdict) -> None:
    if verdict.whole:
        out.print(f"whole: {incident}: {verdict.what}; head {verdict.head}", soft_wrap=True, markup=False)
        return
    out.print(f"BROKEN: {incident}: {verdict.what}.", soft_wrap=True, markup=False)
    if verdict.first_bad is not None:
        at = f"{verdict.at:%Y-%m-%d %H:%M:%S} UTC" if verdict.at is not None else "its time cannot be read"
        kind = verdict.kind or "its kind cannot be read"
        out.print(f"First bad record: {verdict.first_bad}, {at}, {kind}.", soft_wrap=True, markup=False)

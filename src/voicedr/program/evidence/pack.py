"""An evidence pack: a folder of files and their hashes, which whoever gets it can check with ``sha256sum`` alone.

    # what the folder is, and how to check it; lines with # are for people, and sha256sum passes over them
    9f2c…  evidence.jsonl
    c41a…  report.html

Two blanks between hash and name, as ``sha256sum`` writes it, sorted by name. It does not list itself: keep its
own hash elsewhere, or somebody may write the folder anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import msgspec

from voicedr.program.evidence.chain import decode
from voicedr.program.evidence.file import EvidenceBroken, Line
from voicedr.program.execution.events import Event

MANIFEST = "MANIFEST"
EVIDENCE, PLAN, REPORT = "evidence.jsonl", "plan.json", "report.json"
WORKBOOK, INCIDENT, CHECKPOINTS = "workbook.yaml", "incident.evidence.jsonl", "checkpoints.jsonl"

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]{0,99})")


class PackBroken(Exception):
    """The folder is no evidence pack: what is missing or cannot be read, and the next step."""


def sha256(body: bytes) -> str:
    """SHA-256 in lower-case hex."""
    return hashlib.sha256(body).hexdigest()


def write_manifest(execution: str, files: Mapping[str, bytes]) -> bytes:
    """The manifest of a pack's files."""
    lines = [
        f"# evidence pack of {execution}",
        "# check it: sha256sum -c MANIFEST; or: voicedr verify FOLDER",
        "# keep the hash of this file elsewhere: sha256sum MANIFEST",
        *(f"{sha256(files[name])}  {name}" for name in sorted(files)),
    ]
    return "\n".join(lines).encode() + b"\n"


def read_manifest(manifest: bytes) -> dict[str, str]:
    """Hashes by name.

    Raises:
        PackBroken: If a line is neither for people nor a hash and a name, or a name stands twice.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(manifest.decode(errors="replace").splitlines(), 1):
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or match[2] == MANIFEST or match[2] in found:
            raise PackBroken(f"line {number} of {MANIFEST} is not a hash and a name that stands once")
        found[match[2]] = match[1]
    if EVIDENCE not in found:
        raise PackBroken(f"{MANIFEST} does not list {EVIDENCE}, so there is nothing to verify")
    return found


def differences(manifest: Mapping[str, str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """How the files differ from the manifest, in words; empty if they do not."""
    return (
        *(f"{name} is missing" for name in manifest if name not in files),
        *(
            f"{name} was changed: its hash is {sha256(body)[:12]}…, the manifest has {manifest[name][:12]}…"
            for name, body in files.items()
            if name in manifest and sha256(body) != manifest[name]
        ),
        *(f"{name} is not in the manifest: somebody added it" for name in files if name not in manifest),
    )


def events_of(evidence: bytes) -> list[Event]:
    """The events of an evidence file, as they stand; whether it holds is for ``verify`` to say.

    Raises:
        EvidenceBroken: If a record cannot be read.
    """
    try:
        return [decode(bytes(msgspec.json.decode(raw, type=Line).body)) for raw in evidence.splitlines()[1:-1]]
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise EvidenceBroken(f"a record of {EVIDENCE} cannot be read ({exc})") from exc

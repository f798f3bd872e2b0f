"""Verifying an evidence pack: the manifest, and that everything in the folder belongs to its evidence."""

from __future__ import annotations

import stat
from pathlib import Path

from voicedr.cli.failures import FINDING, WRONG_USE, Stop
from voicedr.cli.options import out, say_json
from voicedr.program.evidence.file import EvidenceBroken, verify
from voicedr.program.evidence.pack import EVIDENCE, MANIFEST, PackBroken, differences, read_manifest, sha256
from voicedr.usecases.write_pack import disagreements

FILES_MAX = 100
"""A pack has about a dozen."""


def evidence_in_pack(folder: Path, *, as_json: bool = False) -> Path:
    """The evidence file of a pack whose other files are as its manifest says and belong to it; told on the screen.

    Raises:
        Stop: With 1 if a file was changed, added or removed, or is not of the evidence; with 2 if it is no pack.
    """
    try:
        files = _files(folder)
        if MANIFEST not in files:
            raise PackBroken(f"it has no {MANIFEST}")
        manifest = files.pop(MANIFEST)
        wrong = differences(read_manifest(manifest), files)
        # Of evidence that does not hold, ``verify`` says the record: nothing is compared with it.
        if not wrong and verify(files[EVIDENCE]).whole:
            wrong = disagreements(files)
    except (OSError, EvidenceBroken, PackBroken) as exc:
        raise Stop(
            f"{folder} is not an evidence pack: {exc}. voicedr report --all-to writes packs.", WRONG_USE
        ) from exc
    if wrong:
        if as_json:
            say_json({"whole": False, "what": "; ".join(wrong), "pack": wrong, "manifest": sha256(manifest)})
        raise Stop(
            f"BROKEN: {folder}: " + "; ".join(wrong) + ". Nothing in it can be trusted until that is explained.",
            FINDING,
        )
    if not as_json:
        said = f"pack: {len(files)} files are as {MANIFEST} has them"
        out.print(f"{said}; its SHA-256 is {sha256(manifest)}", soft_wrap=True, markup=False)
    return folder / EVIDENCE


def _files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder. A link, a folder or more than a pack ever has is no pack."""
    entries = sorted(folder.iterdir())
    if len(entries) > FILES_MAX:
        raise PackBroken(f"it has {len(entries)} files; a pack has at most {FILES_MAX}")
    for entry in entries:
        if not stat.S_ISREG(entry.lstat().st_mode):
            raise PackBroken(f"{entry.name} is not a file")
    return {entry.name: entry.read_bytes() for entry in entries}

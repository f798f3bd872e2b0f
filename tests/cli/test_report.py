"""Reports and packs from the command line: every form is written, and a pack that was touched is found out."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import msgspec
import pypdf
import pytest
from typer.testing import CliRunner

from made_journals import Writer, another, make_plan, rolled_back
from program.governance.governed import governed_text
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.program.execution import events as ev
from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.validation.gate import calls_to_pass

FOUR_ASSETS = ("workbook.yaml", "readiness.json", "plan.json", "recovery.md")


def voicedr(folder: Path, *arguments: str, workbook: bool = True) -> tuple[int, str, str]:
    """Run a command as ``main`` does; its code, its output and its errors."""
    places = ["-w", str(folder / "voicedr.yaml"), "--journal", str(folder / "journal.db")] if workbook else []
    ended = CliRunner().invoke(app, [*arguments, *places])
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        code = exit_code(ended.exception) if isinstance(ended.exception, Exception) else None
        assert code is not None, ended.exception
        return code, ended.stdout, ended.stderr + str(ended.exception)
    return ended.exit_code, ended.stdout, ended.stderr


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook, a journal with a test before and a run that was rolled back, and the pack of that."""
    folder = tmp_path_factory.mktemp("report")
    text = governed_text()
    (folder / "voicedr.yaml").write_text(text)
    (folder / "ready.json").write_text('{"flows": []}')
    journal = SqliteJournal(folder / "journal.db")
    opened, *rest = rolled_back()
    assert isinstance(opened, ev.Opened)
    before = another(Writer(make_plan({"canary": 3, "low-risk": 3})).finish(50), "x-0041", -7)
    journal.open("x-0041", "support-line", before)
    digest = hashlib.sha256(text.encode()).hexdigest()
    journal.open("x-0042", "support-line", [msgspec.structs.replace(opened, workbook_sha256=digest), *rest])
    journal.close()
    code, said, err = voicedr(
        folder, "report", "--all-to", str(folder / "pack"), "--readiness", str(folder / "ready.json")
    )
    assert code == 0, err
    assert hashlib.sha256((folder / "pack" / "MANIFEST").read_bytes()).hexdigest() in said
    return folder


@pytest.fixture
def pack(shelf: Path, tmp_path: Path) -> Path:
    """A copy of the pack that a test may touch."""
    return Path(shutil.copytree(shelf / "pack", tmp_path / "pack"))


def test_a_pack_has_the_four_assets_and_every_form_of_the_report(pack: Path) -> None:
    """And what verifies them; the plan's bytes are the ones that were approved."""
    names = {path.name for path in pack.iterdir()}
    forms = {f"report.{suffix}" for suffix in ("html", "pdf", "json", "md")}
    about = {"evidence.jsonl", "checkpoints.jsonl", "checkpoint-key.pem", "README.md", "MANIFEST"}
    assert names == {*FOUR_ASSETS, *forms, *about}
    told = json.loads((pack / "report.json").read_bytes())
    assert hashlib.sha256((pack / "plan.json").read_bytes()).hexdigest() == told["story"]["plan_hash"]
    assert (pack / "workbook.yaml").read_text() == governed_text()
    assert told["story"]["around"]["workbook"].endswith("byte for byte")
    assert told["figures"]["plan_changes"] == 1
    passes = f"**canary** (3 actions): {calls_to_pass(SequentialTest())} good calls pass it"
    assert passes in (pack / "recovery.md").read_text()
    assert "incident.evidence.jsonl" not in names
    assert "no incident was declared" in (pack / "README.md").read_text()
    assert len(pypdf.PdfReader(pack / "report.pdf").pages) <= 12


def test_a_pack_verifies_with_sha256sum_alone(pack: Path) -> None:
    """Whoever gets it needs nothing of ours."""
    checked = subprocess.run(["sha256sum", "-c", "MANIFEST"], cwd=pack, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count(": OK") == len(list(pack.iterdir())) - 1


def test_a_whole_pack_verifies_with_its_evidence_and_its_checkpoint(pack: Path) -> None:
    """The manifest, what belongs to the evidence, and then the evidence as ever."""
    code, said, err = voicedr(pack, "verify", str(pack), workbook=False)
    assert code == 0, err
    assert "11 files are as MANIFEST has them" in said or "12 files are as MANIFEST has them" in said
    assert "whole: x-0042" in said
    kept = ("--checkpoint", str(pack / "checkpoints.jsonl"), "--public-key", str(pack / "checkpoint-key.pem"))
    code, said, err = voicedr(pack, "verify", str(pack), *kept, workbook=False)
    assert (code, "1 checkpoints from elsewhere agree" in said) == (0, True), err


@pytest.mark.parametrize("name", ["report.html", "report.pdf", "plan.json", "workbook.yaml", "evidence.jsonl"])
def test_a_changed_file_is_found_by_the_manifest(pack: Path, name: str) -> None:
    """Exit 1, and its name."""
    (pack / name).write_bytes((pack / name).read_bytes() + b" ")
    code, _, err = voicedr(pack, "verify", str(pack), workbook=False)
    assert (code, f"{name} was changed" in err) == (1, True)


def test_added_and_missing_files_are_found(pack: Path) -> None:
    """Both named; for machines too."""
    (pack / "note.txt").write_text("trust me")
    (pack / "report.md").unlink()
    code, said, err = voicedr(pack, "verify", str(pack), "--json", workbook=False)
    assert code == 1
    assert "note.txt is not in the manifest" in err
    assert json.loads(said)["whole"] is False
    assert len(json.loads(said)["pack"]) == 2


def rewritten(pack: Path, name: str, body: bytes) -> None:
    """Change a file, and the manifest with it, as somebody would who knows how."""
    manifest = (pack / "MANIFEST").read_text()
    was = hashlib.sha256((pack / name).read_bytes()).hexdigest()
    assert was in manifest
    (pack / name).write_bytes(body)
    (pack / "MANIFEST").write_text(manifest.replace(was, hashlib.sha256(body).hexdigest()))


def test_a_report_that_says_other_figures_than_the_evidence_is_found(pack: Path) -> None:
    """The figures are told again from the evidence, so a manifest made anew does not help."""
    told = json.loads((pack / "report.json").read_bytes())
    told["figures"]["calls_bad"] = 0
    rewritten(pack, "report.json", json.dumps(told).encode())
    code, _, err = voicedr(pack, "verify", str(pack), workbook=False)
    assert (code, "report.json says calls_bad is 0, and the evidence gives 5" in err) == (1, True)


def test_a_plan_or_a_workbook_of_another_run_is_found(pack: Path) -> None:
    """By the hashes that the evidence has of them."""
    rewritten(pack, "plan.json", b"{}")
    rewritten(pack, "workbook.yaml", b"voicedr: 1\n")
    code, _, err = voicedr(pack, "verify", str(pack), workbook=False)
    assert code == 1
    assert "plan.json is not the plan that was approved" in err
    assert "workbook.yaml was changed after the opening" in err


def test_a_changed_record_is_found_although_the_manifest_fits(pack: Path) -> None:
    """The evidence's own chain."""
    body = (pack / "evidence.jsonl").read_bytes()
    rewritten(pack, "evidence.jsonl", body.replace(b"ruiz@laptop:4001", b"chen@laptop:4001"))
    code, said, _ = voicedr(pack, "verify", str(pack), workbook=False)
    assert code == 1
    assert "was changed: its hash is not the one of what it says" in said


def test_a_folder_that_is_no_pack_is_wrong_use(tmp_path: Path, pack: Path) -> None:
    """Without a manifest, or with a link that leads elsewhere."""
    code, _, err = voicedr(tmp_path, "verify", str(tmp_path), workbook=False)
    assert (code, "is not an evidence pack" in err) == (2, True)
    (pack / "link").symlink_to("/etc/passwd")
    code, _, err = voicedr(pack, "verify", str(pack), workbook=False)
    assert (code, "link is not a file" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--all-to", "PACK"), "is not empty"),
        (("--all-to", "NEW", "--format", "json"), "Leave --to and --format out"),
        (("--all-to", "NEW", "--readiness", "KEY"), "is not JSON"),
        (("--readiness", "KEY"), "--all-to FOLDER"),
        (("--format", "json", "--to", "no/such/folder/x"), "cannot be written"),
    ],
)
def test_wrong_use_is_said_in_words(shelf: Path, arguments: tuple[str, ...], words: str) -> None:
    """Exit 2, and nothing is written over."""
    places = {"PACK": shelf / "pack", "NEW": shelf / "new", "KEY": shelf / "pack" / "checkpoint-key.pem"}
    before = sorted((shelf / "pack").iterdir())
    code, _, err = voicedr(shelf, "report", *(str(places.get(one, one)) for one in arguments))
    assert (code, words in err) == (2, True), err
    assert sorted((shelf / "pack").iterdir()) == before
    assert not (shelf / "new").exists()


def test_every_form_can_be_written_alone(shelf: Path, tmp_path: Path) -> None:
    """To a file, or to the screen."""
    for form, begins in (
        ("html", b"<!doctype html>"),
        ("json", b"{"),
        ("markdown", b"# support-line"),
        ("pdf", b"%PDF-"),
    ):
        code, _, err = voicedr(shelf, "report", "x-0042", "--format", form, "--to", str(tmp_path / form))
        assert code == 0, err
        assert (tmp_path / form).read_bytes().startswith(begins)
    code, said, _ = voicedr(shelf, "report", "x-0042", "--format", "markdown", "--to", "-")
    assert code == 0
    assert "## Since the last test" in said

"""What verifies a full or redacted edition from the command line, and what each of its helpers proves."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from real_stage import Said
from scenes import Scene
from signed_evidence import evidence_of, signed_events, signers_text
from ssh_keys import laptop
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.testing.virtual_time import run_virtual


def voicedr(folder: Path, *arguments: str) -> Said:
    """Run a command on the folder's journal, in this process; files are named by where they are in the folder."""
    made = CliRunner().invoke(app, _there(folder, arguments), env={"VOICEDR_JOURNAL": str(folder / "journal.db")})
    failure = made.exception if not isinstance(made.exception, SystemExit) else None
    if failure is None:
        return Said(made.exit_code, made.stdout, made.stderr)
    code = exit_code(failure) if isinstance(failure, Exception) else None
    assert code is not None, failure
    return Said(code, made.stdout, str(failure))


def _there(folder: Path, arguments: Sequence[str]) -> list[str]:
    files = (".jsonl", ".pem", ".key", "signers")
    return [str(folder / one) if one.endswith(files) and one[0] != "-" and ":" not in one else one for one in arguments]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished execution in both editions, with its key, a checkpoint half-way and one at the end."""
    folder = tmp_path_factory.mktemp("editions")
    scene = Scene(folder, {"canary": 1, "rest": 2}, propagation_s=0.0)
    scene.open()
    assert voicedr(folder, "checkpoint", "x1", "--to", "early.jsonl").code == 0
    run_virtual(scene.run)
    scene.journal.close()
    (folder / "machine.pem").write_text(voicedr(folder, "checkpoint-key").out)
    assert voicedr(folder, "export", "x1", "--to", "full.jsonl").code == 0
    assert voicedr(folder, "export", "x1", "--to", "red.jsonl", "--redacted", "--redaction-key", "red.key").code == 0
    assert voicedr(folder, "checkpoint", "x1", "--to", "kept.jsonl").code == 0
    return folder


PROOF = ("--full", "full.jsonl", "--redaction-key", "red.key")


def test_a_redacted_edition_says_what_it_proves_alone(folder: Path) -> None:
    """It is recognised, says that without the machine's key its words are not proved, and its key is its owner's."""
    alone = voicedr(folder, "verify", "red.jsonl", "--checkpoint", "kept.jsonl")
    assert alone.code == 0, alone.err
    assert "not proved without the machine's key or the full edition" in alone.out
    assert "1 checkpoints from elsewhere agree." in alone.out
    early = voicedr(folder, "verify", "red.jsonl", "--checkpoint", "early.jsonl")
    assert "1 of earlier moments can only be compared with the full edition" in early.out
    assert "+1415" not in (folder / "red.jsonl").read_text()
    assert stat.S_IMODE((folder / "red.key").stat().st_mode) == 0o600
    assert (folder / "red.key").read_text().strip() not in (folder / "red.jsonl").read_text()


def test_with_the_machines_key_and_with_the_full_edition_it_proves_the_words(folder: Path) -> None:
    """Each proof is said; the full edition brings the checkpoints of earlier moments back in."""
    with_key = voicedr(folder, "verify", "red.jsonl", "--public-key", "machine.pem")
    assert with_key.code == 0, with_key.out
    assert "what they say is as the machine redacted it" in with_key.out
    checks = ("--checkpoint", "early.jsonl", "--checkpoint", "kept.jsonl", "--public-key", "machine.pem")
    proved = voicedr(folder, "verify", "red.jsonl", *PROOF, *checks)
    assert proved.code == 0, proved.out
    assert "every body of the" in proved.out
    assert "2 checkpoints from elsewhere agree." in proved.out


def test_a_changed_redaction_is_found_and_named_by_the_full_edition(folder: Path) -> None:
    """The machine's key says that something was changed; the full edition says which line, when and what it was."""
    text = (folder / "red.jsonl").read_text()
    (folder / "touched.jsonl").write_text(text.replace('"verdict":"go"', '"verdict":"no-go"', 1))
    line = next(n for n, one in enumerate(text.splitlines(), 1) if '"verdict":"go"' in one)
    by_key = voicedr(folder, "verify", "touched.jsonl", "--public-key", "machine.pem")
    assert (by_key.code, "the machine's signature does not hold" in by_key.out) == (1, True)
    for more in ((), ("--public-key", "machine.pem")):
        by_full = voicedr(folder, "verify", "touched.jsonl", *PROOF, *more)
        assert by_full.code == 1
        assert f"line {line} (record {line - 1}) is not the redaction" in by_full.out
        assert f"First bad event: record {line - 1}, 2026-01-01" in by_full.out
        assert "GATE_SPOKE" in by_full.out


def test_a_broken_full_edition_proves_nothing(folder: Path) -> None:
    """It is said to be the full one that is broken."""
    (folder / "cut.jsonl").write_bytes((folder / "full.jsonl").read_bytes()[:-200])
    done = voicedr(folder, "verify", "red.jsonl", "--full", "cut.jsonl", "--redaction-key", "red.key")
    assert done.code == 1
    assert "cut.jsonl: the file does not end with a line break" in done.out


def test_the_first_bad_event_has_its_number_time_and_kind(folder: Path) -> None:
    """Of an edit, a deletion, a swap and a doubling; also for machines."""
    lines = (folder / "full.jsonl").read_bytes().split(b"\n")
    edited = [
        *lines[:5],
        lines[5].replace(b'"attempt":1', b'"attempt":2').replace(b'"cohort"', b'"Cohort"'),
        *lines[6:],
    ]
    changes = {
        "edited": (edited, 5),
        "left-out": ([*lines[:5], *lines[6:]], 5),
        "swapped": ([*lines[:5], lines[6], lines[5], *lines[7:]], 5),
        "doubled": ([*lines[:6], lines[5], *lines[6:]], 6),
    }
    for name, (changed, first) in changes.items():
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(changed))
        done = voicedr(folder, "verify", f"{name}.jsonl")
        record = json.loads(changed[first])
        assert done.code == 1
        assert f"First bad event: record {first}, 2026-01-01 00:00:00" in done.out, (name, done.out)
        assert record["body"]["event"] in done.out
        (said,) = voicedr(folder, "verify", f"{name}.jsonl", "--json").lines
        assert (said["first_bad"], said["kind"], said["edition"]) == (first, record["body"]["event"], "full")


def test_signed_approvals_are_verified_with_a_list_of_signers(tmp_path: Path) -> None:
    """Without a list it says that nobody looked; with it they hold, or the first that does not is named."""
    laptops = {name: laptop(tmp_path / name) for name in ("ana", "ben")}
    events = signed_events(laptops, tmp_path / "scene")
    (tmp_path / "x1.jsonl").write_bytes(evidence_of(events))
    (tmp_path / "signers").write_text(signers_text(laptops))
    unseen = voicedr(tmp_path, "verify", "x1.jsonl")
    assert (unseen.code, "2 approvals say that they are signed, and nobody looked" in unseen.out) == (0, True)
    seen = voicedr(tmp_path, "verify", "x1.jsonl", "--allowed-signers", "signers")
    assert (seen.code, "2 signed approvals hold" in seen.out) == (0, True)
    (tmp_path / "ana-signers").write_text(signers_text({"ana": laptops["ana"]}))
    bad = voicedr(tmp_path, "verify", "x1.jsonl", "--allowed-signers", "ana-signers")
    assert bad.code == 1
    assert "record 3 is an approval by Ben that does not hold" in bad.out
    assert "First bad event: record 3, 2026-01-01 00:00:00.000 UTC, APPROVED." in bad.out
    assert voicedr(tmp_path, "verify", "x1.jsonl", "--allowed-signers", "no-signers").code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("verify", "red.jsonl", "--full", "full.jsonl"), 2, "Name both"),
        (("verify", "full.jsonl", *PROOF), 2, "is a full edition itself"),
        (("verify", "red.jsonl", "--allowed-signers", "kept.jsonl"), 2, "no statements of approvals"),
        (("verify", "red.jsonl", "--full", "full.jsonl", "--redaction-key", "machine.pem"), 2, "not a redaction key"),
        (("verify", "red.jsonl", "--full", "full.jsonl", "--redaction-key", "none.key"), 2, "cannot be read"),
        (("verify", "full.jsonl", "--checkpoint", "none.jsonl"), 2, "has no checkpoint of x1"),
        (("verify", "full.jsonl", "--checkpoint", "s3:"), 2, "names no bucket"),
        (("verify", "full.jsonl", "--checkpoint", "http://127.0.0.1:1/x"), 3, "did not answer"),
        (("checkpoint", "x1", "--to", "https://e.example/x", "--token", "hunter2"), 2, "not a reference"),
        (("export", "x1", "--redaction-key", "red.key"), 2, "Add --redacted"),
    ],
)
def test_wrong_use_is_told_from_what_could_not_be_looked_at(
    folder: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """2 with the next step, 3 where a place did not answer; nothing secret is repeated."""
    done = voicedr(folder, *arguments)
    assert (done.code, words in done.err) == (code, True), done
    assert "hunter2" not in done.err

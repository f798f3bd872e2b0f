"""The incident's record leaves with the execution's, and is verified with it: from the words typed to the exit code."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from approval_desk import Said, run_in
from program.governance.governed import governed
from scenes import NOW, Scene
from voicedr.adapters.journal.incidents import JournalIncidents
from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.file import EvidenceBroken
from voicedr.program.evidence.incident_file import verify_incident, write_incident_evidence
from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.incident import (
    Assessed,
    Closed,
    Declared,
    IncidentEvent,
    Reviewed,
    encode_incident,
    incident_link,
)
from voicedr.program.vocabulary import Kind
from voicedr.usecases.approve import BY_WORD
from voicedr.usecases.conditions import Conditions
from voicedr.usecases.cut_over import open_execution
from voicedr.usecases.decide import open_incident, open_records

INCIDENT = "support-line-incident-1"
SAID: tuple[IncidentEvent, ...] = (
    Declared(at=NOW, by="A. Ruiz", person_id="ruiz", incident=INCIDENT, flow="support-line", why="silence"),
    Assessed(at=NOW, by="N. Okafor", person_id="okafor", part="technical", judgement="go", why="it answers"),
    Assessed(at=NOW, by="S. Patel", person_id="patel", part="business", judgement="go", cost_per_minute=900.0),
    Closed(at=NOW, by="A. Ruiz", person_id="ruiz", why="recovered"),
)


def chain(events: tuple[IncidentEvent, ...], incident: str = INCIDENT, named: str = "") -> bytes:
    """A file whose chain holds, whatever it says."""
    rows, previous = [], GENESIS
    for seq, event in enumerate(events, start=1):
        body = encode_incident(event)
        digest = incident_link(named or incident, seq, previous, body)
        rows.append((seq, previous, digest, body))
        previous = digest
    return write_incident_evidence(named or incident, "support-line", rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An execution that was opened after three steps of an incident, which was closed later; both exported."""
    folder = tmp_path_factory.mktemp("incident")
    scene = Scene(folder)
    incidents = JournalIncidents(scene.journal)
    declared = SAID[0]
    assert isinstance(declared, Declared)
    incidents.open(declared)
    for event in SAID[1:3]:
        incidents.append(INCIDENT, event)
    records = open_records(incidents, "support-line")
    workbook, flow = governed()
    workbook = msgspec.structs.replace(workbook, people=())
    plan = msgspec.structs.replace(scene.plan(), approvals=1)
    scene.journal.approve(Approved(at=NOW, person="ana", role="lead", plan_hash=plan_hash(plan)))
    around = Conditions(workbook, flow, open_incident(incidents, "support-line"), None, records[-1].hash)
    open_execution(
        scene.journal, plan, execution="x1", kind=Kind.REAL, by="me", now=NOW, approving=BY_WORD, conditions=around
    )
    incidents.append(INCIDENT, SAID[3])
    scene.journal.close()
    exported = voicedr(folder, "export", "x1", "--to", str(folder / "x1.evidence.jsonl"))
    assert exported.code == 0, exported.err
    assert exported.out.split() == [str(folder / "x1.evidence.jsonl"), str(folder / "x1.incident.jsonl")]
    return folder


def voicedr(folder: Path, *arguments: str) -> Said:
    """Run a command on the folder's journal."""
    journal = () if arguments[0] == "verify" else ("--journal", str(folder / "journal.db"))
    return run_in(*arguments, *journal)


def verified(folder: Path, body: bytes, *arguments: str) -> Said:
    """Verify a changed incident's file."""
    (folder / "changed.jsonl").write_bytes(body)
    return voicedr(folder, "verify", str(folder / "changed.jsonl"), *arguments)


def test_an_incident_is_verified_with_the_execution_that_was_opened_over_it(folder: Path) -> None:
    """Exit 0; alone it says what it cannot see."""
    file, execution = str(folder / "x1.incident.jsonl"), str(folder / "x1.evidence.jsonl")
    both = voicedr(folder, "verify", file, "--execution", execution)
    assert (both.code, both.err) == (0, "")
    assert f"whole: {INCIDENT}: 4 records hold" in both.out
    assert "x1 was opened over its first 3 records: their head is the same." in both.out
    assert "A cut tail would not be noticed" in voicedr(folder, "verify", file).out
    said = json.loads(voicedr(folder, "verify", file, "--execution", execution, "--json").out)
    assert (said["whole"], said["edition"], said["bound"], said["records"]) == (True, "incident", True, 4)
    assert voicedr(folder, "verify", execution).code == 0
    assert Path(file).read_bytes() == chain(SAID)


def test_what_was_written_anew_after_the_move_contradicts_the_execution(folder: Path) -> None:
    """The chain holds, and its head at the opening is another; a cut tail is told against the opening, too."""
    execution = ("--execution", str(folder / "x1.evidence.jsonl"))
    anew = (SAID[0], msgspec.structs.replace(SAID[1], why="it does not answer"), *SAID[2:])
    assert verified(folder, chain(anew)).code == 0, "alone nobody sees it"
    said = verified(folder, chain(anew), *execution)
    assert (said.code, "at least one record up to it was written anew" in said.out) == (1, True)
    cut = verified(folder, chain(SAID[:2]), *execution)
    assert (cut.code, "it had 3 records, and now 2: the tail was cut off" in cut.out) == (1, True)
    text = (folder / "x1.evidence.jsonl").read_text().replace('"by":"me"', '"by":"us"', 1)
    (folder / "touched.jsonl").write_text(text)
    touched = voicedr(folder, "verify", str(folder / "x1.incident.jsonl"), "--execution", str(folder / "touched.jsonl"))
    assert (touched.code, "record 1 was changed" in touched.out) == (1, True)


def test_a_tail_that_was_cut_after_the_opening_is_told_against_a_checkpoint(folder: Path) -> None:
    """The checkpoint is of the incident's record, signed, and kept elsewhere."""
    kept = folder / "kept.jsonl"
    made = voicedr(folder, "checkpoint", "x1", "--incident", "--to", str(kept), "-w", str(folder / "voicedr.yaml"))
    assert made.code == 0, made.err
    key = voicedr(folder, "checkpoint-key", "-w", str(folder / "voicedr.yaml"))
    (folder / "key.pem").write_text(key.out)
    against = ("--checkpoint", str(kept), "--public-key", str(folder / "key.pem"))
    assert verified(folder, chain(SAID), *against).code == 0
    cut = verified(folder, chain(SAID[:3]), *against)
    assert (cut.code, "it had 4 records, and now 3: the tail was cut off" in cut.out) == (1, True)


LINES = chain(SAID).split(b"\n")
CLOSED_BEFORE = (*SAID[:2], SAID[3], SAID[2])
REVIEWED = Reviewed(at=NOW + timedelta(days=1), by="B. Chen", person_id="chen", glass="review-1", note="fine")


@pytest.mark.parametrize(
    ("body", "first_bad", "words"),
    [
        (chain(SAID).replace(b"it answers", b"it replies"), 2, "record 2 was changed"),
        (b"\n".join([*LINES[:2], *LINES[3:]]), 2, "record 3 stands where record 2 should"),
        (b"\n".join([LINES[0], LINES[2], LINES[1], *LINES[3:]]), 1, "record 2 stands where record 1 should"),
        (b"\n".join([*LINES[:4], *LINES[5:]]), 4, "it should end with record 4, and ends with record 3"),
        (b"\n".join([*LINES[:5], b""]), 4, "the closing line is missing"),
        (b"\n".join(LINES[:-1]), None, "does not end with a line break"),
        (chain(SAID).replace(b'"seq":3', b'"seq": 3'), 3, "not written as it was exported"),
        (b"\n".join([*LINES[:3], b"\xff{}", *LINES[4:]]), 3, "record 3 is not a record"),
        (chain(SAID[1:]), 1, "does not declare an incident"),
        (chain(SAID, named="another"), 1, "names another incident"),
        (chain((*SAID[:2], SAID[0])), 3, "declares the incident again"),
        (chain(CLOSED_BEFORE), 4, "added after the incident was closed"),
        (chain((*SAID, REVIEWED)), 5, "reviews glass that was not broken"),
        (chain(()), 1, "does not declare an incident"),
    ],
)
def test_a_touched_file_says_where(body: bytes, first_bad: int | None, words: str) -> None:
    """The first record that cannot be trusted, and what speaks against it."""
    verdict = verify_incident(body)
    assert (verdict.whole, verdict.first_bad) == (False, first_bad)
    assert words in verdict.what


def test_every_byte_counts() -> None:
    """Whatever byte is changed, the file is broken or no incident's file."""
    whole = chain(SAID[:2])
    assert verify_incident(whole).whole
    for at in range(len(whole)):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        assert not whole_or_none(changed), at


def whole_or_none(body: bytes) -> bool:
    """Whether it is whole; what is no incident's file is not."""
    try:
        return verify_incident(body).whole
    except EvidenceBroken:
        return False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("verify", "x1.evidence.jsonl", "--execution", "x1.evidence.jsonl"), "is none. Leave it out"),
        (("verify", "x1.incident.jsonl", "--execution", "journal.db"), "line 1 is not the first line"),
        (("verify", "x1.incident.jsonl", "--execution", "nothing"), "cannot be read"),
        (("verify", "x1.incident.jsonl", "--allowed-signers", "nothing"), "it goes with --checkpoint"),
        (("verify", "other.incident.jsonl", "--execution", "x1.evidence.jsonl"), f"names {INCIDENT}, and"),
    ],
)
def test_wrong_input_is_said_in_words(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    """Exit 2."""
    other = msgspec.structs.replace(SAID[0], incident="other")
    (folder / "other.incident.jsonl").write_bytes(chain((other,), incident="other"))
    said = voicedr(folder, *(one if one[0] == "-" or one == "verify" else str(folder / one) for one in arguments))
    assert (said.code, words in said.err) == (2, True), said

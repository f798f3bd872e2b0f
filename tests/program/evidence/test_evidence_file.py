"""An evidence file shows every change that was made to it, and which record is the first that cannot be trusted."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes import NOW, Scene
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, execution_of, verify, write_evidence
from voicedr.program.execution import events as ev
from voicedr.testing.virtual_time import run_virtual
from voicedr.usecases.export_evidence import export_evidence, make_checkpoint


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A finished execution."""
    scene = Scene(tmp_path_factory.mktemp("evidence"), {"canary": 1, "rest": 2}, propagation_s=0.0)
    scene.open()
    run_virtual(scene.run)
    return scene


@pytest.fixture(scope="module")
def evidence(scene: Scene) -> bytes:
    """Its evidence file."""
    return export_evidence(scene.journal, "x1")


@pytest.fixture(scope="module")
def checkpoint(scene: Scene) -> Checkpoint:
    """Its checkpoint at the end."""
    return make_checkpoint(scene.journal, "x1", NOW)


def test_an_untouched_file_is_whole_and_equal_journals_give_equal_files(
    scene: Scene, evidence: bytes, checkpoint: Checkpoint
) -> None:
    """Every record holds, the checkpoint agrees, and exporting twice gives the same bytes."""
    verdict = verify(evidence, [checkpoint])
    assert verdict.whole, verdict.what
    assert (verdict.records, verdict.head, verdict.held) == (checkpoint.size, checkpoint.head, 1)
    assert execution_of(evidence) == "x1"
    assert export_evidence(scene.journal, "x1") == evidence


@given(data=st.data())
def test_every_changed_byte_is_found_in_its_own_line(evidence: bytes, data: Any) -> None:
    """One byte anywhere: the file is broken, or no evidence file any more, and no record before it is doubted."""
    at = data.draw(st.integers(0, len(evidence) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda value: value != evidence[at]))
    changed = evidence[:at] + bytes([value]) + evidence[at + 1 :]
    line = evidence[:at].count(b"\n")
    try:
        verdict = verify(changed)
    except EvidenceBroken:
        assert line == 0
        return
    assert not verdict.whole
    assert verdict.first_bad is None or line == 0 or verdict.first_bad >= min(line, evidence.count(b"\n") - 1)


@given(data=st.data())
def test_deleted_swapped_and_doubled_records_are_found(evidence: bytes, data: Any) -> None:
    """The first record out of place is named."""
    lines = evidence.splitlines(keepends=True)
    at = data.draw(st.integers(1, len(lines) - 3))
    how = data.draw(st.sampled_from(["delete", "swap", "double"]))
    if how == "delete":
        lines = lines[:at] + lines[at + 1 :]
    elif how == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        lines.insert(at, lines[at])
    verdict = verify(b"".join(lines))
    assert not verdict.whole
    assert verdict.first_bad == (at + 1 if how == "double" else at)
    stands = msgspec.json.decode(lines[verdict.first_bad])
    body = stands.get("body", {"event": "", "at": None})  # where the last record was left out, the closing line stands
    assert verdict.kind == body["event"]
    assert (verdict.at is None) == (body["at"] is None)


def test_a_file_cut_anywhere_is_broken(evidence: bytes) -> None:
    """At every line break, and in the middle of every line."""
    lines = evidence.splitlines(keepends=True)
    for count in range(1, len(lines)):
        cut = b"".join(lines[:count])
        assert not verify(cut).whole
        if count > 1:
            assert not verify(cut[:-5]).whole


def test_a_cut_tail_with_a_new_closing_line_is_found_by_one_checkpoint_and_only_by_it(
    scene: Scene, checkpoint: Checkpoint
) -> None:
    """That is what checkpoints kept elsewhere are for."""
    records = [(one.seq, one.term, one.previous, one.hash, one.body) for one in scene.journal.read("x1")]
    opened = scene.journal.read("x1")[0].event
    assert isinstance(opened, ev.Opened)
    shorter = write_evidence("x1", opened.plan.flow, opened.plan_hash, records[:-3])
    assert verify(shorter).whole
    verdict = verify(shorter, [checkpoint])
    assert not verdict.whole
    assert "cut off" in verdict.what
    assert verdict.first_bad == len(records) - 2


def test_a_history_written_anew_with_right_hashes_is_found_by_a_checkpoint(
    scene: Scene, checkpoint: Checkpoint
) -> None:
    """Whoever rewrites one record and all hashes after it cannot rewrite what somebody else keeps."""
    bodies = [one.body.replace(b'"good":true', b'"good":false') for one in scene.journal.read("x1")]
    forged = rewritten(scene, bodies)
    assert verify(forged).whole
    assert not verify(forged, [checkpoint]).whole


@pytest.mark.parametrize(
    ("forge", "what"),
    [
        (
            lambda opened, events: [msgspec.structs.replace(opened, plan_hash="0" * 64), *events],
            "does not have the hash",
        ),
        (
            lambda opened, events: [
                opened, ev.Approved(at=NOW, person="eve", role="lead", plan_hash="1" * 64), *events,
            ],
            "approves another plan",
        ),
        (
            lambda opened, events: [
                opened, ev.Answered(at=NOW, action="route number +1 -> ie1", region="ie1", source=""), *events,
            ],
            "cannot follow",
        ),
        (lambda _opened, events: events, "does not open"),
    ],
)  # fmt: skip
def test_well_linked_records_that_cannot_be_true_are_found(scene: Scene, forge: Any, what: str) -> None:
    """Right hashes over wrong facts: another plan, an approval for another plan, an answer to nothing, no opening."""
    opened, *events = [one.event for one in scene.journal.read("x1")]
    verdict = verify(rewritten(scene, [encode(event) for event in forge(opened, events)]))
    assert not verdict.whole
    assert what in verdict.what


@pytest.mark.parametrize(
    "body", [b"", b"hello\n", b"{}\n", b'{"voicedr_evidence":2,"execution":"x","flow":"f","plan_hash":""}\n']
)
def test_what_is_no_evidence_file_is_said_to_be_none(body: bytes) -> None:
    """An empty file, a text, another JSON, another version: no verdict is given."""
    with pytest.raises(EvidenceBroken):
        verify(body)


def test_a_checkpoint_of_an_earlier_moment_agrees_with_what_came_later(scene: Scene, evidence: bytes) -> None:
    """A journal only grows; an old checkpoint stays true."""
    record = scene.journal.read("x1")[9]
    early = Checkpoint("x1", record.seq, record.hash, NOW - timedelta(hours=1))
    assert verify(evidence, [early]).held == 1
    assert not verify(evidence, [msgspec.structs.replace(early, head="f" * 64)]).whole


def rewritten(scene: Scene, bodies: list[bytes]) -> bytes:
    """An evidence file over other bodies, with every hash right."""
    opened = scene.journal.read("x1")[0].event
    assert isinstance(opened, ev.Opened)
    previous, rows = GENESIS, []
    for seq, body in enumerate(bodies, start=1):
        digest = link("x1", seq, 1, previous, body)
        rows.append((seq, 1, previous, digest, body))
        previous = digest
    found = msgspec.json.decode(bodies[0], type=ev.Opened).plan_hash if b"OPENED" in bodies[0] else opened.plan_hash
    return write_evidence("x1", opened.plan.flow, found, rows)


def test_a_file_of_today_is_verified_by_every_later_release() -> None:
    """Recorded once; if this fails, old evidence can no longer be read."""
    recorded = Path(__file__).parents[2] / "fixtures" / "evidence-0.1.jsonl"
    verdict = verify(recorded.read_bytes())
    assert verdict.whole, verdict.what
    assert verdict.records > 20


def test_a_record_is_verified_by_hand_with_a_shell(evidence: bytes, tmp_path: Path) -> None:
    """The few lines of the reference page give the hash that the record has."""
    page = (Path(__file__).parents[3] / "docs" / "reference" / "evidence_file.md").read_text()
    script = page.rpartition("```sh\n")[2].partition("```")[0]
    first, second = (msgspec.json.decode(line) for line in evidence.splitlines()[1:3])
    for word, value in (("EXECUTION", "x1"), ("TERM", str(second["term"])), ("PREVIOUS", first["hash"])):
        script = script.replace(word, value)
    (tmp_path / "drill.evidence.jsonl").write_bytes(evidence)
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=10, check=True)
    assert done.stdout.split()[0] == second["hash"]


def test_a_well_linked_record_that_is_not_text_is_broken(evidence: bytes) -> None:
    """Somebody who forges the hashes as well meets a verdict, and no traceback: the body is not UTF-8."""
    head, first, *_ = evidence.split(b"\n")
    body = msgspec.json.decode(first)["body"]
    forged = encode(msgspec.convert(body, ev.Event)).replace(b'"OPENED"', b'"OPENED\xff"')
    linked = link("x1", 1, 0, GENESIS, forged)
    line = b'{"seq":1,"term":0,"previous":"%b","hash":"%b","body":%b}' % (GENESIS.encode(), linked.encode(), forged)
    tail = msgspec.json.encode({"size": 1, "head": linked})
    verdict = verify(b"\n".join([head, line, tail]) + b"\n")
    assert (verdict.whole, verdict.first_bad) == (False, 1)

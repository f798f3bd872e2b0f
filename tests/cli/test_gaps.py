"""The gap list at the command line: who has what until when, and what cannot be done is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from readiness_package_scene import judged
from readiness_scene import a_flow, an_account, report, snapshot
from voicedr.adapters.gap_file import GapFile
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app
from voicedr.program.readiness.gaps import GapList, gap_id, merge
from voicedr.program.vocabulary import IE1

WORKBOOK = """\
voicedr: 1
account:
  sid: AC00000000000000000000000000000001
  regions:
    us1: {edge: ashburn, api_key: env:TWILIO_KEY_US1, api_secret: env:TWILIO_SECRET_US1}
    ie1: {edge: dublin, api_key: env:TWILIO_KEY_IE1, api_secret: env:TWILIO_SECRET_IE1}
people:
  - {id: ann, name: Ann Ruiz, roles: [lead]}
  - {id: bo, name: Bo Lin, roles: [lead]}
flows:
  support-line:
    title: Support
    tier: 1
    primary: us1
    standby: ie1
    rto: 30m
    must_survive: [A caller reaches an agent]
    success: [19 of 20 callers are greeted within 5 s]
    entry_points: {numbers: ["+14155550100..+14155550102"]}
    cohorts:
      - {name: all, rest: true}
    roles:
      detection: lead
      technical_assessment: lead
      business_impact: lead
      approval: {roles: [lead], approvals: 2}
"""

ID = gap_id("support-line", "number_has_handler", IE1)
UNKNOWN_ID = gap_id("support-line", "route_write_works", None)
SOON = (datetime.now(UTC) + timedelta(days=10)).date()


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A workbook with a list of one run beside it."""
    path = tmp_path / "dr.yaml"
    path.write_text(WORKBOOK)
    GapFile(tmp_path / ".voicedr" / "gaps.json").change(
        lambda _known: merge(GapList(), judged(), datetime.now(UTC) - timedelta(hours=1))
    )
    return path


def gaps(workbook: Path, *arguments: str) -> tuple[int, str]:
    """A command in this process: its code, and what it said or what went wrong."""
    ended = CliRunner().invoke(app, ["gaps", *arguments, "-w", str(workbook)])
    if ended.exception is None or isinstance(ended.exception, SystemExit):
        return ended.exit_code, ended.output
    assert isinstance(ended.exception, Exception)
    code = exit_code(ended.exception)
    assert code is not None, repr(ended.exception)
    return code, str(ended.exception)


def listed(workbook: Path, *arguments: str) -> dict[str, dict[str, object]]:
    """The gaps by their ids."""
    code, told = gaps(workbook, *arguments, "--json")
    assert code in (0, 1), told
    return {gap["id"]: gap for gap in json.loads(told)["gaps"]}


def test_the_list_is_a_table_and_json(workbook: Path) -> None:
    """Exit 1 while gaps stand; one next action on top; both flows, or the one that is asked for."""
    code, told = gaps(workbook)
    assert code == 1
    assert told.startswith("next: ")
    assert "has no owner: voicedr gaps take" in told
    assert ID in told
    assert {gap["flow"] for gap in listed(workbook).values()} == {"support-line", "sales"}
    assert {gap["flow"] for gap in listed(workbook, "support-line").values()} == {"support-line"}
    assert gaps(workbook, "list", "support-line")[0] == 1


def test_a_gap_is_taken_fixed_and_overdue(workbook: Path) -> None:
    """Whoever takes it is a person of the workbook; a day that is over is marked."""
    code, told = gaps(workbook, "take", ID, "--owner", "ann", "--due", "2026-01-01")
    assert (code, "OVERDUE" in told) == (0, True)
    assert (listed(workbook)[ID]["owner"], listed(workbook)[ID]["overdue"]) == ("ann", True)
    told = gaps(workbook)[1]
    assert f"next: {ID} of support-line is overdue, ann has it" in told
    assert "OVERDUE" in told
    code, told = gaps(workbook, "fixed", ID)
    assert (code, "next: voicedr ready support-line" in told) == (0, True)
    assert listed(workbook)[ID]["status"] == "fixed, to be tested"


def test_a_waiver_has_an_owner_an_end_and_a_reason(workbook: Path) -> None:
    """It is told with them, does not count for the exit code, and can be taken back."""
    for id_ in listed(workbook, "support-line"):
        code, told = gaps(workbook, "waive", id_, "--owner", "bo", "--until", str(SOON), "--why", "new host\nsoon")
        assert (code, f"bo answers until {SOON}: new host soon" in told) == (0, True), told
    assert gaps(workbook, "support-line")[0] == 0
    assert gaps(workbook)[0] == 1
    assert gaps(workbook, "unwaive", ID)[0] == 0
    assert gaps(workbook, "support-line")[0] == 1
    assert gaps(workbook, "unwaive", ID)[0] == 4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("take", ID, "--owner", "nobody", "--due", "2026-12-01"), 2, "is nobody in"),
        (("take", ID, "--owner", "ann", "--due", "soon"), 2, "is no day. Write it as 2026-12-01."),
        (("take", "zzz", "--owner", "ann", "--due", "2026-12-01"), 2, "is no gap's id"),
        (("take", "00000000", "--owner", "ann", "--due", "2026-12-01"), 2, "there is no gap '00000000'"),
        (("waive", ID, "--owner", "nobody", "--until", str(SOON), "--why", "x"), 2, "is nobody in"),
        (("waive", ID, "--owner", "ann", "--until", "2026-01-01", "--why", "x"), 4, "Name a later day."),
        (("waive", ID, "--owner", "ann", "--until", str(SOON), "--why", "  "), 4, "say why"),
        (("waive", UNKNOWN_ID, "--owner", "ann", "--until", str(SOON), "--why", "x"), 4, "it is unknown"),
        (("fixed", "00000000"), 2, "there is no gap"),
        (("nowhere",), 2, "has no flow 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    workbook: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """What is unknown is never accepted; wrong use is 2, what a rule refuses is 4."""
    before = (workbook.parent / ".voicedr" / "gaps.json").read_bytes()
    ended, told = gaps(workbook, *arguments)
    assert (ended, words in told) == (code, True), told
    assert (workbook.parent / ".voicedr" / "gaps.json").read_bytes() == before


def test_the_list_may_be_kept_in_git(workbook: Path, tmp_path: Path) -> None:
    """--gaps FILE names another; a broken one is said, and left as it is."""
    other = tmp_path / "gaps.json"
    code, told = gaps(workbook, "--gaps", str(other))
    assert (code, "no run is in the list yet" in told) == (0, True)
    other.write_text("{ <<<<<<< HEAD")
    code, told = gaps(workbook, "--gaps", str(other))
    assert (code, "is no gap list" in told) == (2, True)
    assert other.read_text() == "{ <<<<<<< HEAD"


def test_closed_gaps_are_shown_when_asked_for(workbook: Path) -> None:
    """They are not gaps any more, and are not forgotten."""
    good = report([a_flow()], an_account(), snapshot())
    GapFile(workbook.parent / ".voicedr" / "gaps.json").change(lambda known: merge(known, good, datetime.now(UTC)))
    code, told = gaps(workbook, "support-line")
    assert (code, "no gap stands, by the run of" in told) == (0, True)
    every = listed(workbook, "support-line", "--all")
    assert every[ID]["status"] == "closed"
    assert date.fromisoformat(str(every[ID]["closed_at"])[:10]) == datetime.now(UTC).date()

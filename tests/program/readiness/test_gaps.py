"""The gap list: a gap is closed by a test and by nothing else, and what is unknown is never accepted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness_scene import a_flow, a_workbook, snapshot
from voicedr.program.readiness.check import Outcome, Severity
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.gaps import (
    GapList,
    NotPossible,
    Status,
    Waiver,
    failing,
    fixed,
    gap_id,
    merge,
    take,
    unwaive,
    waive,
)
from voicedr.program.readiness.judge import ReadinessReport, report
from voicedr.program.vocabulary import IE1

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ID = gap_id("support-line", "has_fallback", IE1)


def finding(outcome: Outcome, check: str = "has_fallback", detail: str = "no fallback URL is set") -> Finding:
    """What the check said of the standby."""
    fix = "set it" if outcome is Outcome.FAIL else ""
    return Finding(check, outcome, Severity.CUT_OFF, ("+14155550100",), 1, 10, "numbers", IE1, detail, fix, "https://x")


def run(*outcomes: Outcome) -> ReadinessReport:
    """A report whose only findings are these."""
    base = report((a_flow(),), a_workbook().account, snapshot())
    findings = tuple(finding(outcome, detail=f"case {n}") for n, outcome in enumerate(outcomes))
    flow = msgspec.structs.replace(base.flows[0], findings=findings)
    return msgspec.structs.replace(base, flows=(flow,))


def status(known: GapList) -> Status | None:
    """How the one gap stands."""
    return known.gaps[ID].status if ID in known.gaps else None


FAIL, PASS, UNKNOWN = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN
OPEN, FIXED, WAIVED, CLOSED, GONE = Status.OPEN, Status.FIXED, Status.WAIVED, Status.CLOSED, Status.GONE


def standing(how: Status | None) -> GapList:
    """A list in which the gap stands so."""
    if how is None:
        return GapList()
    known = merge(GapList(), run(FAIL), NOW - timedelta(hours=1))
    if how is FIXED:
        return fixed(known, ID)
    if how is WAIVED:
        return waive(known, ID, Waiver("ruiz", "next week", date(2026, 11, 30), NOW))
    if how is CLOSED:
        return merge(known, run(PASS), NOW)
    if how is GONE:
        return merge(known, run(), NOW)
    return known


@pytest.mark.parametrize(
    ("before", "seen", "after"),
    [
        (None, (FAIL,), OPEN),
        (None, (PASS,), None),
        (None, (UNKNOWN,), None),
        (OPEN, (FAIL,), OPEN),
        (OPEN, (PASS,), CLOSED),
        (OPEN, (UNKNOWN,), OPEN),
        (OPEN, (PASS, UNKNOWN), OPEN),
        (OPEN, (PASS, FAIL), OPEN),
        (OPEN, (), GONE),
        (FIXED, (FAIL,), OPEN),
        (FIXED, (UNKNOWN,), FIXED),
        (FIXED, (PASS,), CLOSED),
        (WAIVED, (FAIL,), WAIVED),
        (WAIVED, (UNKNOWN,), WAIVED),
        (WAIVED, (PASS,), CLOSED),
        (CLOSED, (FAIL,), OPEN),
        (CLOSED, (PASS,), CLOSED),
        (GONE, (FAIL,), OPEN),
        (GONE, (), GONE),
    ],
)
def test_how_a_gap_moves(before: Status | None, seen: tuple[Outcome, ...], after: Status | None) -> None:
    """The table at the top of the module."""
    assert status(merge(standing(before), run(*seen), NOW)) is after


def test_a_waiver_ends() -> None:
    """On its last day it holds; the day after, the gap is open, and fails a build again."""
    known = standing(WAIVED)
    flow = run(FAIL).flows[0]
    last, after = datetime(2026, 11, 30, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    assert status(merge(known, run(FAIL), last)) is WAIVED
    assert failing(flow, known, last) == []
    assert status(merge(known, run(FAIL), after)) is OPEN
    assert len(failing(flow, known, after)) == 1


@pytest.mark.parametrize(
    ("known", "seen", "until", "told"),
    [
        (standing(OPEN), run(UNKNOWN), date(2026, 11, 30), "it is unknown"),
        (standing(None), run(UNKNOWN), date(2026, 11, 30), "it is unknown"),
        (standing(None), run(PASS), date(2026, 11, 30), "there is no gap"),
        (standing(CLOSED), run(PASS), date(2026, 11, 30), "is closed since"),
        (standing(OPEN), run(FAIL), date(2026, 11, 21), "is over, or today"),
    ],
)
def test_what_cannot_be_waived(known: GapList, seen: ReadinessReport, until: date, told: str) -> None:
    """Nobody accepts what nobody has seen, what is no gap, or until yesterday."""
    with pytest.raises(NotPossible, match=told):
        waive(merge(known, seen, NOW), ID, Waiver("ruiz", "because", until, NOW))


def test_a_waiver_is_for_as_many_things_as_were_seen() -> None:
    """One thing fails and is answered for; when a second one fails too, nobody has answered for that."""
    known = standing(WAIVED)
    assert status(merge(known, run(FAIL), NOW)) is WAIVED
    assert failing(run(FAIL, FAIL).flows[0], known, NOW) != []
    assert status(merge(known, run(FAIL, FAIL), NOW)) is OPEN


def test_a_waiver_can_be_taken_back() -> None:
    """The gap is open again at once; what is not waived cannot be taken back."""
    known = unwaive(standing(WAIVED), ID)
    assert (status(known), known.gaps[ID].waiver) == (OPEN, None)
    with pytest.raises(NotPossible, match="is not waived: it is open"):
        unwaive(known, ID)


def test_a_gap_is_overdue_after_its_day() -> None:
    """On the day it is not; a waived one never is."""
    known = take(standing(OPEN), ID, "ruiz", NOW.date())
    assert not known.gaps[ID].overdue(NOW)
    assert known.gaps[ID].overdue(NOW + timedelta(days=1))
    waived = waive(known, ID, Waiver("ruiz", "x", date(2026, 12, 30), NOW))
    assert not waived.gaps[ID].overdue(NOW + timedelta(days=1))


def test_a_gap_has_an_owner_and_a_day_over_runs() -> None:
    """Taken once, it stays somebody's until it is closed; a gap that comes back is counted."""
    known = take(standing(OPEN), ID, "ruiz", date(2026, 12, 1))
    known = merge(known, run(FAIL), NOW)
    assert (known.gaps[ID].owner, known.gaps[ID].due) == ("ruiz", date(2026, 12, 1))
    known = merge(merge(known, run(PASS), NOW), run(FAIL), NOW + timedelta(hours=1))
    assert (known.gaps[ID].times, known.gaps[ID].opened_at) == (2, NOW + timedelta(hours=1))
    with pytest.raises(NotPossible, match="there is no gap 'ffffffff'"):
        take(known, "ffffffff", "ruiz", date(2026, 12, 1))


@given(st.lists(st.sampled_from(["fail", "pass", "unknown", "nothing", "fixed", "waive"]), max_size=30))
def test_only_a_passing_test_closes(steps: list[str]) -> None:
    """Whatever is said and seen: it is closed only right after a pass, and every run is in the trend."""
    known, now, runs = GapList(), NOW, 0
    seen = {"fail": (FAIL,), "pass": (PASS,), "unknown": (UNKNOWN,), "nothing": ()}
    for step in steps:
        now += timedelta(hours=1)
        before = status(known)
        try:
            if step == "fixed":
                known = fixed(known, ID)
            elif step == "waive":
                known = waive(known, ID, Waiver("ruiz", "x", now.date() + timedelta(days=1), now))
            else:
                known, runs = merge(known, run(*seen[step]), now), runs + 1
        except NotPossible:
            assert step in ("fixed", "waive")
        if status(known) is CLOSED and before is not CLOSED:
            assert step == "pass"
    assert len(known.trend("support-line")) == runs

"""The gap list: what readiness found, who has it, until when, and what became of it. One list over all runs.

A gap is one check of one flow in one Region. Its life, and what moves it on:

    how it stands   seen now        becomes       because
    (not listed)    fails           OPEN          it was found
    OPEN            fails           OPEN
    OPEN            passes          CLOSED        it was tested again
    FIXED           passes          CLOSED        it was tested again: said to be fixed is not yet closed
    FIXED           fails           OPEN          it is not fixed
    WAIVED          fails           WAIVED        as long as the waiver runs, then OPEN
    WAIVED          fails of more   OPEN          more things than were answered for
    WAIVED          passes          CLOSED        it was tested again
    CLOSED          fails           OPEN          it is back
    any             unknown         as it was     nobody could look: nothing passes for that
    any             not looked at   as it was     another flow was asked for
    any             applies no more GONE          nothing is left that it could be said of

A waiver has an owner, a reason and an end, and is for a gap that was seen, of as many things as were seen then: when
more of them fail, nobody has answered for that. What is unknown cannot be waived: nobody knows what would be accepted.
A waived gap is still a gap in every report; it only does not fail a build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

import msgspec

from voicedr.program.readiness.check import ClosedBy, Outcome, Severity
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.judge import FlowReadiness, ReadinessReport
from voicedr.program.vocabulary import Region


class Status(StrEnum):
    """How a gap stands. See the table."""

    OPEN = "open"
    FIXED = "fixed, to be tested"
    WAIVED = "waived"
    CLOSED = "closed"
    GONE = "gone"


class NotPossible(Exception):
    """What was asked of the list cannot be done: what, how it stands, and the next step. Nothing changed."""


class NoSuchGap(NotPossible):
    """The list has no gap of that id that stands."""


class Waiver(msgspec.Struct, frozen=True):
    """Somebody answers for a gap until a day. ``things``: of how many things; None: that is filled in when given."""

    owner: str
    reason: str
    until: date
    given_at: datetime
    things: int | None = None

    def holds(self, failing: int, now: datetime) -> bool:
        """True if it is for so many failing things, and is not over."""
        return self.until >= now.date() and (self.things is None or failing <= self.things)


class Gap(msgspec.Struct, frozen=True):
    """One line of the list.

    Attributes:
        id: Short, the same in every run.
        what: What it is said of, and what was seen, as of the last time it failed.
        owner, due: Who closes it, and until when; None: nobody has taken it.
        opened_at: When it was found, for the latest time it was.
        seen_at: When it was last tested, pass or fail.
        closed_at: When a test passed; None while it is a gap.
        times: How often it was found.
        things: How many things failed, the last time it did.
    """

    id: str
    flow: str
    check: str
    region: Region | None
    severity: Severity
    closed_by: ClosedBy
    what: str
    fix: str
    status: Status
    opened_at: datetime
    seen_at: datetime
    owner: str | None = None
    due: date | None = None
    closed_at: datetime | None = None
    waiver: Waiver | None = None
    times: int = 1
    things: int = 1

    @property
    def stands(self) -> bool:
        """True if it is a gap now, whoever answers for it."""
        return self.status in (Status.OPEN, Status.FIXED, Status.WAIVED)

    def answered_for(self, now: datetime) -> bool:
        """True if a waiver holds, for as much as failed the last time."""
        return self.status is Status.WAIVED and self.waiver is not None and self.waiver.holds(self.things, now)

    def overdue(self, now: datetime) -> bool:
        """True if it should have been closed by now, and nobody answers for it."""
        return self.stands and not self.answered_for(now) and self.due is not None and self.due < now.date()


def worst_first(gap: Gap) -> tuple[bool, bool, int, str, str, str]:
    """What to sort gaps by: those that stand, then those that somebody answers for, then those that are closed."""
    waived = gap.status is Status.WAIVED
    return (not gap.stands, waived, gap.severity.rank, gap.flow, gap.check, gap.region or "")


class Run(msgspec.Struct, frozen=True):
    """One evaluation in the list's history: how many gaps and unknowns each flow had."""

    at: datetime
    flow: str
    gaps: int
    unknowns: int
    waived: int
    reached: int


class GapList(msgspec.Struct, frozen=True):
    """The whole list, by id, and the runs behind it, oldest first.

    ``unknown``: the ids of what nobody could look at, in each flow's latest run.
    """

    gaps: dict[str, Gap] = {}
    runs: tuple[Run, ...] = ()
    unknown: dict[str, tuple[str, ...]] = {}

    def of(self, flow: str) -> list[Gap]:
        """A flow's gaps that stand, worst first."""
        return [gap for gap in self.every(flow) if gap.stands]

    def every(self, flow: str) -> list[Gap]:
        """The same with those that are closed or gone, which come last."""
        found = [gap for gap in self.gaps.values() if gap.flow == flow]
        return sorted(found, key=worst_first)

    def trend(self, flow: str) -> tuple[int, ...]:
        """A flow's gaps in its runs, oldest first."""
        return tuple(run.gaps for run in self.runs if run.flow == flow)


RUNS_MAX = 5000
"""A year of runs every two hours. The oldest go first."""


def gap_id(flow: str, check: str, region: Region | None) -> str:
    """The id of a gap: eight hexadecimal digits, the same in every run."""
    return hashlib.sha256(f"{flow}\0{check}\0{region or ''}".encode()).hexdigest()[:8]


def merge(known: GapList, report: ReadinessReport, now: datetime) -> GapList:
    """The list after a run. Flows that the report does not have are left as they are."""
    gaps = dict(known.gaps)
    runs = list(known.runs)
    unknown = dict(known.unknown)
    for flow in report.flows:
        seen = _seen(flow)
        unknown[flow.flow] = tuple(sorted(id_ for id_, findings in seen.items() if _dark(findings)))
        for id_, gap in list(gaps.items()):
            if gap.flow == flow.flow and id_ not in seen and gap.stands:
                gaps[id_] = msgspec.structs.replace(gap, status=Status.GONE, closed_at=now, waiver=None)
        for id_, findings in seen.items():
            moved = _moved(gaps.get(id_), flow.flow, findings, now)
            if moved is not None:
                gaps[id_] = moved
        standing = [gap for gap in gaps.values() if gap.flow == flow.flow and gap.stands]
        waived = sum(gap.status is Status.WAIVED for gap in standing)
        runs.append(Run(now, flow.flow, len(standing), flow.unknowns, waived, flow.standing.reached))
    return GapList(gaps, tuple(runs[-RUNS_MAX:]), unknown)


def take(known: GapList, id_: str, owner: str, due: date) -> GapList:
    """Give a gap an owner and a day.

    Raises:
        NotPossible: If there is no such gap, or it is closed.
    """
    return _with(known, id_, lambda gap: msgspec.structs.replace(gap, owner=owner, due=due))


def fixed(known: GapList, id_: str) -> GapList:
    """Say that a gap is fixed. It is closed when a run has seen it pass.

    Raises:
        NotPossible: If there is no such gap, or it is closed.
    """
    return _with(known, id_, lambda gap: msgspec.structs.replace(gap, status=Status.FIXED, waiver=None))


def waive(known: GapList, id_: str, waiver: Waiver) -> GapList:
    """Answer for a gap until a day, and for as many things as fail now.

    Raises:
        NotPossible: If it is no gap, or the latest run could not look, or the end is not after today.
    """
    if waiver.until <= waiver.given_at.date():
        raise NotPossible(f"waiving {id_}: {waiver.until} is over, or today. Name a later day.")
    for flow, dark in known.unknown.items():
        if id_ in dark:
            raise NotPossible(
                f"waiving {id_}: it is unknown, and what nobody has seen cannot be accepted. Find out first:"
                f" voicedr ready {flow}"
            )

    def waived(gap: Gap) -> Gap:
        given = msgspec.structs.replace(waiver, things=gap.things)
        return msgspec.structs.replace(gap, status=Status.WAIVED, waiver=given)

    return _with(known, id_, waived)


def unwaive(known: GapList, id_: str) -> GapList:
    """Nobody answers for a gap any more.

    Raises:
        NotPossible: If there is no such gap, or nobody answers for it.
    """
    gap = known.gaps.get(id_)
    if gap is not None and gap.stands and gap.waiver is None:
        raise NotPossible(f"gap {id_} is not waived: it is {gap.status.value}. Nothing is to be taken back.")
    return _with(known, id_, lambda one: msgspec.structs.replace(one, status=Status.OPEN, waiver=None))


def answered_for(flow: FlowReadiness, finding: Finding, known: GapList, now: datetime) -> Waiver | None:
    """The waiver that holds for a finding that fails; None if nobody answers for it today."""
    id_ = gap_id(flow.flow, finding.check, finding.region)
    gap = known.gaps.get(id_)
    if finding.outcome is not Outcome.FAIL or gap is None or gap.waiver is None:
        return None
    failing_now = sum(
        one.count
        for one in flow.findings
        if one.outcome is Outcome.FAIL and (one.check, one.region) == (finding.check, finding.region)
    )
    return gap.waiver if gap.waiver.holds(failing_now, now) else None


def failing(flow: FlowReadiness, known: GapList, now: datetime) -> list[Finding]:
    """The findings of a flow that fail and that nobody answers for today: what fails a build."""
    return [
        finding
        for finding in flow.findings
        if finding.outcome is Outcome.FAIL and answered_for(flow, finding, known, now) is None
    ]


def _dark(findings: Iterable[Finding]) -> bool:
    """True if nobody could look, and nothing fails."""
    outcomes = {finding.outcome for finding in findings}
    return Outcome.UNKNOWN in outcomes and Outcome.FAIL not in outcomes


def _seen(flow: FlowReadiness) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in flow.findings:
        found.setdefault(gap_id(flow.flow, finding.check, finding.region), []).append(finding)
    return found


def _moved(gap: Gap | None, flow: str, findings: Iterable[Finding], now: datetime) -> Gap | None:
    """A gap after its check was judged; None where there is none and was none."""
    by_outcome: Mapping[Outcome, list[Finding]] = {
        outcome: [one for one in findings if one.outcome is outcome] for outcome in Outcome
    }
    bad = by_outcome[Outcome.FAIL]
    if not bad:
        if gap is None or not gap.stands or by_outcome[Outcome.UNKNOWN]:
            return gap
        return msgspec.structs.replace(gap, status=Status.CLOSED, closed_at=now, seen_at=now, waiver=None)
    first = bad[0]
    what = "; ".join(f"{', '.join(one.subjects)}: {one.detail}" for one in bad)
    things = sum(one.count for one in bad)
    if gap is None:
        return Gap(
            id=gap_id(flow, first.check, first.region),
            flow=flow,
            check=first.check,
            region=first.region,
            severity=first.severity,
            closed_by=first.closed_by,
            what=what,
            fix=first.fix,
            status=Status.OPEN,
            opened_at=now,
            seen_at=now,
            things=things,
        )
    holds = gap.waiver is not None and gap.waiver.holds(things, now)
    back = not gap.stands
    return msgspec.structs.replace(
        gap,
        severity=first.severity,
        closed_by=first.closed_by,
        what=what,
        fix=first.fix,
        seen_at=now,
        status=Status.WAIVED if holds and not back else Status.OPEN,
        waiver=gap.waiver if holds and not back else None,
        opened_at=now if back else gap.opened_at,
        closed_at=None,
        times=gap.times + 1 if back else gap.times,
        things=things,
    )


def _with(known: GapList, id_: str, change: Callable[[Gap], Gap]) -> GapList:
    gap = known.gaps.get(id_)
    if gap is None or not gap.stands:
        raise NoSuchGap(_no_such(known, id_))
    return msgspec.structs.replace(known, gaps={**known.gaps, id_: change(gap)})


def _no_such(known: GapList, id_: str) -> str:
    gap = known.gaps.get(id_)
    if gap is not None:
        return f"gap {id_} is {gap.status.value} since {gap.closed_at:%Y-%m-%d}. Nothing is left to do with it."
    has = ", ".join(sorted(one.id for one in known.gaps.values() if one.stands)) or "none"
    return f"there is no gap {id_[:40]!r}. The list has: {has}. See: voicedr gaps"

"""The readiness package: the report with the gap list, the trend, the regional resource map and the checklist.

Every form that people and machines get (table, page, CSV, JUnit, SARIF …) is made from this value, so that all of them
say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from voicedr.program.readiness.check import Area, ClosedBy, Outcome, Severity
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.findings import CheckResult, Finding
from voicedr.program.readiness.gaps import Gap, GapList, Waiver, answered_for, gap_id
from voicedr.program.readiness.judge import FlowReadiness, ReadinessReport, worst
from voicedr.program.readiness.resource_map import FlowMap

BARS = "▁▂▃▄▅▆▇█"

RUNS_SHOWN_MAX = 12
"""So many runs are in a trend's picture."""


class Answered(msgspec.Struct, frozen=True):
    """A finding that fails, and who answers for it."""

    finding: Finding
    waiver: Waiver


class Trend(msgspec.Struct, frozen=True):
    """A flow's gaps over its latest runs, this one last. ``was``: in the run before; None: this is the first."""

    gaps: tuple[int, ...]
    was: int | None

    @property
    def picture(self) -> str:
        """A bar for each run: the higher, the more gaps. Nothing if there is only one run."""
        if len(self.gaps) < 2:
            return ""
        most = max(self.gaps)
        return "".join(BARS[0 if most == 0 else round(one / most * (len(BARS) - 1))] for one in self.gaps)

    @property
    def words(self) -> str:
        """``trend of gaps █▄▁, was 9``; nothing for a first run."""
        return "" if self.was is None else f"trend of gaps {self.picture}, was {self.was}"


class Checked(msgspec.Struct, frozen=True):
    """One line of the checklist.

    Attributes:
        result: How the check stands.
        findings: What it found, worst first.
        why: What callers suffer if it fails.
        waived: Who answers for it, where all that fails is answered for.
    """

    result: CheckResult
    findings: tuple[Finding, ...]
    why: str
    source: str
    closed_by: ClosedBy
    waived: Waiver | None = None


class AreaList(msgspec.Struct, frozen=True):
    """One area of the checklist: what applies to the flow."""

    area: Area
    checked: tuple[Checked, ...]

    def count(self, outcome: Outcome) -> int:
        """How many of its checks stand so."""
        return sum(one.result.outcome is outcome for one in self.checked)


class FlowPackage(msgspec.Struct, frozen=True):
    """Everything about one flow.

    Attributes:
        readiness: How the checks stand.
        outcome: FAIL if something fails that nobody answers for, else UNKNOWN if something is, else PASS.
        failing: What fails and nobody answers for, worst first.
        unknown: What nobody could look at.
        waived: What fails, and who answers for it.
        gaps: Its lines of the gap list that stand.
        checklist: Its areas, in order.
        not_applicable: The checks that do not apply to it.
        map: Its regional resource map; None if it was not asked for.
    """

    readiness: FlowReadiness
    outcome: Outcome
    failing: tuple[Finding, ...]
    unknown: tuple[Finding, ...]
    waived: tuple[Answered, ...]
    gaps: tuple[Gap, ...]
    trend: Trend
    checklist: tuple[AreaList, ...]
    not_applicable: tuple[CheckResult, ...]
    map: FlowMap | None = None

    @property
    def gaps_open(self) -> int:
        """How many gaps nobody answers for: a gap is one check in one Region, whatever it is said of."""
        return len({(one.check, one.region) for one in self.failing})

    @property
    def gaps_waived(self) -> int:
        """How many somebody answers for."""
        return len({(one.finding.check, one.finding.region) for one in self.waived})

    def gap_of(self, finding: Finding) -> Gap | None:
        """The line of the gap list that a finding belongs to."""
        wanted = gap_id(self.readiness.flow, finding.check, finding.region)
        return next((gap for gap in self.gaps if gap.id == wanted), None)


class NextStep(msgspec.Struct, frozen=True):
    """The one thing to do first. ``command``: what to enter; empty if no command does it."""

    flow: str
    subjects: tuple[str, ...]
    what: str
    command: str


class Package(msgspec.Struct, frozen=True):
    """Everything about every flow that was asked for; the worst flow first.

    ``names``: people's names by their ids. ``kept``: False if the gap list could not be kept, or was not asked for.
    """

    report: ReadinessReport
    made_at: datetime
    flows: tuple[FlowPackage, ...]
    outcome: Outcome
    next: NextStep
    names: dict[str, str] = {}


_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


def package(
    report: ReadinessReport,
    gaps: GapList,
    now: datetime,
    *,
    maps: Mapping[str, FlowMap] | None = None,
    names: Mapping[str, str] | None = None,
) -> Package:
    """The package of a report.

    Args:
        report: What was judged.
        gaps: The gap list, with this run in it.
        now: For waivers and what is overdue.
        maps: The regional resource map of each flow; None: it is left out.
        names: People's names by their ids.
    """
    flows = [_flow(flow, gaps, now, (maps or {}).get(flow.flow)) for flow in report.flows]
    flows.sort(key=_worst_first)
    return Package(
        report=report,
        made_at=now,
        flows=tuple(flows),
        outcome=worst(flow.outcome for flow in flows),
        next=_next(flows),
        names=dict(names or {}),
    )


def alone(report: ReadinessReport) -> Package:
    """The package of a report that no gap list knows of: nobody answers for anything."""
    return package(report, GapList(), report.taken_at)


def _worst_first(flow: FlowPackage) -> tuple[int, int, int, str]:
    """By what hurts callers most and nobody answers for, then by what matters most."""
    open_ = flow.failing or flow.unknown
    hurts = min((one.severity.rank for one in open_), default=len(Severity))
    return (_ORDER.index(flow.outcome), hurts, flow.readiness.tier, flow.readiness.flow)


def _flow(flow: FlowReadiness, gaps: GapList, now: datetime, found: FlowMap | None) -> FlowPackage:
    failing: list[Finding] = []
    waived: list[Answered] = []
    for finding in flow.findings:
        waiver = answered_for(flow, finding, gaps, now)
        if waiver is not None:
            waived.append(Answered(finding, waiver))
        elif finding.outcome is Outcome.FAIL:
            failing.append(finding)
    unknown = tuple(finding for finding in flow.findings if finding.outcome is Outcome.UNKNOWN)
    looked = any(result.outcome is not None for result in flow.checks)
    outcome = Outcome.FAIL if failing else Outcome.UNKNOWN if unknown or not looked else Outcome.PASS
    runs = gaps.trend(flow.flow)
    return FlowPackage(
        readiness=flow,
        outcome=outcome,
        failing=tuple(failing),
        unknown=unknown,
        waived=tuple(waived),
        gaps=tuple(gaps.of(flow.flow)),
        trend=Trend(runs[-RUNS_SHOWN_MAX:], runs[-2] if len(runs) > 1 else None),
        checklist=_checklist(flow, waived, failing),
        not_applicable=tuple(result for result in flow.checks if result.outcome is None),
        map=found,
    )


def _checklist(flow: FlowReadiness, waived: list[Answered], failing: list[Finding]) -> tuple[AreaList, ...]:
    findings: dict[str, list[Finding]] = {}
    for finding in flow.findings:
        findings.setdefault(finding.check, []).append(finding)
    answered = {one.finding.check: one.waiver for one in waived}
    open_ = {finding.check for finding in failing}
    areas: dict[Area, list[Checked]] = {}
    for result in flow.checks:
        if result.outcome is None:
            continue
        check = all_checks()[result.check]
        waiver = None if result.check in open_ else answered.get(result.check)
        found = tuple(findings.get(result.check, ()))
        areas.setdefault(result.area, []).append(
            Checked(result, found, check.why, check.source, check.closed_by, waiver)
        )
    return tuple(AreaList(area, tuple(areas[area])) for area in Area if area in areas)


def worst_findings(flows: Iterable[FlowPackage]) -> list[tuple[FlowPackage, Finding]]:
    """What is open in all flows, by what hurts callers most: what fails before what nobody could look at."""
    found = [(flow, one) for flow in flows for one in (*flow.failing, *flow.unknown)]
    found.sort(key=lambda pair: _hurts(*pair))
    return found


def _hurts(flow: FlowPackage, one: Finding) -> tuple[bool, int, int, int, str, str]:
    fails = one.outcome is Outcome.FAIL
    return (not fails, one.severity.rank, flow.readiness.tier, -one.count, flow.readiness.flow, one.check)


def _next(flows: list[FlowPackage]) -> NextStep:
    if not flows:
        return NextStep("", (), "name the flows to look at: the workbook has none", "")
    open_ = worst_findings(flows)
    if not open_:
        flow_id = flows[0].readiness.flow
        return NextStep(flow_id, (), "nothing is missing that anybody could see: rehearse it", "")
    flow, finding = open_[0]
    id_ = flow.readiness.flow
    if finding.outcome is Outcome.UNKNOWN:
        return NextStep(id_, finding.subjects, f"find out: {finding.detail}", f"voicedr ready {id_}")
    sync = f"voicedr sync plan {id_}"
    if finding.closed_by is ClosedBy.SYNC or sync in finding.fix:
        return NextStep(id_, finding.subjects, finding.fix, sync)
    gap = flow.gap_of(finding)
    free = gap is not None and gap.owner is None
    command = f"voicedr gaps take {gap.id} --owner PERSON --due DATE" if gap and free else f"voicedr ready {id_}"
    return NextStep(id_, finding.subjects, finding.fix, command)

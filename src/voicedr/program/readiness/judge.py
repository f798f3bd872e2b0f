"""Can we do it today? Every check over a flow, what it found, and what nobody could find.

Conclusions that say the same of several things become one finding. Findings are sorted by what hurts callers most:
failures before unknowns before passes, then by severity, then by how many things they are said of.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec

from voicedr.program.readiness.achievability import Achievability, achievability
from voicedr.program.readiness.check import Check, ClosedBy, Conclusion, Outcome, Severity
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.declared import NOTHING_DECLARED, Declarations
from voicedr.program.readiness.findings import CheckResult, Finding
from voicedr.program.readiness.freshness import fresh
from voicedr.program.readiness.ranges import ranges
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.stages import Standing, needed_by, standing
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.unproven import Unproven, unproven
from voicedr.program.scope.workbook import Account, Flow, Person
from voicedr.program.vocabulary import Region

_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


class FlowReadiness(msgspec.Struct, frozen=True):
    """How ready one flow is.

    Attributes:
        outcome: FAIL if anything failed, else UNKNOWN if anything is unknown, else PASS. What is ``unproven`` is in
            none of them: no look can settle it.
        gaps: How many findings failed.
        unknowns: How many findings are unknown.
        next: The one thing to do first.
        unproven: What the provider does not document and this depends on. Never empty.
        standing: Which stage of resilience is reached, and which is needed.
        achievability: Whether the recovery time objective can be kept, with the arithmetic.
    """

    flow: str
    title: str
    tier: int
    primary: Region
    standby: Region
    outcome: Outcome
    gaps: int
    unknowns: int
    next: str
    findings: tuple[Finding, ...]
    unproven: tuple[Unproven, ...]
    checks: tuple[CheckResult, ...]
    standing: Standing
    achievability: Achievability


class ReadinessReport(msgspec.Struct, frozen=True):
    """How ready every flow that was asked for is, by one snapshot."""

    account_sid: str
    taken_at: datetime
    outcome: Outcome
    flows: tuple[FlowReadiness, ...]


def judge(
    flow: Flow,
    account: Account,
    snapshot: Snapshot,
    *,
    now: datetime | None = None,
    declarations: Declarations = NOTHING_DECLARED,
    people: tuple[Person, ...] = (),
) -> FlowReadiness:
    """Every check over one flow.

    Args:
        flow: The flow.
        account: The account, with its limits.
        snapshot: What was seen.
        now: When it is judged; facts that are too old by then count as not seen. None: when it was taken.
        declarations: What people say about what cannot be read.
        people: Everybody who may be asked.
    """
    when = now or snapshot.taken_at
    return _judge(Case(flow, account, fresh(snapshot, when), declarations, people, when))


def report(
    flows: Iterable[Flow],
    account: Account,
    snapshot: Snapshot,
    *,
    now: datetime | None = None,
    declarations: Declarations = NOTHING_DECLARED,
    people: tuple[Person, ...] = (),
) -> ReadinessReport:
    """Every flow judged by one snapshot, the worst first, and among equals the one that matters most."""
    when = now or snapshot.taken_at
    young = fresh(snapshot, when)
    judged = [_judge(Case(flow, account, young, declarations, people, when)) for flow in flows]
    judged.sort(key=_worst_first)
    return ReadinessReport(
        account_sid=snapshot.account_sid,
        taken_at=snapshot.taken_at,
        outcome=worst(readiness.outcome for readiness in judged),
        flows=tuple(judged),
    )


def _worst_first(flow: FlowReadiness) -> tuple[int, int, int, str]:
    """By what hurts callers most, then by what matters most. Findings are sorted so already."""
    hurts = flow.findings[0].severity.rank if flow.findings and flow.outcome is not Outcome.PASS else len(Severity)
    return (_ORDER.index(flow.outcome), hurts, flow.tier, flow.flow)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """FAIL before UNKNOWN before PASS. Nothing at all is UNKNOWN: nobody has looked at anything."""
    return min(outcomes, key=_ORDER.index, default=Outcome.UNKNOWN)


def _judge(case: Case) -> FlowReadiness:
    flow = case.flow
    findings: list[Finding] = []
    results: list[CheckResult] = []
    for check_id, check in all_checks().items():
        found = _findings(check_id, check, case)
        findings += found
        results.append(_result(check_id, check, found))
    findings.sort(key=_hurts_most)
    gaps = sum(finding.outcome is Outcome.FAIL for finding in findings)
    unknowns = sum(finding.outcome is Outcome.UNKNOWN for finding in findings)
    return FlowReadiness(
        flow=flow.id,
        title=flow.title,
        tier=flow.tier,
        primary=flow.primary,
        standby=flow.standby,
        outcome=worst(result.outcome for result in results if result.outcome is not None),
        gaps=gaps,
        unknowns=unknowns,
        next=_next(findings),
        findings=tuple(findings),
        unproven=tuple(unproven(case)),
        checks=tuple(results),
        standing=standing(results, findings, needed_by(flow.tier)),
        achievability=achievability(case),
    )


class _Word(msgspec.Struct, frozen=True):
    """Whose word a conclusion rests on. What was said is not part of it: values need not be hashable."""

    owner: str
    on: date
    until: date

    @staticmethod
    def of(conclusion: Conclusion) -> _Word | None:
        said = conclusion.said
        return None if said is None else _Word(said.owner, said.on, said.until)


def _findings(check_id: str, check: Check[Any], case: Case) -> list[Finding]:
    alike: dict[tuple[Outcome, str, Region | None, str | None, _Word | None], list[tuple[str, Conclusion]]] = {}
    looked_at: dict[Region | None, int] = {}
    kinds: dict[Region | None, str] = {}
    for subject in check.over(case):
        conclusion = check.judge(subject)
        if conclusion is None:
            continue
        region = subject.region
        looked_at[region] = looked_at.get(region, 0) + 1
        kinds[region] = subject.kind
        seen_in = conclusion.seen.source if conclusion.seen is not None else None
        key = (conclusion.outcome, conclusion.detail, region, seen_in, _Word.of(conclusion))
        alike.setdefault(key, []).append((subject.name, conclusion))
    primary = case.flow.primary
    at_home = {
        name
        for (outcome, _, region, _, _), members in alike.items()
        if outcome is Outcome.FAIL and region == primary
        for name, _ in members
    }

    def closed_by(region: Region | None, members: list[tuple[str, Conclusion]]) -> ClosedBy:
        """A copy of the primary mends what the primary has right, and only in the standby."""
        copied = region != primary and not any(name in at_home for name, _ in members)
        return check.closed_by if copied else ClosedBy.PEOPLE

    return [
        Finding(
            check=check_id,
            outcome=outcome,
            severity=check.severity,
            subjects=ranges(name for name, _ in members),
            count=len(members),
            of=looked_at[region],
            kind=kinds[region],
            region=region,
            detail=detail,
            fix=_filled(check.fix, case.flow, region) if outcome is Outcome.FAIL else "",
            source=check.source,
            seen_at=min((one.seen.at for _, one in members if one.seen is not None), default=None),
            seen_in=seen_in,
            said_by=said.owner if said is not None else None,
            said_on=said.on if said is not None else None,
            said_until=said.until if said is not None else None,
            area=check.area,
            stage=check.stage,
            closed_by=closed_by(region, members),
        )
        for (outcome, detail, region, seen_in, said), members in alike.items()
    ]


def _filled(fix: str, flow: Flow, region: Region | None) -> str:
    return fix.format(flow=flow.id, region=region or flow.standby, primary=flow.primary, standby=flow.standby)


def _result(check_id: str, check: Check[Any], findings: list[Finding]) -> CheckResult:
    def things(outcome: Outcome) -> int:
        return sum(finding.count for finding in findings if finding.outcome is outcome)

    return CheckResult(
        check=check_id,
        title=check.title,
        outcome=worst(finding.outcome for finding in findings) if findings else None,
        passed=things(Outcome.PASS),
        failed=things(Outcome.FAIL),
        unknown=things(Outcome.UNKNOWN),
        area=check.area,
        stage=check.stage,
    )


def _hurts_most(finding: Finding) -> tuple[int, int, int, str, tuple[str, ...]]:
    return (_ORDER.index(finding.outcome), finding.severity.rank, -finding.count, finding.check, finding.subjects)


def _next(findings: list[Finding]) -> str:
    if not findings or findings[0].outcome is Outcome.PASS:
        return "nothing is missing that anybody could see: rehearse it"
    first = findings[0]
    if first.outcome is Outcome.UNKNOWN:
        return f"find out: {first.detail}"
    return first.fix

"""What the people who decide must know, on one page, as values: signals, preconditions, costs, actions, who must agree.

Every line says how sure it is. What nobody has seen, said or worked out is ``UNKNOWN`` and stays so: it is never shown
as good, and no sum is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.approvals import missing_approvals
from voicedr.program.governance.authority import FunctionStanding, matrix
from voicedr.program.governance.incident import Incident, Tick, decision_clock
from voicedr.program.governance.packet_parts import (
    Line,
    Sure,
    actions_of,
    back_words,
    cost_lines,
    lost_lines,
    silence_words,
)
from voicedr.program.governance.preconditions import blocking as blocking_words
from voicedr.program.governance.preconditions import blocks, not_known
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.scope.authority import Function
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.spoken import count, listed, short, span
from voicedr.program.vocabulary import Mode, Purpose, Region

FRESH_S_MAX = 300.0
"""Assumption: a signal older than this says nothing of now. A flow can recover or fail within five minutes, the time
that a route change may take."""

LINES_MAX = 4
"""A list shows so many lines and counts the rest, so that everything stays on one page."""


class Signer(msgspec.Struct, frozen=True):
    """Somebody who approved."""

    person: str
    role: str
    at: datetime
    signed: bool
    counts: bool
    why_not: str = ""


class Packet(msgspec.Struct, frozen=True):
    """The page. ``plan_hash`` and ``command`` are None where no plan could be made; ``technical`` then says why."""

    flow: str
    title: str
    tier: int
    purpose: Purpose
    mode: Mode
    leaves: Region
    to: Region
    made_at: datetime
    incident: str | None
    question: str
    signals: tuple[Line, ...]
    technical: tuple[Line, ...]
    business: tuple[Line, ...]
    costs: tuple[Line, ...]
    lost: tuple[Line, ...]
    actions: tuple[Line, ...]
    takes: Line
    approved: tuple[Signer, ...]
    approvals_needed: int
    missing: str
    ask: tuple[str, ...]
    silence: str
    back: str
    clock: tuple[Tick, ...]
    plan_hash: str | None
    command: str | None

    @property
    def unknowns(self) -> int:
        """How many lines nobody knows the answer to."""
        groups = (self.signals, self.technical, self.business, self.costs, self.lost, (self.takes,))
        return sum(line.sure is Sure.UNKNOWN for group in groups for line in group)


def build_packet(
    workbook: Workbook,
    flow: Flow,
    *,
    now: datetime,
    purpose: Purpose,
    mode: Mode,
    plan: Plan | None,
    refused: Sequence[str] = (),
    readiness: FlowReadiness | None = None,
    incident: Incident | None = None,
    approvals: Sequence[Approved] = (),
) -> Packet:
    """The page for one flow at one moment.

    Args:
        workbook: The workbook as it is now.
        flow: The flow.
        now: The moment.
        purpose: Out, or home.
        mode: Whether the Region that is left may be asked.
        plan: The plan, or None where there can be none.
        refused: Why there can be none.
        readiness: What was found, read for this page; None: nobody looked.
        incident: The open incident; None: nobody declared one.
        approvals: Of this plan, checked just now.
    """
    leaves, to = (flow.primary, flow.standby) if purpose is Purpose.FAILOVER else (flow.standby, flow.primary)
    digest = None if plan is None else plan_hash(plan)
    standing = matrix(workbook, flow, now).functions[list(Function).index(Function.APPROVAL)]
    missing = "" if plan is None or digest is None else missing_approvals(plan, digest, approvals)
    return Packet(
        flow=flow.id,
        title=flow.title,
        tier=flow.tier,
        purpose=purpose,
        mode=mode,
        leaves=leaves,
        to=to,
        made_at=now,
        incident=None if incident is None else incident.incident,
        question=f"Move {flow.title} from {leaves} to {to}?",
        signals=tuple(_signals(incident, flow, now)),
        technical=tuple(_technical(plan, to, refused, readiness, incident)),
        business=tuple(_business(flow, incident)),
        costs=cost_lines(flow, plan, incident),
        lost=lost_lines(flow, purpose, readiness),
        actions=() if plan is None else actions_of(plan, workbook),
        takes=takes_line(plan),
        approved=tuple(_signers(approvals)),
        approvals_needed=flow.roles.approvals if plan is None else plan.approvals,
        missing=missing,
        ask=tuple(_to_ask(standing, approvals)),
        silence=silence_words(flow),
        back=back_words(plan, mode, leaves),
        clock=()
        if incident is None
        else decision_clock(
            incident,
            flow.decision_targets,
            approvals=[one for one in approvals if not one.refused],
            needed=flow.roles.approvals,
            now=now,
        ),
        plan_hash=digest,
        command=None if digest is None else f"voicedr approve {short(digest)} --as PERSON",
    )


def _signals(incident: Incident | None, flow: Flow, now: datetime) -> list[Line]:
    if incident is None:
        return [Line("signals", f"no incident is declared: voicedr declare {flow.id} --as PERSON", Sure.UNKNOWN)]
    declared = incident.declared
    said = f"{declared.by}: {declared.why}" if declared.why else declared.by
    lines = [Line("declared", f"{said} ({span((now - declared.at).total_seconds())} ago)")]
    if not declared.sightings or declared.looked_at is None:
        return [*lines, Line("signals", "no signal was looked at; this is a person's word", Sure.UNKNOWN)]
    age_s = (now - declared.looked_at).total_seconds()
    old = age_s > FRESH_S_MAX
    for one in declared.sightings:
        words = f"{one.said} ({span(age_s)} ago{', too old to say how it is now' if old else ''})"
        seen = Sure.BAD if one.bad else Sure.SAID
        lines.append(Line(one.signal, words, Sure.UNKNOWN if old else seen))
    return lines


def _technical(
    plan: Plan | None,
    to: Region,
    refused: Sequence[str],
    readiness: FlowReadiness | None,
    incident: Incident | None,
) -> list[Line]:
    blocking = [Line("no plan", reason, Sure.BAD) for reason in refused]
    unknowns = [Line("unknown", words, Sure.UNKNOWN) for words in (plan.unknowns if plan is not None else ())]
    gaps = 0
    if readiness is None:
        unknowns.append(Line("readiness", "nobody looked for this page: voicedr ready", Sure.UNKNOWN))
    else:
        blocking += [Line("blocks", words, Sure.BAD) for words in blocking_words(readiness, to)]
        unknowns += [Line("unknown", words, Sure.UNKNOWN) for words in not_known(readiness, to)]
        gaps = sum(one.outcome is Outcome.FAIL and not blocks(one, to) for one in readiness.findings)
    lines = [_assessment("technical", incident), *_cut(blocking, "more that block", Sure.BAD)]
    if readiness is not None and not blocking:
        ready = Line("blocks", "nothing that anybody could see", Sure.GOOD if not unknowns else Sure.SAID)
        lines.append(ready)
    if gaps:
        lines.append(Line("gaps", f"{count(gaps, 'other gap')}, none of which blocks it: voicedr ready", Sure.BAD))
    return [*lines, *_cut(unknowns, "more that nobody knows", Sure.UNKNOWN)]


def _business(flow: Flow, incident: Incident | None) -> list[Line]:
    impact = flow.impact
    assessed = None if incident is None else incident.business
    lines = [_assessment("business", incident)]
    said = assessed.calls_per_minute if assessed is not None else None
    for about, value, by_workbook in (
        ("calls", said, impact.calls_per_minute),
        ("cost", assessed.cost_per_minute if assessed is not None else None, impact.cost_per_minute),
    ):
        known = value if value is not None else by_workbook
        money = f"{impact.currency} a minute while callers reach nobody".strip()
        if known is None:
            what = "how many come in" if about == "calls" else "what a minute costs while callers reach nobody"
            lines.append(Line(about, f"{what}: not declared, in the workbook or by anybody", Sure.UNKNOWN))
        else:
            source = f"said by {assessed.by}" if value is not None and assessed is not None else "workbook"
            lines.append(Line(about, f"{known:g} {'a minute' if about == 'calls' else money} ({source})"))
    lines.append(Line("survives", listed(flow.must_survive, 3)) if flow.must_survive else _undeclared("must_survive"))
    return lines


def _undeclared(key: str) -> Line:
    return Line("survives", f"what must survive is not declared ({key})", Sure.UNKNOWN)


def _assessment(part: str, incident: Incident | None) -> Line:
    assessed = None
    if incident is not None:
        assessed = incident.technical if part == "technical" else incident.business
    if assessed is None:
        return Line("verdict", "not assessed yet", Sure.UNKNOWN)
    sure = {"go": Sure.GOOD, "no-go": Sure.BAD, "not known": Sure.UNKNOWN}[assessed.judgement]
    why = f": {assessed.why}" if assessed.why else ""
    return Line("verdict", f"{assessed.by} says {assessed.judgement}{why}", sure)


def takes_line(plan: Plan | None) -> Line:
    """How long it takes, and whether that is soon enough."""
    if plan is None:
        return Line("takes", "not known: there is no plan", Sure.UNKNOWN)
    forecast = plan.forecast
    band = f"{span(forecast.shortest_s)} to {span(forecast.longest_s)} once it is approved"
    if plan.purpose is Purpose.FAILBACK:
        return Line("takes", band)
    if forecast.reachable:
        return Line("takes", f"{band}; RTO {span(forecast.rto_s)} is met in the longest course, too", Sure.GOOD)
    over_s = forecast.longest_s - forecast.rto_s
    return Line(
        "takes", f"{band}; the longest course is {span(over_s)} over the RTO of {span(forecast.rto_s)}", Sure.BAD
    )


def _signers(approvals: Sequence[Approved]) -> list[Signer]:
    return [
        Signer(one.person, one.role, one.at, one.signed, not one.refused, one.refused)
        for one in sorted(approvals, key=lambda one: one.at)
    ]


def _to_ask(standing: FunctionStanding, approvals: Sequence[Approved]) -> list[str]:
    done = {one.person for one in approvals if not one.refused}
    return [
        f"{one.name} ({one.person}{f', {one.contact}' if one.contact else ''})"
        for one in standing.people
        if one.on and one.name not in done
    ]


def _cut(lines: list[Line], rest: str, sure: Sure) -> list[Line]:
    if len(lines) <= LINES_MAX:
        return lines
    return [*lines[: LINES_MAX - 1], Line("and", f"{len(lines) - LINES_MAX + 1} {rest}", sure)]

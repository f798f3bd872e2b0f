"""Lines of the page: what it costs, what callers lose, what is done, what silence means, and the way back."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

import msgspec

from voicedr.program.execution.actions import SetRoute, SteerDispatcher, SwitchContext
from voicedr.program.execution.plan import Plan
from voicedr.program.governance.incident import Incident
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.scope.authority import OnNoAnswer
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.spoken import count, listed, span
from voicedr.program.vocabulary import REGIONS, Mode, Purpose, Region

VERBS_CHECK = "twiml_runs_in_standby"
"""The check that knows which features the standby lacks, by its file name."""


class Sure(StrEnum):
    """How a line is to be read."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "not known"
    SAID = "said"


class Line(msgspec.Struct, frozen=True):
    """One line: what about, in words, and how sure."""

    about: str
    words: str
    sure: Sure = Sure.SAID


def cost_lines(flow: Flow, plan: Plan | None, incident: Incident | None) -> tuple[Line, ...]:
    """A minute of waiting against moving, with the arithmetic. A number that nobody gave makes no sum."""
    impact = flow.impact
    said = incident.business.cost_per_minute if incident is not None and incident.business is not None else None
    now = impact.cost_per_minute if said is None else said
    there = impact.standby_cost_per_minute
    money = f" {impact.currency}" if impact.currency else ""
    lines = [
        Line("waiting", "the cost of a minute is not known", Sure.UNKNOWN)
        if now is None
        else Line("waiting", f"each minute costs {now:g}{money}; 10 min cost {now * 10:g}{money}")
    ]
    if plan is None:
        lines.append(Line("moving", "not known: there is no plan", Sure.UNKNOWN))
    elif now is None:
        takes = f"{span(plan.forecast.shortest_s)} to {span(plan.forecast.longest_s)}"
        lines.append(Line("moving", f"takes {takes}; the cost of that is not known", Sure.UNKNOWN))
    else:
        low, high = plan.forecast.shortest_s / 60 * now, plan.forecast.longest_s / 60 * now
        words = (
            f"{span(plan.forecast.shortest_s)} to {span(plan.forecast.longest_s)} × {now:g}{money} a minute"
            f" = at most {low:.0f} to {high:.0f}{money} until all are moved"
        )
        lines.append(Line("moving", words))
    if there is None:
        lines.append(Line("after", "the cost of a minute in the standby is not known", Sure.UNKNOWN))
    elif now is None:
        lines.append(Line("after", f"{there:g}{money} a minute in the standby"))
    else:
        less = f"{now:g} − {there:g} = {now - there:g}{money} a minute saved"
        more = f"{there:g} − {now:g} = {there - now:g}{money} a minute more than waiting"
        lines.append(
            Line("after", f"{there:g}{money} a minute in the standby: {less if now > there else more}",
                 Sure.GOOD if now > there else Sure.BAD)
        )  # fmt: skip
    return tuple(lines)


def lost_lines(flow: Flow, purpose: Purpose, readiness: FlowReadiness | None) -> tuple[Line, ...]:
    """What callers lose in the standby: what the workbook accepts, and what the standby cannot run."""
    if purpose is Purpose.FAILBACK:
        return ()
    lines = [Line("accepted", words) for words in flow.can_degrade[:3]]
    if len(flow.can_degrade) > 3:
        lines.append(Line("accepted", f"and {len(flow.can_degrade) - 3} more in the workbook"))
    if not flow.can_degrade:
        lines.append(Line("accepted", "the workbook does not say what may be worse (can_degrade)", Sure.UNKNOWN))
    if flow.can_wait:
        lines.append(Line("later", listed(flow.can_wait, 4)))
    if readiness is None:
        return (*lines, Line("features", "nobody looked at what the standby cannot run", Sure.UNKNOWN))
    findings = [one for one in readiness.findings if one.check == VERBS_CHECK]
    missing = [one for one in findings if one.outcome is Outcome.FAIL]
    unseen = sum(one.count for one in findings if one.outcome is Outcome.UNKNOWN)
    lines += [Line("features", f"{listed(one.subjects, 2)}: {one.detail}", Sure.BAD) for one in missing[:3]]
    if len(missing) > 3:
        lines.append(Line("features", f"and {len(missing) - 3} more that the standby cannot run", Sure.BAD))
    if unseen or not findings:
        what = f"of {count(unseen, 'webhook')} nobody saw" if unseen else "nobody saw"
        lines.append(Line("features", f"{what} what it answers: voicedr ready {flow.id}", Sure.UNKNOWN))
    elif not missing:
        lines.append(Line("features", "every first document uses only what the standby runs", Sure.GOOD))
    return tuple(lines)


_KINDS = {"number": "number", "trunk": "trunk domain", "sip-domain": "SIP domain"}


def actions_of(plan: Plan, workbook: Workbook) -> tuple[Line, ...]:
    """The small action list: what moves, in which cohorts, with how many requests, to which hosts."""
    routes = [action for action in plan.actions if isinstance(action, SetRoute)]
    kinds = Counter(action.subject.kind for action in routes)
    switches = [action for action in plan.actions if isinstance(action, SwitchContext)]
    moves = [count(kinds[kind], words) for kind, words in _KINDS.items() if kinds[kind]]  # type: ignore[index]
    moves += [f"the context of {action.application}" for action in switches]
    steers = [action for action in plan.actions if isinstance(action, SteerDispatcher)]
    moves += [f"{one.target} on {one.sbc} ({one.was} → {one.to})" for one in steers]
    sizes = [f"{one.name} {len(one.actions)}" for one in plan.cohorts]
    way = f", by way of {workbook.account.address}" if workbook.account.address else ""
    requests = f"{count(len(routes), 'route write')} at {plan.requests_per_second:g}/s"
    lines = [
        Line("moves", f"{listed(moves)}, {plan.leaves} → {plan.to}"),
        Line("cohorts", listed(sizes, 6)),
        Line("requests", requests + (", then test calls" if plan.test_caller else "; there is no test caller")),
        Line("hosts", listed(_hosts(plan, workbook)) + way),
    ]
    if steers:
        lines.append(Line("own SBCs", listed(list(dict.fromkeys(f"{one.sbc} at {one.rpc}" for one in steers)))))
    asked = "is asked nothing" if plan.mode is Mode.UNGRACEFUL else "may be asked, too"
    return (*lines, Line(str(plan.leaves), asked))


def _hosts(plan: Plan, workbook: Workbook) -> list[str]:
    access = workbook.account.regions.get(plan.via)
    edge = access.edge if access is not None else REGIONS[plan.via]
    return [f"{product}.{edge}.{plan.via}.twilio.com" for product in ("routes", "api", "monitor")]


def silence_words(flow: Flow) -> str:
    """What happens if nobody answers."""
    before = "Until it is approved nothing moves; silence approves nothing."
    within = "" if flow.answer_within_s is None else f" within {span(flow.answer_within_s)}"
    match flow.on_no_answer:
        case OnNoAnswer.HOLD:
            return f"{before} A question in between without an answer{within}: it holds."
        case OnNoAnswer.ROLL_BACK:
            return f"{before} A question in between without an answer{within}: everything is moved back."
        case OnNoAnswer.GO_ON:
            return f"{before} A question in between without an answer{within}: it goes on if the gate says go."


def back_words(plan: Plan | None, mode: Mode, leaves: Region) -> str:
    """The way back in one line."""
    if plan is None:
        return "There is no plan, so there is nothing to undo."
    dead = f"; refused while {leaves} is dead or cold" if mode is Mode.UNGRACEFUL else ""
    return f"voicedr rollback puts every route back as it was read, and compares{dead}."

"""A plan and a running execution on a terminal: the same words and order as the report.

Every line says a fact, a time, or what to do next; colour helps, and nothing depends on it. Where there is no terminal,
``event_line`` gives a line per notable event, and ``progress_line`` how things stand in one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from voicedr.program.execution.actions import Action, SetRoute, SteerDispatcher, SwitchContext
from voicedr.program.execution.events import Event
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.validation.chapters import CohortChapter, Story
from voicedr.program.validation.eta import Eta, eta
from voicedr.program.validation.gate import calls_to_pass, calls_to_stop
from voicedr.program.validation.spoken import clock, count, countdown, listed, short, span
from voicedr.program.validation.timeline import timeline_line
from voicedr.program.vocabulary import Mode, Purpose, Verdict

_BAR_CELLS = 15

_ORDER = ("moves", "pace", "overlap", "gap", "undo", "ready", "takes", "costs", "back")

_KINDS: dict[Literal["number", "trunk", "sip-domain"], str] = {
    "number": "number",
    "trunk": "trunk domain",
    "sip-domain": "SIP domain",
}


def plan_text(plan: Plan, plan_hash: str, *, tier: int | None = None, said: Mapping[str, str] | None = None) -> Group:
    """What a plan will do, before anything moves.

    Args:
        plan: The plan.
        plan_hash: What is approved.
        tier: The flow's tier, if the caller has the workbook.
        said: More lines by their first word, in the caller's words: ``ready``, ``costs``, ``back`` have their places.
    """
    lines = {"moves": _moves(plan), "pace": _pace(plan), "takes": _takes(plan), **(said or {})}
    if plan.overlap is not None:
        lines["overlap"] = _overlap(plan.overlap, plan)
    if plan.rollback is not None:
        lines["undo"] = _undone(plan.rollback)
    if plan.on_interrupt is not None:
        lines["gap"] = _interrupted(plan.on_interrupt)
    asked = f"ungraceful ({plan.leaves} is not asked for anything)" if plan.mode is Mode.UNGRACEFUL else "graceful"
    head = [plan.flow, *([f"tier {tier}"] if tier is not None else []), f"{plan.leaves} → {plan.to}", asked]
    if plan.purpose is Purpose.FAILBACK:
        head.insert(1, "failback")
    facts = _grid()
    for word in sorted(lines, key=lambda word: _ORDER.index(word) if word in _ORDER else len(_ORDER)):
        late = word == "takes" and plan.purpose is Purpose.FAILOVER and not plan.forecast.reachable
        facts.add_row(Text(word), Text(lines[word], style="yellow" if late else ""))
    for action in plan.actions:
        if isinstance(action, SteerDispatcher):
            change = f"{action.target}: {action.was} → {action.to}, on {action.sbc}, asked at {action.rpc}"
            facts.add_row(Text("steers"), Text(change))
    for words in plan.unknowns:
        facts.add_row(Text("unknown"), Text(f"? {words}", style="yellow"))
    if plan.already:
        facts.add_row(Text("already"), Text(f"{listed(plan.already)}: in {plan.to}, not moved"))
    cohorts = _grid()
    for cohort in plan.cohorts:
        cohorts.add_row(Text(cohort.name), Text(_holds(cohort)), Text(_gate(cohort)))
    return Group(
        Text(" · ".join(head), style="bold"), Text(), facts, Text(), cohorts, Text(), *_approval(plan, plan_hash)
    )


def progress(story: Story, now: datetime) -> RenderableType:
    """How an execution stands, for a screen that is drawn again and again."""
    return Group(*(Text(line, style=style, no_wrap=False) for line, style in progress_lines(story, now)))


def progress_lines(story: Story, now: datetime) -> list[tuple[str, str]]:
    """The lines of ``progress`` with their style."""
    if story.plan is None:
        return [("the journal has no opening record yet", "yellow")]
    lines = [(_headline(story, now), "bold")]
    width = max((len(cohort.name) for cohort in story.cohorts), default=0)
    before: CohortChapter | None = None
    for cohort in story.cohorts:
        lines.append(_cohort_line(story, cohort, before, width, now))
        before = cohort
    for rollback in story.rollbacks:
        equal = {True: "equal to the snapshot", False: "NOT equal to the snapshot", None: "not compared yet"}
        cohorts = f" in {rollback.cohorts} cohorts" if rollback.cohorts > 1 else ""
        line = f"  ↩ rollback  {rollback.undone}/{rollback.planned} moved back{cohorts}   {equal[rollback.equal]}"
        lines.append((line, "red" if rollback.equal is False else "yellow"))
    unsettled = [lost.action for lost in story.lost_answers if lost.settled_at is None]
    if unsettled:
        words = f"  unsettled   {count(len(unsettled), 'answer')} lost, to be looked at: {listed(unsettled, 3)}"
        lines.append((words, "yellow"))
    lines.append((f"  callers     {_callers(story)}", ""))
    expected = eta(story, now)
    if expected is not None:
        lines.append((f"  {expected.words}", ""))
    lines.append((f"  next: {next_words(story)}", "bold"))
    return lines


def progress_line(story: Story, now: datetime) -> str:
    """How an execution stands, in one line for a log."""
    if story.plan is None:
        return "no opening record yet"
    passed = sum(cohort.passed for cohort in story.cohorts)
    expected = eta(story, now)
    until = "" if expected is None else f" {expected.words};"
    return (
        f"{_elapsed(story, now)} {story.flow} {story.leaves} → {story.to}:"
        f" {story.moved}/{story.entry_points} moved, {story.proved}/{story.numbers} proved,"
        f" {story.good} calls good, {story.bad} bad, {passed}/{len(story.cohorts)} gates passed;"
        f"{until} next: {next_words(story)}"
    )


def progress_values(story: Story, now: datetime) -> dict[str, object]:
    """How an execution stands, for machines."""
    expected = eta(story, now)
    return {
        "execution": story.execution,
        "flow": story.flow,
        "mode": story.mode,
        "outcome": story.outcome,
        "entry_points": story.entry_points,
        "moved": story.moved,
        "numbers": story.numbers,
        "proved": story.proved,
        "calls_good": story.good,
        "calls_bad": story.bad,
        "gates_passed": sum(cohort.passed for cohort in story.cohorts),
        "gates": len(story.cohorts),
        "eta": None if expected is None else eta_values(expected),
        "next": next_words(story) if story.plan is not None else None,
    }


def eta_values(expected: Eta) -> dict[str, object]:
    """An expected end, for machines."""
    return {
        "at": expected.at.isoformat(),
        "plus_minus_s": round(expected.plus_minus_s, 1),
        "earliest": expected.earliest.isoformat(),
        "latest": expected.latest.isoformat(),
    }


def event_line(event: Event) -> str | None:
    """A notable event as a line of a log; None for what only the journal needs."""
    line = timeline_line(event)
    return f"{clock(line.at)}  {line.words}" if line.notable else None


def next_words(story: Story) -> str:
    """What a person has to do now, in one sentence."""
    run = story.execution or ""
    if story.outcome is not None:
        return story.next_steps[0]
    for decision in story.decisions:
        if decision.taken_at is None:
            return f"{listed(decision.roles)} must say go or no-go for {decision.cohort}: {decision.question}"
    for stop in story.stops:
        if stop.kind == "stopped" and stop.to_at is None:
            return f"stopped {stop.words}. Nothing is sent until: voicedr resume {run} --why REASON"
        if stop.kind == "paused" and stop.to_at is None:
            return f"paused {stop.words}. voicedr resume {run}, or voicedr rollback {run}"
    if not story.runners:
        counted = sum(approval.counts for approval in story.approvals)
        if counted < story.approvals_needed:
            needed = count(story.approvals_needed, "approval")
            return f"{counted} of {needed}. voicedr approve {short(story.plan_hash or '')}"
        return f"start it: voicedr resume {run}"
    return f"nothing to do. voicedr pause {run} · voicedr rollback {run} · voicedr abort {run}"


def _headline(story: Story, now: datetime) -> str:
    line = f"{_elapsed(story, now)}  {story.flow}  {story.leaves} → {story.to}"
    promise = story.promise
    if story.outcome is not None:
        return f"{line}  {story.outcome_words}"
    if promise.rto_s is None or promise.started_at is None or story.purpose != Purpose.FAILOVER:
        return line
    used = ((promise.stopped_at or now) - promise.started_at).total_seconds() / promise.rto_s if promise.rto_s else 1.0
    full = min(_BAR_CELLS, max(0, int(used * _BAR_CELLS)))
    minutes, seconds = divmod(round(promise.rto_s), 60)
    over = " OVER" if used > 1 else ""
    return f"{line}   RTO {minutes}:{seconds:02d} ▕{'█' * full}{'░' * (_BAR_CELLS - full)}▏{over}"


def _elapsed(story: Story, now: datetime) -> str:
    end = story.last_at if story.outcome is not None and story.last_at is not None else now
    start = story.promise.started_at
    return countdown((end - start).total_seconds() if start is not None else 0.0)


def _cohort_line(
    story: Story, cohort: CohortChapter, before: CohortChapter | None, width: int, now: datetime
) -> tuple[str, str]:
    stopped = cohort.verdict is Verdict.NO_GO
    digits = len(str(max(one.entry_points for one in story.cohorts)))
    mark, style = ("✔", "green") if cohort.passed else ("✖", "red") if stopped else ("▶", "cyan")
    if not cohort.touched:
        why = f"starts when {before.name} is go" if before is not None else "not started"
        return f"  · {cohort.name:<{width}}  0/{cohort.entry_points} moved   {why}", "dim"
    fields = [
        f"{cohort.moved}/{cohort.entry_points} moved".ljust(2 * digits + 7),
        f"{cohort.proved}/{cohort.numbers} proved".ljust(2 * digits + 8),
        f"{cohort.good} calls good, {cohort.bad} bad",
        _waits_for(story, cohort, now),
    ]
    return f"  {mark} {cohort.name:<{width}}  " + "   ".join(fields), style


def _waits_for(story: Story, cohort: CohortChapter, now: datetime) -> str:
    """What a cohort waits for, and about how long."""
    plan = story.plan
    if plan is None:
        return ""
    if cohort.verdict is Verdict.NO_GO:
        return f"no-go: {cohort.verdict_words}"
    if cohort.passed:
        who = f"{cohort.person}, " if cohort.person_go else ""
        start = story.promise.started_at
        at = countdown((cohort.passed_at - start).total_seconds()) if cohort.passed_at and start else "not known"
        return f"go ({who}{at})"
    if story.outcome is not None or story.rollbacks:
        return "stopped before it passed"
    if cohort.moved < cohort.entry_points:
        left = cohort.entry_points - cohort.moved
        return f"{left} to write at {plan.requests_per_second:g}/s: ~{span(max(1.0, left / plan.requests_per_second))}"
    if cohort.proved < cohort.numbers and cohort.all_moved_at is not None:
        until = cohort.all_moved_at + timedelta(seconds=plan.propagation_s_max)
        left_s = (until - now).total_seconds()
        missing = f"{cohort.numbers - cohort.proved} not seen in {story.to} yet"
        if left_s > 0:
            return f"{missing}: propagation, at most {span(left_s)} more"
        return f"{missing}, {span(-left_s)} longer than propagation may take"
    if not cohort.numbers:
        return "a person must say whether it is good: it has no number to call"
    return _calls_to_go(plan, cohort)


def _calls_to_go(plan: Plan, cohort: CohortChapter) -> str:
    to_go = cohort.good_to_go
    if not to_go:
        return cohort.verdict_words or "the gate is about to speak"
    planned = next((one for one in plan.cohorts if one.name == cohort.name), None)
    ours = plan.test_caller is not None and planned is not None and planned.gate.test.synthetic
    if ours and plan.calls_per_second > 0:
        return f"not enough calls yet: {to_go} more good ones, ~{span(to_go / plan.calls_per_second)}"
    return f"not enough calls yet: {to_go} more good ones, as callers come"


def _callers(story: Story) -> str:
    tally = story.callers
    if tally is None:
        return "not measured from outside"
    if not tally.placed:
        return "no call was placed"
    window = next((window for window in reversed(tally.windows) if window.placed), None)
    now = (
        ""
        if window is None or len(tally.windows) == 1
        else f" · {window.title}: {window.served}/{window.placed} served, {window.lost} lost"
    )
    return f"{tally.served}/{tally.placed} served, {tally.lost} lost{now}"


def _moves(plan: Plan) -> str:
    kinds = Counter(action.subject.kind for action in plan.actions if isinstance(action, SetRoute))
    parts = [count(kinds[kind], words) for kind, words in _KINDS.items() if kinds[kind]]
    if any(isinstance(action, SwitchContext) for action in plan.actions):
        parts.append("application context")
    parts += _targets(plan.actions)
    if not parts:
        return "nothing"
    parts[0] += f" in {count(len(plan.cohorts), 'cohort')}"
    return " · ".join(parts)


def _pace(plan: Plan) -> str:
    proof = "proved by calls" if plan.test_caller else "proved by callers' own calls: there is no test caller"
    return (
        f"{plan.requests_per_second:g} requests/s · {plan.calls_per_second:g} test calls/s"
        f" · propagation ≤ {span(plan.propagation_s_max)}, {proof}"
    )


def _overlap(overlap: Overlap, plan: Plan) -> str:
    in_line = plan.forecast.terms[-1].partition("; ")[2] if plan.forecast.terms else ""
    ahead = count(overlap.cohorts_max, "cohort")
    return f"the next cohort starts while at most {ahead} wait, at most {overlap.budget:g} {overlap.unit} at risk" + (
        f" · {in_line}" if in_line else ""
    )


def _undone(pace: RollbackPace) -> str:
    """How gradually a rollback moves back."""
    size = "the cohorts above" if pace.cohort_size is None else f"{count(pace.cohort_size, 'change')} at a time"
    pause = f", {span(pace.pause_between_s)} between" if pace.pause_between_s else ""
    return f"a rollback undoes {size}, the last moved first{pause}"


def _interrupted(policy: OnInterrupt) -> str:
    asks = [word for word, does in (("moving", policy.moving), ("gating", policy.gating)) if does == "pause"]
    does = f"people are asked while {listed(asks)}" if asks else "it goes on"
    return f"if nobody has it for more than {span(policy.older_than_s)}: {does}; a rollback goes on"


def _takes(plan: Plan) -> str:
    forecast = plan.forecast
    takes = f"{span(forecast.shortest_s)} to {span(forecast.longest_s)}, decision not included"
    if plan.purpose is Purpose.FAILBACK:
        return takes
    over_s = forecast.longest_s - forecast.rto_s
    reach = (
        "reached in the longest course too" if forecast.reachable else f"the longest course is {span(over_s)} over it"
    )
    return f"{takes} · RTO {span(forecast.rto_s)}: {reach}"


def _holds(cohort: PlannedCohort) -> str:
    kinds = Counter(action.subject.kind for action in cohort.actions if isinstance(action, SetRoute))
    parts = [count(kinds[kind], words) for kind, words in _KINDS.items() if kinds[kind]]
    if any(isinstance(action, SwitchContext) for action in cohort.actions):
        parts.append("context")
    parts += _targets(cohort.actions)
    return ", ".join(parts)


def _targets(actions: Sequence[Action]) -> list[str]:
    """``2 targets of sbc-1``, for each SBC."""
    steered = Counter(action.sbc for action in actions if isinstance(action, SteerDispatcher))
    return [f"{count(number, 'target')} of {sbc}" for sbc, number in steered.items()]


def _gate(cohort: PlannedCohort) -> str:
    if not any(isinstance(action, SetRoute) and action.subject.kind == "number" for action in cohort.actions):
        return "gate: a person says, there is no number to call"
    test = cohort.gate.test
    asks = ", then a person is asked" if cohort.gate.on_go == "ask" else ""
    bad = "roll it back" if cohort.gate.on_no_go == "roll-back" else "pause it"
    return f"gate: {calls_to_stop(test)} bad in a row {bad}, {calls_to_pass(test)} good pass{asks}"


def _approval(plan: Plan, plan_hash: str) -> list[Text]:
    name = short(plan_hash)
    if not plan.approvals:
        return [Text(f"Plan {name} needs no approval.")]
    roles = f" ({listed(plan.approval_roles)})" if plan.approval_roles else ""
    needs = f"Plan {name} needs {count(plan.approvals, 'approval')}{roles}. Approve from any laptop:"
    return [Text(needs), Text(f"  voicedr approve {name}", style="bold")]


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.pad_edge = True
    return grid

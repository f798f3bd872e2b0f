"""The plan of validation and recovery in words: what must be seen before the next cohort moves, and the way back."""

from __future__ import annotations

from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.gate import calls_to_pass, calls_to_stop
from voicedr.program.validation.spoken import count, listed
from voicedr.usecases.report_markdown import plain

_SILENCE = {
    "hold": "it holds until somebody answers",
    "roll-back": "everything is moved back",
    "go-on": "it goes on, and only where the gate says go",
}


def recovery_markdown(plan: Plan, flow: Flow | None) -> str:
    """How a plan is proved and undone, for people.

    Args:
        plan: As it was approved.
        flow: As the workbook has it now, for what success and failback mean; None leaves that out.
    """
    lines = [
        f"# Validation and recovery: {plain(plan.flow)}, {plan.purpose} {plan.leaves} → {plan.to}",
        "",
        f"A number counts as moved when a call to it was seen in {plan.to}; a route that was written proves nothing."
        f" That may take up to {write_duration(plan.propagation_s_max)}.",
        f"Signals: {plain(listed(plan.signals) or 'none')}. A veto stops at once:"
        f" {plain(listed(plan.vetoes) or 'none')}.",
        "",
        "## Gates",
        "",
        *(f"- {_gate(cohort)}" for cohort in plan.cohorts),
        "",
        f"If a question is not answered{_within(plan)}, {_SILENCE[plan.on_no_answer]}.",
        "",
        "## The way back",
        "",
        f"A rollback routes everything that was moved back to {plan.leaves}, last moved first, and compares every entry"
        " point with how it was before. It is refused into a Region that is dead or cold.",
        f"In {plan.mode} mode"
        + (
            f" {plan.leaves} is asked nothing, so that it is alive must be said by a person."
            if plan.mode == "ungraceful"
            else " both Regions may be asked."
        ),
    ]
    if plan.unknowns:
        lines += ["", "## Not known when it was approved", "", *(f"- {plain(one)}" for one in plan.unknowns)]
    if flow is not None:
        healthy = write_duration(flow.failback.primary_healthy_for_s)
        lines += ["", "## Bringing it home", "", f"- {flow.primary} was seen healthy for {healthy}"]
        lines += [f"- {plain(one)}" for one in flow.failback.criteria]
        if flow.success:
            lines += ["", "## Success means", "", *(f"- {plain(one)}" for one in flow.success)]
    return "\n".join([*lines, ""])


def _within(plan: Plan) -> str:
    return "" if plan.answer_within_s is None else f" within {write_duration(plan.answer_within_s)}"


def _gate(cohort: PlannedCohort) -> str:
    gate, test = cohort.gate, cohort.gate.test
    asks = "people are asked" if gate.on_go == "ask" else "the next one starts"
    stops = "everything is moved back" if gate.on_no_go == "roll-back" else "it pauses, and people are asked"
    return (
        f"**{plain(cohort.name)}** ({count(len(cohort.actions), 'action')}): {calls_to_pass(test)} good calls pass it,"
        f" {calls_to_stop(test)} bad ones stop it; {test.bad_share_ok:.0%} of bad calls is acceptable,"
        f" {test.bad_share_bad:.0%} is not; own test calls {'count' if test.synthetic else 'do not count'}; on go"
        f" {asks}, on no-go {stops}; after {test.calls_max} calls or {write_duration(gate.wait_s_max)} without an"
        " answer, people decide."
    )

"""What silence means: a question to people that had no answer in time, by the rule that they approved with the plan.

The time counts from the question, or from when the present process took the execution in hand: while nobody stood by,
nobody's answer could be obeyed. To go on in silence the gate must say go; without a gate's word it holds.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from voicedr.program.execution import events as ev
from voicedr.program.execution.state import CohortState, Execution
from voicedr.program.vocabulary import Verdict

BY = "the rule on_no_answer"
"""Who decided, where nobody did."""


def silence(execution: Execution, cohort: CohortState, now: datetime) -> list[ev.Event]:
    """What to record of a question that was asked; nothing while it may still be answered, or where silence holds."""
    plan = execution.plan
    if cohort.asked_at is None or cohort.decided is not None or plan.answer_within_s is None:
        return []
    since = max(filter(None, (cohort.asked_at, execution.runner_since)))
    if now - since < timedelta(seconds=plan.answer_within_s):
        return []
    why = f"SILENCE: nobody answered for {cohort.plan.name} within {plan.answer_within_s:g} s"
    match plan.on_no_answer:
        case "hold":
            return []
        case "roll-back":
            return [ev.RollbackAsked(at=now, by=BY, why=f"{why}; on_no_answer is roll-back")]
        case "go-on":
            if cohort.reading is None or cohort.reading.verdict is not Verdict.GO:
                return []
            note = f"{why}, and the gate says go; on_no_answer is go-on"
            return [ev.DecisionTaken(at=now, cohort=cohort.plan.name, go=True, by=BY, note=note)]

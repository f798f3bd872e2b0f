"""Who must have agreed before anything moves.

Approvals here are somebody's word: the journal says ``signed: false``, and so does every screen. What is approved is
the plan's hash, so an approval never carries over to another plan.
"""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan
from voicedr.program.scope.workbook import Person


def missing_approvals(plan: Plan, plan_hash: str, approvals: Sequence[Approved]) -> str:
    """What is missing, in words; empty if the plan is approved.

    So many different people must have approved exactly this hash as the plan asks for, each in a role that may.
    """
    people = {
        approval.person
        for approval in approvals
        if approval.plan_hash == plan_hash and approval.role in plan.approval_roles
    }
    missing = plan.approvals - len(people)
    if missing <= 0:
        return ""
    given = f" ({', '.join(sorted(people))} did)" if people else ""
    return (
        f"{missing} more of {plan.approvals} people in the roles {', '.join(plan.approval_roles)}"
        f" must approve it{given}:"
        f" voicedr approve {plan_hash[:12]} --as PERSON"
    )


def role_for(person: Person, plan: Plan) -> str | None:
    """The role in which a person may approve a plan; None if they have none."""
    return next((role for role in plan.approval_roles if role in person.roles), None)

"""Who must have agreed before anything moves.

An approval is signed (with a key that the workbook's list of signers gives to that person), or it is somebody's word;
the journal and every screen say which. What is approved is the plan's hash, so an approval never carries over to
another plan. Where the workbook requires signatures, somebody's word does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan
from voicedr.program.governance.hours import is_on
from voicedr.program.governance.statement import Statement
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Approvals, Person


def missing_approvals(plan: Plan, plan_hash: str, approvals: Sequence[Approved]) -> str:
    """What is missing, in words; empty if the plan is approved.

    So many different people must have approved exactly this hash as the plan asks for, each in a role that may, and
    with approvals that were not refused. A key counts for one person, whoever uses it.
    """
    people: set[str] = set()
    keys: set[str] = set()
    for approval in approvals:
        fits = approval.plan_hash == plan_hash and approval.role in plan.approval_roles and not approval.refused
        if fits and approval.person not in people and (not approval.key or approval.key not in keys):
            people.add(approval.person)
            keys.add(approval.key)
    missing = plan.approvals - len(people)
    if missing <= 0:
        return ""
    given = f" ({', '.join(sorted(people))} did)" if people else ""
    refused = [
        f"{one.person}'s does not count: {one.refused}"
        for one in approvals
        if one.refused and one.person not in people and one.plan_hash == plan_hash
    ]
    return (
        f"{missing} more of {plan.approvals} people in the roles {', '.join(plan.approval_roles)}"
        f" must approve it{given}:"
        f" voicedr approve {plan_hash[:12]} --as PERSON{''.join(f'; {one}' for one in dict.fromkeys(refused))}"
    )


def role_for(person: Person, plan: Plan) -> str | None:
    """The role in which a person may approve a plan; None if they have none."""
    return next((role for role in plan.approval_roles if role in person.roles), None)


def statement_of(plan: Plan, plan_hash: str, person: Person, role: str, now: datetime, rules: Approvals) -> Statement:
    """What this person would sign now."""
    given_at = now.replace(microsecond=0)
    return Statement(
        plan=plan_hash,
        flow=plan.flow,
        purpose=plan.purpose.value,
        mode=plan.mode.value,
        person=person.id,
        role=role,
        given_at=given_at,
        expires_at=given_at + timedelta(seconds=int(rules.valid_for_s)),
    )


def why_refused(
    statement: Statement,
    plan: Plan,
    plan_hash: str,
    people: Sequence[Person],
    rules: Approvals,
    now: datetime,
    *,
    any_hour: bool = False,
) -> str:
    """Why a statement, whoever signed it, does not approve this plan now; empty if it does. In words.

    ``any_hour``: people's hours are not looked at, because glass was broken over them.
    """
    if statement.plan != plan_hash:
        return f"it approves plan {statement.plan[:12]}, and this is plan {plan_hash[:12]}"
    for name, said, is_ in (
        ("flow", statement.flow, plan.flow),
        ("purpose", statement.purpose, plan.purpose.value),
        ("mode", statement.mode, plan.mode.value),
    ):
        if said != is_:
            return f'its {name} is "{said}", and the plan\'s is "{is_}"'
    person = next((one for one in people if one.id == statement.person), None)
    if person is None:
        return f'"{statement.person}" is nobody in the workbook (any more)'
    if why := _why_not_them(person, statement.role, statement.given_at, plan, any_hour):
        return why
    return _why_not_now(statement, rules, now)


def why_word_refused(approval: Approved, plan: Plan, people: Sequence[Person], *, any_hour: bool = False) -> str:
    """Why somebody's word does not approve this plan by the workbook as it is now; empty if it does. In words.

    Without people (no workbook is at hand) nothing speaks against it.
    """
    if not people:
        return ""
    person = next((one for one in people if approval.person_id in ("", one.id) and one.name == approval.person), None)
    if person is None:
        return f'"{approval.person}" is nobody in the workbook (any more)'
    return _why_not_them(person, approval.role, approval.at, plan, any_hour)


def _why_not_them(person: Person, role: str, given_at: datetime, plan: Plan, any_hour: bool) -> str:
    if role not in person.roles:
        return f'{person.name} does not have the role "{role}"; they have {", ".join(person.roles)}'
    if role not in plan.approval_roles:
        return f'"{role}" may not approve this plan; {", ".join(plan.approval_roles)} may'
    if not any_hour and not is_on(person.hours, given_at):
        return f"{person.name} was not on when it was given ({given_at:%a %H:%M} UTC)"
    return ""


def _why_not_now(statement: Statement, rules: Approvals, now: datetime) -> str:
    valid = statement.expires_at - statement.given_at
    if valid <= timedelta(0):
        return f"it expires at {statement.expires_at:%H:%M:%S} UTC, which is not after it is given"
    if valid > timedelta(seconds=rules.valid_for_s):
        return (
            f"it would be valid for {write_duration(valid.total_seconds())}, and the workbook allows"
            f" {write_duration(rules.valid_for_s)}"
        )
    if statement.given_at > now + timedelta(seconds=rules.clock_skew_s):
        return (
            f"it is given at {statement.given_at:%Y-%m-%d %H:%M:%S} UTC, which is in the future here (now"
            f" {now:%Y-%m-%d %H:%M:%S}; the workbook's clock_skew is {write_duration(rules.clock_skew_s)})."
            " Look at the clocks"
        )
    if now >= statement.expires_at:
        return f"it expired at {statement.expires_at:%Y-%m-%d %H:%M:%S} UTC"
    return ""

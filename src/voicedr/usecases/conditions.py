"""What must hold for an execution to be opened, beside the approvals themselves, and over what glass was broken.

Nothing is believed because it is in the record: the statement of whoever broke a rule is read again, its signature is
verified again where signatures are required, and it must be over exactly this plan and not be expired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from voicedr.ports.signatures import SignatureError
from voicedr.program.execution.events import Approved
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.approvals import missing_approvals
from voicedr.program.governance.authority import why_may_not
from voicedr.program.governance.glass_statement import read_glass, why_glass_refused
from voicedr.program.governance.incident import GlassBroken, Incident
from voicedr.program.governance.rules import broken_over, violations
from voicedr.program.governance.statement import StatementRefused
from voicedr.program.scope.authority import Decision, Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.spoken import stamp
from voicedr.usecases.approve import Approving


@dataclass(frozen=True)
class Conditions:
    """The decision chain around an execution: the workbook as it is now, the open incident, and who carries it out.

    ``incident_head``: the hash of the incident's last record, where it is kept in a chain.
    """

    workbook: Workbook
    flow: Flow
    incident: Incident | None = None
    executor: Person | None = None
    incident_head: str = ""

    def waived(self, plan: Plan, approving: Approving, now: datetime) -> dict[Rule, GlassBroken]:
        """The rules over which glass is broken for this plan now; what does not hold any more is left out."""
        return {
            one.rule: one
            for one in broken_over(self.incident, plan_hash(plan), now)
            if not why_glass_is_whole(one, plan_hash(plan), self, approving, now)
        }


@dataclass(frozen=True)
class Held:
    """Whether it may be opened. ``refused`` empty: yes. ``broke``: over which rules glass was broken, in words."""

    refused: str
    broke: tuple[str, ...] = ()


def why_glass_is_whole(
    broken: GlassBroken, digest: str, conditions: Conditions, approving: Approving, now: datetime
) -> str:
    """Why this breaks nothing, by the workbook, the signers and the clock as they are now; empty if it does."""
    workbook, flow = conditions.workbook, conditions.flow
    try:
        statement = read_glass(broken.statement)
        if (statement.rule, statement.person, statement.plan) != (broken.rule, broken.person_id, broken.plan_hash):
            return "the record says otherwise than its statement"
        if broken.signature and approving.signatures is not None:
            approving.signatures.verify(broken.statement, broken.signature, statement.person)
        elif approving.rules.required:
            return "it is not signed, and the workbook requires signatures"
    except (StatementRefused, SignatureError) as exc:
        return str(exc)
    person = next((one for one in workbook.people if one.id == statement.person), None)
    if person is None:
        return f'"{statement.person}" is nobody in the workbook (any more)'
    if why := why_may_not(workbook, flow, Decision.BREAK_GLASS, person, now, any_hour=True):
        return why
    return why_glass_refused(statement, digest, flow.id, workbook.break_glass, now)


def must_hold(
    conditions: Conditions,
    plan: Plan,
    approvals: Sequence[Approved],
    approving: Approving,
    now: datetime,
    *,
    without_people: bool = False,
    real: bool = False,
) -> Held:
    """Whether an execution of a plan may be opened now.

    Args:
        conditions: The decision chain.
        plan: What is to be carried out.
        approvals: Of this plan, checked just now, those that do not count among them.
        approving: How they were checked.
        now: The moment.
        real: It is no practice.
        without_people: A rule of the workbook opens it, so nobody's approval is asked for.
    """
    waived = conditions.waived(plan, approving, now)
    counting = [one for one in approvals if not one.refused]
    stands: list[tuple[Rule, str]] = []
    missing = "" if without_people else missing_approvals(plan, plan_hash(plan), approvals)
    if missing:
        stands.append((Rule.QUORUM, missing))
    found = violations(
        conditions.workbook, conditions.flow, counting, conditions.incident, conditions.executor, now, real=real
    )
    stands += [(one.rule, one.words) for one in found]
    refused = "; ".join(words for rule, words in stands if rule not in waived)
    # Hours and gaps in the standby were looked at before this: whoever broke them is named in any case.
    needed = {rule for rule, _ in stands} | {Rule.HOURS, Rule.READINESS_GAP}
    broke = tuple(
        f"{rule.value}, by {glass.by}, until {stamp(glass.expires_at)}: {glass.why}"
        for rule, glass in waived.items()
        if rule in needed
    )
    return Held(refused, broke)

"""Breaks a rule of the decision chain in need: named, signed like an approval, for a time, alerted, and to be reviewed.

The rules that may be broken are a closed list in ``scope/authority.py``, and the workbook says which of them. A plan
into a dead or forbidden Region is not made, so there is nothing to break; and glass is broken over one plan's hash.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from voicedr.ports.alerts import AlertError, Alerts
from voicedr.ports.incidents import Incidents
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.authority import why_may_not
from voicedr.program.governance.glass_statement import GlassStatement, why_glass_refused, write_glass
from voicedr.program.governance.incident import Declared, GlassBroken, glass_id
from voicedr.program.scope.authority import Decision, Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.spoken import short, stamp
from voicedr.usecases.decide import DecisionRefused, open_incident

Sign = Callable[[str], tuple[str, str]]
"""A statement in; the signature over it and the key that made it out."""


def break_glass(
    incidents: Incidents,
    workbook: Workbook,
    flow: Flow,
    plan: Plan,
    rule: Rule,
    person: Person,
    why: str,
    now: datetime,
    *,
    new_incident: str,
    sign: Sign | None = None,
) -> GlassBroken:
    """Break one rule over one plan, and keep it in the incident's record, where its review is open from now on.

    Args:
        incidents: The records.
        workbook: As it is now.
        flow: What is to move.
        plan: Over which plan; another one needs another break.
        rule: Which rule.
        person: Who breaks it. At any hour: need keeps none.
        why: In one line.
        now: When.
        new_incident: The id of the incident that is opened if there is none.
        sign: Signs the statement; None: it is only the person's word.

    Raises:
        DecisionRefused: If the workbook does not let this rule be broken, or not by this person, or not by word.
        StatementRefused: If the reason is not one line of text. Nothing was recorded.
        SignatureError: If it was not signed. Nothing was recorded.
    """
    if refused := why_may_not(workbook, flow, Decision.BREAK_GLASS, person, now, any_hour=True):
        raise DecisionRefused(f"{refused}. Nothing was recorded.")
    given_at = now.replace(microsecond=0)
    statement = GlassStatement(
        plan=plan_hash(plan),
        flow=flow.id,
        rule=rule,
        why=why.strip(),
        person=person.id,
        given_at=given_at,
        expires_at=given_at + timedelta(seconds=int(workbook.break_glass.valid_for_s)),
    )
    if refused := why_glass_refused(statement, plan_hash(plan), flow.id, workbook.break_glass, now):
        raise DecisionRefused(f"{rule.value} is not broken: {refused}. Nothing was recorded.")
    if not why.strip():
        raise DecisionRefused("say why, in one line: --why. Nothing was recorded.")
    if sign is None and workbook.approvals.required:
        raise DecisionRefused(
            "the workbook requires signatures, and this is not signed. Nothing was recorded. Sign it: --key FILE."
        )
    text = write_glass(statement)
    signature, key = sign(text) if sign is not None else ("", "")
    incident = open_incident(incidents, flow.id)
    if incident is None:
        incidents.open(
            Declared(
                at=now,
                by=person.name,
                person_id=person.id,
                incident=new_incident,
                flow=flow.id,
                why=f"by breaking glass over {rule.value}: {why.strip()}",
            )
        )
    name = new_incident if incident is None else incident.incident
    number = 1 if incident is None else len(incident.broken) + 1
    broken = GlassBroken(
        at=now,
        by=person.name,
        person_id=person.id,
        glass=glass_id(name, number),
        rule=rule,
        why=why.strip(),
        plan_hash=statement.plan,
        expires_at=statement.expires_at,
        statement=text,
        signature=signature,
        key=key,
    )
    incidents.append(name, broken)
    return broken


def alert_words(broken: GlassBroken, flow: str) -> tuple[str, str]:
    """Title and text of what everybody is told. It holds no secret and no signature."""
    return (
        f"voicedr: glass was broken over {broken.rule.value} of {flow}",
        f"{broken.by} broke {broken.rule.value} for plan {short(broken.plan_hash)} of {flow}: {broken.why}\n"
        f"It holds until {stamp(broken.expires_at)}. Somebody else must review it:"
        f" voicedr review {broken.glass} --as PERSON --note …",
    )


async def tell_everybody(alerts: Alerts | None, broken: GlassBroken, flow: str) -> str:
    """Send the alert; how that went, in words. An alert that cannot be sent stops nobody in need, and is said."""
    if alerts is None:
        return "nobody was alerted: the workbook names no alerts"
    title, text = alert_words(broken, flow)
    try:
        reached = await alerts.send(title, text)
    except AlertError as exc:
        return f"NOBODY WAS ALERTED: {exc}"
    return f"alert sent to {reached} of the workbook's addresses"

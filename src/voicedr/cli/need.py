"""Breaking a rule from the command line: what was asked for, the signature, the loud line, and the alerts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from voicedr.adapters.alerts import AppriseAlerts
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import approving, incidents_of
from voicedr.cli.failures import REFUSED, WRONG_USE, Stop
from voicedr.cli.options import err, person_of
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.authority import why_may_not
from voicedr.program.governance.incident import fold_incident
from voicedr.program.governance.rules import broken_over
from voicedr.program.scope.authority import Decision, Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.usecases.break_glass import Sign, alert_words, break_glass, tell_everybody
from voicedr.usecases.conditions import Conditions
from voicedr.usecases.decide import open_incident, open_records

BreakGlass = Annotated[
    list[Rule] | None,
    typer.Option(
        "--break-glass", help="Break this rule, by name, with --why and --as; reviewed afterwards. Repeat it."
    ),
]
GlassKey = Annotated[
    str | None, typer.Option("--key", metavar="FILE", help="Sign the broken glass with this OpenSSH key.")
]


@dataclass(frozen=True)
class Need:
    """Rules that somebody breaks, and why."""

    rules: tuple[Rule, ...]
    why: str
    person: Person
    key: str | None


def need_of(
    workbook: Workbook, rules: list[Rule] | None, why: str, person_id: str | None, key: str | None
) -> Need | None:
    """What was asked for; None if no rule is to be broken."""
    if not rules:
        if key is not None:
            raise Stop("--key signs broken glass, and no rule is broken here. Leave it out.", WRONG_USE)
        return None
    if not why.strip():
        raise Stop("say why the rule is broken: --why TEXT. Nothing was done.", WRONG_USE)
    return Need(tuple(dict.fromkeys(rules)), why, person_of(workbook, person_id), key)


def executor_of(workbook: Workbook, flow: Flow, person_id: str | None) -> Person | None:
    """Who carries it out, where they say so and may; None where nobody said."""
    if person_id is None:
        return None
    person = person_of(workbook, person_id)
    decisions = (Decision.EXECUTE, Decision.BREAK_GLASS)
    now = datetime.now(UTC)
    refusals = [why_may_not(workbook, flow, one, person, now, any_hour=True) for one in decisions]
    if "" not in refusals:
        raise Stop(f"{refusals[0]}. Nothing was moved.", REFUSED)
    return person


def conditions_of(workbook: Workbook, flow: Flow, journal: SqlJournal, executor: Person | None) -> Conditions:
    """The decision chain around an execution, as its records stand now."""
    records = open_records(incidents_of(journal), flow.id)
    if not records:
        return Conditions(workbook, flow, None, executor)
    return Conditions(workbook, flow, fold_incident(one.event for one in records), executor, records[-1].hash)


async def break_for(need: Need, workbook: Workbook, flow: Flow, plan: Plan, journal: SqlJournal) -> None:
    """Break what is to be broken over a plan, say it loudly, and tell everybody."""
    incidents = incidents_of(journal)
    alerts = AppriseAlerts(workbook.alerts) if workbook.alerts else None
    for rule in need.rules:
        now = datetime.now(UTC)
        if any(one.rule is rule for one in broken_over(open_incident(incidents, flow.id), plan_hash(plan), now)):
            continue
        broken = break_glass(
            incidents,
            workbook,
            flow,
            plan,
            rule,
            need.person,
            need.why,
            now,
            new_incident=f"{flow.id}-incident-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
            sign=None if need.key is None else _signing(workbook, need.key, need.person),
        )
        title, text = alert_words(broken, flow.id)
        proof = f"Signed ({broken.key})." if broken.key else "Not signed: it is only their word."
        err.print(f"GLASS BROKEN. {title}\n{text}\n{proof}", style="bold red", markup=False)
        err.print(await tell_everybody(alerts, broken, flow.id), style="red", markup=False)


def _signing(workbook: Workbook, key: str, person: Person) -> Sign:
    signatures = approving(workbook).signatures
    if signatures is None:
        raise Stop(
            f"{workbook.path} names no list of signers (approvals.allowed_signers), so nothing can be signed. Leave"
            " --key out; it is then only your word.",
            REFUSED,
        )

    def sign(text: str) -> tuple[str, str]:
        signature = signatures.sign(text, key)
        return signature, str(signatures.verify(text, signature, person.id))

    return sign

"""What somebody signs who breaks a rule: which one, over which plan, why, until when. Read as strictly as approvals.

voicedr break-glass 1
plan: 3f0c… (all 64 digits)
flow: support-line
rule: quorum
why: the second approver is in the air
person: ruiz
given at: 2026-11-21T20:50:00Z
expires at: 2026-11-21T21:50:00Z
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from voicedr.program.governance.statement import (
    StatementRefused,
    read_instant,
    read_lines,
    write_instant,
    write_lines,
)
from voicedr.program.scope.authority import BreakGlass, Rule

HEADING = "voicedr break-glass 1"

_KEYS = ("plan", "flow", "rule", "why", "person", "given at", "expires at")


class GlassStatement(msgspec.Struct, frozen=True):
    """The facts. ``person`` is an id of the workbook; times are whole seconds, UTC."""

    plan: str
    flow: str
    rule: Rule
    why: str
    person: str
    given_at: datetime
    expires_at: datetime


def write_glass(statement: GlassStatement) -> str:
    """The exact text that is signed.

    Raises:
        StatementRefused: If a fact would not read back as it is: a reason of several lines, or none.
    """
    text = write_lines(
        HEADING,
        _KEYS,
        (
            statement.plan,
            statement.flow,
            statement.rule.value,
            statement.why,
            statement.person,
            write_instant(statement.given_at),
            write_instant(statement.expires_at),
        ),
    )
    read_glass(text)
    return text


def read_glass(text: str) -> GlassStatement:
    """The facts that a text states.

    Raises:
        StatementRefused: If it deviates in anything from what ``write_glass`` writes.
    """
    facts = read_lines(text, HEADING, _KEYS)
    try:
        rule = Rule(facts["rule"])
    except ValueError:
        known = ", ".join(one.value for one in Rule)
        raise StatementRefused(f'there is no rule "{facts["rule"]}" that may be broken; there are {known}.') from None
    return GlassStatement(
        plan=facts["plan"],
        flow=facts["flow"],
        rule=rule,
        why=facts["why"],
        person=facts["person"],
        given_at=read_instant(facts["given at"], 7),
        expires_at=read_instant(facts["expires at"], 8),
    )


def why_glass_refused(statement: GlassStatement, plan: str, flow: str, rules: BreakGlass, now: datetime) -> str:
    """Why a statement, whoever signed it, breaks nothing over this plan now; empty if it does. In words."""
    if (statement.plan, statement.flow) != (plan, flow):
        return f"it is over plan {statement.plan[:12]} of {statement.flow}, and this is {plan[:12]} of {flow}"
    if statement.rule not in rules.rules:
        may = ", ".join(rule.value for rule in rules.rules) or "none"
        return f"the workbook does not let {statement.rule.value} be broken; it lets: {may}"
    if statement.expires_at - statement.given_at > timedelta(seconds=rules.valid_for_s):
        return "it would hold for longer than break_glass.valid_for of the workbook"
    if not statement.given_at <= now < statement.expires_at:
        holds = f"{statement.given_at:%H:%M:%S} to {statement.expires_at:%H:%M:%S} UTC"
        return f"it holds from {holds}, and it is {now:%H:%M:%S}"
    return ""

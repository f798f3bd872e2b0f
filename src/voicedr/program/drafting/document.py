"""A draft as YAML that people go on with: valid as it is, every guess marked, every decision left open named."""

from __future__ import annotations

import json
from collections.abc import Sequence

from voicedr.program.drafting.proposals import Proposal
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Account, Roles
from voicedr.program.vocabulary import E164

DECIDE = "DECIDE"
"""Stands in each comment that asks for a decision, so that an editor finds them all."""

_PEOPLE = f"""\
# {DECIDE}: who is asked. Two different people approve; each function needs somebody who answers at night.
people:
  - {{id: first, name: "to be named", roles: [on-call lead]}}
  - {{id: second, name: "to be named", roles: [operations director]}}
  - {{id: third, name: "to be named", roles: [telephony engineer]}}
  - {{id: fourth, name: "to be named", roles: [business owner]}}
"""


def document(proposals: Sequence[Proposal], account: Account) -> str:
    """A whole workbook with these flows.

    Raises:
        ValueError: If there is no flow: a workbook needs one.
    """
    if not proposals:
        raise ValueError("nothing in this account is answered by anything, so there is no flow to protect")
    parts = [
        f"# The voice disaster recovery program, drafted by voicedr init. Look for {DECIDE}.\n"
        "# A second `voicedr init` adds what is new and changes nothing that stands here.\n"
        "voicedr: 1\n",
        _account(account),
        _PEOPLE,
        "flows:\n" + "\n".join(flow_text(proposal) for proposal in proposals),
    ]
    return "\n".join(parts)


DRAFTED_ROLES = Roles(
    "on-call lead", "telephony engineer", "business owner", ("on-call lead", "operations director"), 2
)
"""The roles of the people that a draft invents."""


def flow_text(proposal: Proposal, roles: Roles = DRAFTED_ROLES) -> str:
    """One flow, indented as it stands under ``flows``; its roles are some that people have."""
    cluster = proposal.cluster
    rate = proposal.calls_per_minute
    calls = "no call log could be read" if rate is None else f"{rate:.2g} calls a minute in a busy hour"
    lines = [
        f"  {cluster.name}:",
        f"    # {len(cluster.numbers)} numbers, answered by {_one_line(cluster.answered_by)}; {calls}",
        f"    title: {_quoted(cluster.name.replace('-', ' ').capitalize())} # {DECIDE}: what people call it",
        f"    tier: {proposal.tier} # {DECIDE}: proposed by the share of calls; 1 hurts most when it is silent",
        f"    primary: {cluster.home} # where it is routed today",
        f"    standby: {proposal.standby or cluster.home}",
        f"    rto: {write_duration(proposal.rto_s)} # {DECIDE}: what the arithmetic allows; promise what people need",
        f"    must_survive: [] # {DECIDE}: what a caller must still be able to do",
        f"    can_degrade: [] # {DECIDE}",
        f"    out_of_scope: [] # {DECIDE}",
        f"    success: [] # {DECIDE}: what proves that the move worked",
        "    entry_points:",
    ]
    if cluster.numbers:
        lines.append(f"      numbers: {_numbers(cluster.numbers)}")
    if cluster.trunks:
        lines.append(f"      trunks: [{', '.join(cluster.trunks)}]")
    if cluster.sip_domains:
        lines.append(f"      sip_domains: [{', '.join(cluster.sip_domains)}]")
    lines.append("    cohorts:")
    for name, numbers, share in proposal.cohorts:
        told = "" if share is None else f" # {share:.0%} of its calls"
        lines.append(f"      - name: {name}{told}")
        lines.append(f"        numbers: {_numbers(numbers)}" if numbers else "        rest: true")
    lines += [
        "    roles:",
        f"      detection: {_quoted(roles.detection)}",
        f"      technical_assessment: {_quoted(roles.technical_assessment)}",
        f"      business_impact: {_quoted(roles.business_impact)}",
        f"      approval: {{roles: {json.dumps(roles.approval, ensure_ascii=False)}, approvals: {roles.approvals}}}",
        f"    # {DECIDE}: test_caller: the number that test calls come from; without one, proof needs real callers",
        "",
    ]
    return "\n".join(lines)


def _account(account: Account) -> str:
    lines = ["account:", f"  sid: {account.sid}"]
    if account.address is not None:
        lines.append(f"  address: {_quoted(account.address)}")
    lines.append("  regions:")
    for region, access in account.regions.items():
        lines += [
            f"    {region}:",
            f"      edge: {access.edge}",
            f"      api_key: {_quoted(access.api_key)}",
            f"      api_secret: {_quoted(access.api_secret)}",
        ]
        if access.auth_token is not None:
            lines.append(f"      auth_token: {_quoted(access.auth_token)}")
    return "\n".join(lines) + "\n"


def _numbers(numbers: Sequence[E164]) -> str:
    """Numbers as the workbook writes them: runs by their ends."""
    words: list[str] = []
    run: list[E164] = []
    for number in sorted(numbers, key=lambda one: (len(one), one)):
        if run and (len(number) != len(run[-1]) or int(number) != int(run[-1]) + 1):
            words += _run(run)
            run = []
        run.append(number)
    words += _run(run)
    return f"[{', '.join(words)}]"


def _run(run: Sequence[E164]) -> list[str]:
    if len(run) < 3:
        return [_quoted(number) for number in run]
    return [_quoted(f"{run[0]}..{run[-1]}")]


def _quoted(text: str) -> str:
    """Text as a double-quoted YAML scalar; JSON's strings are such."""
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    """Text from outside in a comment: one line, bounded."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:120]

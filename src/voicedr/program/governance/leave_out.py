"""A flow without what the standby cannot answer for: how a move goes on when glass is broken over a readiness gap.

What has no handler in the standby stays where it is. It is never sent where nobody answers.
"""

from __future__ import annotations

import msgspec

from voicedr.program.execution.plan import Plan
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.resources import Routable
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.spoken import count, listed
from voicedr.program.vocabulary import E164, Region


def without_gaps(flow: Flow, snapshot: Snapshot, to: Region) -> tuple[Flow, tuple[str, ...]]:
    """The flow without its entry points that were seen to have no handler in a Region, and their names.

    What nobody could look at stays in: it is not known to be a gap, and the plan says so.
    """
    left = tuple(one.name for one in flow.subjects if _is_gap(one, snapshot, to))
    cohorts = tuple(
        msgspec.structs.replace(cohort, subjects=tuple(one for one in cohort.subjects if one.name not in left))
        for cohort in flow.cohorts
    )
    return msgspec.structs.replace(flow, cohorts=cohorts), left


def saying_what_is_left(plan: Plan, left: tuple[str, ...]) -> Plan:
    """The plan, with what stays behind among the things its approvers take on themselves."""
    if not left:
        return plan
    words = (
        f"{count(len(left), 'entry point')} stay in {plan.leaves}, without a handler in {plan.to}: {listed(left, 5)}"
    )
    return msgspec.structs.replace(plan, unknowns=(*plan.unknowns, words))


def _is_gap(subject: Routable, snapshot: Snapshot, to: Region) -> bool:
    if subject.kind == "number":
        handler = snapshot.handler_in(to, E164(subject.name))
        return isinstance(handler, Observed) and handler.value is None
    facts = snapshot.regions.get(to)
    if facts is None:
        return False
    seen = facts.trunks if subject.kind == "trunk" else facts.sip_domains
    return isinstance(seen, Observed) and all(one.domain_name != subject.name for one in seen.value)

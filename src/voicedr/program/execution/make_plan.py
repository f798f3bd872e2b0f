"""From a flow and the facts to a plan, or to the reasons why there can be none.

A cutover contains only updates of things that exist and were seen. What must be there and is not, refuses the plan;
what nobody could look at is said in it, and the approvers take it on themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from voicedr.program.execution.actions import Action, SetRoute, SwitchContext
from voicedr.program.execution.forecast import forecast
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.execution.plan_dispatchers import steering
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Routable, Route
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Account, Cohort, Failback, Flow
from voicedr.program.validation.signals import SIGNALS
from voicedr.program.vocabulary import E164, US1, Mode, Purpose, Region

NAMED_MAX = 5
"""A message names so many subjects and counts the rest."""


class PlanRefused(Exception):
    """There can be no plan; ``reasons`` say why, each with the next step. Nothing was changed."""

    def __init__(self, flow: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"{flow}: no plan can be made:\n" + "\n".join(f"  - {reason}" for reason in reasons))
        self.reasons = reasons


class RoutesNotSeen(PlanRefused):
    """The present routes could not be read, and nothing else is wrong. A move that cannot be undone is not planned."""


def make_plan(flow: Flow, account: Account, snapshot: Snapshot, *, purpose: Purpose, mode: Mode) -> Plan:
    """The plan that moves a flow to its standby (failover) or home (failback).

    Raises:
        PlanRefused: If something must be there and is not, or nothing is to be moved.
        RoutesNotSeen: If nobody could look.
    """
    leaves, to = (flow.primary, flow.standby) if purpose is Purpose.FAILOVER else (flow.standby, flow.primary)
    refused: list[str] = []
    unknowns: list[str] = []
    already: list[str] = []
    unread: dict[str, list[str]] = {}

    if to not in flow.residency:
        refused.append(
            f"residency: {flow.id} may be processed in {', '.join(flow.residency)} only, not in {to}."
            f" This is a rule of the workbook; a move would break it"
        )
    sbcs = steering(flow, snapshot, purpose)
    refused += sbcs.refused
    home = flow.failback if purpose is Purpose.FAILBACK else Failback()
    cohorts = tuple(
        PlannedCohort(cohort.name, actions, home.gate or cohort.gate, cohort.calls_per_minute)
        for cohort in flow.cohorts
        if (
            actions := (
                *_actions(cohort, flow, snapshot, leaves, to, refused, already, unread),
                *sbcs.actions.get(cohort.name, ()),
            )
        )
    )
    unknowns += sbcs.unknowns
    _look_at_handlers(flow, snapshot, to, refused, unknowns)
    if unread and not refused:
        raise RoutesNotSeen(flow.id, _not_seen(unread))
    refused += _not_seen(unread)
    moves = any(isinstance(action, SetRoute) for cohort in cohorts for action in cohort.actions)
    if not moves and not refused:
        refused.append(f"nothing is to be moved: all of {flow.id} is routed to {to} already")
    if refused:
        raise PlanRefused(flow.id, tuple(refused))
    if mode is Mode.UNGRACEFUL:
        unknowns.append(f"{leaves} is not asked anything, so how it stands there is not known")
    if US1 in (leaves, to):
        unknowns.append(
            f"whether a route write through {to}'s host works while us1 is down is not documented by the provider"
            if leaves == US1
            else f"whether {to} takes route writes again is known only when it is tried"
        )
    return Plan(
        flow=flow.id,
        purpose=purpose,
        mode=mode,
        leaves=leaves,
        to=to,
        via=to,
        cohorts=cohorts,
        forecast=forecast(flow, account),
        approval_roles=flow.roles.approval if home.approval is None else home.approval.roles,
        approvals=flow.roles.approvals if home.approval is None else home.approval.approvals,
        requests_per_second=account.limits.requests_per_second,
        calls_per_second=account.limits.calls_per_second,
        propagation_s_max=account.limits.propagation_s_max,
        test_caller=flow.test_caller,
        signals=tuple(rule.name for rule in flow.signals if rule.name in SIGNALS),
        vetoes=tuple(rule.name for rule in flow.signals if rule.veto),
        context=flow.application.context if flow.application else None,
        context_confirm=flow.application.confirm if flow.application else (),
        unknowns=tuple(unknowns),
        already=tuple(already),
        overlap=flow.overlap,
        on_interrupt=flow.on_interrupt,
        residency=flow.residency,
        on_no_answer=flow.on_no_answer.value,
        answer_within_s=flow.answer_within_s,
        rollback=flow.rollback,
    )


def drift(plan: Plan, routes: dict[str, Route | None]) -> tuple[str, ...]:
    """How the world differs from what the plan was made for; empty if it does not.

    Args:
        plan: The plan about to be executed.
        routes: By ``Routable.key``, what was read just now; None where no route was ever set.
    """
    differences = []
    for action in plan.actions:
        if not isinstance(action, SetRoute) or action.subject.key not in routes:
            continue
        route = routes[action.subject.key]
        region = US1 if route is None else route.region
        if region != action.was:
            differences.append(f"{action.subject.name} is routed to {region}; the plan was made for {action.was}")
    return tuple(differences)


def _actions(
    cohort: Cohort,
    flow: Flow,
    snapshot: Snapshot,
    leaves: Region,
    to: Region,
    refused: list[str],
    already: list[str],
    unread: dict[str, list[str]],
) -> Iterable[Action]:
    for subject in cohort.subjects:
        fact = snapshot.routes.get(subject.key)
        if not isinstance(fact, Observed):
            reason = fact.reason if isinstance(fact, Unobserved) else "it was not read"
            unread.setdefault(reason, []).append(subject.name)
            continue
        route = fact.value
        region = US1 if route is None else route.region
        if region == to:
            already.append(subject.name)
        elif region != leaves:
            refused.append(
                f"{subject.name} is routed to {region}, which is neither {leaves} nor {to}."
                f" Find out who moved it; route it to {leaves} or take it out of the flow"
            )
        else:
            name = None if route is None else route.friendly_name
            yield SetRoute(subject, was=region, to=to, was_explicit=route is not None, friendly_name=name)
    if cohort.switch_context and flow.application is not None:
        yield SwitchContext(flow.application.name, was=leaves, to=to)


def _not_seen(unread: dict[str, list[str]]) -> tuple[str, ...]:
    """A line for each reason: subjects that fail alike are named together."""
    return tuple(
        f"the present route could not be read, so a move could not be undone, of {len(names)} entry points"
        f" ({_some(names)}): {reason}"
        for reason, names in unread.items()
    )


def _look_at_handlers(flow: Flow, snapshot: Snapshot, to: Region, refused: list[str], unknowns: list[str]) -> None:
    """Nobody is sent where nobody answers: a number without a handler is refused at the edge, without a log."""
    missing: list[str] = []
    unseen: dict[str, list[str]] = {}
    for number in flow.numbers:
        handler = snapshot.handler_in(to, E164(number))
        if isinstance(handler, Unobserved):
            unseen.setdefault(handler.reason, []).append(number)
        elif handler.value is None:
            missing.append(number)
    facts = snapshot.regions.get(to)
    for subject in flow.subjects:
        if subject.kind == "number":
            continue
        there = _domain_is_in(subject, snapshot, to) if facts is not None else None
        if there is None:
            unseen.setdefault(f"{to} was not read", []).append(subject.name)
        elif not there:
            missing.append(subject.name)
    if missing:
        refused.append(
            f"no handler in {to} for {_some(missing)}: callers would be refused at the edge, without a log."
            f" Configure them there, or take them out of the flow"
        )
    unknowns += [
        f"whether {to} has a handler for {len(names)} entry points ({_some(names)}): {reason}"
        for reason, names in unseen.items()
    ]


def _domain_is_in(subject: Routable, snapshot: Snapshot, region: Region) -> bool | None:
    facts = snapshot.regions[region]
    if subject.kind == "trunk":
        if isinstance(facts.trunks, Unobserved):
            return None
        return any(trunk.domain_name == subject.name for trunk in facts.trunks.value)
    if isinstance(facts.sip_domains, Unobserved):
        return None
    return any(domain.domain_name == subject.name for domain in facts.sip_domains.value)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED_MAX])
    return shown if len(names) <= NAMED_MAX else f"{shown} and {len(names) - NAMED_MAX} more"

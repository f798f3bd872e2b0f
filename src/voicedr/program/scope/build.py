"""From a tree without problems to the workbook's values. Nothing is judged here any more."""

from __future__ import annotations

from typing import Any

from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.build_authority import (
    build_authority,
    build_automatic,
    build_break_glass,
    build_freeze,
    build_hours,
    build_impact,
    build_on_no_answer,
    build_targets,
)
from voicedr.program.scope.checkpoints import build_checkpoints
from voicedr.program.scope.declarations import build_declared
from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.gates import build_gate
from voicedr.program.scope.members import Members, flow_members
from voicedr.program.scope.moving import build_on_interrupt, build_overlap, build_rollback
from voicedr.program.scope.positions import Node
from voicedr.program.scope.sbc import build_sbcs
from voicedr.program.scope.standby_copy import build_sync
from voicedr.program.scope.workbook import (
    Account,
    ApplicationContext,
    Approvals,
    Cohort,
    Failback,
    FailbackApproval,
    Flow,
    JournalPlace,
    Limits,
    Person,
    RegionAccess,
    Roles,
    SignalRule,
    Workbook,
)
from voicedr.program.vocabulary import E164, REGIONS, Region


def build_workbook(root: Node, path: str) -> Workbook:
    """The values of a workbook that was found right."""
    return Workbook(
        account=_account(root.get("account")),
        people=tuple(_person(person) for person in root.get("people").items),
        flows=tuple(_flow(entry.key, entry.value) for entry in root.get("flows").entries),
        path=path,
        approvals=_approvals(root.get("approvals")),
        authority=build_authority(root.get("authority")),
        break_glass=build_break_glass(root.get("break_glass")),
        freeze=build_freeze(root.get("freeze")),
        alerts=_texts(root.get("alerts")),
        journal=_journal(root.get("journal")),
        checkpoints=build_checkpoints(root.get("checkpoints")),
        declared=build_declared(root.get("declared")),
        sync=build_sync(root.get("sync")),
    )


def _text(node: Node) -> str:
    assert node.text is not None, node  # noqa: S101 - the schema has said that it is text
    return node.text


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(text for text, _ in node.texts)


def _seconds(node: Node, default: float) -> float:
    seconds = parse_duration_s(node.text or "")
    return default if seconds is None else seconds


def _number(node: Node, default: float) -> float:
    return default if node.number is None else node.number


def _account(account: Node) -> Account:
    limits, defaults = account.get("limits"), Limits()
    return Account(
        sid=_text(account.get("sid")),
        regions={
            Region(entry.key): RegionAccess(
                edge=_text(entry.value.get("edge")),
                api_key=_text(entry.value.get("api_key")),
                api_secret=_text(entry.value.get("api_secret")),
                auth_token=entry.value.get("auth_token").text,
            )
            for entry in account.get("regions").entries
        },
        limits=Limits(
            requests_per_second=_number(limits.get("requests_per_second"), defaults.requests_per_second),
            calls_per_second=_number(limits.get("calls_per_second"), defaults.calls_per_second),
            propagation_s_max=_seconds(limits.get("propagation_max"), defaults.propagation_s_max),
        ),
        address=account.get("address").text,
    )


def _person(person: Node) -> Person:
    return Person(
        id=_text(person.get("id")),
        name=_text(person.get("name")),
        roles=_texts(person.get("roles")),
        contact=person.get("contact").text,
        hours=build_hours(person),
    )


def _approvals(approvals: Node) -> Approvals:
    defaults = Approvals()
    return Approvals(
        allowed_signers=approvals.get("allowed_signers").text,
        required=approvals.get("required").scalar is True,
        valid_for_s=_seconds(approvals.get("valid_for"), defaults.valid_for_s),
        clock_skew_s=_seconds(approvals.get("clock_skew"), defaults.clock_skew_s),
    )


def _journal(journal: Node) -> JournalPlace:
    return JournalPlace(
        at=journal.get("at").text, away_s_max=_seconds(journal.get("away_max"), JournalPlace().away_s_max)
    )


def _subjects(members: Members) -> tuple[Routable, ...]:
    return tuple(member.subject for member in members.listed)


def _flow(flow_id: str, flow: Node) -> Flow:
    members = flow_members(flow)
    caller = flow.get("test_caller").text
    optional: dict[str, Any] = {}
    if flow.get("signals"):
        optional["signals"] = tuple(
            SignalRule(_text(signal.get("name")), veto=signal.get("veto").scalar is True)
            for signal in flow.get("signals").items
        )
    return Flow(
        id=flow_id,
        title=_text(flow.get("title")),
        tier=int(_number(flow.get("tier"), 1)),
        primary=Region(_text(flow.get("primary"))),
        standby=Region(_text(flow.get("standby"))),
        rto_s=_seconds(flow.get("rto"), 0),
        cohorts=tuple(
            Cohort(
                name=_text(cohort.get("name")),
                subjects=_subjects(part),
                gate=build_gate(flow.get("gate"), cohort.get("gate")),
                switch_context=cohort.get("switch_context").scalar is True,
                calls_per_minute=cohort.get("calls_per_minute").number,
            )
            for cohort, part in zip(flow.get("cohorts").items, members.cohorts, strict=True)
        ),
        roles=_roles(flow.get("roles")),
        must_survive=_texts(flow.get("must_survive")),
        can_degrade=_texts(flow.get("can_degrade")),
        can_wait=_texts(flow.get("can_wait")),
        out_of_scope=_texts(flow.get("out_of_scope")),
        success=_texts(flow.get("success")),
        residency=tuple(Region(text) for text in _texts(flow.get("residency"))) or tuple(REGIONS),
        trickle=_subjects(members.trickle),
        application=_application(flow.get("application")),
        failback=_failback(flow.get("gate"), flow.get("failback")),
        test_caller=None if caller is None else E164(caller),
        on_no_answer=build_on_no_answer(flow.get("on_no_answer")),
        answer_within_s=parse_duration_s(flow.get("answer_within").text or ""),
        impact=build_impact(flow.get("impact")),
        decision_targets=build_targets(flow.get("decision_targets")),
        automatic=build_automatic(flow.get("automatic")),
        overlap=build_overlap(flow.get("overlap")),
        on_interrupt=build_on_interrupt(flow.get("on_interrupt")),
        rollback=build_rollback(flow.get("rollback")),
        sbcs=build_sbcs(flow.get("sbc")),
        **optional,
    )


def _roles(roles: Node) -> Roles:
    approval = roles.get("approval")
    return Roles(
        detection=_text(roles.get("detection")),
        technical_assessment=_text(roles.get("technical_assessment")),
        business_impact=_text(roles.get("business_impact")),
        approval=_texts(approval.get("roles")),
        approvals=int(_number(approval.get("approvals"), 2)),
    )


def _application(application: Node) -> ApplicationContext | None:
    if not application:
        return None
    return ApplicationContext(
        name=_text(application.get("name")),
        context=_text(application.get("context")),
        confirm=_texts(application.get("confirm")),
        signing_key=application.get("signing_key").text,
    )


def _failback(flow_gate: Node, failback: Node) -> Failback:
    approval, gate = failback.get("approval"), failback.get("gate")
    return Failback(
        primary_healthy_for_s=_seconds(failback.get("primary_healthy_for"), Failback().primary_healthy_for_s),
        criteria=_texts(failback.get("criteria")),
        no_open_incident=failback.get("no_open_incident").scalar is True,
        readiness=failback.get("readiness").scalar is True,
        hours=build_hours(failback),
        approval=FailbackApproval(_texts(approval.get("roles")), int(_number(approval.get("approvals"), 2)))
        if approval
        else None,
        gate=build_gate(flow_gate, gate) if gate else None,
    )

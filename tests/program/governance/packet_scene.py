"""The page for the people who decide, from a governed workbook and facts as somebody would read them."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from program.governance.governed import COSTS, WEDNESDAY_NOON, governed
from scenes import HANDLER, fake_account, snapshot_of
from voicedr.program.execution.events import Approved, Sighting
from voicedr.program.execution.make_plan import PlanRefused, make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.incident import Assessed, Declared, Incident, fold_incident
from voicedr.program.governance.packet import Packet, build_packet
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.judge import judge
from voicedr.program.readiness.resources import SipDomain, Trunk
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import IE1, Mode, Purpose

SIGHTINGS = (
    Sighting("primary API", "us1's API did not answer in 5 s", True),
    Sighting("test call", "a test call to +14155550100 was not answered in 15 s", True),
    Sighting("application", "https://support.example/region answers 200", False),
)


def facts(flow: Flow, *, standby_seen: bool = True) -> Snapshot:
    """Everything in both Regions, or nothing of the standby but its numbers."""
    seen = snapshot_of(fake_account(flow), flow)
    if not standby_seen:
        return seen
    regions = {
        region: msgspec.structs.replace(
            there,
            trunks=Observed(
                tuple(Trunk("TK1", None, one.name, None, "POST", None) for one in flow.subjects if one.kind == "trunk"),
                seen.taken_at,
                "test",
            ),
            sip_domains=Observed(
                tuple(
                    SipDomain("SD1", one.name, None, HANDLER, "IP_ACL")
                    for one in flow.subjects
                    if one.kind == "sip-domain"
                ),
                seen.taken_at,
                "test",
            ),
        )
        for region, there in seen.regions.items()
    }
    return msgspec.structs.replace(seen, regions=regions)


def incident(now: datetime, *, looked: timedelta = timedelta(minutes=2), assessed: bool = True) -> Incident:
    """Declared four minutes ago by signals, and assessed."""
    said: list[Declared | Assessed] = [
        Declared(
            at=now - timedelta(minutes=4),
            by="A. Ruiz",
            person_id="ruiz",
            incident="support-line-incident-1",
            flow="support-line",
            why="callers hear nothing",
            detected_at=now - timedelta(minutes=6),
            sightings=SIGHTINGS,
            looked_at=now - looked,
        )
    ]
    if assessed:
        said.append(
            Assessed(at=now - timedelta(minutes=2), by="A. Ruiz", person_id="ruiz", part="technical", judgement="go")
        )
        said.append(
            Assessed(at=now - timedelta(minutes=1), by="B. Chen", person_id="chen", part="business", judgement="go",
                     why="every minute costs patients", calls_per_minute=31.0)
        )  # fmt: skip
    return fold_incident(said)


def planned(workbook: Workbook, flow: Flow, seen: Snapshot) -> tuple[Plan | None, tuple[str, ...]]:
    """The plan, or why there is none."""
    try:
        return make_plan(flow, workbook.account, seen, purpose=Purpose.FAILOVER, mode=Mode.UNGRACEFUL), ()
    except PlanRefused as refused:
        return None, refused.reasons


def page(
    *,
    costs: str = COSTS,
    seen: bool = True,
    read: bool = True,
    of: Incident | None = None,
    approvals: tuple[str, ...] = (),
    now: datetime = WEDNESDAY_NOON,
) -> Packet:
    """A page.

    Args:
        costs: What the workbook says of costs.
        seen: Whether the standby's trunks and domains are there.
        read: Whether readiness was read at all.
        of: The incident.
        approvals: Names of people who approved.
        now: The moment.
    """
    workbook, flow = governed(costs)
    snapshot = facts(flow, standby_seen=seen)
    plan, refused = planned(workbook, flow, snapshot)
    given = () if plan is None else tuple(
        Approved(at=now, person=name, role="on-call lead", plan_hash=plan_hash(plan), signed=True) for name in approvals
    )  # fmt: skip
    return build_packet(
        workbook,
        flow,
        now=now,
        purpose=Purpose.FAILOVER,
        mode=Mode.UNGRACEFUL,
        plan=plan,
        refused=refused,
        readiness=judge(flow, workbook.account, snapshot) if read else None,
        incident=of,
        approvals=given,
    )


__all__ = ["IE1", "SIGHTINGS", "facts", "incident", "page", "planned"]

"""A readiness package with everything in it: gaps with and without owners, a waiver, unknowns, a trend, maps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec

from readiness_scene import (
    AT,
    FALLBACK,
    NUMBERS,
    a_flow,
    an_account,
    an_estate,
    config,
    number_resource,
    report,
    seen,
    snapshot,
)
from ready_application import PEOPLE
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.gaps import GapList, Waiver, gap_id, merge, take, waive
from voicedr.program.readiness.judge import ReadinessReport
from voicedr.program.readiness.package import Package, package
from voicedr.program.readiness.resource_map import resource_maps
from voicedr.program.readiness.resources import VoiceHandler, WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.standby_copy import Sync
from voicedr.program.scope.workbook import Flow
from voicedr.program.vocabulary import IE1

HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> \x1b[31m `x` | \"&]]>\u2028"
"""What a name may hold that somebody typed on purpose."""

WAIVED = "webhook_answers_twiml"


def flows() -> tuple[Flow, ...]:
    """Two: one of them is named to hurt whoever writes it out."""
    return a_flow(), a_flow(id="sales", title=HOSTILE, rto_s=600.0, tier=2)


def facts() -> Snapshot:
    """Eight numbers have no handler in the standby, a fallback is slow, and nobody tried a route write."""
    bare = {one: config(one, handler=VoiceHandler()) if one < NUMBERS[8] else config(one) for one in NUMBERS}
    estate = an_estate()
    estate["number"] = tuple(
        number_resource(one, **({"voice_url": None} if one < NUMBERS[8] else {})) for one in NUMBERS
    )
    slow = WebhookAnswer(FALLBACK, 200, 16.0, (), f"took 16.0 s {HOSTILE}")
    return snapshot(
        standby={
            "numbers": seen(bare),
            "route_write": Unobserved("nobody tried"),
            "estate": {kind: seen(found) for kind, found in estate.items()},
        },
        webhooks={FALLBACK: seen(slow)},
    )


def judged() -> ReadinessReport:
    """The report of that."""
    return report(flows(), an_account(), facts())


def a_list(found: ReadinessReport) -> GapList:
    """Found three days ago, and twice since; the first has an owner who is late, one is answered for."""
    known = merge(GapList(), found, AT - timedelta(days=3))
    fewer: tuple[Any, ...] = tuple(msgspec.structs.replace(flow, findings=flow.findings[3:]) for flow in found.flows)
    known = merge(known, msgspec.structs.replace(found, flows=fewer), AT - timedelta(days=2))
    known = merge(known, found, AT - timedelta(days=1))
    known = take(known, gap_id("support-line", "number_has_handler", IE1), "ann", AT.date() - timedelta(days=2))
    waived = next(gap.id for gap in known.of("support-line") if gap.check == WAIVED)
    known = waive(known, waived, Waiver("bo", f"a new host in December {HOSTILE}", date(2026, 12, 10), AT))
    return merge(known, found, AT)


def a_package() -> Package:
    """All of it."""
    found = judged()
    maps = resource_maps(flows(), an_account(), facts(), Sync())
    names = {person.id: person.name for person in PEOPLE}
    return package(found, a_list(found), AT, maps=maps, names=names)

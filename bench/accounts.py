"""Accounts and plans of any size, the same on every run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.plan import Forecast, Plan, PlannedCohort
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Gate, SequentialTest
from voicedr.program.vocabulary import E164, IE1, US1, Mode, Purpose

TEST_CALLER = E164("+14155509999")


def numbers(count: int) -> list[str]:
    """So many telephone numbers."""
    return [f"+1415{5600000 + n}" for n in range(count)]


def account(of: Iterable[str], voice_url: str, **settings: Any) -> dict[str, Any]:
    """A twin's account file: these numbers and a test caller, configured in two Regions, routed to us1."""
    voice = {"voice_url": voice_url, "voice_method": "POST"}
    return {
        "settings": settings,
        "numbers": [
            {"e164": e164, "friendly_name": e164, "route": "us1", "voice": {"us1": voice, "ie1": voice}}
            for e164 in (*of, TEST_CALLER)
        ],
    }


def plan(
    cohorts: dict[str, list[str]], *, requests_per_second: float, calls_per_second: float, propagation_s_max: float
) -> Plan:
    """A plan that moves these cohorts from us1 to ie1, and that nobody has to approve."""
    gate = Gate(SequentialTest(bad_share_ok=0.05, bad_share_bad=0.5, numbers_min=1))
    return Plan(
        flow="bench",
        purpose=Purpose.FAILOVER,
        mode=Mode.UNGRACEFUL,
        leaves=US1,
        to=IE1,
        via=IE1,
        cohorts=tuple(
            PlannedCohort(name, tuple(SetRoute(Routable("number", e164), US1, IE1) for e164 in of), gate)
            for name, of in cohorts.items()
        ),
        forecast=Forecast(0.0, 0.0, 3600.0, ()),
        approval_roles=(),
        approvals=0,
        requests_per_second=requests_per_second,
        calls_per_second=calls_per_second,
        propagation_s_max=propagation_s_max,
        test_caller=TEST_CALLER,
        signals=("call-completes",),
    )

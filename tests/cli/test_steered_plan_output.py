"""A plan that steers SBCs says so: what, from what to what, where it is asked, and with which cohort."""

from __future__ import annotations

import io

import msgspec
from rich.console import Console

from made_journals import make_plan
from voicedr.cli.execution_output import plan_text
from voicedr.program.execution.actions import SteerDispatcher
from voicedr.program.execution.plan import plan_hash
from voicedr.program.scope.sbc import TargetState


def test_a_plan_says_what_it_steers() -> None:
    """One line for each target, and the cohort counts them."""
    plan = make_plan()
    action = SteerDispatcher(
        "sbc-1", "env:SBC_RPC", 1, "sip:acme.pstn.ashburn.twilio.com", TargetState.ACTIVE, TargetState.DISABLED
    )
    first = plan.cohorts[0]
    first = msgspec.structs.replace(first, actions=(*first.actions, action))
    plan = msgspec.structs.replace(plan, cohorts=(first, *plan.cohorts[1:]))
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(plan_text(plan, plan_hash(plan)))
    text = console.export_text()
    assert "sip:acme.pstn.ashburn.twilio.com: active → disabled, on sbc-1, asked at env:SBC_RPC" in text
    assert text.count("1 target of sbc-1") == 2

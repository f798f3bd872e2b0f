"""The time in the standby: from the first move to the proof that the flow is home, by the journals alone."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene, account_values, gate_with, snapshot_of
from voicedr.program.execution import events as ev
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.reconciliation.window import SKEW_S, NothingThere, stay_of
from voicedr.program.vocabulary import IE1, US1, Mode, Purpose
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual

SKEW = timedelta(seconds=SKEW_S)


def events_of(scene: Scene) -> list[ev.Event]:
    """The journal's events."""
    return [record.event for record in scene.journal.read(scene.execution)]


def test_a_flow_that_is_not_home_has_no_end(tmp_path: Path) -> None:
    """It begins with the first request that moved something; what was prepared before does not count."""
    scene = Scene(tmp_path, {"canary": 1})
    scene.open()
    run_virtual(scene.run)
    events = events_of(scene)
    first = next(one for one in events if isinstance(one, ev.Intended))
    stay = stay_of("x1", events, [])
    assert (stay.region, stay.since, stay.until) == (IE1, first.at - SKEW, None)
    assert "is home" in stay.ended_by


def test_a_failback_ends_it_with_its_last_proof(tmp_path: Path) -> None:
    """One that is not finished does not; a failback alone was never away."""
    scene = Scene(tmp_path, {"canary": 1, "rest": 2})
    scene.open()
    run_virtual(scene.run)
    out = events_of(scene)
    facts = snapshot_of(scene.account, scene.flow)
    scene.execution = "x2"
    scene.open(make_plan(scene.flow, account_values(), facts, purpose=Purpose.FAILBACK, mode=Mode.GRACEFUL))

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, US1, IE1))

    run_virtual(run, start=START + timedelta(hours=3))
    home = events_of(scene)
    last = max(one.at for one in home if isinstance(one, ev.Proved))
    stay = stay_of("x1", out, [("x2", home)])
    assert stay.until == last + SKEW
    assert "x2" in stay.ended_by
    assert stay_of("x1", out, [("x2", home[:-1])]).until is None
    with pytest.raises(NothingThere, match="brings a flow home"):
        stay_of("x2", home, [])
    with pytest.raises(NothingThere, match="moved nothing"):
        stay_of("x1", out[:3], [])


def test_a_rollback_ends_it_once_its_routes_are_everywhere(tmp_path: Path) -> None:
    """No call proves it, so the longest propagation is waited out after the comparison."""
    scene = Scene(tmp_path, {"canary": 2}, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"))
    scene.account.outcome = lambda call: "failed" if call.region == IE1 else "completed"
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, IE1, US1))

    run_virtual(run)
    events = events_of(scene)
    (compared,) = [one for one in events if isinstance(one, ev.Compared)]
    stay = stay_of("x1", events, [])
    assert stay.until == compared.at + timedelta(seconds=300) + SKEW

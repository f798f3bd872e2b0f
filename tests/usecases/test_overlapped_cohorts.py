"""A cutover whose cohorts overlap is finished sooner, and moves each number once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import Scene
from voicedr.program.execution import events as ev
from voicedr.program.scope.moving import Overlap
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.virtual_time import VirtualClock, run_virtual


def run_with(folder: Path, overlap: Overlap | None, **more: Any) -> tuple[Scene, Any, float]:
    """A cutover of five cohorts whose routes take forty seconds to arrive; gives how long it took."""
    scene = Scene(folder, {"canary": 1, **{f"c{n}": 4 for n in range(4)}}, propagation_s=40.0, **more)
    scene.flow = msgspec.structs.replace(scene.flow, overlap=overlap)
    scene.open()

    async def run(clock: VirtualClock) -> tuple[Any, float]:
        return await scene.run(clock), clock.monotonic_s()

    state, took_s = run_virtual(run)
    return scene, state, took_s


def test_it_is_sooner_over_and_waits_for_the_canary(tmp_path: Path) -> None:
    """Propagations go on side by side; the canary has passed before anything else starts."""
    _, _, alone_s = run_with(tmp_path / "alone", None)
    scene, state, took_s = run_with(tmp_path / "overlapped", Overlap(cohorts_max=3, entry_points_max=16))
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert took_s < 0.6 * alone_s
    assert set(scene.routed().values()) == {IE1}
    assert set(scene.changes_per_number().values()) == {1}
    order = [event for event in scene.events if isinstance(event, ev.CohortStarted | ev.GateSpoke)]
    assert [type(event).__name__ for event in order[:2]] == ["CohortStarted", "GateSpoke"]
    assert took_s <= state.plan.forecast.longest_s


@pytest.mark.parametrize(("most", "waiting"), [(4, 1), (8, 2), (100, 4)])
def test_no_more_is_at_risk_than_the_budget(tmp_path: Path, most: int, waiting: int) -> None:
    """Four entry points a cohort: the budget says how many cohorts stand unpassed at most."""
    scene, state, _ = run_with(tmp_path, Overlap(cohorts_max=10, entry_points_max=most))
    assert state.finished is not None
    unpassed: set[str] = set()
    worst = 0
    for event in scene.events:
        if isinstance(event, ev.CohortStarted):
            unpassed.add(event.cohort)
        if isinstance(event, ev.GateSpoke) and event.verdict.value == "go":
            unpassed.discard(event.cohort)
        worst = max(worst, len(unpassed))
    assert worst == waiting


def test_a_no_go_of_one_stops_all(tmp_path: Path) -> None:
    """Bad calls to one cohort: what was not started never moves."""
    scene = Scene(tmp_path, {"canary": 1, **{f"c{n}": 4 for n in range(6)}}, propagation_s=30.0)
    scene.flow = msgspec.structs.replace(scene.flow, overlap=Overlap(cohorts_max=1, entry_points_max=8))
    bad = set(scene.flow.cohorts[2].numbers)
    scene.account.outcome = lambda call: "failed" if call.region == IE1 and call.to in bad else "completed"
    scene.open()
    state = run_virtual(scene.run)
    assert state.paused is not None
    assert "the gate of c1 says no-go" in state.paused.why
    assert state.cohorts["c5"].started_at is None
    assert set(scene.routed().values()) == {IE1, US1}

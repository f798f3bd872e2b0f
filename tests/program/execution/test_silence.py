"""A question that nobody answers: what happens, when, and by which rule."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from scenes import Scene, gate_with
from voicedr.ports.clock import Clock
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.silence import BY
from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.virtual_time import run_virtual

WITHIN_S = 120.0
LONG_S = 600.0


def silent(folder: Path, rule: str, within_s: float | None = WITHIN_S) -> Scene:
    """A cutover whose gates ask people, carried out for ten minutes while nobody says anything."""
    scene = Scene(folder, gate=gate_with(on_go="ask"))
    scene.open(msgspec.structs.replace(scene.plan(), on_no_answer=rule, answer_within_s=within_s))

    async def run(clock: Clock) -> None:
        providers = scene.providers(clock, US1, IE1)
        work = asyncio.ensure_future(scene.run(clock, providers, stay=True))
        timer = asyncio.ensure_future(clock.sleep(LONG_S))
        await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
        for one in (work, timer):
            one.cancel()
        await asyncio.gather(work, timer, return_exceptions=True)

    run_virtual(run)
    return scene


def waited_s(scene: Scene, kind: type[ev.Event]) -> float:
    """From the first question to the first event of a kind."""
    return (scene.said(kind)[0].at - scene.said(ev.DecisionAsked)[0].at).total_seconds()


@pytest.mark.parametrize("within_s", [WITHIN_S, None])
def test_hold_holds(tmp_path: Path, within_s: float | None) -> None:
    """For ten minutes nothing moves after the canary, with a time or without one."""
    scene = silent(tmp_path, "hold", within_s)
    assert len(scene.said(ev.DecisionAsked)) == 1
    assert scene.said(ev.DecisionTaken) == scene.said(ev.RollbackAsked) == scene.said(ev.Finished) == []
    assert list(scene.routed().values()).count(IE1) == 2


def test_go_on_goes_on_by_the_rule_and_not_by_a_person(tmp_path: Path) -> None:
    """After two minutes, not before; the record says that it was silence."""
    scene = silent(tmp_path, "go-on")
    taken = scene.said(ev.DecisionTaken)[0]
    assert isinstance(taken, ev.DecisionTaken)
    assert (taken.by, taken.go) == (BY, True)
    assert taken.note.startswith("SILENCE: nobody answered for canary within 120 s, and the gate says go")
    assert WITHIN_S <= waited_s(scene, ev.DecisionTaken) < WITHIN_S + 1
    assert set(scene.routed().values()) == {IE1}


def test_roll_back_asks_for_the_way_back(tmp_path: Path) -> None:
    """It is refused into a dead Region as any rollback is; nothing more is moved out in any case."""
    scene = silent(tmp_path, "roll-back")
    asked = scene.said(ev.RollbackAsked)[0]
    assert isinstance(asked, ev.RollbackAsked)
    assert (asked.by, asked.why.startswith("SILENCE")) == (BY, True)
    assert WITHIN_S <= waited_s(scene, ev.RollbackAsked) < WITHIN_S + 1
    assert scene.said(ev.RollbackOrdered) or scene.said(ev.RollbackRefused)
    assert list(scene.routed().values()).count(IE1) <= 2


def test_the_hash_covers_what_silence_means(tmp_path: Path) -> None:
    """Whoever approves hold has not approved go-on, nor another time."""
    plan = Scene(tmp_path).plan()
    others: list[Plan] = [
        msgspec.structs.replace(plan, on_no_answer="go-on"),
        msgspec.structs.replace(plan, on_no_answer="roll-back"),
        msgspec.structs.replace(plan, answer_within_s=60.0),
    ]
    assert len({plan_hash(one) for one in (plan, *others)}) == 4

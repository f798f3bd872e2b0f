"""Executions are killed at every kind of border in virtual time, and the twin's history is the judge.

``VOICEDR_SOAK_KILLS`` and ``VOICEDR_SOAK_SEED`` choose more of them and other seeds; a failure names its seed.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from bench.killing.campaign import main, trials
from bench.killing.story import DEATHS_MAX, WHERES, Breakage, Death, Story, story
from bench.killing.trial import Takeover, Told, run
from bench.killing.verdict import RESUMED_S_MAX, wrong

from voicedr.program.execution.commands import Name
from voicedr.program.vocabulary import IE1, US1, Mode, Purpose

FIRST_SEED = int(os.environ.get("VOICEDR_SOAK_SEED", "1"))
KILLS = int(os.environ.get("VOICEDR_SOAK_KILLS", "40"))
SEEDS_AT_ONCE = 10


@pytest.mark.parametrize("half", [0, 1])
def test_nothing_is_lost_doubled_stuck_or_slow(half: int) -> None:
    """Processes die one after another, and the last one finishes: each route is written once, or once each way."""
    first = FIRST_SEED + half * 1_000_000
    kills, seen = 0, set[str]()
    while kills < KILLS // 2:
        tally = trials(range(first, first + SEEDS_AT_ONCE))
        assert not tally.found, tally.found
        assert set(tally.outcomes) <= {"done", "rolled-back", "aborted"}
        kills += tally.kills
        seen |= set(tally.where)
        first += SEEDS_AT_ONCE
    assert seen == set(WHERES)


def quiet(seed: int, **changes: object) -> Story:
    """A failover of some numbers in which nothing happens but what is given."""
    while (drawn := story(seed)).plan.purpose is not Purpose.FAILOVER or drawn.plan.on_interrupt is not None:
        seed += 1
    empty = dataclasses.replace(drawn, deaths=(), breaks=(), said=(), unfit=frozenset(), standby_dies_s=None)
    return dataclasses.replace(empty, **changes)  # type: ignore[arg-type]


def test_a_trial_without_a_death_is_judged_by_what_really_happened(tmp_path: Path) -> None:
    """Every number was routed once to where the plan wants it; whoever routes one again, or back, is found."""
    told = run(quiet(5), tmp_path)
    assert not wrong(told)
    assert set(map(tuple, told.history.values())) == {(IE1,)}
    number = next(iter(told.history))
    for written, kind in (([IE1, IE1], "doubled"), ([], "lost"), ([IE1, US1], "lost")):
        edited = dataclasses.replace(told, history={**told.history, number: written})
        assert [one.partition(":")[0] for one in wrong(edited)] == [kind]


def test_a_trial_that_does_not_end_or_goes_on_late_is_found(tmp_path: Path) -> None:
    """Without an end it is stuck; late is late; a request to a Region that must not be asked counts."""
    told = run(quiet(5), tmp_path)
    late = Takeover(first_s=0.0, acted_s=RESUMED_S_MAX + 0.1)
    cases = {
        "stuck": dataclasses.replace(told, state=None, stuck="nobody has it"),
        "slow": dataclasses.replace(told, takeovers=[late]),
        "asked": dataclasses.replace(told, asked_left=1),
    }
    for kind, edited in cases.items():
        assert [one.partition(":")[0] for one in wrong(edited)] == [kind]


@pytest.mark.parametrize("where", WHERES)
def test_a_process_dies_where_it_is_told_to(tmp_path: Path, where: str) -> None:
    """And the next one goes on within its seconds, and writes what was not written."""
    death = Death(where, 0.5 if where == "at" else 3, absent_s=1.0)  # type: ignore[arg-type]
    told: Told = run(quiet(5, deaths=(death, death)), tmp_path)
    assert told.deaths == [death, death]
    assert len(told.takeovers) == 2
    assert not wrong(told)


def test_an_emergency_stop_and_an_outage_of_the_api_are_part_of_it(tmp_path: Path) -> None:
    """Stopped, killed while it is stopped, and the API gone for a while: it still ends as planned."""
    told = run(
        quiet(
            5,
            said=((1.0, Name.STOP, "smoke"),),
            breaks=(Breakage(0.5, "api-down", 12.0, {"region": IE1, "mode": "refuse"}),),
            deaths=(Death("at", 2.0, 1.0),),
        ),
        tmp_path,
    )
    assert not wrong(told)
    assert told.state is not None
    assert told.lasted_s > 12


def test_seeds_give_all_that_is_promised() -> None:
    """Both purposes, both modes, overlap, interruptions, every command, every breakage and every kind of death."""
    drawn = [story(seed) for seed in range(400)]
    assert {(one.plan.purpose, one.plan.mode) for one in drawn} == {
        (Purpose.FAILOVER, Mode.GRACEFUL),
        (Purpose.FAILOVER, Mode.UNGRACEFUL),
        (Purpose.FAILBACK, Mode.GRACEFUL),
    }
    assert {one.plan.overlap is None for one in drawn} == {True, False}
    assert {one.plan.on_interrupt is None for one in drawn} == {True, False}
    said = {name for one in drawn for _, name, _ in one.said}
    assert said == {Name.PAUSE, Name.STOP, Name.ROLL_BACK, Name.SWITCH_MODE, Name.ABORT}
    assert {fault.fault for one in drawn for fault in one.breaks} == {
        "api-answer-lost",
        "api-throttled",
        "api-errors",
        "api-reset",
        "api-down",
    }
    assert {death.where for one in drawn for death in one.deaths} == set(WHERES)
    assert max(len(one.deaths) for one in drawn) <= DEATHS_MAX
    assert any(one.unfit for one in drawn)
    assert any(one.standby_dies_s is not None for one in drawn)
    assert story(7) == story(7)


@pytest.mark.parametrize("arguments", [[], ["0"], ["many"], ["10", "1", "1"]])
def test_a_campaign_that_is_not_understood_says_how(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong use is exit code 2, and nothing is run."""
    assert main(arguments) == 2
    assert "KILLS" in capsys.readouterr().err

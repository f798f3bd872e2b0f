"""Faults are seeded in a healthy account, one or two at a time, and readiness has to say each of them and no other.

The whole table with more seeds is ``python -m bench readiness_faults``. ``VOICEDR_SOAK_FAULTS`` says how many seeds of
every kind are tried here (0: one kind of each practice), ``VOICEDR_SOAK_SEED`` the first of them.
"""

from __future__ import annotations

import os
from functools import cache
from random import Random

import pytest
from bench.readiness.account import HealthyAccount
from bench.readiness.blind import BLIND
from bench.readiness.campaign import can_be_both, healthy, outcomes, seeded
from bench.readiness.customer import CannotBeBoth
from bench.readiness.estate import BACK, OUT, Direction
from bench.readiness.faults import all_kinds
from bench.readiness.faults.people import NO_WORKBOOK
from bench.readiness.healthy import VARIANTS
from bench.readiness.kind import Kind
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.scope.read import WorkbookBroken

SEEDS = int(os.environ.get("VOICEDR_SOAK_FAULTS", "0"))
FIRST_SEED = int(os.environ.get("VOICEDR_SOAK_SEED", "1"))

NEVER_RED = {
    "webhook_host_is_not_one_machine": "what stands behind one address cannot be seen, so that it is unknown at worst",
    "residency_allows_standby": "a workbook whose residency forbids the standby is refused when it is read",
    "regulatory_is_settled": "an empty word is refused when the workbook is read",
    "release_keeps_standby": "an empty word is refused when the workbook is read",
    "second_way_is_known": "an empty word is refused when the workbook is read",
}
"""Checks that no fault of the table turns red, and why."""


def kinds() -> tuple[Kind, ...]:
    """One kind of each practice; all of them in a soak."""
    every = all_kinds().values()
    return tuple(every) if SEEDS else tuple({kind.practice: kind for kind in reversed(every)}.values())


@cache
def account(way: Direction = OUT) -> HealthyAccount:
    """Made once; whoever spoils it brings it back."""
    return HealthyAccount(way)


@pytest.mark.parametrize("way", [OUT, BACK], ids=str)
def test_in_a_healthy_account_every_check_applies_and_passes(way: Direction) -> None:
    """No gap, nothing unknown, and no check that has nothing to be said of."""
    account(way).heal()
    readiness = account(way).read()
    said = [(one.check, one.outcome.value, one.detail) for one in readiness.findings if one.outcome != Outcome.PASS]
    assert said == []
    assert outcomes(readiness) == dict.fromkeys(all_checks(), Outcome.PASS)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda one: one.__name__.strip("_"))
def test_what_is_healthy_in_another_way_has_no_gap_either(variant: object) -> None:
    """Other forms and habits that are just as good: nothing fails."""
    one = account()
    one.heal()
    variant(one)  # type: ignore[operator]
    readiness = one.read()
    one.heal()
    assert [(f.check, f.detail) for f in readiness.findings if f.outcome is Outcome.FAIL] == []


@pytest.mark.parametrize("kind", kinds(), ids=str)
def test_a_fault_turns_its_checks_red_and_its_end_turns_them_green(kind: Kind) -> None:
    """What was named before fails, nothing else does, and without the fault everything passes again."""
    for seed in range(FIRST_SEED, FIRST_SEED + max(SEEDS, 1)):
        for way in kind.ways if SEEDS else kind.ways[:1]:
            verdict = seeded(account(way), (kind,), seed)
            assert not verdict.missed, verdict
            assert not verdict.false, verdict
    after = healthy(account(kind.ways[0]))
    assert after.gaps == 0, after


def test_every_check_is_turned_red_by_some_fault() -> None:
    """A check that nothing turns red is one that always passes; there are none, but for a few with their reasons."""
    red = {check for kind in all_kinds().values() for check in kind.red}
    assert set(all_checks()) - red == set(NEVER_RED)
    dark = {check for kind in all_kinds().values() for check in kind.dark}
    assert set(NEVER_RED) - dark == {"residency_allows_standby"}


def test_there_are_enough_kinds_and_each_names_checks_that_there_are() -> None:
    """A misspelt check would never be missed."""
    assert len(all_kinds()) >= 80
    for kind in all_kinds().values():
        assert {*kind.red, *kind.dark, *kind.besides} <= set(all_checks()), kind.name


@pytest.mark.parametrize("fault", NO_WORKBOOK, ids=lambda one: one.__name__)
def test_some_faults_are_refused_before_anything_is_read(fault: object) -> None:
    """A standby that residency forbids, and approvals that nobody can give, are no workbook."""
    one = account()
    one.heal()
    fault(one, Random(1))  # type: ignore[operator]
    with pytest.raises(WorkbookBroken):
        one.workbook()
    one.heal()


@pytest.mark.parametrize("name", BLIND)
def test_what_is_known_not_to_be_found_is_not_found_yet(name: str) -> None:
    """Whoever closes one of these gaps moves it to the table of those that have to be found."""
    one = account()
    one.heal()
    BLIND[name][1](one, Random(1))
    readiness = one.read()
    one.heal()
    unsigned = {"webhook_refuses_forgeries"}  # the stand-in answers everybody
    assert {finding.check for finding in readiness.findings if finding.outcome is Outcome.FAIL} <= unsigned


QUIET = [name for name, kind in all_kinds().items() if OUT in kind.ways and kind.red and not kind.dark]


@settings(max_examples=20 if not SEEDS else 400, deadline=None, derandomize=not SEEDS)
@given(st.sampled_from(QUIET), st.sampled_from(QUIET), st.integers(0, 10_000))
def test_two_faults_at_once_are_both_found(first: str, second: str, seed: int) -> None:
    """The one does not hide the other, unless it takes away what the other is seen by."""
    pair = all_kinds()[first], all_kinds()[second]
    assume(can_be_both(*pair))
    try:
        readiness = seeded(account(), pair, seed)
    except CannotBeBoth:
        reject()
    hidden = [one for one in readiness.missed if "(pass)" in one]
    assert hidden == [], readiness
    assert readiness.false == (), readiness

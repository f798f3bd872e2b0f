"""Whatever goes out of sight of an estate, an application or a person's word, nothing passes because of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from one_check import conclude
from readiness_scene import an_estate, snapshot
from ready_application import SAID, application_facts, declaring
from voicedr.program.readiness.check import Area, Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.outside.application import ApplicationFacts
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.vocabulary import IE1, US1, Region

AREAS = {
    Area.SCOPE,
    Area.NUMBERS,
    Area.CREDENTIALS,
    Area.CAPACITY,
    Area.PROVIDER_OBSERVABILITY,
    Area.CUSTOMER_OBSERVABILITY,
}
CHECKS = [check_id for check_id, check in all_checks().items() if check.area in AREAS]
KINDS = [(region, kind) for region in (IE1, US1) for kind in an_estate()]
TABLES = [(name, key) for name in ApplicationFacts.__struct_fields__ for key in getattr(application_facts(), name)]
BEFORE = {check: conclude(check) for check in CHECKS}
DARK = Unobserved("it went dark")


def without(kinds: set[tuple[Region, str]], tables: set[tuple[str, Any]]) -> Snapshot:
    """The snapshot of a ready flow in which some facts are gone."""
    facts = snapshot()
    regions = {
        region: msgspec.structs.replace(
            of, estate={kind: DARK if (region, kind) in kinds else fact for kind, fact in of.estate.items()}
        )
        for region, of in facts.regions.items()
    }
    gone: dict[str, dict[Any, Any]] = {}
    for name, key in tables:
        gone.setdefault(name, {})[key] = DARK
    return msgspec.structs.replace(facts, regions=regions, application=application_facts(**gone))


def nothing_gained(facts: Snapshot, said: Declarations) -> None:
    """No check passes of more than it did, and none fails."""
    for check in CHECKS:
        after = conclude(check, facts, said)
        passed, before = (sum(one.outcome is Outcome.PASS for one in every) for every in (after, BEFORE[check]))
        assert passed <= before, check
        assert not [one for one in after if one.outcome is Outcome.FAIL], check
        assert after or not BEFORE[check], check


@settings(max_examples=40, deadline=None)
@given(
    kinds=st.sets(st.sampled_from(KINDS), max_size=6),
    tables=st.sets(st.sampled_from(TABLES), max_size=8),
    words=st.sets(st.sampled_from(list(SAID)), max_size=6),
)
def test_less_that_is_seen_or_said_passes_less(
    kinds: set[tuple[Region, str]], tables: set[tuple[str, Any]], words: set[About]
) -> None:
    """Facts that went dark and words that nobody said any more leave unknowns, and neither passes nor gaps."""
    nothing_gained(without(kinds, tables), declaring(None, *words))


def test_with_everything_dark_only_words_pass() -> None:
    """What passes with nothing in sight rests on the workbook or on somebody's word."""
    facts = without(set(KINDS), set(TABLES))
    for check in CHECKS:
        for one in conclude(check, facts):
            on_typed_facts = one.seen is not None and one.seen.source == "test"
            on_words = one.said is not None or (one.seen is not None and one.seen.source == "the workbook")
            assert one.outcome is not Outcome.PASS or on_words or on_typed_facts, check


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_applies_to_the_flow_of_the_scene(check: str) -> None:
    """A check that says nothing there would make the tests here prove nothing."""
    assert BEFORE[check]

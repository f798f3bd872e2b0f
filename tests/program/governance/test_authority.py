"""Who may decide what, by role, function and clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.governance.governed import CHAIN, PEOPLE, WEDNESDAY_NOON, governed, person
from voicedr.program.governance.authority import (
    asked_after,
    cautions,
    matrix,
    stood,
    who_may,
    why_may_not,
    why_no_rollback,
)
from voicedr.program.governance.hours import gaps, is_on, next_on_at
from voicedr.program.scope.authority import Decision, Function, Hours

NIGHT = WEDNESDAY_NOON + timedelta(hours=10)
SATURDAY_NOON = WEDNESDAY_NOON + timedelta(days=3)

MAY: dict[str, tuple[Decision, str, datetime, str]] = {
    "the first one in their hours": (Decision.APPROVE_FAILOVER, "ruiz", WEDNESDAY_NOON, ""),
    "somebody without hours at any time": (Decision.APPROVE_FAILOVER, "chen", NIGHT, ""),
    "the deputy for the night, at night": (Decision.DECLARE, "okafor", NIGHT, ""),
    "the day's one at night": (
        Decision.DECLARE,
        "ruiz",
        NIGHT,
        "A. Ruiz is not on at Wed 22:00 UTC; they are on again",
    ),
    "the night's one at noon": (Decision.ASSESS, "okafor", WEDNESDAY_NOON, "is not on at Wed 12:00 UTC"),
    "the day's one on a Saturday": (Decision.DECLARE, "ruiz", SATURDAY_NOON, "on again at Mon 2026-11-23 07:00 UTC"),
    "a director who wants to declare": (Decision.DECLARE, "chen", WEDNESDAY_NOON, "B. Chen may not declare"),
    "breaking glass, where the workbook allows it": (Decision.BREAK_GLASS, "chen", NIGHT, ""),
}


@pytest.mark.parametrize("case", MAY)
def test_who_may_decide_what_and_when(case: str) -> None:
    """A refusal says why, when they are on again, and whom to ask instead."""
    decision, who, at, words = MAY[case]
    workbook, flow = governed()
    said = why_may_not(workbook, flow, decision, person(workbook, who), at)
    if not words:
        assert said == ""
        return
    assert words in said
    assert "Ask " in said or "Nobody may" in said


def test_the_refusal_names_who_is_on_with_their_number() -> None:
    """At noon the night's deputy is told to ask Ruiz, and how to reach them."""
    workbook, flow = governed()
    said = why_may_not(workbook, flow, Decision.DECLARE, person(workbook, "okafor"), WEDNESDAY_NOON)
    assert said.endswith("Ask A. Ruiz (ruiz, +14155559000)")


def test_nobody_breaks_glass_unless_the_workbook_says_so() -> None:
    """Approving is not enough."""
    workbook, flow = governed(chain="")
    assert who_may(workbook, flow, Decision.BREAK_GLASS, WEDNESDAY_NOON) == ()
    said = why_may_not(workbook, flow, Decision.BREAK_GLASS, person(workbook, "chen"), WEDNESDAY_NOON)
    assert "B. Chen may not break glass for support-line. Nobody may break glass now" in said


def test_the_order_says_who_is_asked_and_weighs_nobodys_word() -> None:
    """Chen is asked first; when the time is over Ruiz is; then nobody is left. Both may decide from the beginning."""
    workbook, flow = governed()
    approval = matrix(workbook, flow, WEDNESDAY_NOON).functions[3]
    assert [one.person for one in approval.people] == ["chen", "ruiz", "okafor"]
    assert (approval.ask, approval.quorum, approval.reachable) == ("chen", 2, 2)
    turns = [asked_after(approval, waited_s) for waited_s in (0.0, 179.0, 180.0, 360.0)]
    assert [turn and turn.person for turn in turns] == ["chen", "chen", "ruiz", None]
    assert {one.id for one in who_may(workbook, flow, Decision.APPROVE_FAILOVER, WEDNESDAY_NOON)} == {"chen", "ruiz"}


def test_the_matrix_says_what_is_missing_now() -> None:
    """At the weekend nobody who declares is on in the daytime, and one person cannot give two approvals."""
    workbook, flow = governed()
    found = matrix(workbook, flow, SATURDAY_NOON)
    short = {one.function for one in found.functions if one.reachable < one.quorum}
    assert short == {Function.DETECTION, Function.TECHNICAL_ASSESSMENT, Function.APPROVAL}
    assert "detection needs 1 and has 0 of 2 on now" in found.missing
    assert "approval needs 2 and has 1 of 3 on now" in found.missing


def test_cautions_name_holes_and_functions_without_a_deputy() -> None:
    """The weekend's daytime is a hole of twenty hours; only Chen judges the business."""
    workbook, flow = governed()
    said = "\n".join(cautions(workbook, flow, WEDNESDAY_NOON))
    assert "business impact has no deputy: only B. Chen" in said
    assert "detection is not covered 20h of the week: Sat 07:00 to Sat 17:00, Sun 07:00 to Sun 17:00 UTC" in said
    assert "approval is not covered" not in said


def test_one_person_with_everything_is_said() -> None:
    """Also that silence and automatic moves act without people."""
    people = "people:\n  - {id: ana, name: Ana, roles: [on-call lead, voice engineer, operations director]}\n"
    people += "  - {id: ben, name: Ben, roles: [on-call lead]}\n"
    extra = "    on_no_answer: go-on\n    answer_within: 10m\n    automatic: {after_drills: 3}\n"
    workbook, flow = governed(extra, "", people)
    said = "\n".join(cautions(workbook, flow, WEDNESDAY_NOON))
    assert "silence moves callers" in said
    assert "without people, after 3 successful drills" in said
    assert "holds all four functions" not in said  # two approvals are asked for, so ana cannot do it alone


def test_hours_follow_the_zone_through_a_change_of_the_clock() -> None:
    """08:00 in Madrid is 07:00 UTC in winter and 06:00 UTC in summer."""
    workbook, _ = governed()
    hours = person(workbook, "ruiz").hours
    assert is_on(hours, datetime(2026, 7, 1, 6, 0, tzinfo=UTC))
    assert not is_on(hours, datetime(2026, 11, 18, 6, 59, tzinfo=UTC))
    assert is_on(hours, datetime(2026, 11, 18, 7, 0, tzinfo=UTC))
    assert not is_on(hours, datetime(2026, 11, 18, 17, 0, tzinfo=UTC))


ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
HOURS = st.builds(
    Hours,
    st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(tuple),
    st.integers(0, 1439),
    st.integers(0, 1440),
    st.sampled_from(ZONES),
).filter(lambda hours: hours.from_minute != hours.to_minute)
TIMES = st.integers(0, 1_000_000).map(lambda minutes: WEDNESDAY_NOON + timedelta(minutes=minutes))


@given(st.lists(HOURS, min_size=1, max_size=3).map(tuple), TIMES)
def test_a_hole_is_exactly_where_nobody_is_on(hours: tuple[Hours, ...], at: datetime) -> None:
    """In the middle of each hole nobody is on, before and after it somebody is, and they come on at its end."""
    week = at + timedelta(days=7)
    for begin, end in gaps([hours], at):
        assert at <= begin < end <= week
        assert not is_on(hours, begin + (end - begin) / 2)
        if begin > at:
            assert is_on(hours, begin - timedelta(microseconds=1))
        if end < week:
            assert is_on(hours, end)
            assert next_on_at(hours, begin) == end


def test_the_workbook_that_is_tested_with_is_a_workbook() -> None:
    """Deputies, hours and glass are read as written."""
    workbook, _ = governed(people=PEOPLE, chain=CHAIN)
    assert [rule.value for rule in workbook.break_glass.rules] == [
        "quorum", "freeze-window", "different-people", "hours",
    ]  # fmt: skip
    assert workbook.break_glass.valid_for_s == 1800
    assert workbook.authority.approval.order == ("chen", "ruiz")


STOOD: dict[str, tuple[str | None, datetime, str]] = {
    "a director at any hour": ("chen", NIGHT, "in the authority as business impact and approval"),
    "the lead in their hours": (
        "ruiz",
        WEDNESDAY_NOON,
        "in the authority as detection, technical assessment and approval",
    ),
    "the lead at night": ("ruiz", NIGHT, "outside the authority: A. Ruiz is not on at Wed 22:00 UTC"),
    "nobody who was named": (None, WEDNESDAY_NOON, "outside the authority: nobody of the workbook was named"),
}


@pytest.mark.parametrize("case", STOOD)
def test_how_somebody_stood_who_held_it_up(case: str) -> None:
    """In words for the record; it stops nobody."""
    who, at, words = STOOD[case]
    workbook, flow = governed()
    somebody = None if who is None else person(workbook, who)
    assert stood(workbook, flow, Decision.STOP, somebody, at).startswith(words)


def test_a_function_that_may_not_stop_is_outside() -> None:
    """What the workbook leaves out of `may` is left out."""
    workbook, flow = governed(
        chain=CHAIN.replace("stop, ", "").replace("authority:", "authority:\n  business_impact: {may: [assess]}")
    )
    said = stood(workbook, flow, Decision.STOP, person(workbook, "chen"), NIGHT)
    assert said == "outside the authority: B. Chen may not stop for support-line"


ROLLBACKS: dict[str, tuple[str, str | None, datetime, str]] = {
    "anybody, by default": ("", None, NIGHT, ""),
    "an approver": ("rollback: approval", "chen", NIGHT, ""),
    "an approver out of hours": ("rollback: approval", "ruiz", NIGHT, "A. Ruiz is not on"),
    "nobody who was named": ("rollback: approval", None, NIGHT, "Say who you are: --as PERSON. Ask B. Chen (chen)"),
}


@pytest.mark.parametrize("case", ROLLBACKS)
def test_who_may_ask_for_a_rollback(case: str) -> None:
    """Everybody, unless the workbook keeps it for those who may approve one."""
    rule, who, at, words = ROLLBACKS[case]
    workbook, flow = governed(chain=CHAIN.replace("authority:\n", f"authority:\n  {rule}\n") if rule else CHAIN)
    said = why_no_rollback(workbook, flow, None if who is None else person(workbook, who), at)
    assert (words in said) if words else said == ""

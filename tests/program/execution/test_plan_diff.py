"""The difference of two plans names everything that people would approve otherwise, and nothing else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from made_journals import make_plan
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.plan_diff import Change, change_line, diff_plans, totals
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.scope.workbook import Gate, SequentialTest
from voicedr.program.vocabulary import AU1, IE1, Mode, Purpose


def lines(before: Plan, now: Plan) -> list[str]:
    """The differences as they are shown."""
    return [change_line(change) for change in diff_plans(before, now)]


def test_equal_plans_do_not_differ() -> None:
    """Not even in what only the forecast says."""
    assert diff_plans(make_plan(), make_plan()) == ()
    assert totals(()) == "no difference"


def test_entry_points_that_come_go_and_change_their_cohort() -> None:
    """Those that share their fate are one line; what is there already is said to be."""
    before = make_plan({"canary": 2, "rest": 4, "old": 1})
    now = make_plan({"canary": 3, "rest": 2, "new": 3}, already=("+14155550106",))
    assert lines(before, now) == [
        "+ entry point +14155550107: into new",
        "~ entry point +14155550102: rest → canary",
        "~ entry point +14155550105: rest → new",
        "~ entry point +14155550106: old → new",
        "+ cohort new: 3 actions",
        "- cohort old: 1 action",
    ]
    gone = lines(before, make_plan({"canary": 2, "rest": 4}, already=("+14155550106",)))
    assert "- entry point +14155550106: out of old (in ie1 already)" in gone


def test_many_entry_points_are_counted_and_all_are_kept() -> None:
    """A thousand of them are one line, whose names are in the value."""
    [change, *_] = diff_plans(make_plan({"canary": 2}), make_plan({"canary": 2, "rest": 1000}))
    assert change.words.endswith("and 994 more: into rest")
    assert len(change.subjects) == 1000


def test_another_order_of_cohorts_is_a_difference() -> None:
    """The canary is the first one for a reason."""
    before = make_plan({"canary": 1, "rest": 1})
    now = msgspec.structs.replace(before, cohorts=before.cohorts[::-1])
    assert lines(before, now) == ["~ cohort order: canary → rest becomes rest → canary"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"requests_per_second": 10.0}, "~ limit requests per second: 20 → 10"),
        ({"propagation_s_max": 120.0}, "~ limit longest propagation, s: 300 → 120"),
        ({"answer_within_s": 60.0}, "~ limit an answer is waited for, s: none → 60"),
        ({"mode": Mode.GRACEFUL}, "~ rule mode: ungraceful → graceful"),
        ({"purpose": Purpose.FAILBACK}, "~ rule purpose: failover → failback"),
        ({"approvals": 1}, "~ rule approvals needed: 2 → 1"),
        ({"test_caller": None}, "~ rule test caller: +14155559999 → none"),
        ({"on_no_answer": "roll-back"}, "~ rule silence means: hold → roll-back"),
        ({"residency": (IE1, AU1)}, "~ rule allowed Regions: none → ie1, au1"),
        ({"overlap": Overlap(2, 50)}, "~ rule cohorts overlap: none → cohorts_max 2, entry_points_max 50"),
        (
            {"on_interrupt": OnInterrupt(moving="pause")},
            "~ rule after an interruption: none → moving pause, gating go-on, older_than_s 60",
        ),
        ({"signals": ("call-completes",)}, "+ rule signal: call-completes"),
        ({"vetoes": ("no-alert",)}, "+ rule veto: no-alert"),
        ({"approval_roles": ("on-call lead",)}, "- rule approving role: operations director"),
        ({"unknowns": ("whether it rains",)}, "+ unknown not known: whether it rains"),
        ({"context": "file:/x"}, "~ rule application context: none → file:/x"),
    ],
)
def test_every_rule_and_limit_is_compared(changes: dict[str, Any], line: str) -> None:
    """From what to what."""
    assert lines(make_plan(), make_plan(**changes)) == [line]


def test_what_a_gate_asks_is_compared_field_by_field() -> None:
    """Each value by its own line."""
    before = make_plan({"canary": 1})
    gate = Gate(SequentialTest(bad_share_bad=0.2, calls_max=60, synthetic=False), on_go="ask", wait_s_max=60.0)
    now = msgspec.structs.replace(before, cohorts=(msgspec.structs.replace(before.cohorts[0], gate=gate),))
    assert lines(before, now) == [
        "~ gate canary: bad share that stops 0.1 → 0.2",
        "~ gate canary: most calls 150 → 60",
        "~ gate canary: own test calls count → do not count",
        "~ gate canary: on go continue → ask",
        "~ gate canary: longest wait 30m → 1m",
    ]


def test_every_field_of_a_plan_is_compared_or_left_out_on_purpose() -> None:
    """A field that is added to plans shows in their difference, or here is said why it does not."""
    left_out = {"flow": "tests of one flow are compared", "already": "said where an entry point goes out"}
    changed: dict[str, Any] = {
        "purpose": Purpose.FAILBACK, "mode": Mode.GRACEFUL, "leaves": AU1, "to": AU1, "via": AU1,
        "cohorts": (), "approval_roles": (), "approvals": 9, "requests_per_second": 9.0, "calls_per_second": 9.0,
        "propagation_s_max": 9.0, "on_no_answer": "go-on", "test_caller": None, "signals": ("x",), "vetoes": ("x",),
        "context": "x", "context_confirm": ("x",), "unknowns": ("x",), "overlap": Overlap(3, 3),
        "on_interrupt": OnInterrupt(), "rollback": RollbackPace(), "residency": (AU1,), "answer_within_s": 9.0,
        "forecast": msgspec.structs.replace(make_plan().forecast, rto_s=9.0),
    }  # fmt: skip
    assert set(changed) | set(left_out) == set(Plan.__struct_fields__)
    for field, value in changed.items():
        assert diff_plans(make_plan(), msgspec.structs.replace(make_plan(), **{field: value})), field


def test_totals_count_by_sign() -> None:
    """Signs without a change are left out."""
    changes = [Change("+", "rule", "a"), Change("~", "rule", "b"), Change("~", "rule", "c")]
    assert totals(changes) == "1 in, 2 otherwise"

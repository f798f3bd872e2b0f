"""Stages: reached by passing, kept from by failing and by not knowing; and the path against the promise."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from readiness_scene import AT, a_flow, an_account, snapshot
from voicedr.program.execution.forecast import forecast
from voicedr.program.readiness.achievability import achievability
from voicedr.program.readiness.check import Outcome, Severity, Stage
from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.findings import CheckResult, Finding
from voicedr.program.readiness.stages import needed_by, standing
from voicedr.program.readiness.subjects import Case
from voicedr.program.scope.authority import DecisionTargets, Impact

P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN


def results(*stages: tuple[Outcome | None, ...]) -> list[CheckResult]:
    """A check for each outcome of each stage."""
    return [
        CheckResult(f"c{stage}{n}", "t", outcome, 0, 0, 0, stage=Stage(stage))
        for stage, outcomes in enumerate(stages, start=1)
        for n, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize(
    ("stages", "reached", "known"),
    [
        (((P,), (P,), (P,)), 3, True),
        (((P,), (P,), (P, F)), 2, True),
        (((P,), (P,), (P, U)), 2, False),
        (((P,), (P,), (F, U)), 2, True),
        (((F,), (P,), (P,)), 0, True),
        (((U,), (P,), (P,)), 0, False),
        (((P, None), (P,), (None, P)), 3, True),
        (((P,), (None,), (P,)), 1, True),
        (((), (), ()), 0, True),
    ],
)
def test_a_stage_is_reached_by_passing_only(
    stages: tuple[tuple[Outcome | None, ...], ...], reached: int, known: bool
) -> None:
    """All that applies passes, there and below; unknown keeps from it, and is told from a gap."""
    stands = standing(results(*stages), [], Stage.CROSS_REGION)
    assert (stands.reached, stands.known, stands.enough) == (reached, known, reached == 3)


def test_what_to_do_first_is_what_hurts_most_below_the_needed_stage() -> None:
    """A gap of a stage that the flow does not need is not what to do first."""

    def one(check: str, stage: Stage) -> Finding:
        return Finding(check, F, Severity.LATE, ("x",), 1, 1, "flows", None, "d", f"mend {check}", "s", stage=stage)

    found = [one("far", Stage.CROSS_REGION), one("near", Stage.IN_REGION)]
    assert standing(results((F,), (P,), (F,)), found, Stage.ISOLATION).next == "mend near"
    assert standing(results((F,), (P,), (F,)), found, Stage.CROSS_REGION).next == "mend far"
    assert "rehearse" in standing(results((P,), (P,), (F,)), found[:1], Stage.ISOLATION).next


@pytest.mark.parametrize(("tier", "needed"), [(1, 3), (2, 3), (3, 2), (4, 1), (5, 1)])
def test_the_tier_says_which_stage_is_needed(tier: int, needed: int) -> None:
    """Unless the flow asks for another."""
    assert needed_by(tier) == needed
    assert needed_by(tier, Stage.IN_REGION) == 1


def case(declared: dict[About, object] | None = None, **changes: object) -> Case:
    """The flow with these changes, and what somebody said."""
    every = tuple(
        Declaration(about, value, "ruiz", date(2026, 11, 1), date(2027, 1, 1))
        for about, value in (declared or {}).items()
    )
    return Case(a_flow(**changes), an_account(), snapshot(), Declarations(every), now=AT)


def test_the_path_adds_up() -> None:
    """Decision and course one after the other; clients beside the course; what nobody has said is named, no zero."""
    targets = DecisionTargets(declared_s=60.0, approved_s=300.0, first_act_s=360.0)
    course = forecast(a_flow(), an_account())
    path = achievability(case(decision_targets=targets, impact=Impact(calls_per_minute=3.0)))
    assert path.longest_s == 360.0 + course.longest_s
    assert path.shortest_s == course.shortest_s
    assert path.kept is True
    assert path.calls_lost == pytest.approx(3.0 * path.longest_s / 60)
    assert path.sentence.startswith("6 + ")

    silent = achievability(case())
    assert (silent.kept, silent.longest_s) == (None, course.longest_s)
    assert silent.unknown == ("how long it takes until somebody has noticed and decided",)
    assert silent.calls_lost is None

    clients = {About.CLIENT_VERSIONS: {"js": "2.11.0"}, About.TOKEN_TTL: 7200}
    late = achievability(case(clients, decision_targets=targets))
    assert late.longest_s == 360.0 + 7200.0
    assert late.kept is False
    nobody = achievability(case({About.CLIENT_VERSIONS: {"js": "2.11.0"}}, decision_targets=targets))
    assert nobody.kept is None
    quick = achievability(case({**clients, About.TOKEN_TTL: 60}, decision_targets=targets))
    assert quick.longest_s == path.longest_s


def test_a_promise_that_cannot_be_kept_is_not_unknown() -> None:
    """What is known alone is too long: no, whatever else nobody has said."""
    assert achievability(case(rto_s=10.0)).kept is False


def test_a_judged_flow_carries_both() -> None:
    """Standing and path are in the report of a flow, as values that JSON can carry."""
    from voicedr.program.readiness.judge import judge

    flow = judge(a_flow(), an_account(), snapshot())
    told = msgspec.to_builtins(flow)
    assert told["standing"]["needed"] == 3
    assert told["achievability"]["rto_s"] == 3600.0

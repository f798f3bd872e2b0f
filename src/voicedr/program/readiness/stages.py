"""Which of the three stages of resilience a flow has reached, which it needs, and what stands in between.

    1  in-region resilience   inside one Region, anything may fail once
    2  regional isolation     a Region runs on its own: configuration, keys, application, eyes
    3  cross-region recovery  the flow can be moved to the standby

A stage is reached when every check of it, and of the stages below it, passes. A check that nobody could judge keeps the
stage from being reached as a failed one does: it is not known to be reached. A stage without any check that applies is
not reached either, because nobody has looked.

Source of the stages: the provider's three stages of voice resilience
(https://www.twilio.com/en-us/blog, read 2026-11-21). Which stage a tier needs is a rule of ours that a flow may change.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from voicedr.program.readiness.check import Outcome, Stage
from voicedr.program.readiness.findings import CheckResult, Finding

NEEDED: dict[int, Stage] = {1: Stage.CROSS_REGION, 2: Stage.CROSS_REGION, 3: Stage.ISOLATION}
"""By tier; a tier that is not here needs the first stage."""

NAMES = {
    Stage.IN_REGION: "in-region resilience",
    Stage.ISOLATION: "regional isolation",
    Stage.CROSS_REGION: "cross-region recovery",
}


class AtStage(msgspec.Struct, frozen=True):
    """How one stage stands: checks that apply, and those of them that pass, fail and are unknown."""

    stage: Stage
    name: str
    checks: int
    passed: int
    failed: int
    unknown: int

    @property
    def clear(self) -> bool:
        """True if something was looked at and all of it passes."""
        return self.checks > 0 and self.passed == self.checks


class Standing(msgspec.Struct, frozen=True):
    """Where a flow stands.

    Attributes:
        reached: The highest stage of which, and below which, everything passes; 0: none.
        known: False if the next stage is not reached only because something is unknown.
        needed: The stage that its tier asks for.
        stages: Each stage.
        next: The one thing to do first to get to the stage that is needed, or why there is nothing.
    """

    reached: int
    known: bool
    needed: Stage
    stages: tuple[AtStage, ...]
    next: str

    @property
    def enough(self) -> bool:
        """True if the stage that is needed is reached."""
        return self.reached >= self.needed


def needed_by(tier: int, asked: Stage | None = None) -> Stage:
    """The stage that a flow needs: what it asks for, else by its tier."""
    return asked or NEEDED.get(tier, Stage.IN_REGION)


def standing(results: Iterable[CheckResult], findings: Iterable[Finding], needed: Stage) -> Standing:
    """Where a flow stands by its checks. ``findings`` are sorted by what hurts callers most."""
    applying = [result for result in results if result.outcome is not None]
    stages = tuple(_at(stage, applying) for stage in Stage)
    reached = 0
    for at in stages:
        if not at.clear:
            break
        reached = int(at.stage)
    barrier = stages[reached] if reached < len(stages) else None
    return Standing(
        reached=reached,
        known=barrier is None or barrier.failed > 0 or barrier.checks == 0,
        needed=needed,
        stages=stages,
        next=_next(tuple(findings), reached, needed, barrier),
    )


def _at(stage: Stage, applying: list[CheckResult]) -> AtStage:
    here = [result.outcome for result in applying if result.stage is stage]
    return AtStage(
        stage=stage,
        name=NAMES[stage],
        checks=len(here),
        passed=here.count(Outcome.PASS),
        failed=here.count(Outcome.FAIL),
        unknown=here.count(Outcome.UNKNOWN),
    )


def _next(findings: tuple[Finding, ...], reached: int, needed: Stage, barrier: AtStage | None) -> str:
    if reached >= needed:
        return "nothing is missing that anybody could see: rehearse it"
    for finding in findings:
        if finding.outcome is not Outcome.PASS and finding.stage <= needed:
            return finding.fix or f"find out: {finding.detail}"
    return f"no check of {barrier.name} applies to this flow, so nobody has looked" if barrier else ""

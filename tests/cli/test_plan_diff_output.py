"""The difference since the last test on a terminal: a line each with its sign, and nothing hidden if there was none."""

from __future__ import annotations

from rich.console import Console

from made_journals import at, make_plan
from voicedr.cli.plan_diff_output import diff_text
from voicedr.program.execution.plan_diff import diff_plans
from voicedr.program.validation.surroundings import OtherRun
from voicedr.program.vocabulary import Kind

LAST = OtherRun("x-0041", Kind.DRILL_LIVE, "done", at(0), "ab" * 32)


def shown(*what: object) -> str:
    """As a terminal without colours has it."""
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(*what)
    return capture.get()


def test_every_difference_is_a_line_with_its_sign() -> None:
    """After which test, how many, and each of them."""
    now = make_plan({"canary": 2, "low-risk": 5}, requests_per_second=10.0)
    text = shown(diff_text((LAST, diff_plans(make_plan(), now)), now))
    assert (
        "Since the last test, x-0041 (drill-live, done, 2026-11-21 14:02:10 UTC): 2 differences: 1 in, 1 otherwise"
        in text
    )
    assert "  + entry point +14155550106: into low-risk" in text
    assert "  ~ limit requests per second: 20 → 10" in text


def test_no_difference_and_no_test_are_not_the_same() -> None:
    """The one is a finding, the other is not known."""
    assert "0 differences" in shown(diff_text((LAST, ()), make_plan()))
    assert "No failover of support-line has been run to an end yet" in shown(diff_text(None, make_plan()))

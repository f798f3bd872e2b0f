"""A readiness report as people and machines read it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console

from readiness_scene import (
    FALLBACK,
    NUMBERS,
    URL,
    a_flow,
    an_account,
    config,
    nothing_seen,
    report,
    seen,
    snapshot,
)
from voicedr.cli.readiness_output import print_package
from voicedr.program.readiness import judge as judging
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.package import Package, alone
from voicedr.program.readiness.resources import VoiceHandler, WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.usecases.readiness_json import readiness_json
from voicedr.usecases.readiness_markdown import readiness_markdown


def judged(facts: Snapshot | None = None, *flows: Any) -> Package:
    return alone(report(flows or (a_flow(),), an_account(), facts or snapshot()))


def printed(whole: Package, *, width: int = 80, **options: Any) -> str:
    out = io.StringIO()
    print_package(whole, Console(file=out, width=width, color_system=None), **options)
    return out.getvalue()


def with_gaps() -> Snapshot:
    bare = {one: config(one, handler=VoiceHandler()) if one < NUMBERS[8] else config(one) for one in NUMBERS}
    slow = WebhookAnswer(FALLBACK, 200, 16.0, (), "took 16.0 s of at most 15 s")
    return snapshot(
        standby={"numbers": seen(bare), "route_write": Unobserved("nobody tried")}, webhooks={FALLBACK: seen(slow)}
    )


def test_the_first_lines_say_what_to_do_and_how_it_stands() -> None:
    """One next action on top with its command, then the flow with its stage, its gaps and the recovery time."""
    whole = judged(with_gaps())
    flow = whole.flows[0]
    text = printed(whole, width=120)
    lines = text.splitlines()
    assert lines[0].startswith("next: support-line, +1415555010{0..7}: Give the number a VoiceUrl")
    assert "      voicedr sync plan support-line" in lines[:3]
    head = next(line for line in lines if line.startswith("support-line  "))
    gaps = f"{flow.gaps_open} gaps, {len(flow.unknown)} unknown, 2 unproven"
    assert head == f"support-line  stage {flow.readiness.standing.reached} of 3 · needs 3 · NOT READY: {gaps}"
    assert flow.gaps_open >= 2
    assert "  us1 → ie1 · tier 1 · read 2026-11-21 14:02:00Z" in lines
    assert f"  RTO {flow.readiness.achievability.sentence}: kept" in text


def test_a_finding_has_its_mark_its_denominator_what_to_do_and_who_closes_it() -> None:
    """Range, reason, remedy, share, severity, check, evidence, and the command that closes it."""
    text = printed(judged(with_gaps()))
    assert (
        "  ✖ +1415555010{0..7}  no handler in ie1: callers would be refused at the edge,\n"
        "    without a log\n"
        "      do: Give the number a VoiceUrl, VoiceApplicationSid or TrunkSid that\n"
        "          exists in ie1, through ie1's own API host.\n"
        "      8 of 10 numbers · callers reach nobody · number_has_handler · seen\n"
        "      2026-11-21 14:02:00Z in test · closed by voicedr sync plan support-line\n"
    ) in text
    assert "  ? support-line  no route has been written through ie1: nobody tried\n" in text
    assert "  ~ route writes through ie1's host during a us1 outage: not documented by the\n" in text


def test_the_arithmetic_of_the_recovery_time_is_told_on_request() -> None:
    """Leg by leg, and what nobody has said."""
    assert "propagation 0 to 300 s" not in printed(judged())
    text = printed(judged(), why=True, width=120)
    assert "until the plan runs its course: " in text
    assert "propagation 0 to 300 s" in text
    assert "until somebody has noticed and decided: nobody has said" in text


def test_a_ready_flow_says_ready_and_still_says_what_is_unproven() -> None:
    """Nothing is claimed that was not seen, even when all is well."""
    text = printed(judged(), width=120)
    assert "support-line  stage 3 of 3 · needs 3 · READY: 0 gaps, 0 unknown, 2 unproven" in text
    assert "works from ie1 today" in text
    apply = sum(result.outcome is not None for result in judged().report.flows[0].checks)
    assert f"✔ {apply} of {apply} checks pass · " in text
    assert "✖" not in text


def test_passing_checks_are_listed_with_their_evidence_on_request() -> None:
    """The checklist is all there when it is asked for."""
    assert "a URL answers in ie1" not in printed(judged())
    assert "a URL answers in ie1" in printed(judged(), passes=True)


def test_nothing_known_is_not_ready_and_not_a_gap() -> None:
    """Unknown has its own words and its own exit code."""
    text = printed(judged(nothing_seen()))
    assert "NOT KNOWN TO BE READY: 0 gaps" in " ".join(text.split())
    assert text.startswith("next: support-line, support-line: find out:")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    """Nothing but a word that must stay whole is wider than the terminal."""
    for line in printed(judged(with_gaps()), width=width, passes=True).splitlines():
        assert len(line) <= width or max(map(len, line.split())) > width - 12, line


def test_colour_is_never_the_only_sign() -> None:
    """With and without colour the text is the same."""
    out = io.StringIO()
    print_package(judged(with_gaps()), Console(file=out, width=80, force_terminal=True, color_system="standard"))
    plain = "".join(part.partition("m")[2] if at else part for at, part in enumerate(out.getvalue().split("\x1b[")))
    assert plain == printed(judged(with_gaps()))


def test_several_flows_are_counted_with_their_denominator() -> None:
    """How many of how many are ready, the worst first."""
    text = printed(judged(snapshot(), a_flow(), a_flow(id="sales", rto_s=60.0)))
    assert "1 of 2 flows ready, 1 not ready, 0 not known to be ready" in text
    assert text.index("sales  stage") < text.index("support-line  stage")


def test_json_carries_the_same_facts_one_to_one() -> None:
    """Every finding with every field, the checks, and what is unproven."""
    whole = judged(with_gaps())
    data = json.loads(readiness_json(whole))
    flow = data["flows"][0]
    assert data["outcome"] == flow["outcome"] == "fail"
    assert len(flow["findings"]) == len(whole.report.flows[0].findings)
    first = flow["findings"][0]
    assert first["check"] == "number_has_handler"
    assert first["subjects"] == ["+1415555010{0..7}"]
    assert (first["count"], first["of"], first["severity"]) == (8, 10, "callers reach nobody")
    assert first["seen_at"] == "2026-11-21T14:02:00Z"
    assert flow["unproven"][0]["stands"]
    assert {result["check"] for result in flow["checks"]} >= {"rto_achievable", "has_fallback"}


def test_markdown_has_every_finding_and_survives_hostile_text() -> None:
    """A table row a finding; pipes, backticks and control characters from outside stay text."""
    hostile = WebhookAnswer(URL, 200, 0.1, (), "said `x` | <b> \x1b[31m\nnew line")
    whole = judged(snapshot(webhooks={URL: seen(hostile)}))
    page = readiness_markdown(whole)
    rows = [line for line in page.splitlines() if line.startswith(("| ✖", "| ✔", "| ?", "| ~"))]
    assert len(rows) == len(whole.report.flows[0].findings) + len(whole.report.flows[0].unproven)
    assert f"## support-line: NOT READY: 1 gap, {len(whole.flows[0].unknown)} unknown, 2 unproven" in page
    assert "\\`x\\` \\| \\<b\\> �\\[31m new line" in page
    assert "\x1b" not in page
    assert "\x1b" not in printed(whole)


def test_the_outcome_of_a_package() -> None:
    """What fails comes before what is unknown, and both before what passes."""
    assert judged().outcome is Outcome.PASS
    assert judged(with_gaps()).outcome is Outcome.FAIL
    assert judged(nothing_seen()).outcome is Outcome.UNKNOWN
    assert judged(nothing_seen(), a_flow(rto_s=60.0)).outcome is Outcome.FAIL


def test_what_nobody_has_declared_is_said_once() -> None:
    """Checks that wait for one declaration share a line; what fails and what could not be read do not."""
    nobody = judging.report((a_flow(),), an_account(), snapshot())
    text = printed(alone(nobody))
    assert text.count("token-services  nobody has declared it") == 1
    waiting = [one for one in nobody.flows[0].findings if "nobody has declared token-services" in one.detail]
    assert len({one.check for one in waiting}) > 3
    assert f"and {len({one.check for one in waiting})} checks wait for it" in " ".join(text.split())
    assert "  ? support-line  no route has been written" in printed(judged(with_gaps()))

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
    seen,
    snapshot,
)
from voicedr.cli.readiness_output import as_json, as_markdown, exit_code, print_report
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.judge import ReadinessReport, report
from voicedr.program.readiness.resources import VoiceHandler, WebhookAnswer
from voicedr.program.readiness.snapshot import Snapshot


def judged(facts: Snapshot | None = None, *flows: Any) -> ReadinessReport:
    return report(flows or (a_flow(),), an_account(), facts or snapshot())


def printed(whole: ReadinessReport, *, width: int = 80, **options: Any) -> str:
    out = io.StringIO()
    print_report(whole, Console(file=out, width=width, color_system=None), **options)
    return out.getvalue()


def with_gaps() -> Snapshot:
    bare = {one: config(one, handler=VoiceHandler()) if one < NUMBERS[8] else config(one) for one in NUMBERS}
    slow = WebhookAnswer(FALLBACK, 200, 16.0, (), "took 16.0 s of at most 15 s")
    return snapshot(
        standby={"numbers": seen(bare), "route_write": Unobserved("nobody tried")}, webhooks={FALLBACK: seen(slow)}
    )


def test_the_first_lines_say_what_to_do_and_how_it_stands() -> None:
    """One next action on top, then the flow with its gaps, unknowns and what is unproven."""
    lines = printed(judged(with_gaps())).splitlines()
    assert lines[0].startswith("next: support-line, +1415555010{0..7}: Give the number a VoiceUrl")
    assert "support-line  NOT READY: 2 gaps, 2 unknown, 2 unproven" in lines
    assert "  us1 → ie1 · tier 1 · read 2026-11-21 14:02:00Z" in lines


def test_a_finding_has_its_mark_its_denominator_and_what_to_do() -> None:
    """Range, reason, remedy, share, severity, check and evidence."""
    text = printed(judged(with_gaps()))
    assert (
        "  ✖ +1415555010{0..7}  no handler in ie1: callers would be refused at the edge,\n"
        "    without a log\n"
        "      do: Give the number a VoiceUrl, VoiceApplicationSid or TrunkSid that\n"
        "          exists in ie1, through ie1's own API host.\n"
        "      8 of 10 numbers · callers reach nobody · number_has_handler · seen\n"
        "      2026-11-21 14:02:00Z in test\n"
    ) in text
    assert "  ? support-line  no route has been written through ie1: nobody tried\n" in text
    assert "  ~ route writes through ie1's host during a us1 outage: not documented by the\n" in text


def test_a_ready_flow_says_ready_and_still_says_what_is_unproven() -> None:
    """Nothing is claimed that was not seen, even when all is well."""
    text = printed(judged())
    assert "support-line  READY: 0 gaps, 0 unknown, 2 unproven" in text
    assert "works from ie1 today" in text
    assert f"✔ {len(all_checks())} of {len(all_checks())} checks pass · " in text
    assert "✖" not in text


def test_passing_checks_are_listed_with_their_evidence_on_request() -> None:
    """The checklist is all there when it is asked for."""
    assert "a URL answers in ie1" not in printed(judged())
    assert "a URL answers in ie1" in printed(judged(), passes=True)


def test_nothing_known_is_not_ready_and_not_a_gap() -> None:
    """Unknown has its own words and its own exit code."""
    text = printed(judged(nothing_seen()))
    assert "NOT KNOWN TO BE READY: 0 gaps" in text
    assert text.startswith("next: support-line, support-line: find out:")


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    """Nothing but a word that must stay whole is wider than the terminal."""
    for line in printed(judged(with_gaps()), width=width, passes=True).splitlines():
        assert len(line) <= width or max(map(len, line.split())) > width - 12, line


def test_colour_is_never_the_only_sign() -> None:
    """With and without colour the text is the same."""
    out = io.StringIO()
    print_report(judged(with_gaps()), Console(file=out, width=80, force_terminal=True, color_system="standard"))
    plain = "".join(part.partition("m")[2] if at else part for at, part in enumerate(out.getvalue().split("\x1b[")))
    assert plain == printed(judged(with_gaps()))


def test_several_flows_are_counted_with_their_denominator() -> None:
    """How many of how many are ready, the worst first."""
    text = printed(judged(snapshot(), a_flow(), a_flow(id="sales", rto_s=60.0)))
    assert "1 of 2 flows ready, 1 not ready, 0 not known to be ready" in text
    assert text.index("sales  NOT READY") < text.index("support-line  READY")


def test_json_carries_the_same_facts_one_to_one() -> None:
    """Every finding with every field, the checks, and what is unproven."""
    whole = judged(with_gaps())
    data = json.loads(as_json(whole))
    flow = data["flows"][0]
    assert data["outcome"] == flow["outcome"] == "fail"
    assert len(flow["findings"]) == len(whole.flows[0].findings)
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
    page = as_markdown(whole)
    rows = [line for line in page.splitlines() if line.startswith(("| ✖", "| ✔", "| ?", "| ~"))]
    assert len(rows) == len(whole.flows[0].findings) + len(whole.flows[0].unproven)
    assert "## support-line: NOT READY: 1 gap, 1 unknown, 2 unproven" in page
    assert "\\`x\\` \\| \\<b\\> �\\[31m new line" in page
    assert "\x1b" not in page
    assert "\x1b" not in printed(whole)


def test_exit_codes() -> None:
    """0 all pass, 1 any fail, 3 anything unknown and nothing failed."""
    assert exit_code(judged()) == 0
    assert exit_code(judged(with_gaps())) == 1
    assert exit_code(judged(nothing_seen())) == 3
    assert exit_code(judged(nothing_seen(), a_flow(rto_s=60.0))) == 1

"""The readiness package for a terminal. The other forms carry the same facts in the same words.

Marks are ``✔`` pass, ``✖`` gap, ``?`` nobody could look, ``w`` waived, ``~`` nobody can look: the provider does not
document it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from voicedr.program.readiness.achievability import minutes
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.declared import About, undeclared_in
from voicedr.program.readiness.findings import CheckResult, Finding
from voicedr.program.readiness.package import FlowPackage, Package
from voicedr.program.readiness.telling import (
    MARKS,
    UNPROVEN,
    WAIVED,
    clean,
    closes_text,
    counts_text,
    evidence_text,
    gap_text,
    names_text,
    next_text,
    rto_text,
    share_text,
    stage_text,
    summary_text,
    time_text,
    waiver_text,
)

STYLES = {"✔": "green", "✖": "bold red", "?": "bold yellow", WAIVED: "yellow", UNPROVEN: "yellow"}

SUBJECTS_SHOWN_MAX = 6
"""More words than these are not read in a terminal; the JSON has them all."""

WIDTH_MIN, WIDTH_MAX = 40, 120


def print_package(package: Package, console: Console, *, passes: bool = False, why: bool = False) -> None:
    """Print a package.

    Args:
        package: The package.
        console: Where to. Nothing is wider than it, but for words that must stay whole.
        passes: Whether each passing check is listed with its evidence, and not only counted.
        why: Whether the arithmetic of the recovery time is told leg by leg.
    """
    width = max(WIDTH_MIN, min(WIDTH_MAX, console.width))
    for line in _lines(package, width, passes, why):
        text = Text(line)
        words = line.split()
        if line.startswith("  ") and words and words[0] in STYLES:
            at = line.index(words[0])
            text.stylize(STYLES[words[0]], at, at + 1)
        console.print(text, soft_wrap=True, highlight=False)


def _lines(package: Package, width: int, passes: bool, why: bool) -> Iterator[str]:
    yield from _wrapped(f"next: {next_text(package, SUBJECTS_SHOWN_MAX)}", width, "", "      ")
    if package.next.command:
        yield from _wrapped(package.next.command, width, "      ", "      ")
    if len(package.flows) != 1:
        yield from _wrapped(summary_text(package), width, "", "")
    for flow in package.flows:
        yield ""
        yield from _flow(flow, package, width, passes, why)


def _flow(flow: FlowPackage, package: Package, width: int, passes: bool, why: bool) -> Iterator[str]:
    readiness = flow.readiness
    trend = f"  {flow.trend.words}" if flow.trend.words else ""
    head = f"{readiness.flow}  {stage_text(flow)} · {counts_text(flow)}{trend}"
    yield from _wrapped(head, width, "", "  ")
    taken = time_text(package.report.taken_at)
    about = f"{readiness.primary} → {readiness.standby} · tier {readiness.tier} · read {taken}"
    yield from _wrapped(about, width, "  ", "  ")
    yield from _wrapped(f"RTO {rto_text(readiness.achievability)}", width, "  ", "      ")
    if why:
        yield from _legs(flow, width)
    waiting: dict[About, list[Finding]] = {}
    for finding in (*flow.failing, *flow.unknown):
        unsaid = undeclared_in(finding.detail) if finding.outcome is Outcome.UNKNOWN else None
        if unsaid is None:
            yield from _finding(finding, flow, width, MARKS[finding.outcome])
        else:
            waiting.setdefault(unsaid, []).append(finding)
    yield from _undeclared(waiting, width)
    for one in flow.waived:
        yield from _finding(one.finding, flow, width, WAIVED, waiver_text(one.waiver))
    for gap in flow.gaps:
        if gap.overdue(package.made_at):
            yield from _wrapped(f"gap {gap.id} ({gap.check}): {gap_text(gap, package.made_at)}", width, "  ! ", "    ")
    for unproven in readiness.unproven:
        yield from _wrapped(unproven.what, width, f"  {UNPROVEN} ", "    ")
        yield from _wrapped(f"{unproven.stands}; {unproven.next}", width, "      ", "      ")
    if passes:
        for finding in readiness.findings:
            if finding.outcome is Outcome.PASS:
                yield from _finding(finding, flow, width, MARKS[Outcome.PASS])
    yield from _wrapped(_counts(flow), width, "  ✔ ", "    ")


def _legs(flow: FlowPackage, width: int) -> Iterator[str]:
    found = flow.readiness.achievability
    for leg in found.legs:
        lasts = "nobody has said" if leg.longest_s is None else f"{minutes(leg.longest_s)} min at most"
        beside = ", beside the one before" if leg.beside else ""
        yield from _wrapped(f"until {leg.what}: {lasts}{beside}", width, "      ", "        ")
        for line in leg.how:
            yield from _wrapped(line, width, "        ", "          ")
    if found.calls_lost is not None:
        yield from _wrapped(f"~{found.calls_lost:,.0f} callers reach nobody until then", width, "      ", "        ")


def _finding(finding: Finding, flow: FlowPackage, width: int, mark: str, waived: str = "") -> Iterator[str]:
    names = names_text(finding.subjects, SUBJECTS_SHOWN_MAX)
    yield from _wrapped(f"{names}  {finding.detail}", width, f"  {mark} ", "    ")
    if waived:
        yield from _wrapped(waived, width, "      ", "          ")
    elif finding.fix:
        yield from _wrapped(f"do: {finding.fix}", width, "      ", "          ")
    hurts = () if finding.outcome is Outcome.PASS else (finding.severity.value,)
    closes = (closes_text(flow, finding),) if finding.outcome is Outcome.FAIL else ()
    gap = flow.gap_of(finding) if finding.outcome is Outcome.FAIL else None
    id_ = () if gap is None else (f"gap {gap.id}",)
    facts = " · ".join((share_text(finding), *hurts, finding.check, evidence_text(finding), *closes, *id_))
    yield from _wrapped(facts, width, "      ", "      ")


def _undeclared(waiting: dict[About, list[Finding]], width: int) -> Iterator[str]:
    """What only people know and nobody has said, each with the checks that wait for it, the worst first."""
    for about, findings in sorted(waiting.items(), key=lambda item: min(one.severity.rank for one in item[1])):
        checks = dict.fromkeys(one.check for one in findings)
        wait = "1 check waits" if len(checks) == 1 else f"{len(checks)} checks wait"
        yield from _wrapped(f"{about.value}  nobody has declared it, and {wait} for it", width, "  ? ", "    ")
        worst = min(findings, key=lambda one: one.severity.rank).severity.value
        yield from _wrapped(f"{worst} · {', '.join(checks)}", width, "      ", "      ")
    if waiting:
        do = "do: write it under declared in the workbook, with an owner and an end: docs/reference/workbook.md"
        yield from _wrapped(do, width, "      ", "          ")


def _counts(flow: FlowPackage) -> str:
    checks = flow.readiness.checks
    apply = [result for result in checks if result.outcome is not None]
    passed = [result for result in apply if result.outcome is Outcome.PASS]
    looks, good = _total(apply), sum(result.passed for result in apply)
    elsewhere = len(checks) - len(apply)
    text = f"{len(passed)} of {len(apply)} checks pass · {good} of {looks} conclusions pass"
    return text + (f" · {elsewhere} of {len(checks)} checks do not apply" if elsewhere else "")


def _total(results: Iterable[CheckResult]) -> int:
    return sum(result.looked_at for result in results)


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    # Words stay whole: a number range or a URL that is broken in two cannot be copied.
    return textwrap.wrap(
        clean(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )

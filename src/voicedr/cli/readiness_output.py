"""A readiness report for a terminal, for machines and for a page. The three carry the same facts in the same words.

Marks are ``✔`` pass, ``✖`` gap, ``?`` nobody could look, ``~`` nobody can: the provider does not document it.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from rich.console import Console
from rich.text import Text

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.judge import CheckResult, Finding, FlowReadiness, ReadinessReport

MARKS = {Outcome.PASS: "✔", Outcome.FAIL: "✖", Outcome.UNKNOWN: "?"}
STYLES = {"✔": "green", "✖": "bold red", "?": "bold yellow", "~": "yellow"}

SUBJECTS_SHOWN_MAX = 6
"""More words than these are not read in a terminal; the JSON has them all."""

WIDTH_MIN, WIDTH_MAX = 40, 120


def exit_code(report: ReadinessReport) -> int:
    """0 if everything passed, 1 if anything failed, 3 if nothing failed and something is unknown."""
    return {Outcome.PASS: 0, Outcome.FAIL: 1, Outcome.UNKNOWN: 3}[report.outcome]


def print_report(report: ReadinessReport, console: Console, *, passes: bool = False) -> None:
    """Print a report.

    Args:
        report: The report.
        console: Where to. Nothing is wider than it, but for words that must stay whole.
        passes: Whether each passing check is listed with its evidence, and not only counted.
    """
    width = max(WIDTH_MIN, min(WIDTH_MAX, console.width))
    for line in _lines(report, width, passes):
        text = Text(line)
        mark = line.lstrip()[:1]
        if mark in STYLES:
            at = line.index(mark)
            text.stylize(STYLES[mark], at, at + 1)
        console.print(text, soft_wrap=True, highlight=False)


def as_json(report: ReadinessReport) -> str:
    """The report with every fact and every subject, indented. Fields are added, never renamed."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def as_markdown(report: ReadinessReport) -> str:
    """The report as a page, with every finding and every subject."""
    lines = ["# Readiness", ""]
    lines += [f"**Next: {_md(_next(report))}**", ""]
    lines += [f"Account {_md(report.account_sid)}, read {_time(report.taken_at)}. {_md(_summary(report))}", ""]
    for flow in report.flows:
        lines += [f"## {_md(flow.flow)}: {_md(_standing(flow))}", ""]
        lines += [f"{_md(flow.title)}, tier {flow.tier}, {flow.primary} → {flow.standby}. {_md(_counts(flow))}", ""]
        lines += ["| | what | how it stands | do | evidence |", "| --- | --- | --- | --- | --- |"]
        for finding in flow.findings:
            what = f"{', '.join(finding.subjects)} ({_share(finding)})"
            rule = f"[`{finding.check}`]({finding.source})"
            cells = (_md(what), _md(finding.detail), _md(finding.fix), f"{_md(_evidence(finding))}; rule {rule}")
            lines.append(f"| {MARKS[finding.outcome]} | {' | '.join(cells)} |")
        for one in flow.unproven:
            silent = f"[silent here]({one.source})"
            lines.append(f"| ~ | {_md(one.what)} | {_md(one.stands)} | {_md(one.next)} | {silent} |")
        not_here = [result.check for result in flow.checks if result.outcome is None]
        if not_here:
            lines += ["", f"Not applicable here: {', '.join(f'`{check}`' for check in not_here)}."]
        lines.append("")
    return "\n".join(lines)


def _lines(report: ReadinessReport, width: int, passes: bool) -> Iterator[str]:
    yield from _wrapped(f"next: {_next(report)}", width, "", "      ")
    if len(report.flows) != 1:
        yield from _wrapped(_summary(report), width, "", "")
    for flow in report.flows:
        yield ""
        yield from _wrapped(f"{flow.flow}  {_standing(flow)}", width, "", "  ")
        about = f"{flow.primary} → {flow.standby} · tier {flow.tier} · read {_time(report.taken_at)}"
        yield from _wrapped(about, width, "  ", "  ")
        for finding in flow.findings:
            if finding.outcome is not Outcome.PASS:
                yield from _finding(finding, width)
        for one in flow.unproven:
            yield from _wrapped(one.what, width, "  ~ ", "    ")
            yield from _wrapped(f"{one.stands}; {one.next}", width, "      ", "      ")
        if passes:
            for finding in flow.findings:
                if finding.outcome is Outcome.PASS:
                    yield from _finding(finding, width)
        yield from _wrapped(_counts(flow), width, "  ✔ ", "    ")


def _finding(finding: Finding, width: int) -> Iterator[str]:
    yield from _wrapped(f"{_names(finding)}  {finding.detail}", width, f"  {MARKS[finding.outcome]} ", "    ")
    if finding.fix:
        yield from _wrapped(f"do: {finding.fix}", width, "      ", "          ")
    hurts = () if finding.outcome is Outcome.PASS else (finding.severity.value,)
    facts = " · ".join((_share(finding), *hurts, finding.check, _evidence(finding)))
    yield from _wrapped(facts, width, "      ", "      ")


def _standing(flow: FlowReadiness) -> str:
    words = {Outcome.PASS: "READY", Outcome.FAIL: "NOT READY", Outcome.UNKNOWN: "NOT KNOWN TO BE READY"}
    gaps = f"{flow.gaps} {'gap' if flow.gaps == 1 else 'gaps'}"
    return f"{words[flow.outcome]}: {gaps}, {flow.unknowns} unknown, {len(flow.unproven)} unproven"


def _counts(flow: FlowReadiness) -> str:
    apply = [result for result in flow.checks if result.outcome is not None]
    passed = [result for result in apply if result.outcome is Outcome.PASS]
    looks, good = _total(apply), sum(result.passed for result in apply)
    elsewhere = len(flow.checks) - len(apply)
    text = f"{len(passed)} of {len(apply)} checks pass · {good} of {looks} conclusions pass"
    return text + (f" · {elsewhere} of {len(flow.checks)} checks do not apply" if elsewhere else "")


def _total(results: Iterable[CheckResult]) -> int:
    return sum(result.looked_at for result in results)


def _summary(report: ReadinessReport) -> str:
    def having(outcome: Outcome) -> int:
        return sum(flow.outcome is outcome for flow in report.flows)

    return (
        f"{having(Outcome.PASS)} of {len(report.flows)} flows ready, {having(Outcome.FAIL)} not ready,"
        f" {having(Outcome.UNKNOWN)} not known to be ready"
    )


def _next(report: ReadinessReport) -> str:
    if not report.flows:
        return "name the flows to look at: the workbook has none"
    first = report.flows[0]
    worst = first.findings[0] if first.findings else None
    if worst is None or worst.outcome is Outcome.PASS:
        return _clean(f"{first.flow}: {first.next}")
    return _clean(f"{first.flow}, {_names(worst)}: {first.next}")


def _names(finding: Finding) -> str:
    shown = [_clean(name) for name in finding.subjects[:SUBJECTS_SHOWN_MAX]]
    more = len(finding.subjects) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _share(finding: Finding) -> str:
    kind = finding.kind if finding.of != 1 else finding.kind.removesuffix("s")
    return f"{finding.count} of {finding.of} {kind}"


def _evidence(finding: Finding) -> str:
    if finding.seen_at is None:
        return "nothing seen" if finding.outcome is Outcome.UNKNOWN else "by the workbook"
    return f"seen {_time(finding.seen_at)} in {finding.seen_in}"


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def _wrapped(text: str, width: int, first: str, rest: str) -> list[str]:
    # Words stay whole: a number range or a URL that is broken in two cannot be copied.
    return textwrap.wrap(
        _clean(text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _clean(text: str) -> str:
    """Text without control characters: names and messages come from outside and must not steer a terminal."""
    return "".join("�" if unicodedata.category(sign) in {"Cc", "Cf"} and sign not in "\n\t" else sign for sign in text)


def _md(text: str) -> str:
    """Text as one cell of a Markdown table."""
    one_line = " ".join(_clean(text).split())
    for sign in "\\`*_[]<>|":
        one_line = one_line.replace(sign, f"\\{sign}")
    return one_line

"""What auditors ask of a test of recovery, and where this report has it: field mappings, in our own words.

A report supports somebody who shows that a requirement is met. It shows nothing of the kind by itself: scope, risk, how
often, and the judgement are the reader's. What a report cannot support is said as plainly as the rest.

Sources, read 2026-11-21 (ISO 22301 and the SOC 2 criteria are sold, so they are named by their clause only):
    DORA RTS    Delegated Regulation (EU) 2024/1774, Article 25: https://eur-lex.europa.eu/eli/reg_del/2024/1774/oj
    ISO 22301   ISO 22301:2019, clause 8.5, exercise programme: https://www.iso.org/standard/75106.html
    NIST CP-4   SP 800-53 Rev. 5, CP-4: https://doi.org/10.6028/NIST.SP.800-53r5
    SOC 2 A1.3  2017 Trust Services Criteria (2022 points of focus), A1.3, AICPA
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from voicedr.program.validation.chapters import Story
from voicedr.program.vocabulary import Kind, Purpose


class Mapped(msgspec.Struct, frozen=True):
    """One thing that is asked, and what this report has of it.

    Attributes:
        source: Which paper and clause.
        asks: What it asks, in our words.
        section: The section of the report, as its heading has it; empty if none can have it.
        anchor: Where in the HTML.
        fields: Names in the JSON.
        missing: Why this report does not support it; empty if it does.
    """

    source: str
    asks: str
    section: str
    anchor: str
    fields: tuple[str, ...]
    missing: str


class Section(NamedTuple):
    """A section of the report."""

    title: str
    anchor: str


OUTCOME = Section("What happened", "h-what")
PROMISE = Section("Did we keep the promise?", "h-kept")
TIMELINE = Section("Timeline", "timeline")
GAPS = Section("What went wrong, or is not known", "wrong")
COHORTS = Section("Cohorts and gates", "h-cohorts")
PEOPLE = Section("Who decided, and on what", "h-people")
PLANNED = Section("Planned against actual", "h-planned")
SINCE = Section("Since the last test", "h-since")
CALLERS = Section("Callers, counted from outside", "h-callers")
FLOW = Section("What was promised", "h-flow")
EVIDENCE = Section("Evidence", "h-evidence")
BACK = Section("The way back", "h-back")
NOWHERE = Section("", "")

Says = Callable[[Story], str]
"""Why a report does not support something; empty if it does."""


class _Ask(NamedTuple):
    source: str
    asks: str
    section: Section
    fields: tuple[str, ...]
    lacks: Says


def _nothing(_: Story) -> str:
    return ""


def _outside(words: str) -> Says:
    return lambda _story: f"not in this report: {words}"


def _ended(story: Story) -> str:
    return "" if story.outcome is not None else "the execution has not ended"


def _moved(story: Story) -> str:
    if story.kind is Kind.DRY_RUN:
        return "a dry run moves nothing"
    return "" if story.moved else "nothing was moved"


def _provider(story: Story) -> str:
    if story.kind is Kind.DRILL_TWIN:
        return "a drill on the twin does not test the provider's service itself; a drill on the live account does"
    return _moved(story)


def _sustained(story: Story) -> str:
    return _moved(story) or "how long the standby served afterwards is not in this report, only until its end"


def _restored(story: Story) -> str:
    if story.purpose == Purpose.FAILBACK and story.outcome == "done":
        return ""
    if any(rollback.equal for rollback in story.rollbacks):
        return ""
    return "the way home is not in this execution: a failback has a report of its own"


def _signed(story: Story) -> str:
    counting = [one for one in story.approvals if one.counts]
    if not counting:
        return "no approval is recorded"
    return "" if all(one.signed for one in counting) else "not every approval is signed"


def _promise(story: Story) -> str:
    return "" if story.promise.kept is not None else f"the answer is: {story.promise.words.split(':')[0]}"


def _callers(story: Story) -> str:
    return "" if story.callers is not None else "nobody counted callers from outside"


def _owned(story: Story) -> str:
    if not story.around.gaps and story.deficiencies:
        return "the workbook was not at hand, so nobody owns what was found"
    return _ended(story)


def _since(story: Story) -> str:
    return "" if story.around.since_last is not None else "there is no test before this one in the journal"


_ASKS: tuple[_Ask, ...] = (
    _Ask(
        "DORA RTS Art. 25(1)",
        "business impact and risk assessment were taken into account",
        FLOW,
        ("story.flow",),
        _outside("your analyses; the flow's tier, promise and limits stand as the workbook has them"),
    ),
    _Ask("DORA RTS Art. 25(2)(a)", "a scenario that simulates a disruption", OUTCOME, ("story.sightings",), _moved),
    _Ask("DORA RTS Art. 25(2)(b)", "services of third-party providers are tested", COHORTS, ("cohorts",), _provider),
    _Ask("DORA RTS Art. 25(2)(c)", "switchover to redundant capacity", COHORTS, ("moved", "proved", "numbers"), _moved),
    _Ask(
        "DORA RTS Art. 25(2)(c)",
        "the redundant capacity serves for a sufficient time, and normal service is restored",
        BACK,
        ("story.rollbacks",),
        lambda story: _restored(story) or _sustained(story),
    ),
    _Ask(
        "DORA RTS Art. 25(2)(d)",
        "governance is challenged: who decided what, when, on what",
        PEOPLE,
        ("story.around.clock", "story.around.basis"),
        _signed,
    ),
    _Ask(
        "DORA RTS Art. 25(2)(d)",
        "crisis communication is challenged",
        NOWHERE,
        (),
        _outside("voicedr moves calls; who was told, and how, is yours to add"),
    ),
    _Ask(
        "DORA RTS Art. 25(2)(e)",
        "people, providers and systems respond as they should",
        TIMELINE,
        ("story.moments", "story.timeline"),
        _moved,
    ),
    _Ask("DORA RTS Art. 25(4)", "results are documented", EVIDENCE, ("records", "story.head"), _ended),
    _Ask(
        "DORA RTS Art. 25(4)",
        "deficiencies are analysed and addressed",
        GAPS,
        ("deficiencies", "story.around.gaps"),
        _owned,
    ),
    _Ask(
        "DORA RTS Art. 25(4)",
        "deficiencies are reported to the management body",
        NOWHERE,
        (),
        _outside("whom you give it to"),
    ),
    _Ask("ISO 22301 8.5", "exercises are consistent with objectives", PROMISE, ("rto_s", "took_s"), _promise),
    _Ask("ISO 22301 8.5", "scenarios are planned, with aims", PLANNED, ("forecast_shortest_s", "actual_s"), _ended),
    _Ask(
        "ISO 22301 8.5",
        "roles are exercised by those who have them",
        PEOPLE,
        ("approvals", "story.around.clock"),
        _signed,
    ),
    _Ask("ISO 22301 8.5", "a report with outcomes and actions", GAPS, ("deficiencies", "gaps_open"), _owned),
    _Ask("ISO 22301 8.5", "what changed since is exercised again", SINCE, ("story.around.since_last",), _since),
    _Ask("ISO 22301 8.5", "the programme over time", NOWHERE, (), _outside("it is one execution; keep them all")),
    _Ask("NIST CP-4 a", "the plan is tested, and how well it works", COHORTS, ("moved", "proved", "calls_bad"), _moved),
    _Ask("NIST CP-4 a", "how often", NOWHERE, (), _outside("it is one execution; voicedr executions lists them")),
    _Ask("NIST CP-4 a", "what it did to operations and people", CALLERS, ("callers_lost", "callers_hurt_s"), _callers),
    _Ask("NIST CP-4 b", "results are reviewed", GAPS, ("story.deficiencies",), _outside("who reviewed it; sign here")),
    _Ask("NIST CP-4 c", "corrective actions are begun", GAPS, ("story.around.gaps",), _owned),
    _Ask("SOC 2 A1.3", "recovery procedures are tested", COHORTS, ("moved", "proved"), _moved),
    _Ask("SOC 2 A1.3", "the objective is met", PROMISE, ("rto_kept",), _promise),
    _Ask(
        "SOC 2 A1.3", "results lead to changes of the plan", SINCE, ("plan_changes", "story.around.since_last"), _since
    ),
)


def mapping(story: Story) -> tuple[Mapped, ...]:
    """Every requirement with the section that supports it, or why none does."""
    return tuple(
        Mapped(one.source, one.asks, one.section.title, one.section.anchor, one.fields, one.lacks(story))
        for one in _ASKS
    )


def asked() -> tuple[tuple[str, str, str, tuple[str, ...]], ...]:
    """Source, what it asks, section and fields of every mapping, without an execution."""
    return tuple((one.source, one.asks, one.section.title, one.fields) for one in _ASKS)

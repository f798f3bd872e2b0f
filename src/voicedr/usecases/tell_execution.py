"""The whole story of an execution: its journal, the incident that it names, the tests around it, and the workbook.

Everything here is a function of what is recorded and of the workbook: told twice, it is told alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from voicedr.ports.incidents import Incidents
from voicedr.ports.journal import ExecutionSummary, Journal, Record
from voicedr.program.execution.events import Approved, Opened
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.plan_diff import Change, diff_plans
from voicedr.program.governance.incident import Incident, fold_incident
from voicedr.program.governance.told import open_review
from voicedr.program.scope.authority import DecisionTargets
from voicedr.program.scope.workbook import Workbook
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.decision_steps import approval_basis, broken_glass, decision_steps
from voicedr.program.validation.gaps import gaps_of, retested
from voicedr.program.validation.story import tell
from voicedr.program.validation.surroundings import OtherRun, SinceLastTest, Surroundings
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.usecases.decide import open_reviews, with_incident


@dataclass(frozen=True)
class Told:
    """A story with the records that it was told from."""

    story: Story
    records: Sequence[Record]


@dataclass(frozen=True)
class Tested:
    """A finished execution that tested a plan, and its story."""

    run: OtherRun
    story: Story


def tell_execution(
    journal: Journal,
    incidents: Incidents,
    workbook: Workbook | None,
    execution: str,
    callers: CallerTally | None = None,
) -> Told:
    """The story of an execution, with what lies around it.

    Args:
        journal: Where it is recorded, and the tests before and after it.
        incidents: Where the incident is recorded that it names.
        workbook: As it is now; None: roles, targets and owners are not known.
        execution: Its id.
        callers: What callers met, counted from outside.

    Raises:
        NoSuchExecution, JournalBroken: As of the journal.
        NoSuchIncident, IncidentsBroken: If the incident that it names cannot be read.
    """
    records = journal.read(execution)
    story = story_of(records, callers)
    opened = records[0].event if records else None
    if not isinstance(opened, Opened):
        return Told(story, records)
    flow = workbook.flow(opened.plan.flow) if workbook is not None else None
    targets = DecisionTargets() if flow is None else flow.decision_targets
    approvals = [one.event for one in records if isinstance(one.event, Approved)]
    counting = [one for one in approvals if not one.refused and one.plan_hash == opened.plan_hash]
    incident = _incident(incidents, opened.incident)
    before, after = neighbours(journal, opened)
    later = None if after is None else after.story
    around = Surroundings(
        clock=decision_steps(story, counting, incident, targets),
        basis=approval_basis(story, opened, approvals, incident),
        glass=broken_glass(incident),
        gaps=gaps_of(story, flow, workbook.people if workbook is not None else (), later),
        since_last=None if before is None else _since(before, opened.plan, story),
        incident=opened.incident,
        workbook=_workbook_words(opened.workbook_sha256, workbook),
    )
    reviews = [open_review(glass) for _, glass in open_reviews(incidents, opened.plan.flow)]
    story = msgspec.structs.replace(story, around=around, next_steps=(*story.next_steps, *reviews))
    return Told(with_incident(story, records, incidents, flow), records)


def story_of(records: Sequence[Record], callers: CallerTally | None = None) -> Story:
    """The story that a journal's records tell alone, with the hash of the last one."""
    head = records[-1].hash if records else None
    return tell([record.event for record in records], callers, head=head)


def changes_since_last_test(journal: Journal, plan: Plan) -> tuple[OtherRun, tuple[Change, ...]] | None:
    """How a plan differs from the one of the last test of its flow for its purpose; None: there has been no test."""
    last = next(_tests(journal, plan.flow, plan.purpose, journal.executions()), None)
    return None if last is None else (last.run, _changes(last.story, plan))


def neighbours(journal: Journal, opened: Opened) -> tuple[Tested | None, Tested | None]:
    """The last test before an execution, and the first one after it, of the same flow and purpose."""
    listed = [one for one in journal.executions() if one.execution != opened.execution]
    flow, purpose = opened.plan.flow, opened.plan.purpose
    earlier = [one for one in listed if one.opened_at < opened.at]
    later = [one for one in reversed(listed) if one.opened_at > opened.at]
    return next(_tests(journal, flow, purpose, earlier), None), next(_tests(journal, flow, purpose, later), None)


def _tests(journal: Journal, flow: str, purpose: Purpose, listed: Sequence[ExecutionSummary]) -> Iterator[Tested]:
    """Finished executions in the order given: dry runs test nothing, and what drifted never began."""
    for one in listed:
        if one.flow != flow or not one.finished:
            continue
        records = journal.read(one.execution)
        opened = records[0].event if records else None
        if not isinstance(opened, Opened) or opened.plan.purpose is not purpose or opened.kind is Kind.DRY_RUN:
            continue
        story = story_of(records)
        if story.outcome is not None and story.outcome != "drifted":
            run = OtherRun(one.execution, opened.kind, story.outcome, opened.at, opened.plan_hash)
            yield Tested(run, story)


def _changes(before: Story, now: Plan) -> tuple[Change, ...]:
    return () if before.plan is None else diff_plans(before.plan, now)


def _since(before: Tested, plan: Plan, story: Story) -> SinceLastTest:
    return SinceLastTest(before.run, _changes(before.story, plan), retested(before.story, story))


def _incident(incidents: Incidents, name: str) -> Incident | None:
    return fold_incident(record.event for record in incidents.read(name)) if name else None


def _workbook_words(then: str, workbook: Workbook | None) -> str:
    now = "" if workbook is None else workbook.sha256
    if not now:
        return "the workbook was not at hand when this was written"
    if not then:
        return "the journal does not say which workbook it was opened with"
    if then == now:
        return "the workbook is the one it was opened with, byte for byte"
    return f"the workbook was changed since: it was {then[:12]} at the opening, and is {now[:12]} now"

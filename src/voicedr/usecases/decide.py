"""The decision chain before the approval: declare, assess, stand down, and review glass that was broken.

Each step is taken by a person who may take it now, and is kept in the incident's record. Nothing here moves anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from voicedr.ports.incidents import IncidentRecord, Incidents
from voicedr.ports.journal import Record
from voicedr.program.execution.events import Approved, Intended, Opened, Sighting
from voicedr.program.governance.authority import why_may_not
from voicedr.program.governance.incident import (
    Assessed,
    Closed,
    Declared,
    GlassBroken,
    Incident,
    Judgement,
    Part,
    Reviewed,
    decision_clock,
    fold_incident,
)
from voicedr.program.governance.told import incident_sentences
from voicedr.program.scope.authority import Decision, DecisionTargets, Function
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.chapters import Story


class DecisionRefused(Exception):
    """Somebody may not decide this, or it cannot be decided: who, what, and whom to ask. Nothing was recorded."""


def open_incident(incidents: Incidents, flow: str) -> Incident | None:
    """A flow's incident that is not closed; None if there is none.

    Raises:
        IncidentsBroken: If its record cannot be read.
    """
    records = open_records(incidents, flow)
    return fold_incident(record.event for record in records) if records else None


def open_records(incidents: Incidents, flow: str) -> Sequence[IncidentRecord]:
    """The record of a flow's incident that is not closed; empty if there is none.

    Raises:
        IncidentsBroken: If it cannot be read.
    """
    return next((incidents.read(one.incident) for one in incidents.incidents(flow) if not one.closed), ())


def open_reviews(incidents: Incidents, flow: str | None = None) -> list[tuple[str, GlassBroken]]:
    """Glass that was broken and nobody has reviewed, with its incident, in closed incidents too."""
    return [
        (one.incident, glass)
        for one in incidents.incidents(flow)
        for glass in fold_incident(record.event for record in incidents.read(one.incident)).open_reviews
    ]


def with_incident(story: Story, records: Sequence[Record], incidents: Incidents, flow: Flow | None) -> Story:
    """The story of an execution with that of the incident which it names; as it is, where it names none.

    Raises:
        IncidentsBroken: If the incident's record cannot be read, or its chain does not hold.
        NoSuchIncident: If there is none of this name: the journal was moved without it.
    """
    opened = records[0].event if records else None
    if not isinstance(opened, Opened) or not opened.incident:
        return story
    incident = fold_incident(record.event for record in incidents.read(opened.incident))
    events = [record.event for record in records]
    ticks = decision_clock(
        incident,
        DecisionTargets() if flow is None else flow.decision_targets,
        approvals=[event for event in events if isinstance(event, Approved) and not event.refused],
        needed=opened.plan.approvals,
        first_act_at=next((event.at for event in events if isinstance(event, Intended)), None),
        now=events[-1].at,
    )
    return msgspec.structs.replace(story, summary=(*incident_sentences(incident, ticks), *story.summary))


def declare(
    incidents: Incidents,
    workbook: Workbook,
    flow: Flow,
    person: Person,
    why: str,
    now: datetime,
    *,
    incident: str,
    detected_at: datetime | None = None,
    sightings: tuple[Sighting, ...] = (),
    looked_at: datetime | None = None,
) -> Declared:
    """Say that a flow is degraded, and open its incident.

    Raises:
        DecisionRefused: If the person may not declare now, or says neither why nor what was seen.
        IncidentOpen: If the flow has an incident already.
    """
    _check(workbook, flow, Decision.DECLARE, person, now, Function.DETECTION)
    if not why and not sightings:
        raise DecisionRefused(
            "an incident rests on what was seen, or on a reason. Nothing was recorded. Say --why, or look: --look 30."
        )
    said = Declared(
        at=now,
        by=person.name,
        person_id=person.id,
        incident=incident,
        flow=flow.id,
        why=why,
        detected_at=detected_at,
        sightings=sightings,
        looked_at=looked_at,
    )
    incidents.open(said)
    return said


def assess(
    incidents: Incidents,
    workbook: Workbook,
    flow: Flow,
    person: Person,
    part: Part,
    judgement: Judgement,
    now: datetime,
    *,
    why: str = "",
    gaps: tuple[str, ...] = (),
    unknowns: tuple[str, ...] = (),
    cost_per_minute: float | None = None,
    calls_per_minute: float | None = None,
) -> Assessed:
    """Give one of the two assessments of a flow's open incident.

    Raises:
        DecisionRefused: If nobody declared one, the person may not assess this part now, or says go over a gap.
    """
    function = Function.TECHNICAL_ASSESSMENT if part == "technical" else Function.BUSINESS_IMPACT
    _check(workbook, flow, Decision.ASSESS, person, now, function)
    incident = _open(incidents, flow)
    if gaps and judgement == "go":
        raise DecisionRefused(
            f"{flow.id} cannot be moved as it is, so the technical verdict is not go: {'; '.join(gaps[:3])}. Nothing"
            " was recorded. Close the gap, or say no-go."
        )
    said = Assessed(
        at=now,
        by=person.name,
        person_id=person.id,
        part=part,
        judgement=judgement,
        why=why,
        gaps=gaps,
        unknowns=unknowns,
        cost_per_minute=cost_per_minute,
        calls_per_minute=calls_per_minute,
    )
    incidents.append(incident.incident, said)
    return said


def stand_down(
    incidents: Incidents, workbook: Workbook, flow: Flow, person: Person, why: str, now: datetime
) -> Incident:
    """Close a flow's incident. Reviews that are open stay so.

    Raises:
        DecisionRefused: If there is none, or the person may not stop it now.
    """
    _check(workbook, flow, Decision.STOP, person, now, None)
    incident = _open(incidents, flow)
    incidents.append(incident.incident, Closed(at=now, by=person.name, person_id=person.id, why=why))
    return incident


def review(
    incidents: Incidents, workbook: Workbook, person: Person, glass: str, note: str, now: datetime
) -> GlassBroken:
    """Close the review of broken glass: somebody of the workbook who did not break it themselves.

    Raises:
        DecisionRefused: If no review of this name is open, the person broke it, or says nothing.
    """
    for incident, broken in open_reviews(incidents):
        if broken.glass != glass:
            continue
        if broken.person_id == person.id:
            raise DecisionRefused(
                f"{person.name} broke this glass, and a review is by somebody else. Nothing was recorded. Ask another"
                " person of the workbook."
            )
        if not note:
            raise DecisionRefused("say what the review found: --note. Nothing was recorded.")
        said = Reviewed(at=now, by=person.name, person_id=person.id, glass=glass, note=note)
        incidents.append(incident, said)
        return broken
    names = ", ".join(one.glass for _, one in open_reviews(incidents)) or "none"
    raise DecisionRefused(f"no review {glass!r} is open. Open: {names}. Nothing was recorded.")


def _open(incidents: Incidents, flow: Flow) -> Incident:
    incident = open_incident(incidents, flow.id)
    if incident is None:
        raise DecisionRefused(
            f"{flow.id} has no incident that is open. Nothing was recorded. Declare it first:"
            f" voicedr declare {flow.id} --as PERSON --why WHY."
        )
    return incident


def _check(
    workbook: Workbook, flow: Flow, decision: Decision, person: Person, now: datetime, function: Function | None
) -> None:
    if why := why_may_not(workbook, flow, decision, person, now, function=function):
        raise DecisionRefused(f"{why}. Nothing was recorded.")

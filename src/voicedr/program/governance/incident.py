"""An incident: who said what when, before and beside an execution. Its record is append-only, and chained as one.

    DECLARED        somebody says that the flow is degraded (detection)
    ASSESSED        the technical verdict, or the business one, with its reasons
    GLASS_BROKEN    a rule was broken by name; a review stays open until somebody else closes it
    REVIEWED        that was looked at
    CLOSED          the incident is over

An execution names the incident that it belongs to in its OPENED. Old records must replay: fields are added with a
default, never renamed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.evidence.chain import link
from voicedr.program.execution.events import Approved, Sighting
from voicedr.program.scope.authority import DecisionTargets, Rule

Part = Literal["technical", "business"]
Judgement = Literal["go", "no-go", "not known"]


class _Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    at: datetime
    by: str
    """The person's name."""
    person_id: str = ""


class Declared(_Said, frozen=True, tag="DECLARED"):
    """The flow is degraded. ``looked_at``: when the sightings were made; None: by the person's word alone."""

    incident: str
    flow: str
    why: str
    detected_at: datetime | None = None
    sightings: tuple[Sighting, ...] = ()
    looked_at: datetime | None = None


class Assessed(_Said, frozen=True, tag="ASSESSED"):
    """One of the two assessments. A later one of the same part replaces it; both stay in the record.

    Attributes:
        why: In the person's words.
        gaps: What blocks the move, by the readiness read then.
        unknowns: What nobody could look at.
        cost_per_minute: Business only: what a minute costs by this person; None: not said.
        calls_per_minute: Business only.
    """

    part: Part
    judgement: Judgement
    why: str = ""
    gaps: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    cost_per_minute: float | None = None
    calls_per_minute: float | None = None


class GlassBroken(_Said, frozen=True, tag="GLASS_BROKEN"):
    """A rule was broken over one plan, until it expires. ``statement``, ``signature`` and ``key`` as for approvals."""

    glass: str
    rule: Rule
    why: str
    plan_hash: str
    expires_at: datetime
    statement: str = ""
    signature: str = ""
    key: str = ""


class Reviewed(_Said, frozen=True, tag="REVIEWED"):
    """Somebody else looked at why the glass was broken."""

    glass: str
    note: str = ""


class Closed(_Said, frozen=True, tag="CLOSED"):
    """The incident is over: recovered, or it was none."""

    why: str


IncidentEvent = Declared | Assessed | GlassBroken | Reviewed | Closed

_encoder = msgspec.json.Encoder(order="sorted")
_decoder: msgspec.json.Decoder[IncidentEvent] = msgspec.json.Decoder(IncidentEvent)


def encode_incident(event: IncidentEvent) -> bytes:
    """An event as the bytes that are kept and hashed."""
    return _encoder.encode(event)


def decode_incident(body: bytes) -> IncidentEvent:
    """An event from its bytes.

    Raises:
        msgspec.DecodeError: If they are none.
    """
    return _decoder.decode(body)


def incident_link(incident: str, seq: int, previous: str, body: bytes) -> str:
    """The hash of a record: the chain of executions, with term 0, since an incident has no runner."""
    return link(incident, seq, 0, previous, body)


def glass_id(incident: str, number: int) -> str:
    """The short name of a review: what it is closed by."""
    return f"review-{hashlib.sha256(f'{incident}/{number}'.encode()).hexdigest()[:6]}"


class BrokenIncident(Exception):
    """Events that no incident can have: the record is not one that voicedr wrote."""


class Incident(msgspec.Struct, frozen=True):
    """How an incident stands. ``events`` is the whole record in order."""

    incident: str
    flow: str
    declared: Declared
    technical: Assessed | None
    business: Assessed | None
    broken: tuple[GlassBroken, ...]
    reviewed: tuple[Reviewed, ...]
    closed: Closed | None
    events: tuple[IncidentEvent, ...]

    @property
    def open_reviews(self) -> tuple[GlassBroken, ...]:
        """Broken glass that nobody has reviewed yet."""
        done = {one.glass for one in self.reviewed}
        return tuple(one for one in self.broken if one.glass not in done)

    @property
    def assessors(self) -> frozenset[str]:
        """The ids of everybody who assessed."""
        return frozenset(one.person_id for one in self.events if isinstance(one, Assessed))

    @property
    def assessed_at(self) -> datetime | None:
        """When both assessments were there for the first time; None while one is missing."""
        first: dict[str, datetime] = {}
        for event in self.events:
            if isinstance(event, Assessed):
                first.setdefault(event.part, event.at)
        return max(first.values()) if len(first) == 2 else None


def fold_incident(events: Iterable[IncidentEvent]) -> Incident:
    """How an incident stands after its events.

    Raises:
        BrokenIncident: If it does not begin by being declared.
    """
    said = tuple(events)
    if not said or not isinstance(said[0], Declared):
        raise BrokenIncident("an incident begins by being declared; this one does not")
    assessed = {event.part: event for event in said if isinstance(event, Assessed)}
    return Incident(
        incident=said[0].incident,
        flow=said[0].flow,
        declared=said[0],
        technical=assessed.get("technical"),
        business=assessed.get("business"),
        broken=tuple(event for event in said if isinstance(event, GlassBroken)),
        reviewed=tuple(event for event in said if isinstance(event, Reviewed)),
        closed=next((event for event in said if isinstance(event, Closed)), None),
        events=said,
    )


class Tick(msgspec.Struct, frozen=True):
    """One step of the decision clock.

    Attributes:
        step: Which.
        at: When it happened; None: not yet, or not known.
        by: Who, in words; empty where nobody is named.
        after_s: Since detection; None where one of the two is not known.
        target_s: By the workbook; None: no target.
        kept: Whether it was in time; None: cannot be said.
    """

    step: str
    at: datetime | None
    by: str
    after_s: float | None
    target_s: float | None
    kept: bool | None


def decision_clock(
    incident: Incident,
    targets: DecisionTargets,
    *,
    approvals: Sequence[Approved] = (),
    needed: int = 0,
    first_act_at: datetime | None = None,
    now: datetime,
) -> tuple[Tick, ...]:
    """Detected, declared, assessed, approved, first act: when, by whom, and whether in time.

    Args:
        incident: The incident.
        targets: How soon each step should have been taken, counted from detection.
        approvals: Those that count.
        needed: So many are needed; the last of them is the step.
        first_act_at: When the first request was sent.
        now: A step that has not been taken is late once its target is over.
    """
    declared = incident.declared
    start = declared.detected_at or declared.at
    in_order = sorted(approvals, key=lambda one: one.at)
    approved_at = in_order[needed - 1].at if needed and len(in_order) >= needed else None
    judges = " and ".join(one.by for one in (incident.technical, incident.business) if one is not None)
    seen = declared.detected_at is not None
    return (
        Tick("detected", declared.detected_at, "signals" if seen else "", 0.0 if seen else None, None, None),
        _tick("declared", declared.at, declared.by, start, targets.declared_s, now),
        _tick("assessed", incident.assessed_at, judges, start, targets.assessed_s, now),
        _tick("approved", approved_at, ", ".join(one.person for one in in_order), start, targets.approved_s, now),
        _tick("first act", first_act_at, "", start, targets.first_act_s, now),
    )


def _tick(step: str, at: datetime | None, by: str, start: datetime, target_s: float | None, now: datetime) -> Tick:
    after_s = None if at is None else (at - start).total_seconds()
    kept: bool | None = None
    if target_s is not None:
        if after_s is not None:
            kept = after_s <= target_s
        elif (now - start).total_seconds() > target_s:
            kept = False
    return Tick(step, at, by, after_s, target_s, kept)

"""The record of the incident around an execution as an evidence file, and a checkpoint of how long it is now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from voicedr.ports.incidents import Incidents
from voicedr.program.evidence.file import Checkpoint, checkpoint_words
from voicedr.program.evidence.incident_file import write_incident_evidence
from voicedr.program.governance.incident import fold_incident


def export_incident(incidents: Incidents, incident: str) -> bytes:
    """The evidence file of an incident, closed or not.

    Raises:
        NoSuchIncident: If there is none: the journal was moved without it.
        IncidentsBroken: If its record does not hold. Nothing was written.
    """
    records = incidents.read(incident)
    flow = fold_incident(one.event for one in records).flow
    return write_incident_evidence(incident, flow, ((one.seq, one.previous, one.hash, one.body) for one in records))


def make_incident_checkpoint(
    incidents: Incidents, incident: str, now: datetime, sign: Callable[[bytes], bytes] | None = None
) -> Checkpoint:
    """How long an incident's record is now, and its head; signed if there is a key. Keep it somewhere else.

    Raises:
        NoSuchIncident, IncidentsBroken: As above.
    """
    last = incidents.read(incident)[-1]
    signature = sign(checkpoint_words(incident, last.seq, last.hash, now)).hex() if sign is not None else ""
    return Checkpoint(incident, last.seq, last.hash, now, signature)

"""An incident in sentences, for the report of the execution that followed it: who said what when, and how soon."""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.governance.incident import GlassBroken, Incident, Tick
from voicedr.program.validation.spoken import clock, span, stamp


def incident_sentences(incident: Incident, ticks: Sequence[Tick]) -> tuple[str, ...]:
    """What was declared, assessed and closed, and the clock of the decision against the workbook's targets."""
    declared = incident.declared
    why = f": {declared.why}" if declared.why else ""
    said = [f"{declared.by} declared {incident.incident} at {clock(declared.at)}{why}."]
    for one in (incident.technical, incident.business):
        if one is not None:
            because = f": {one.why}" if one.why else ""
            unknown = f"; {len(one.unknowns)} things were not known" if one.unknowns else ""
            said.append(f"{one.by} said {one.judgement} ({one.part}) at {clock(one.at)}{because}{unknown}.")
    for part, missing in (("technical", incident.technical is None), ("business", incident.business is None)):
        if missing:
            said.append(f"Nobody gave the {part} assessment.")
    timed = [f"{tick.step} {_soon(tick)}" for tick in ticks if tick.step != "detected"]
    said.append(
        f"Clock of the decision, from {'detection' if declared.detected_at else 'declaring'}: {', '.join(timed)}."
    )
    if incident.closed is not None:
        said.append(f"{incident.closed.by} closed the incident at {clock(incident.closed.at)}: {incident.closed.why}.")
    return tuple(said)


def _soon(tick: Tick) -> str:
    taken = "not known" if tick.after_s is None else f"after {span(tick.after_s)}"
    if tick.target_s is None:
        return taken
    kept = {True: "in time", False: "LATE", None: "cannot be judged"}[tick.kept]
    return f"{taken} (target {span(tick.target_s)}: {kept})"


def open_review(one: GlassBroken) -> str:
    """A review that is open, and how it is closed."""
    return (
        f"{one.glass} is open: {one.by} broke {one.rule.value} at {stamp(one.at)} ({one.why})."
        f" Somebody else closes it: voicedr review {one.glass} --as PERSON --note …"
    )

"""A share of the route writes does not reach the edges; the others do.

Callers to some numbers follow and callers to others keep going to the old Region. An operator reads the new Region for
every one of them: only calls tell.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind
from voicedr.twin.faults.kinds import propagation_stuck

kind = FaultKind(
    area="Routes",
    parameters=propagation_stuck.kind.parameters,
    defaults={"rate": 0.3},
    public=propagation_stuck.kind.public,
    holds_route=propagation_stuck.kind.holds_route,
    began=propagation_stuck.kind.began,
    ended=propagation_stuck.kind.ended,
)

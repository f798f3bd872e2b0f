"""The names of the REST API do not resolve.

Callers notice nothing. An operator's client finds no such host: nothing was sent.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Find no such name."""
    return RestEffect(failure=Failure.NAME_NOT_FOUND) if asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "major_outage"},
    rest=rest,
)

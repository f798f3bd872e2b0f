"""The REST API's port is closed: connections are refused.

Callers notice nothing. An operator's client cannot connect; the request was certainly not executed.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse the connection."""
    return RestEffect(failure=Failure.CONNECT_REFUSED) if asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "major_outage"},
    rest=rest,
)

"""The certificate of the REST API has expired.

Callers notice nothing. An operator's client refuses to connect: nothing was sent. Not checking certificates is no way
out.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Fail the handshake."""
    return RestEffect(failure=Failure.TLS_EXPIRED) if asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "major_outage"},
    rest=rest,
)

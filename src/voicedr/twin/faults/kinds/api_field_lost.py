"""One field of every write is lost on the way; the rest is stored.

Callers meet what is not set, e.g. no fallback URL. An operator reads success, and the answer does not have the field.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Carry it out without the field."""
    if request.method == "CONNECT":
        return None
    if not request.writes or not asks(params, request):
        return None
    fields = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    kept = [(name, value) for name, value in fields if name != params["field"]]
    return RestEffect(body=urlencode(kept).encode()) if len(kept) < len(fields) else None


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("field", "text", "the field, e.g. VoiceFallbackUrl", required=True),
    ),
    rest=rest,
)

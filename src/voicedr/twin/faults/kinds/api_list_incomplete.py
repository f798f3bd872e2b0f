"""Lists leave records out and say nothing about it.

Callers notice nothing. An operator who counts finds fewer numbers, calls or keys than there are; which ones are
left out stays the same.
"""

from __future__ import annotations

import hashlib

from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.listing import decoded, keep_records, list_key
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def _left_out(sid: str, share: float) -> bool:
    digest = hashlib.blake2b(sid.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 < share


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Fewer records."""
    if request.method != "GET" or not asks(params, request):
        return None
    body = decoded(response)
    key = list_key(body) if body is not None else None
    if body is None or key is None:
        return None
    return keep_records(response, lambda record: not _left_out(str(record.get("sid", "")), params["share"]))


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("share", "rate", "the share of records that are left out", default=0.1),
    ),
    reply=reply,
)

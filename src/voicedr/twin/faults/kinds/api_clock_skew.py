"""The provider's clock is wrong: the dates that it writes are off.

Callers notice nothing. An operator who compares its dates with a clock of one's own finds calls and alerts in the past
or in the future, and filters by time miss them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import msgspec

from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.listing import decoded, instant
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response

_DATE = re.compile(r"date_?|.*_time|.*_at", re.IGNORECASE)


def _shifted(value: Any, seconds: float, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _shifted(each, seconds, name) for name, each in value.items()}
    if isinstance(value, list):
        return [_shifted(each, seconds, key) for each in value]
    at = instant(value) if _DATE.match(key) else None
    if at is None:
        return value
    then = datetime.fromtimestamp(at + seconds, UTC)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ") if value[:4].isdigit() else format_datetime(then)


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Every date is off."""
    if not asks(params, request):
        return None
    seconds = params["ahead_s"] - params["behind_s"]
    headers = tuple(header for header in response.headers if header[0].lower() != "date")
    headers = (*headers, ("Date", format_datetime(datetime.fromtimestamp(now + seconds, UTC), usegmt=True)))
    body = decoded(response)
    text = response.body if body is None else msgspec.json.encode(_shifted(body, seconds))
    return Response(response.status, headers, text)


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("ahead_s", "number", "how far it is ahead", default=0.0),
        Parameter("behind_s", "number", "how far it is behind", default=0.0),
    ),
    reply=reply,
)

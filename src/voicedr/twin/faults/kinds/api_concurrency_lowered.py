"""Fewer REST requests at once are allowed.

Callers notice nothing. An operator who works on several numbers at once reads 429 with code 20429; one at a time works
(https://www.twilio.com/docs/api/errors/20429).
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import REGION


def settings(params: Params, region: str) -> dict[str, float]:
    """What it is instead."""
    return {"requests_at_once": params["requests_at_once"]} if params["region"] in (None, region) else {}


kind = FaultKind(
    area="REST API",
    parameters=(REGION, Parameter("requests_at_once", "whole", "how many may be under way", default=2)),
    settings=settings,
)

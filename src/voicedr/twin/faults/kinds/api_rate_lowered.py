"""Fewer REST requests in a second are allowed.

Callers notice nothing. An operator reads 429 with code 20429 as soon as a second's share is used up.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import REGION


def settings(params: Params, region: str) -> dict[str, float]:
    """What it is instead."""
    return {"requests_per_second": params["requests_per_second"]} if params["region"] in (None, region) else {}


kind = FaultKind(
    area="REST API",
    parameters=(REGION, Parameter("requests_per_second", "number", "how many in a second", default=2.0)),
    settings=settings,
)

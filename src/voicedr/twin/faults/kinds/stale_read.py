"""Reads of routes are behind.

Callers follow the writes. An operator who reads a route back sees how it stood some seconds ago: a write that took
effect looks as if it had not.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params


def route_lag_s(params: Params, region: str) -> float:
    """How far behind, through this Region's host."""
    return float(params["lag_s"]) if params["region"] in (None, region) else 0.0


kind = FaultKind(
    area="Routes",
    parameters=(
        Parameter("region", "region", "reads through this Region's host; left out: through any"),
        Parameter("lag_s", "number", "how far behind a read is", default=30.0),
    ),
    route_lag_s=route_lag_s,
)

"""The names of an edge give fewer addresses than it has.

Callers notice nothing yet: a customer's equipment spreads its calls over those that are left. An operator who looks the
name up sees fewer; if one of them then dies, less is left to go on to. With ``number`` that address is missing;
otherwise the last ``missing`` of the four. Only with the twin's name server, which real SIP starts.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import NameEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import ADDRESSES_PER_EDGE
from voicedr.twin.world.model import EDGES


def name(params: Params, edge: str) -> NameEffect | None:
    """Leave addresses out, never all of them."""
    if edge != params["edge"]:
        return None
    if params["number"] is not None:
        return NameEffect(left_out=frozenset({int(params["number"])}))
    missing = min(int(params["missing"]), ADDRESSES_PER_EDGE - 1)
    return NameEffect(left_out=frozenset(range(ADDRESSES_PER_EDGE - missing + 1, ADDRESSES_PER_EDGE + 1)))


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("edge", "choice", "the edge", required=True, choices=EDGES),
        Parameter("number", "choice", "the address that is missing", choices=("1", "2", "3", "4")),
        Parameter("missing", "whole", "without number: how many are missing, at most 3", default=1),
    ),
    name=name,
)

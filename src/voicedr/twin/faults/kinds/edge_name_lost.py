"""Names that say an edge do not resolve.

A customer's equipment finds no address for ``{trunk}.pstn.{edge}`` and places no calls there, once what it remembers is
over; an operator's client finds no host that names the edge. Names without an edge, and other edges' names, resolve.
Callers from the public network notice nothing. REST requests through the proxy always; SIP names only with the twin's
name server, which real SIP starts.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import NameEffect, RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import EDGES, World
from voicedr.wire.http import Failure


def name(params: Params, edge: str) -> NameEffect | None:
    """Not found, an error, or no answer at all."""
    return NameEffect(params["answer"]) if edge == params["edge"] else None


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """A host that names the edge is not found."""
    says_it = f".{params['edge']}." in request.host
    return RestEffect(failure=Failure.NAME_NOT_FOUND) if says_it else None


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("edge", "choice", "the edge whose names are lost", required=True, choices=EDGES),
        Parameter(
            "answer", "choice", "what the name server says", default="nxdomain",
            choices=("nxdomain", "servfail", "timeout"),
        ),
    ),
    rest=rest,
    name=name,
)  # fmt: skip

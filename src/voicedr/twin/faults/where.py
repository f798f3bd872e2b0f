"""Which requests, calls and webhooks a fault touches: the parameters that many faults have, and whether they fit."""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from voicedr.twin.faults.kind import Parameter, Params, Rest
from voicedr.twin.world.model import EDGES

REGION = Parameter("region", "region", "only in this Region; left out: in every Region")

REQUESTS: tuple[Parameter, ...] = (
    Parameter("region", "region", "requests to this Region; left out: to every Region"),
    Parameter("product", "text", "only this product's hosts, e.g. routes"),
    Parameter("path", "text", "only paths like this, with * for anything, e.g. */Calls*.json"),
)

ROUTES: tuple[Parameter, ...] = (
    Parameter("region", "region", "writes through this Region's host; left out: through any"),
    Parameter("name", "text", "only the route of this number, trunk domain or SIP domain"),
)

CALLS: tuple[Parameter, ...] = (
    Parameter("region", "region", "calls that this Region gets; left out: that any gets"),
    Parameter("number", "text", "only calls to this number"),
)

ADDRESSES_PER_EDGE = 4
"""As many as the provider lists for each edge (https://www.twilio.com/docs/sip-trunking/ip-addresses)."""

SIP_ADDRESSES: tuple[Parameter, ...] = (
    Parameter("edge", "choice", "only this edge; left out: every edge", choices=EDGES),
    Parameter(
        "number", "choice", "only this of its addresses; left out: all four",
        choices=tuple(str(number) for number in range(1, ADDRESSES_PER_EDGE + 1)),
    ),
)  # fmt: skip

WEBHOOKS: tuple[Parameter, ...] = (
    Parameter("region", "region", "webhooks from this Region; left out: from every Region"),
    Parameter("host", "text", "only webhooks to this host, with * for anything, e.g. app.example or 127.0.0.1:8090"),
    Parameter("path", "text", "only webhooks to paths like this, with * for anything, e.g. /status*"),
)


def asks(params: Params, request: Rest) -> bool:
    """True if this request is one of those. A tunnel has no path yet: it is, unless a path is wanted."""
    if params["region"] not in (None, request.region) or params["product"] not in (None, request.product):
        return False
    return params["path"] is None or fnmatchcase(request.path, params["path"])


def writes_route(params: Params, request: Rest) -> bool:
    """True if this request writes one of those routes."""
    if not request.writes_route or params["region"] not in (None, request.region):
        return False
    return params["name"] is None or request.path.endswith("/" + params["name"])


def rings(params: Params, region: str, number: str) -> bool:
    """True if a call to this number in this Region is one of those."""
    return params["region"] in (None, region) and params["number"] in (None, number)


def answers_sip(params: Params, edge: str, number: int) -> bool:
    """True if this address of this edge is one of those."""
    return params["edge"] in (None, edge) and params["number"] in (None, str(number))


def tells(params: Params, region: str, url: str) -> bool:
    """True if this webhook is one of those."""
    if params["region"] not in (None, region):
        return False
    try:
        parts = urlsplit(url)
        host, netloc = parts.hostname or "", parts.netloc
    except ValueError:
        return False
    if params["host"] is not None and not any(fnmatchcase(name, params["host"]) for name in (host, netloc)):
        return False
    return params["path"] is None or fnmatchcase(parts.path or "/", params["path"])

"""What a provider host's name says: the product, the edge, and the Region that processes the request.

``{product}.{edge}.{region}.twilio.com``; ``{product}.twilio.com`` and ``{product}.us1.twilio.com`` are us1. Names
with a Region and no edge were announced to stop on 2026-04-28
(https://www.twilio.com/docs/global-infrastructure/api-domain-migration-guide, read 2026-11-21) and here do not
resolve. Which edges may be named with ie1 and au1 is not documented beyond the Region's own: others fail in TLS, as
``roaming`` was seen to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from voicedr.twin.world.model import EDGES, REGIONS
from voicedr.wire.http import Failure

SERVED_PRODUCTS = (
    "accounts", "api", "iam", "insights", "messaging", "monitor", "numbers", "routes", "trunking", "voice", "webhooks",
)  # fmt: skip
"""What the twin serves. That ``accounts``, ``iam``, ``insights``, ``monitor`` and ``voice`` have hosts of other Regions
is an assumption: it is not documented, or said both ways."""

_NOT_EVERYWHERE = {"messaging": ("us1", "ie1"), "numbers": ("us1",), "webhooks": ("us1",)}
"""Served products that not every Region has. That ``numbers`` and ``webhooks`` are in us1 only is an assumption: no
page shows another host of theirs."""

OTHER_PRODUCTS: dict[str, tuple[str, ...]] = {
    "events": ("us1", "ie1", "au1"),
    "conversations": ("us1", "ie1"),
    "lookups": ("us1", "ie1"),
    "studio": ("us1", "ie1"),
    "taskrouter": ("us1", "ie1"),
}
"""Products whose names resolve, and where: a product that a Region does not have has no name there
(https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability, read 2026-11-21). The twin
does not serve them and says so."""


@dataclass(frozen=True, slots=True)
class Host:
    """A provider host. ``edge`` is the one that is named, or the Region's own."""

    name: str
    product: str
    edge: str
    region: str


@lru_cache(maxsize=1024)
def read_host(name: str) -> Host | Failure:
    """The host, or how a client fails that tries to reach it. A port is allowed and means nothing."""
    bare = name.partition(":")[0].lower().rstrip(".")
    labels = bare.split(".")
    if len(labels) < 3 or labels[-2:] != ["twilio", "com"]:
        return Failure.NAME_NOT_FOUND
    product, *place = labels[:-2]
    everywhere = tuple(REGIONS) if product in SERVED_PRODUCTS else ()
    regions = _NOT_EVERYWHERE.get(product) or OTHER_PRODUCTS.get(product) or everywhere
    if not regions or (len(place) == 2 and place[1] not in regions):
        return Failure.NAME_NOT_FOUND
    match place:
        case [] | ["us1"]:
            return Host(bare, product, REGIONS["us1"], "us1")
        case [edge, "us1"] if edge in EDGES:
            return Host(bare, product, edge, "us1")
        case [edge, region] if REGIONS.get(region) == edge:
            return Host(bare, product, edge, region)
        case [edge, region] if region in REGIONS and (edge in EDGES or edge == "roaming"):
            return Failure.TLS_NAME_MISMATCH
        case _:
            return Failure.NAME_NOT_FOUND


def served_names() -> tuple[str, ...]:
    """What a certificate must be good for. A wildcard covers one label."""
    return (
        "*.twilio.com",
        "*.us1.twilio.com",
        *(f"*.{edge}.us1.twilio.com" for edge in EDGES),
        *(f"*.{edge}.{region}.twilio.com" for region, edge in REGIONS.items() if region != "us1"),
    )

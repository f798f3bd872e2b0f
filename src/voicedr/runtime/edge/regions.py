"""Which Regions there are, which edges a host may name with each, and how sure that is.

A REST host needs edge *and* Region: ``{product}.{edge}.{region}.twilio.com``. The Region label says where the request
is processed and whose credentials count; the edge label is the way in
(https://www.twilio.com/docs/global-infrastructure/understanding-edge-locations, read 2026-11-21). us1 is shown with
many edges. ie1 is shown with ``dublin`` alone and au1 with ``sydney`` alone; whether another edge has names there is
**not documented**, and ``roaming`` was seen to fail in TLS. So such an edge may be listed, is tried as any other, and
is said to be an assumption, once, in the log.
"""

from __future__ import annotations

from collections.abc import Sequence

HOME_EDGES = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
"""The Regions that process, and the edge that the documentation names with each
(https://www.twilio.com/docs/global-infrastructure/edge-locations, read 2026-11-21)."""

PUBLIC_EDGES = ("ashburn", "umatilla", "dublin", "frankfurt", "sydney", "singapore", "tokyo", "sao-paulo")

_LEGACY = {
    "us1": "ashburn", "us2": "umatilla", "ie1": "dublin", "de1": "frankfurt", "au1": "sydney", "sg1": "singapore",
    "jp1": "tokyo", "br1": "sao-paulo",
}  # fmt: skip
"""Old ids of edges (https://www.twilio.com/docs/global-infrastructure/edge-locations/legacy-regions)."""


def checked_region(region: str) -> str:
    """The Region, if it processes requests.

    Raises:
        ValueError: If it is not one of them.
    """
    if not isinstance(region, str):
        raise ValueError(f"region={region!r}: say one of {', '.join(HOME_EDGES)}.")
    if region in HOME_EDGES:
        return region
    hint = f"{region!r} is an old id of the edge {_LEGACY[region]}, not a Region. " if region in _LEGACY else ""
    raise ValueError(f"region={region!r}: no such Region. {hint}Say one of {', '.join(HOME_EDGES)}.")


def checked_edges(region: str, edges: Sequence[str]) -> tuple[str, ...]:
    """The edges in their order, if each may be a way into the Region.

    Raises:
        ValueError: If there is none, one is said twice, is unknown, or is another Region's own.
    """
    if isinstance(edges, str):
        raise ValueError(f'edges={edges!r}: this is one text. Say a tuple of edges in order, e.g. ("{edges}",).')
    try:
        listed = tuple(edges)
    except TypeError:
        raise ValueError(f'edges={edges!r}: say a tuple of edges in order, e.g. ("{HOME_EDGES[region]}",).') from None
    home = HOME_EDGES[region]
    if not listed:
        raise ValueError(f'edges=(): no way into {region} is given. Say at least ("{home}",).')
    for place, edge in enumerate(listed):
        if edge in listed[:place]:
            raise ValueError(f"edges: {edge!r} is said twice. An edge is tried once a request: say it once.")
        if edge not in PUBLIC_EDGES:
            old = f" {edge!r} is the old id of {_LEGACY[edge]}." if edge in _LEGACY else ""
            raise ValueError(f"edges: {edge!r} is not a public edge.{old} Say one of {', '.join(PUBLIC_EDGES)}.")
        other = next((name for name, of in HOME_EDGES.items() if of == edge and name != region), None)
        if other is not None and region != "us1":
            raise ValueError(
                f"edges: {edge!r} belongs to Region {other} and no documented name leads from it into {region}. "
                f'Say ("{home}",), or use another client with the credentials of {other}.'
            )
    return listed


def assumed(region: str, edges: Sequence[str]) -> tuple[str, ...]:
    """Those edges whose names in this Region no page shows."""
    return () if region == "us1" else tuple(edge for edge in edges if edge != HOME_EDGES[region])

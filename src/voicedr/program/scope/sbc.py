"""A customer's own SBC whose dispatcher moves with a flow: where it is asked, and which targets are put how.

Where it is asked is an address and no name: in an outage the name servers may be gone too, and a name may
lead anywhere.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from voicedr.program.scope.positions import Node

SBCS_MAX = 20
MOVES_MAX = 50
"""More is not steered target by target, but by another list file."""

REFERENCES = ("env:", "file:")


class TargetState(StrEnum):
    """How a dispatcher's target stands, in the words of the SIP kit."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DISABLED = "disabled"
    PROBING = "probing"


KAMAILIO_WORDS = {
    TargetState.ACTIVE: "ap",
    TargetState.INACTIVE: "ix",
    TargetState.DISABLED: "dx",
    TargetState.PROBING: "ip",
}
"""What a person types for each, as the SIP kit sends it: a test holds them together."""


class SbcMove(msgspec.Struct, frozen=True):
    """One target and how it is put.

    Attributes:
        to: How it is put when the flow moves to the standby.
        home: How it is put when the flow comes home; None: nobody said, so it stays as it is.
    """

    target: str
    to: TargetState
    home: TargetState | None = None


class Sbc(msgspec.Struct, frozen=True):
    """One SBC of the customer.

    Attributes:
        name: What people call it.
        rpc: Where its Kamailio is asked: a URL with an address, ``unix:/path``, or a reference to either.
        set_id: The dispatcher set.
        moves: In the order in which they are done; on the way home in the opposite order.
        cohort: The cohort it is steered with; None: the first one.
    """

    name: str
    rpc: str
    set_id: int
    moves: tuple[SbcMove, ...]
    cohort: str | None = None


class DispatcherTarget(msgspec.Struct, frozen=True):
    """A target as it was read. ``state`` None: it stands in a way that nobody knows; ``in_service``: gets new calls."""

    set_id: int
    uri: str
    state: TargetState | None
    in_service: bool


def as_good_as(one: str, other: str) -> bool:
    """Whether two states are the same to whoever steers: of two that are pinged, Kamailio takes one for the other by
    itself, as pings are answered or not. In an outage it does so all the time.
    """
    return one == other or {one, other} == {TargetState.ACTIVE, TargetState.PROBING}


def why_no_place(text: str) -> str | None:
    """Why Kamailio is not asked there; None if it may be. What a reference stands for is asked about when it is known.

    Its JSON-RPC has no password, so it must not be reachable from the internet:
    https://www.kamailio.org/docs/modules/stable/modules/jsonrpcs.html (transport over xhttp).
    """
    if text.startswith((*REFERENCES, "unix:/")):
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return "it is no address of a machine: write http://ADDRESS:PORT/RPC with an IP address, or unix:/PATH"
    if parts.scheme not in ("http", "https") or parts.username or parts.query or parts.fragment:
        return "it is no place to ask Kamailio: write http://ADDRESS:PORT/RPC, or unix:/PATH"
    if address.is_global or not (address.is_private or address.is_loopback or address.is_link_local):
        return f"{address} can be reached from the internet, and Kamailio's JSON-RPC has no password"
    return None


def build_sbcs(node: Node) -> tuple[Sbc, ...]:
    """The SBCs of a flow that was found right."""
    return tuple(
        Sbc(
            name=sbc.get("name").text or "",
            rpc=sbc.get("rpc").text or "",
            set_id=int(sbc.get("set").number or 0),
            moves=tuple(map(_move, sbc.get("moves").items)),
            cohort=sbc.get("cohort").text,
        )
        for sbc in node.items
    )


def _move(move: Node) -> SbcMove:
    to = _state(move.get("to"))
    assert to is not None, move  # noqa: S101 - the schema has said that it is there
    return SbcMove(move.get("target").text or "", to, _state(move.get("home")))


def _state(node: Node) -> TargetState | None:
    return TargetState(node.text) if node.text else None

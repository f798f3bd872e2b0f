"""DNS records as values, and the order that RFC 3263 and RFC 2782 put them in. Pure: chance comes in.

Whatever a record says is somebody else's word. What cannot be used is left out and said, never followed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Literal, TypeAlias

import msgspec

from voicedr.runtime.sipkit.asked import Transport
from voicedr.wire.addresses import is_public

Kind: TypeAlias = Literal["NAPTR", "SRV", "A", "AAAA"]

SERVICES: dict[str, tuple[Transport, str]] = {
    "SIP+D2U": ("udp", "_sip._udp"), "SIP+D2T": ("tcp", "_sip._tcp"), "SIPS+D2T": ("tls", "_sips._tcp"),
}  # fmt: skip
"""NAPTR services that can be spoken, and the SRV label of each (RFC 3263 section 4.1)."""

LABELS: dict[Transport, str] = dict(SERVICES.values())


class Naptr(msgspec.Struct, frozen=True):
    """One NAPTR record (RFC 3403 section 4.1)."""

    order: int
    preference: int
    flags: str
    service: str
    regexp: str
    replacement: str


class Srv(msgspec.Struct, frozen=True):
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


class Way(msgspec.Struct, frozen=True):
    """A transport, and the name whose SRV records lead on."""

    transport: Transport
    name: str


def ways_of(records: Sequence[Naptr], name: str, *, secure: bool) -> tuple[tuple[Way, ...], tuple[str, ...]]:
    """The transports that NAPTR offers, best first, and what was left out and why.

    All that can be spoken are listed: the first is what RFC 3263 section 4.1 chooses, the others are what it is to be
    measured against.

    Args:
        secure: Only TLS will do.
    """
    ways: list[Way] = []
    notes: list[str] = []
    for record in sorted(records, key=lambda one: (one.order, one.preference)):
        service = record.service.upper()
        if service not in SERVICES:
            if service.startswith(("SIP+", "SIPS+")):
                notes.append(f"NAPTR {record.service} is left out: it cannot be spoken here")
            continue
        if record.flags.lower() != "s" or record.regexp or record.replacement in ("", "."):
            notes.append(f"NAPTR {record.service} is left out: it does not lead to SRV (RFC 3263 section 4.1)")
            continue
        transport = SERVICES[service][0]
        if secure and transport != "tls":
            continue
        replacement = record.replacement.lower()
        if not _same_owner(replacement, name):
            notes.append(f"NAPTR leads to {replacement}, in another domain: its certificate must still name {name}")
        way = Way(transport, replacement)
        if way not in ways:
            ways.append(way)
    return tuple(ways), tuple(notes)


def usable_srv(records: Sequence[Srv], name: str) -> tuple[tuple[Srv, ...], tuple[str, ...]]:
    """The records that lead somewhere, and what was left out and why."""
    kept: list[Srv] = []
    notes: list[str] = []
    for record in records:
        if record.target in ("", "."):
            notes.append(f"SRV {name} says that there is no such service (RFC 2782)")
        elif not 1 <= record.port <= 65_535:
            notes.append(f"SRV {name} leads to port {record.port} of {record.target}, which is none: left out")
        elif record not in kept:
            kept.append(record)
    return tuple(kept), tuple(notes)


def srv_order(records: Sequence[Srv], chance: Callable[[], float]) -> tuple[Srv, ...]:
    """The order in which SRV records are tried: by priority, and by weight among equals (RFC 2782).

    Args:
        chance: A number from 0 up to 1, each time another.
    """
    ordered: list[Srv] = []
    for priority in sorted({one.priority for one in records}):
        # Those of weight 0 come first in the running sum, so that they are hardly ever chosen.
        left = sorted((one for one in records if one.priority == priority), key=lambda one: one.weight != 0)
        while left:
            drawn, running = chance() * sum(one.weight for one in left), 0
            for at, one in enumerate(left):
                running += one.weight
                if running >= drawn:
                    ordered.append(left.pop(at))
                    break
    return tuple(ordered)


def usable_addresses(addresses: Sequence[str], name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Addresses that one host can have, each once, and what was left out and why."""
    kept: list[str] = []
    notes: list[str] = []
    for address in addresses:
        read = ip_address(address)
        if read.is_unspecified or read.is_multicast or address == "255.255.255.255":
            notes.append(f"{name} has the address {address}, which is no host's: left out")
        elif address not in kept:
            kept.append(address)
    return tuple(kept), tuple(notes)


def private_note(addresses: Sequence[str]) -> str:
    """What is to be said about addresses that nobody on the internet can reach; empty if there are none."""
    private = list(dict.fromkeys(address for address in addresses if not is_public(address)))
    if not private:
        return ""
    return f"{', '.join(private[:4])}{' …' if private[4:] else ''}: not reachable from the internet"


def _same_owner(one: str, other: str) -> bool:
    """Whether two names end in the same two labels. No list of public suffixes is asked: it is only a hint."""
    return one.rstrip(".").split(".")[-2:] == other.rstrip(".").split(".")[-2:]

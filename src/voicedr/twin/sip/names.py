"""What the provider's names resolve to on this machine, as its name servers would say it.

| name | records |
| --- | --- |
| ``{trunk}.pstn.{edge}``, ``{domain}.sip.{edge}``, ``sip.{edge}`` | A: the addresses of the edge |
| ``{trunk}.pstn``, ``{domain}.sip`` | A: the addresses of ashburn |
| ``pstn.{edge}`` | the same A, NAPTR and SRV, for an outbound proxy |
| ``api`` and the other hosts of the REST API | A: 127.0.0.1 |

Each under twilio.com. The addresses of an edge come in random order, and NAPTR and SRV are those of RFC 3263
(https://www.twilio.com/docs/sip-trunking/sending-sip-to-twilio-best-practices); the older names for edges are
https://www.twilio.com/docs/global-infrastructure/localized-uris/termination. Names given with ``--sip-host`` have their
address. Nothing else exists here: nobody else is asked.

Assumptions, where no page says: a name without an edge is ashburn's; every trunk and domain of the right form has
addresses, whether or not there is one of this name, because a SIP domain that does not exist is found out by a call to
it (https://www.twilio.com/docs/api/errors/32002); which names SRV leads to, and its equal weights; ``sip.{edge}`` has
no NAPTR.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from voicedr.twin import faults
from voicedr.twin.api.hosts import Host, read_host
from voicedr.twin.sip.target import LEGACY_EDGES
from voicedr.twin.world.model import EDGES, World
from voicedr.wire.http import Failure

ADDRESS = "127.0.0.1"
PROVIDER = "twilio.com"
NEGATIVE_TTL_S = 60
"""How long it may be kept that there is no such name or record. Assumption."""

DEFAULT_EDGE = "ashburn"
SERVICES = {"_sips._tcp": "tls", "_sip._tcp": "tcp", "_sip._udp": "udp"}
_NAPTR = {"SIPS+D2T": "_sips._tcp", "SIP+D2T": "_sip._tcp", "SIP+D2U": "_sip._udp"}
_NAPTR_ORDER = {"SIP+D2U": 10, "SIP+D2T": 20, "SIPS+D2T": 30}
"""UDP first: it is what a URI without a transport means. Assumption."""

_SIP_NAME = re.compile(
    r"(?P<owner>(?:[a-z0-9-]+\.)+)?(?P<product>pstn|sip)(?:\.(?P<place>[a-z0-9-]+))?\.twilio\.com", re.ASCII
)
_SERVICE = re.compile(r"(?P<service>_sips?\._(?:udp|tcp))\.pstn\.(?P<place>[a-z0-9-]+)\.twilio\.com", re.ASCII)
_NODE = re.compile(r"sip(?P<number>[1-9])\.(?P<edge>[a-z-]+)\.twilio\.com", re.ASCII)

Code: TypeAlias = Literal["noerror", "nxdomain", "servfail", "timeout"]


@dataclass(frozen=True, slots=True)
class Record:
    """One record. ``data`` is an address, or SRV's or NAPTR's fields in their order."""

    name: str
    kind: Literal["A", "SRV", "NAPTR"]
    ttl_s: int
    data: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """An answer. Empty with ``noerror``: there is such a name, but no record of this kind.

    Attributes:
        code: ``timeout`` is that nothing is said at all.
        beside: Addresses of the names in the answers.
    """

    code: Code
    answers: tuple[Record, ...] = ()
    beside: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is on this machine.

    Attributes:
        sip: Each edge's addresses and ports, for UDP and TCP.
        tls: The same for TLS.
        hosts: Names with an address, or an address and a port, of their own.
    """

    sip: Mapping[str, Sequence[tuple[str, int]]]
    tls: Mapping[str, Sequence[tuple[str, int]]]
    hosts: Mapping[str, str] = field(default_factory=dict)


def resolve(world: World, places: Places, name: str, kind: str, order: Sequence[int], now: float) -> Resolved:
    """Answer a question.

    Args:
        kind: The type of the question, e.g. ``"AAAA"``; ANY is answered as A.
        order: A permutation of the numbers 0 to 3: the order in which an edge's addresses are told.
    """
    bare = name.lower().rstrip(".")
    kind = "A" if kind == "ANY" else kind
    ttl_s = int(world.settings.dns_ttl_s)
    if (given := places.hosts.get(bare)) is not None:
        return _only(name, kind, given.partition(":")[0], ttl_s)
    if (node := _NODE.fullmatch(bare)) is not None and node["edge"] in EDGES:
        return _node(world, places, name, kind, node["edge"], int(node["number"]), now)
    if (asked := _SERVICE.fullmatch(bare)) is not None:
        edge, service = _edge(asked["place"]), asked["service"]
        if edge is None or service not in SERVICES:
            return Resolved("nxdomain")
        return _broken(world, edge, now) or _service(world, places, name, kind, edge, service, order, now)
    if (sip := _SIP_NAME.fullmatch(bare)) is not None:
        edge = _edge(sip["place"]) if sip["place"] else (DEFAULT_EDGE if sip["owner"] else None)
        if edge is None:
            return Resolved("nxdomain")
        if sip["place"] and (broken := _broken(world, edge, now)):
            return broken
        if kind == "NAPTR" and sip["product"] == "pstn" and not sip["owner"]:
            return Resolved("noerror", tuple(_pointers(name, edge, ttl_s)))
        listed = _listed(world, places.sip, edge, order, now) if kind == "A" else []
        return Resolved("noerror", tuple(Record(name, "A", ttl_s, (address,)) for _, address, _ in listed))
    return _rest(world, name, bare, kind, ttl_s, now)


def _edge(place: str) -> str | None:
    return place if place in EDGES else LEGACY_EDGES.get(place)


def _broken(world: World, edge: str, now: float) -> Resolved | None:
    effect = faults.name(world, edge, now)
    return Resolved(effect.answer) if effect is not None and effect.answer else None


def _listed(
    world: World, where: Mapping[str, Sequence[tuple[str, int]]], edge: str, order: Sequence[int], now: float
) -> list[tuple[int, str, int]]:
    """The addresses of an edge that are told: number, address, port."""
    effect = faults.name(world, edge, now)
    left_out = effect.left_out if effect is not None else frozenset()
    known = where.get(edge, ())
    numbers = [at + 1 for at in order if at < len(known) and at + 1 not in left_out]
    return [(number, *known[number - 1]) for number in numbers]


def _pointers(name: str, edge: str, ttl_s: int) -> list[Record]:
    return [
        Record(name, "NAPTR", ttl_s, (_NAPTR_ORDER[service], 10, "s", service, "", f"{label}.pstn.{edge}.{PROVIDER}"))
        for service, label in _NAPTR.items()
    ]


def _service(
    world: World, places: Places, name: str, kind: str, edge: str, service: str, order: Sequence[int], now: float
) -> Resolved:
    if kind != "SRV":
        return Resolved("noerror")
    ttl_s = int(world.settings.dns_ttl_s)
    where = places.tls if SERVICES[service] == "tls" else places.sip
    listed = _listed(world, where, edge, order, now)
    targets = {number: f"sip{number}.{edge}.{PROVIDER}" for number, _, _ in listed}
    return Resolved(
        "noerror",
        tuple(Record(name, "SRV", ttl_s, (10, 10, port, targets[number])) for number, _, port in listed),
        tuple(Record(targets[number], "A", ttl_s, (address,)) for number, address, _ in listed),
    )


def _node(world: World, places: Places, name: str, kind: str, edge: str, number: int, now: float) -> Resolved:
    known = places.sip.get(edge, ())
    if number > len(known):
        return Resolved("nxdomain")
    return _broken(world, edge, now) or _only(name, kind, known[number - 1][0], int(world.settings.dns_ttl_s))


def _only(name: str, kind: str, address: str, ttl_s: int) -> Resolved:
    return Resolved("noerror", (Record(name, "A", ttl_s, (address,)),) if kind == "A" else ())


def _rest(world: World, name: str, bare: str, kind: str, ttl_s: int, now: float) -> Resolved:
    host = read_host(bare)
    if host is Failure.NAME_NOT_FOUND:
        return Resolved("nxdomain")
    if isinstance(host, Host):
        if f".{host.edge}." in bare and (broken := _broken(world, host.edge, now)):
            return broken
        asked = faults.Rest(host.name, host.product, host.edge, host.region, "CONNECT", "", "")
        effect = faults.rest(world, asked, now)
        if effect is not None and effect.failure is Failure.NAME_NOT_FOUND:
            return Resolved("nxdomain")
    return _only(name, kind, ADDRESS, ttl_s)

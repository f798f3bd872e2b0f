"""What a client is made with, checked once, with every bound and its reason."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict
from urllib.parse import urlsplit

from voicedr.runtime.edge.circuit import Limits
from voicedr.runtime.edge.events import EdgeEvent
from voicedr.runtime.edge.regions import checked_edges, checked_region

Address = tuple[str, int] | str
"""Where a host is instead of where DNS says: ``(ip, port)``, or ``http://127.0.0.1:port`` for a server on this machine
that speaks no TLS."""

ConnectTo = Mapping[str, Address] | Callable[[str], Address | None]

CONNECT_TIMEOUT_S = 2.0
"""Round trips around the world take 0.3 s and TLS needs two of them; a packet that was lost is sent again after 1 s."""

READ_TIMEOUT_S = 10.0
"""For a read, so that time is left for another edge. A write has all the time there is, because it is not repeated."""

TOTAL_TIMEOUT_S = 30.0
"""What the provider's own Node library allows for a request."""

CONNECTIONS_MAX = 32
"""What the official library's own client keeps for a host."""

IDLE_S = 20.0
"""How long an idle connection is used again. How long the provider keeps one is not documented; proxies on the way
commonly keep 60 s."""

BODY_BYTES_MAX = 64 * 1024 * 1024

THROTTLED_TRIES_MAX = 5
"""The provider's advice: 0.1 s, doubled, ±10 %, at most 30 s, at most 5 tries (skill ``twilio/ai`` reliability)."""


class EdgeOptions(TypedDict, total=False):
    """The options of every client, by name; see `EdgeSettings`."""

    timeout: float | None
    connect_timeout: float
    read_timeout: float
    hedge_after: float | Literal["p95"] | None
    throttled_tries: int
    connections_max: int
    idle_s: float
    body_bytes_max: int
    circuit: Limits
    connect_to: ConnectTo | None
    proxy: str | Mapping[str, str] | None
    trust_env: bool
    ca_file: str | None
    on_event: Callable[[EdgeEvent], None] | None


@dataclass(frozen=True)
class EdgeSettings:
    """Which edges in which order, and the bounds.

    Attributes:
        region: The Region of the credentials. No request leaves it.
        edges: Tried in this order.
        timeout: Seconds for a request over all its attempts. None is the default, not for ever.
        connect_timeout: Seconds for one connection: name, TCP and TLS together.
        read_timeout: Seconds from a read's request to the end of its answer, on one edge.
        hedge_after: Seconds after which a read without answer is sent to a second edge, too; ``"p95"``: after the 95th
            centile of the last answers; None: never.
        throttled_tries: How often a 429 is obeyed before it is given to the caller.
        circuit: When an edge is left alone and when it is looked at again.
        connect_to: Hosts that are elsewhere than DNS says: for tests and for a twin.
        proxy: One URL, or by scheme as the official library takes it. None: as the environment says.
        trust_env: Whether ``HTTPS_PROXY``, ``NO_PROXY`` and the certificate variables count.
        ca_file: PEM file of the authorities that are trusted.
        on_event: Called with each event, in the thread or task where it happens. What it raises is logged.
    """

    region: str
    edges: tuple[str, ...]
    timeout: float | None = None
    connect_timeout: float = CONNECT_TIMEOUT_S
    read_timeout: float = READ_TIMEOUT_S
    hedge_after: float | Literal["p95"] | None = None
    throttled_tries: int = THROTTLED_TRIES_MAX
    connections_max: int = CONNECTIONS_MAX
    idle_s: float = IDLE_S
    body_bytes_max: int = BODY_BYTES_MAX
    circuit: Limits = field(default_factory=Limits)
    connect_to: ConnectTo | None = None
    proxy: str | Mapping[str, str] | None = None
    trust_env: bool = True
    ca_file: str | None = None
    on_event: Callable[[EdgeEvent], None] | None = None

    def __post_init__(self) -> None:
        checked_region(self.region)
        object.__setattr__(self, "edges", checked_edges(self.region, self.edges))
        _seconds("timeout", self.timeout, none_is="for the default of 30")
        _seconds("connect_timeout", self.connect_timeout)
        _seconds("read_timeout", self.read_timeout)
        _seconds("idle_s", self.idle_s)
        if self.hedge_after != "p95":
            _seconds("hedge_after", self.hedge_after, none_is='for never, or "p95"')
        if self.connect_timeout > self.total_s:
            raise ValueError(
                f"connect_timeout={self.connect_timeout} is longer than timeout={self.total_s}, which is for all "
                "attempts: no second edge would ever be tried. Make it a fraction."
            )
        for name in ("throttled_tries", "connections_max", "body_bytes_max"):
            least = 0 if name == "throttled_tries" else 1
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name}={value!r}: say a whole number of at least {least}.")
        limits = self.circuit
        if not isinstance(limits, Limits):
            raise ValueError(f"circuit={limits!r}: say Limits(…) of voicedr.runtime.edge.")
        if self.on_event is not None and not callable(self.on_event):
            raise ValueError(f"on_event={self.on_event!r}: say a function that takes an EdgeEvent.")
        if not (self.connect_to is None or callable(self.connect_to) or isinstance(self.connect_to, Mapping)):
            raise ValueError(f"connect_to={self.connect_to!r}: say addresses by host, or a function that gives one.")
        if limits.failures_to_open < 1 or not 0 < limits.wait_s <= limits.wait_s_max or not 0 <= limits.spread <= 1:
            raise ValueError(
                f"circuit={limits}: failures_to_open is at least 1, 0 < wait_s <= wait_s_max, and spread is 0 to 1."
            )
        if isinstance(self.connect_to, Mapping):
            for host, address in self.connect_to.items():
                checked_address(host, address)

    @property
    def total_s(self) -> float:
        """Seconds for a request over all its attempts."""
        return TOTAL_TIMEOUT_S if self.timeout is None else self.timeout


def made(region: str, edges: Sequence[str], options: EdgeOptions) -> EdgeSettings:
    """The settings, with the way out said for a misspelt option.

    Raises:
        ValueError: If a value cannot be.
        TypeError: If there is no such option.
    """
    if unknown := sorted(set(options) - set(EdgeOptions.__annotations__)):
        known = ", ".join(EdgeOptions.__annotations__)
        raise TypeError(f"no such option: {', '.join(unknown)}. There are: {known}.")
    return EdgeSettings(region, edges, **options)  # type: ignore[arg-type]


def checked_address(host: str, address: Address) -> tuple[str, int, bool]:
    """Address, port, and whether TLS is spoken there.

    Raises:
        ValueError: If it is none, or would send credentials over a network in clear.
    """
    if not isinstance(address, str):
        if not isinstance(address, tuple) or len(address) != 2:
            raise ValueError(f"connect_to[{host!r}]={address!r}: say (ip, port), or http://127.0.0.1:PORT.")
        ip, port = address
        _ip(host, ip)
        if not isinstance(port, int) or not 0 < port < 65536:
            raise ValueError(f"connect_to[{host!r}]: port {port!r} is not one. Say (ip, port) with 1 to 65535.")
        return ip, port, True
    split = urlsplit(address)
    try:
        ip, port = split.hostname or "", split.port or 0
    except ValueError:
        ip, port = "", 0
    if split.scheme != "http" or not port or split.path not in {"", "/"}:
        raise ValueError(f"connect_to[{host!r}]={address!r}: say (ip, port), or http://127.0.0.1:PORT.")
    if not _ip(host, ip).is_loopback:
        raise ValueError(
            f"connect_to[{host!r}]={address!r}: without TLS credentials go in clear, so only this machine's own "
            "addresses (127.0.0.1) are taken. Say (ip, port) for a server that speaks TLS."
        )
    return ip, port, False


def _ip(host: str, ip: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(ip)
    except ValueError as exc:
        raise ValueError(f"connect_to[{host!r}]: {ip!r} is not an IP address. Names are what DNS is for.") from exc


def _seconds(name: str, value: object, *, none_is: str = "") -> None:
    if value is None and none_is:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        way_out = f", or None {none_is}" if none_is else ""
        raise ValueError(f"{name}={value!r}: say seconds, more than 0{way_out}.")

"""What the sync and the async client have in common: settings, memory, counters, and the ways to an edge."""

from __future__ import annotations

import random
import socket
import ssl
import time
from collections.abc import Sequence

from voicedr.runtime.edge.circuit import Event
from voicedr.runtime.edge.connection import Connection, opened, secured
from voicedr.runtime.edge.events import LOG, EdgeEvent, Kind, tell
from voicedr.runtime.edge.exchange import Asked, tell_change
from voicedr.runtime.edge.health import Health, Pick
from voicedr.runtime.edge.hosts import Target, read_url
from voicedr.runtime.edge.latency import Latency
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.names import Names
from voicedr.runtime.edge.outcomes import Lost
from voicedr.runtime.edge.proxies import Proxies
from voicedr.runtime.edge.regions import assumed
from voicedr.runtime.edge.settings import Address, EdgeOptions, EdgeSettings, checked_address, made
from voicedr.runtime.edge.tls import named_file, trusting

HEDGE_AFTER_S_MIN = 0.01
"""A 95th centile below this would send every twentieth read twice to save milliseconds."""


class ClientCore:
    """Made once for a client; safe for threads."""

    def __init__(self, region: str, edges: Sequence[str], options: EdgeOptions) -> None:
        self.settings: EdgeSettings = made(region, edges, options)
        self.region = self.settings.region
        self.health = Health(self.settings.edges, self.settings.circuit)
        self.metrics = EdgeMetrics(region)
        self.latency = Latency()
        self.names = Names()
        self.proxies = Proxies(self.settings.proxy, trust_env=self.settings.trust_env)
        self._context: ssl.SSLContext | None = None
        named = named_file(self.settings.ca_file, trust_env=self.settings.trust_env)
        if named is not None or self.settings.connect_to is None:
            # Said now if the file cannot be used; and an event loop is not held up by reading it in a request.
            self._context = self.context
        self._chance = random.Random()  # noqa: S311 - spreads waits; nothing is secret about it
        if unsure := assumed(self.region, self.settings.edges):
            LOG.warning(
                "edges %s: no page shows their names in %s, so that they work is an assumption; one that does not "
                "costs one connect budget now and then, and no request",
                ", ".join(unsure), self.region,
            )  # fmt: skip

    @property
    def context(self) -> ssl.SSLContext:
        """Whom this client trusts. Where nothing may need it, it is made when it is needed: it takes some 30 ms."""
        if self._context is None:
            self._context = trusting(self.settings.ca_file, trust_env=self.settings.trust_env)
        return self._context

    def asked(self, method: str, url: str, timeout: float | None, now_s: float) -> tuple[Asked, Target]:
        """What a request is, and where it goes.

        Raises:
            ValueError: If it leads elsewhere than to this Region, or has no time. Nothing was sent.
        """
        if timeout is None:
            timeout = self.settings.total_s
        elif isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
            raise ValueError(
                f"timeout={timeout!r}: say seconds, more than 0, or None for {self.settings.total_s:g}. "
                "It is one number, for all attempts together."
            )
        target = read_url(url, self.region)
        return Asked(method, target.product, now_s + timeout), target

    def address_of(self, host: str) -> tuple[str, int, bool] | None:
        """Where a host is by ``connect_to``, and whether TLS is spoken there; None: ask DNS."""
        to = self.settings.connect_to
        if to is None:
            return None
        address: Address | None = to(host) if callable(to) else to.get(host)
        return None if address is None else checked_address(host, address)

    def reached(self, host: str, port: int, within_s: float) -> Connection:
        """A connection to a host.

        Raises:
            Lost: If there is none. Nothing of a request was sent.
        """
        deadline_s = time.monotonic() + within_s
        context = self.context_of(host)
        sock = self.opened(host, port, deadline_s)
        return Connection(sock if context is None else secured(sock, host, context, deadline_s))

    def opened(self, host: str, port: int, deadline_s: float) -> socket.socket:
        """TCP to a host, before any TLS.

        Raises:
            Lost: If there is none.
        """
        place = self.address_of(host)
        return opened(
            host,
            port,
            address=None if place is None else place[:2],
            proxy=self.proxies.of(host) if place is None else None,
            names=self.names,
            deadline_s=deadline_s,
        )

    def context_of(self, host: str) -> ssl.SSLContext | None:
        """For TLS with a host; None where ``connect_to`` says that none is spoken."""
        place = self.address_of(host)
        return self.context if place is None or place[2] else None

    def probe(self, product: str, target: Target, pick: Pick, keep: bool) -> Connection | None:
        """Look whether an edge can be reached again, and remember it. No request is sent.

        Returns:
            The connection if it shall be kept and there is one.
        """
        connection = None
        try:
            host = target.host(pick.edge, self.region)
            connection = self.reached(host, target.port, self.settings.connect_timeout)
            event = Event.PROBE_REACHED
        except Lost as exc:
            event = Event.UNREACHED
            LOG.info("edge %s.%s.%s: probe: %s", product, pick.edge, self.region, exc.why.value)
        except Exception:
            event = Event.UNREACHED
            LOG.exception("edge %s.%s.%s: probe failed", product, pick.edge, self.region)
        tell_change(self.health.report(product, pick, event, time.monotonic(), self.chance()), self)
        if connection is not None and not keep:
            connection.close()
            return None
        return connection

    def note(self, kind: Kind, product: str, edge: str, method: str, reason: str, seconds: float = 0.0) -> None:
        """Count it and tell it."""
        match kind:
            case Kind.ATTEMPT_LOST:
                self.metrics.count("voicedr_edge_attempts_total", product=product, edge=edge, outcome=reason)
            case Kind.FAILED_OVER:
                self.metrics.count("voicedr_edge_failovers_total", product=product, edge=edge, reason=reason)
            case Kind.GAVE_UP:
                self.metrics.count("voicedr_edge_requests_total", product=product, edge=edge, outcome="gave_up")
            case Kind.THROTTLED:
                self.metrics.count("voicedr_edge_throttled_total", product=product, edge=edge)
            case Kind.HEDGED:
                self.metrics.count("voicedr_edge_hedges_total", product=product, edge=edge, outcome="sent")
            case Kind.HEDGE_WON:
                self.metrics.count("voicedr_edge_hedges_total", product=product, edge=edge, outcome="won")
        tell(EdgeEvent(kind, self.region, product, edge, method, reason, seconds), self.settings.on_event)

    def attempt_answered(self, product: str, edge: str, seconds: float) -> None:
        """An attempt was answered."""
        self.latency.add(seconds)
        self.metrics.attempt_answered(product, edge, seconds)

    def chance(self) -> float:
        """From 0 to 1."""
        return self._chance.random()

    def late_after_s(self) -> float | None:
        """When a read is late; None if nobody hedges, or if that is not known yet."""
        after = self.settings.hedge_after
        if after != "p95":
            return after
        p95_s = self.latency.p95_s
        return None if p95_s is None else max(p95_s, HEDGE_AFTER_S_MIN)

    def prometheus(self) -> str:
        """The counters as text for a scrape."""
        return self.metrics.prometheus(self.health.states())

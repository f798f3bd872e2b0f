"""What the hosts of webhooks and of the REST API said.

Everything here is by a name that the case has too: a host, a URL, a Region. A name that is missing was not looked at,
and the accessors say so; none of them ever gives a value that nobody saw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.vocabulary import Region

T = TypeVar("T")


class CertificateSeen(msgspec.Struct, frozen=True):
    """The certificate that a host showed.

    Attributes:
        until: When it ends; None: no certificate came, because the handshake broke before.
        problem: Why the provider would refuse it; None: it would not.
        protocol: What was spoken, e.g. ``"TLSv1.3"``; None where the handshake broke.
    """

    until: datetime | None
    problem: str | None = None
    protocol: str | None = None


class Reached(msgspec.Struct, frozen=True):
    """Whether anybody answered, and how. ``problem`` is None if it counts as an answer."""

    status: int | None
    seconds: float
    problem: str | None = None


class InstanceSaid(msgspec.Struct, frozen=True):
    """What an instance of the application says of itself. ``problem``: why it said nothing that can be used."""

    region: Region | None
    epoch: int | None
    problem: str | None = None


class ContextSeen(msgspec.Struct, frozen=True):
    """The application's context document. ``problem``: why it is none."""

    region: Region | None
    epoch: int | None
    problem: str | None = None


class RestSource(msgspec.Struct, frozen=True):
    """What a source file does with the REST API.

    Attributes:
        uses: Whether it uses the REST API at all, as far as can be seen.
        pinned: Lines that write the host without an edge (``api.twilio.com``).
        edges: The edges that it names, in order.
        region_named: Whether it names a Region.
        from_environment: Whether it reads ``TWILIO_EDGE``.
        falls_back: Whether it uses a client that goes to the next edge by itself.
    """

    uses: bool
    pinned: tuple[int, ...] = ()
    edges: tuple[str, ...] = ()
    region_named: bool = False
    from_environment: bool = False
    falls_back: bool = False


class AlertCount(msgspec.Struct, frozen=True):
    """How often a URL of the flow was in a Region's alert feed with one code."""

    url: str
    code: int
    count: int
    last_at: datetime


class Alerted(msgspec.Struct, frozen=True):
    """A Region's alerts on URLs since a time. ``whole`` is False if there were more than one reading takes."""

    since: datetime
    counts: tuple[AlertCount, ...]
    whole: bool = True


class WebFacts(msgspec.Struct, frozen=True):
    """What the hosts of webhooks and of the REST API said. What is not in it was not looked at."""

    addresses: dict[str, Fact[tuple[str, ...]]] = {}
    """By host. Observed empty: the name has no address."""
    certificates: dict[str, Fact[CertificateSeen]] = {}
    """By ``host:port``."""
    reached: dict[str, Fact[Reached]] = {}
    """By URL as stored: what it said to HEAD."""
    signed: dict[str, Fact[WebhookAnswer]] = {}
    """By Region and URL: what it said to a request that was signed as that Region signs."""
    told: dict[str, Fact[WebhookAnswer]] = {}
    """By fallback URL, where its first request was one to a primary: what it said when it was told what failed."""
    untold: dict[str, Fact[WebhookAnswer]] = {}
    """By fallback URL: what it said when it was not told ErrorCode and ErrorUrl."""
    forged: dict[str, Fact[WebhookAnswer]] = {}
    """By URL: what it said to a request with a signature that nobody's token makes."""
    instances: dict[str, Fact[Reached]] = {}
    """By the health URL of an instance."""
    confirms: dict[str, Fact[InstanceSaid]] = {}
    """By the URL where an instance says which Region it uses."""
    contexts: dict[str, Fact[ContextSeen]] = {}
    """By the path of the context document."""
    edges: dict[str, Fact[Reached]] = {}
    """By the REST host's edge and Region: ``"umatilla.us1"``."""
    sources: dict[str, Fact[RestSource]] = {}
    """By the file's name."""
    alerts: dict[str, Fact[Alerted]] = {}
    """By Region."""

    def aged(self, young: Callable[[Fact[Any]], Fact[Any]]) -> WebFacts:
        """The same with every fact as ``young`` leaves it."""
        tables: dict[str, dict[str, Fact[Any]]] = msgspec.structs.asdict(self)
        return WebFacts(**{name: {key: young(fact) for key, fact in table.items()} for name, table in tables.items()})

    def addresses_of(self, host: str) -> Fact[tuple[str, ...]]:
        """Every address of a host."""
        return _in(self.addresses, host, "its name was not resolved")

    def certificate_of(self, host: str, port: int) -> Fact[CertificateSeen]:
        """The certificate of a host."""
        return _in(self.certificates, f"{host}:{port}", "its certificate was not looked at")

    def reached_at(self, url: str) -> Fact[Reached]:
        """Whether a URL's host answers at all."""
        return _in(self.reached, url, "it was not asked")

    def signed_as(self, region: Region, url: str) -> Fact[WebhookAnswer]:
        """What a URL says to a request of a Region."""
        return _in(self.signed, f"{region} {url}", f"it was not asked as {region} asks")

    def told_at(self, url: str) -> Fact[WebhookAnswer]:
        """What a fallback says that is told ErrorCode and ErrorUrl."""
        return _in(self.told, url, "it was not asked with ErrorCode")

    def untold_at(self, url: str) -> Fact[WebhookAnswer]:
        """What a fallback says that is told nothing."""
        return _in(self.untold, url, "it was not asked without ErrorCode")

    def forged_at(self, url: str) -> Fact[WebhookAnswer]:
        """What a URL says to a forged request."""
        return _in(self.forged, url, "it was not asked with a wrong signature")

    def instance_at(self, url: str) -> Fact[Reached]:
        """Whether an instance of the application answers."""
        return _in(self.instances, url, "it was not asked")

    def confirmed_at(self, url: str) -> Fact[InstanceSaid]:
        """What an instance says of itself."""
        return _in(self.confirms, url, "it was not asked")

    def context_at(self, path: str) -> Fact[ContextSeen]:
        """What the context document says."""
        return _in(self.contexts, path, "it was not read")

    def edge_of(self, edge: str, region: Region) -> Fact[Reached]:
        """What the REST API said under one name."""
        return _in(self.edges, f"{edge}.{region}", f"api.{edge}.{region} was not asked")

    def source_in(self, name: str) -> Fact[RestSource]:
        """What a source file does with the REST API."""
        return _in(self.sources, name, "it was not read")

    def alerts_of(self, region: Region) -> Fact[Alerted]:
        """A Region's alerts on the URLs."""
        return _in(self.alerts, region, f"the alerts of {region} were not read")


def _in(facts: Mapping[str, Fact[T]], key: str, otherwise: str) -> Fact[T]:
    return facts.get(key) or Unobserved(otherwise)

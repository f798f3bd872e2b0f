"""What an application gets: the Region that is active, and what it takes to work there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voicedr.runtime.edge.regions import HOME_EDGES, checked_edges, checked_region


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key of one Region. The secret is not shown when this is printed."""

    api_key: str
    api_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Current:
    """What holds now.

    Attributes:
        region: The active Region; None: nobody has named one yet.
        epoch: Of the document that holds; 0: there is none.
        credentials: Those of the Region; None: none were given for it, or its secret could not be had yet.
        edges: Ways into the Region, best first.
        hosts: The application's own names for the Region, as they were given.
        age_s: Seconds since a source last said the same; None: none has since this process began.
        problem: What is wrong, in words; None: nothing is.
    """

    region: str | None
    epoch: int
    credentials: Credentials | None
    edges: tuple[str, ...]
    hosts: Mapping[str, str]
    age_s: float | None
    problem: str | None

    def host(self, product: str) -> str:
        """A product's host in the Region, by its first edge: ``api.dublin.ie1.twilio.com``.

        Raises:
            LookupError: If no Region is active.
        """
        if self.region is None:
            raise LookupError("no Region is active yet: wait until the context document names one")
        return f"{product}.{self.edges[0]}.{self.region}.twilio.com"


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """What the application has in one Region.

    Attributes:
        api_key: The SID of an API key of the Region.
        api_secret: Where its secret is: ``env:NAME`` or ``file:/path``.
        edges: Ways into the Region, best first.
        hosts: Names of the application's own, whatever it needs: a database, a queue, a callback's host.
    """

    api_key: str | None
    api_secret: str | None
    edges: tuple[str, ...]
    hosts: Mapping[str, str]


_KEYS = {"api_key", "api_secret", "edges", "hosts"}


class SettingsBroken(ValueError):
    """The mapping of Regions cannot be used: what, where, and the next step."""


def settings_in(regions: Mapping[str, Mapping[str, object]]) -> dict[str, RegionSettings]:
    """The settings by Region, from plain data as YAML or JSON has it.

    Raises:
        SettingsBroken: If something is unknown or of the wrong kind. No value is shown.
    """
    found: dict[str, RegionSettings] = {}
    for region, of in regions.items():
        try:
            checked_region(region)
            if unknown := set(of) - _KEYS:
                raise ValueError(f"unknown keys {', '.join(sorted(map(str, unknown)))}; known are {', '.join(_KEYS)}")
            key, secret = _text(of, "api_key"), _text(of, "api_secret")
            if (key is None) != (secret is None):
                raise ValueError("api_key and api_secret belong together: give both, or neither")
            if key is not None and not key.startswith(("SK", "AC")):
                raise ValueError("api_key is no SID of a key: it begins with SK")
            if secret is not None and not secret.startswith(("env:", "file:")):
                raise ValueError("api_secret is no reference (it is not shown): write env:NAME or file:/path")
            edges = _edges(region, of.get("edges"))
            hosts = of.get("hosts") or {}
            if not isinstance(hosts, Mapping) or not all(isinstance(one, str) for one in (*hosts, *hosts.values())):
                raise ValueError("hosts are names by name")
        except ValueError as exc:
            raise SettingsBroken(f"regions.{region}: {exc}") from exc
        found[region] = RegionSettings(key, secret, edges, dict(hosts))
    return found


def home_edges(region: str) -> tuple[str, ...]:
    """The way into a Region that the provider's pages name with it."""
    return (HOME_EDGES[region],)


def _text(of: Mapping[str, object], key: str) -> str | None:
    value = of.get(key)
    if value is not None and (not isinstance(value, str) or not value):
        raise ValueError(f"{key} is no text")
    return value


def _edges(region: str, edges: object) -> tuple[str, ...]:
    if edges is None:
        return home_edges(region)
    if not isinstance(edges, Sequence):
        raise ValueError("edges is a list of edges")
    return checked_edges(region, edges)

"""What a reader finds in a configuration: hosts that calls are sent to, and what it could not follow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network

from voicedr.program.scope.problems import printable

PROVIDER = ".twilio.com"

LEGACY_EDGES = {
    "us1": "ashburn", "us2": "umatilla", "ie1": "dublin", "de1": "frankfurt",
    "jp1": "tokyo", "sg1": "singapore", "au1": "sydney", "br1": "sao-paulo",
    "us1-ix": "ashburn-ix", "us2-ix": "san-jose-ix", "ie1-ix": "london-ix", "de1-ix": "frankfurt-ix",
    "jp1-ix": "tokyo-ix", "sg1-ix": "singapore-ix", "au1-ix": "sydney-ix", "br1-ix": "sao-paulo-ix",
}  # fmt: skip
"""Older names of edges, still valid in a host name
(https://www.twilio.com/docs/global-infrastructure/edge-locations/legacy-regions, read 2026-11-21)."""

UNCLEAR_MAX = 50
"""Places that are told. Who has more reads the file."""

_NAME = re.compile(
    r"(?:(?P<owner>[a-z0-9-]+(?:\.[a-z0-9-]+)*)\.)?(?P<product>pstn|sip)(?:\.(?P<edge>[a-z0-9-]+))?\.twilio\.com"
)
_URI = re.compile(r"sips?:(?:[^@\s;>\"']*@)?(?P<host>\[[^\]]*\]|[^\s:;>\"'?,/]+)", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")


class BrokenSbcConfig(Exception):
    """A configuration that cannot be read. The message says what, where and what to do; nothing was judged."""

    def __init__(self, message: str) -> None:
        # It quotes the file: nothing of it may reach a terminal as a command.
        super().__init__(printable(message))


class Found:
    """What was found so far."""

    def __init__(self, name: str, networks: Sequence[IPv4Network], edges: Sequence[str]) -> None:
        self.name = name
        self.networks = networks
        self.known = frozenset(edges)
        self.names: dict[str, None] = {}
        self.edges: dict[str, None] = {}
        self.without_edge: dict[str, None] = {}
        self.pinned: dict[str, None] = {}
        self.unclear: dict[str, None] = {}

    def not_followed(self, line: int, what: str) -> None:
        """Say that a place may hide a destination."""
        if len(self.unclear) < UNCLEAR_MAX:
            self.unclear[printable(f"{self.name}:{line}: {what}")] = None

    def uri(self, text: str, line: int) -> None:
        """Take the host of a SIP URI, or of a bare ``host:port``, as a destination."""
        found = _URI.search(text)
        self.host(found.group("host") if found else re.split(r"[;:>?]", text.strip().lstrip("<"))[0], line)

    def host(self, host: str, line: int) -> None:
        """Take a host as a destination."""
        host = host.strip().rstrip(".").lower()
        if "$" in host or "{" in host:
            self.not_followed(line, f"the destination {host[:60]!r} is only known when it runs")
        elif _ADDRESS.fullmatch(host):
            self._address(host, line)
        elif host.endswith(PROVIDER):
            self._name(host, line)

    def _address(self, host: str, line: int) -> None:
        try:
            address = IPv4Address(host)
        except ValueError:
            self.not_followed(line, f"{host!r} is no address")
            return
        if any(address in net for net in self.networks):
            self.pinned[host] = None

    def _name(self, host: str, line: int) -> None:
        found = _NAME.fullmatch(host)
        if found is None:
            self.not_followed(line, f"{host!r} is a name of the provider, but not of a trunk or a SIP domain")
            return
        self.names[host] = None
        label = found.group("edge")
        if label is None:
            self.without_edge[host] = None
            return
        edge = LEGACY_EDGES.get(label, label)
        if edge in self.known:
            self.edges[edge] = None
        else:
            self.not_followed(line, f"{host!r} names an edge that is not known")

    def text(self, text: str, line: int) -> None:
        """Take every name of the provider, and every SIP URI, of a text."""
        for uri in _URI.finditer(text):
            self.host(uri.group("host"), line)
        for host in re.findall(r"[A-Za-z0-9.-]+\.twilio\.com", text):
            self.host(host, line)
        for host in re.findall(rf"@({_ADDRESS.pattern})(?![\d.])", text):
            self.host(host, line)

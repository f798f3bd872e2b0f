"""Names, SIP addresses, certificates, files and secrets of the healthy account, as tables that a fault changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bench.readiness import declared
from bench.readiness import estate as has
from voicedr.ports.certificates import CertificatesFailed, ShownCertificate
from voicedr.ports.names import NamesFailed
from voicedr.program.network.published import published_ranges
from voicedr.program.readiness.outside.sip import SipAnswer
from voicedr.usecases.outside import Outside

ADDRESSES = {
    has.APP["us1"]: ("8.8.8.8", "8.8.4.4"),
    has.APP["ie1"]: ("9.9.9.9", "9.9.9.10"),
    has.FALLBACK: ("1.1.1.1",),
    has.RECOVERY: ("1.0.0.1",),
    has.HOSTED_HOST["us1"]: ("64.6.64.6",),
    has.HOSTED_HOST["ie1"]: ("64.6.65.6",),
    has.TOKENS[0]: ("8.26.56.26",),
    has.TOKENS[1]: ("1.1.1.3",),
    has.SBCS[0]: ("203.0.113.10",),
    has.SBCS[1]: ("203.0.113.11",),
}

OPEN_FIREWALL = "\n".join(
    f"{prefix} {one.protocol} {one.port_min}-{one.port_max}"
    for one in published_ranges().chosen(None, interconnect=False)
    for prefix in one.prefixes
)

DISPATCHER = "1 sip:acme.pstn.dublin.twilio.com;transport=udp 0 0\n1 sip:acme.pstn.frankfurt.twilio.com 0 0\n"

CLIENT = """\
from twilio.rest import Client
client = Client(region="us1", edge="ashburn")
other = Client(region="us1", edge="umatilla")
"""


@dataclass
class Beside:
    """The world beside the provider, and this machine's view of it.

    Attributes:
        names: Addresses by host. A name that is not here does not exist.
        lost_names: Names that nobody can be asked for.
        dead_sip: Addresses, or targets of SIP, that do not answer.
        sip_ends: When the certificate of a host ends, over TLS.
        few: Termination names of which the resolver gives one address.
        ends: When a host's certificate ends; ``refused``: why a client refuses it; ``unreachable``: no handshake.
    """

    ends_at: datetime
    names: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(ADDRESSES))
    lost_names: set[str] = field(default_factory=set)
    dead_sip: set[str] = field(default_factory=set)
    few: set[str] = field(default_factory=set)
    ends: dict[str, datetime] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unreachable: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.files |= {
            declared.FIREWALL: OPEN_FIREWALL.encode(),
            declared.SBC: DISPATCHER.encode(),
            declared.SOURCE: CLIENT.encode(),
        }

    def as_outside(self) -> Outside:
        """The ports."""
        return Outside(names=self, sip=self, read_file=self.read_file, secret=self.secret, certificates=self)

    async def addresses(self, host: str) -> tuple[str, ...]:
        """See ``Names``."""
        if host in self.lost_names:
            raise NamesFailed(f"no answer about {host}")
        return tuple(sorted(self.names.get(host, ())))

    async def options(self, uris: Sequence[str]) -> dict[str, tuple[SipAnswer, ...] | str]:
        """See ``SipProbe``."""
        return {uri: self._answers(uri) for uri in uris}

    async def of(self, host: str, port: int) -> ShownCertificate:
        """See ``Certificates``."""
        if host in self.unreachable:
            raise CertificatesFailed(f"no connection to {host}:{port}")
        return ShownCertificate(self.ends.get(host, self.ends_at), self.refused.get(host), "TLSv1.3")

    def read_file(self, name: str) -> bytes:
        """The bytes of a file beside the workbook."""
        if name not in self.files:
            raise FileNotFoundError(2, "No such file or directory", name)
        return self.files[name]

    def secret(self, reference: str) -> str:
        """What a reference stands for."""
        return self.secrets[reference.removeprefix("env:")]

    def _answers(self, uri: str) -> tuple[SipAnswer, ...] | str:
        host = uri.partition(":")[2].partition(";")[0]
        if ".pstn." in host:
            edge = list(has.EDGES.values()) + list(has.OTHER_EDGE.values())
            first = 4 * edge.index(host.split(".")[2])
            addresses = tuple(f"198.51.100.{first + one}" for one in range(1 if host in self.few else 4))
        elif host in self.lost_names:
            return f"no answer about {host}"
        else:
            addresses = self.names.get(host, ())
        if not addresses:
            return f"{host} has no address"
        ends = self.ends.get(host, self.ends_at) if "transport=tls" in uri else None
        return tuple(self._answer(address, ends) for address in addresses)

    def _answer(self, address: str, ends: datetime | None) -> SipAnswer:
        target = f"{address}:5060 udp"
        if address in self.dead_sip:
            return SipAnswer(target, address, None, 4.0, "no answer within 4 s")
        return SipAnswer(target, address, 200, 0.02, certificate_until=ends)

"""The addresses and the certificate of each host behind a webhook."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address

from voicedr.ports.certificates import Certificates, CertificatesFailed
from voicedr.ports.clock import Clock
from voicedr.ports.names import Names, NamesFailed
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.web import CertificateSeen
from voicedr.usecases.web_budget import LOOKUP_S_MAX


async def addresses_of(host: str, names: Names | None, clock: Clock) -> Fact[tuple[str, ...]]:
    """Every address of a host. An address is its own."""
    try:
        return Observed((str(ip_address(host)),), clock.now(), "the URL itself")
    except ValueError:
        pass
    if names is None:
        return Unobserved("not looked at this time: no resolver was given")
    try:
        async with asyncio.timeout(LOOKUP_S_MAX):
            found = await names.addresses(host)
    except NamesFailed as exc:
        return Unobserved(str(exc))
    except TimeoutError:
        return Unobserved(f"the resolver did not answer within {LOOKUP_S_MAX:g} s")
    return Observed(found, clock.now(), "this machine's resolver")


async def certificate_of(
    host: str, port: int, certificates: Certificates | None, clock: Clock
) -> Fact[CertificateSeen]:
    """The certificate that a host shows to this machine."""
    if certificates is None:
        return Unobserved("not looked at this time: nothing that looks at certificates was given")
    try:
        shown = await certificates.of(host, port)
    except CertificatesFailed as exc:
        return Unobserved(str(exc))
    seen = CertificateSeen(shown.until, shown.problem, shown.protocol)
    return Observed(seen, clock.now(), f"TLS with {host}:{port} from this machine")

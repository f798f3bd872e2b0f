"""A name server that says whatever a test wants: records, lies, rubbish, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dnslib import AAAA, CNAME, NAPTR, QTYPE, RCODE, RR, SRV, A, DNSRecord

from sipp_peer import address

DATAGRAM_BYTES = 1232
Zone = Mapping[tuple[str, str], Sequence[Any]]
"""By name and kind: addresses, names, or the fields of a record."""

MAKES: dict[str, Callable[..., Any]] = {"A": A, "AAAA": AAAA, "CNAME": CNAME, "SRV": SRV}


@dataclass
class Names:
    """Where it is, and what it was asked."""

    host: str
    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def server(self) -> tuple[str, int]:
        """Address and port."""
        return self.host, self.port

    @property
    def place(self) -> str:
        """The same as text."""
        return f"{self.host}:{self.port}"


def from_zone(zone: Zone, *, code: str = "NOERROR", ttl: int = 60) -> Callable[[DNSRecord], bytes | None]:
    """Answer from a table; a name that is nowhere in it does not exist."""
    names = {name for name, _ in zone}

    def answer(question: DNSRecord) -> bytes:
        name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
        reply = question.reply(ra=1, aa=1)
        reply.header.rcode = getattr(RCODE, code if name in names or code != "NOERROR" else "NXDOMAIN")
        for found in (kind, "CNAME"):
            for data in zone.get((name, found), ()):
                reply.add_answer(RR(name, getattr(QTYPE, found), ttl=ttl, rdata=_rdata(found, data)))
            if reply.rr:
                break
        return bytes(reply.pack())

    return answer


def _rdata(kind: str, data: Any) -> Any:
    if kind == "NAPTR":
        order, preference, flags, service, regexp, replacement = data
        return NAPTR(order, preference, flags.encode(), service.encode(), regexp.encode(), replacement)
    return MAKES[kind](*data) if isinstance(data, tuple) else MAKES[kind](data)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, names: Names, answer: Callable[[DNSRecord], bytes | None]) -> None:
        self._names, self._answer = names, answer
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        question = DNSRecord.parse(data)
        self._names.asked.append((str(question.q.qname).rstrip("."), QTYPE[question.q.qtype]))
        said = self._answer(question)
        if said is not None and len(said) > DATAGRAM_BYTES:
            cut = question.reply(ra=1, aa=1)
            cut.header.tc = 1
            said = bytes(cut.pack())
        if said is not None:
            self._transport.sendto(said, addr)


@asynccontextmanager
async def names_that_say(answer: Callable[[DNSRecord], bytes | None]) -> AsyncIterator[Names]:
    """Answer over UDP, and over TCP what is too long, while the block lasts. None is silence."""
    names = Names(address())

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            size = int.from_bytes(await reader.readexactly(2))
            said = answer(DNSRecord.parse(await reader.readexactly(size)))
            if said is not None:
                writer.write(len(said).to_bytes(2) + said)
                await writer.drain()
                await reader.read()
        except (asyncio.IncompleteReadError, OSError, OverflowError):
            pass
        finally:
            writer.transport.abort()

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Udp(names, answer), local_addr=(names.host, 0)
    )
    names.port = transport.get_extra_info("sockname")[1]
    server = await asyncio.start_server(serve, *names.server)
    try:
        yield names
    finally:
        transport.abort()
        server.close()

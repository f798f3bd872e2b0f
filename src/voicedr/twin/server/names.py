"""A name server on this machine that knows what ``sip/names.py`` says and nothing else. It asks nobody: no question
that is meant for the twin leaves the machine.

UDP and TCP (RFC 1035 section 4.2, RFC 7766), port 53 of the first of ``ADDRESSES`` that is free, if this user may;
otherwise a free port.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

from dnslib import NAPTR, QTYPE, RCODE, RR, SOA, SRV, A, DNSError, DNSHeader, DNSRecord
from dnslib.label import DNSLabelError

from voicedr.twin.sip.names import NEGATIVE_TTL_S, PROVIDER, Record, Resolved

DNS_PORT = 53
ADDRESSES = tuple(f"127.60.0.{53 + number}" for number in range(10))
"""More than one: another twin's may be in use."""

DATAGRAM_BYTES_MAX = 512
"""For those who do not say that they take more (RFC 1035 section 2.3.4)."""

EDNS_BYTES_MAX = 1232
INTERNET, ANY_CLASS = 1, 255
"""RFC 1035 section 3.2.4."""

CONNECTIONS_MAX = 100
QUESTIONS_MAX = 100
"""On one connection."""

IDLE_S = 10.0

Answer: TypeAlias = Callable[[str, str, Sequence[int]], Resolved]
"""Name, type and order in; what is said out."""


class NamesNotServed(OSError):
    """The port cannot be used. Nothing is left open."""


class NameServer:
    """Where it is. Made by ``names_serving``."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._connections = 0
        self._order = random.Random()  # noqa: S311 (the order of addresses is no secret)
        self._writers: set[asyncio.StreamWriter] = set()
        self.address = ""
        self.port = 0

    def reply(self, question: bytes, limit: int | None) -> bytes | None:
        """The bytes of an answer; None if nothing is said.

        Args:
            limit: What fits without EDNS; None is a connection, on which everything does.
        """
        try:
            asked = DNSRecord.parse(question)
        except DNSError:
            return _refusal(question, RCODE.FORMERR)
        if asked.header.qr:
            return None
        if asked.header.opcode != 0:
            return _refusal(question, RCODE.NOTIMP)
        if len(asked.questions) != 1:
            return _refusal(question, RCODE.FORMERR)
        try:
            return self._answered(asked, limit)
        except DNSLabelError:
            # A name that can be read and not be written: a label of more than 63 octets (RFC 1035 section 2.3.4).
            return _refusal(question, RCODE.FORMERR)

    def _answered(self, asked: DNSRecord, limit: int | None) -> bytes | None:
        name, kind = str(asked.q.qname), _type_name(asked.q.qtype)
        order = list(range(4))
        self._order.shuffle(order)
        of_the_internet = asked.q.qclass in (INTERNET, ANY_CLASS)
        resolved = self._answer(name, kind, order) if of_the_internet else Resolved("nxdomain")
        if resolved.code == "timeout":
            return None
        made = asked.reply(ra=0, aa=1)
        made.header.rcode = getattr(RCODE, resolved.code.upper())
        for record in resolved.answers:
            made.add_answer(_rr(record))
        for record in resolved.beside:
            made.add_ar(_rr(record))
        if not resolved.answers and resolved.code != "servfail":
            made.add_auth(_start_of_authority())
        whole = bytes(made.pack())
        sizes = [record.edns_len for record in asked.ar if record.rtype == QTYPE.OPT]
        if limit is None or len(whole) <= (min(max(limit, *sizes), EDNS_BYTES_MAX) if sizes else limit):
            return whole
        cut = asked.reply(ra=0, aa=1)
        cut.header.tc = 1
        return bytes(cut.pack())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        if self._connections >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        self._connections += 1
        self._writers.add(writer)
        try:
            for _ in range(QUESTIONS_MAX):
                async with asyncio.timeout(IDLE_S):
                    size = int.from_bytes(await reader.readexactly(2))
                    question = await reader.readexactly(size)
                if (answer := self.reply(question, None)) is not None:
                    writer.write(len(answer).to_bytes(2) + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass  # The end of the connection, one way or another.
        finally:
            self._connections -= 1
            self._writers.discard(writer)
            writer.close()

    def close(self) -> None:
        """End every connection."""
        for writer in list(self._writers):
            writer.transport.abort()


@asynccontextmanager
async def names_serving(answer: Answer, *, port: int | None = None) -> AsyncIterator[NameServer]:
    """Serve names while the context lasts.

    Args:
        port: 0 takes a free one; None takes 53 if it can be had, and otherwise a free one.

    Raises:
        NamesNotServed: If this port cannot be used. Nothing is left open.
    """
    loop = asyncio.get_running_loop()
    server = NameServer(answer)
    datagrams, connections = _bound(port)
    server.address, server.port = datagrams.getsockname()
    listening: asyncio.Server | None = None
    transport: asyncio.DatagramTransport | None = None
    try:
        transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(server), sock=datagrams)
        listening = await asyncio.start_server(server.serve, sock=connections)
        yield server
    finally:
        if listening is not None:
            listening.close()
        if transport is not None:
            transport.abort()
        server.close()
        datagrams.close()
        connections.close()


def _bound(port: int | None) -> tuple[socket.socket, socket.socket]:
    """A socket for datagrams and one for connections, both on one port."""
    wanted = [(ADDRESSES[0], port or 0)]
    if port is None:
        wanted = [*((address, DNS_PORT) for address in ADDRESSES), *wanted]
    reason = OSError("no address to try")
    for address, number in wanted:
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        connections = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            connections.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            datagrams.bind((address, number))
            connections.bind(datagrams.getsockname())
            connections.listen()
            datagrams.setblocking(False)
            connections.setblocking(False)
        except OSError as exc:
            datagrams.close()
            connections.close()
            reason = exc
        else:
            return datagrams, connections
    raise NamesNotServed(f"the name server cannot use {wanted[-1][0]}:{wanted[-1][1]}: {reason.strerror or reason}")


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        answer = self._server.reply(data, DATAGRAM_BYTES_MAX)
        if answer is not None:
            self._transport.sendto(answer, addr)


def _type_name(number: int) -> str:
    with suppress(DNSError):
        return str(QTYPE[number])
    return ""


def _rr(record: Record) -> RR:
    data = record.data
    match record.kind:
        case "A":
            return RR(record.name, QTYPE.A, ttl=record.ttl_s, rdata=A(data[0]))
        case "SRV":
            return RR(record.name, QTYPE.SRV, ttl=record.ttl_s, rdata=SRV(*data))
        case "NAPTR":
            order, preference, *texts, replacement = data
            texts_sent = (str(text).encode("ascii") for text in texts)
            rdata = NAPTR(order, preference, *texts_sent, replacement)
            return RR(record.name, QTYPE.NAPTR, ttl=record.ttl_s, rdata=rdata)


def _start_of_authority() -> RR:
    """How long it may be kept that something is not there (RFC 2308 section 3)."""
    times = (1, 3600, 600, 86_400, NEGATIVE_TTL_S)
    return RR(PROVIDER, QTYPE.SOA, ttl=NEGATIVE_TTL_S, rdata=SOA(f"ns.{PROVIDER}", f"hostmaster.{PROVIDER}", times))


def _refusal(question: bytes, code: int) -> bytes | None:
    """Only the head: what was asked could not be read, or is none of ours."""
    if len(question) < 12 or question[2] & 0x80:
        return None
    return bytes(DNSRecord(DNSHeader(id=int.from_bytes(question[:2]), qr=1, rcode=code)).pack())

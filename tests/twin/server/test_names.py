"""The name server, asked by a resolver that we did not write (dnspython, and dig where it is there)."""

from __future__ import annotations

import asyncio
import random
import shutil
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import pytest

from voicedr.twin import faults
from voicedr.twin.server.names import ADDRESSES, CONNECTIONS_MAX, NameServer, NamesNotServed, names_serving
from voicedr.twin.server.sip import edge_addresses
from voicedr.twin.sip.names import Places, Resolved, resolve
from voicedr.twin.world.account import default_world
from voicedr.twin.world.model import EDGES, World

NOW = 1000.0
SIP = {edge: [(address, 6000 + at) for at, address in enumerate(edge_addresses(edge))] for edge in EDGES}
TLS = {edge: [(address, 7000) for address in edge_addresses(edge)] for edge in EDGES}
PLACES = Places(SIP, TLS, {"sbc1.acme.example": "127.0.0.9:5070"})
ASHBURN, DUBLIN = set(edge_addresses("ashburn")), set(edge_addresses("dublin"))

Ask = Callable[..., Awaitable[dns.message.Message]]


def with_names(world: World, told: Callable[[Ask], Awaitable[None]]) -> None:
    """Serve this world's names on a free port, and give a way to ask them."""

    def answer(name: str, kind: str, order: Sequence[int]) -> Resolved:
        return resolve(world, PLACES, name, kind, order, NOW)

    async def main() -> None:
        async with names_serving(answer, port=0) as server:

            async def ask(name: str, kind: str = "A", *, tcp: bool = False, **more: Any) -> dns.message.Message:
                query = dns.message.make_query(name, kind, **more)
                how = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
                return await how(query, server.address, port=server.port, timeout=2)

            await told(ask)

    asyncio.run(main())


def addresses(message: dns.message.Message) -> list[str]:
    """Of the A records, in their order."""
    return [item.address for rrset in message.answer for item in rrset if hasattr(item, "address")]


@pytest.mark.parametrize("tcp", [False, True])
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acme.pstn.twilio.com", ASHBURN),
        ("acme.pstn.dublin.twilio.com", DUBLIN),
        ("ACME.pstn.Dublin.twilio.com.", DUBLIN),
        ("acme.pstn.ie1.twilio.com", DUBLIN),
        ("pstn.dublin.twilio.com", DUBLIN),
        ("lobby.sip.twilio.com", ASHBURN),
        ("lobby.sip.dublin.twilio.com", DUBLIN),
        ("sip.dublin.twilio.com", DUBLIN),
        ("sip3.dublin.twilio.com", {edge_addresses("dublin")[2]}),
        ("api.twilio.com", {"127.0.0.1"}),
        ("api.dublin.ie1.twilio.com", {"127.0.0.1"}),
        ("sbc1.acme.example", {"127.0.0.9"}),
    ],
)
def test_addresses(name: str, expected: set[str], tcp: bool) -> None:
    """A name leads to all four addresses of its edge, or to this machine; for ten minutes, by UDP and by TCP."""

    async def told(ask: Ask) -> None:
        answer = await ask(name, tcp=tcp)
        assert answer.rcode() == dns.rcode.NOERROR
        assert (set(addresses(answer)), len(addresses(answer))) == (expected, len(expected))
        assert {rrset.ttl for rrset in answer.answer} == {600}
        assert not answer.flags & dns.flags.RA

    with_names(default_world(1, NOW), told)


@pytest.mark.parametrize(
    "name",
    [
        "example.com", "twilio.com", "www.twilio.com", "pstn.twilio.com", "sip.twilio.com", "api.ie1.twilio.com",
        "acme.pstn.roaming.twilio.com", "acme.pstn.ashburn-ix.twilio.com", "sip5.ashburn.twilio.com",
        "_sip._udp.acme.pstn.twilio.com", "acme.pstn.twilio.com.evil.example",
    ],
)  # fmt: skip
def test_names_that_are_not_there(name: str) -> None:
    """What is not the twin's does not exist: nobody else is asked."""

    async def told(ask: Ask) -> None:
        answer = await ask(name)
        assert (answer.rcode(), answer.answer) == (dns.rcode.NXDOMAIN, [])
        assert answer.authority[0].ttl == 60

    with_names(default_world(1, NOW), told)


def test_no_record_of_this_kind() -> None:
    """A name that has no address of IPv6 is there all the same."""

    async def told(ask: Ask) -> None:
        for name in ("acme.pstn.ashburn.twilio.com", "api.twilio.com", "sbc1.acme.example"):
            answer = await ask(name, "AAAA")
            assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])
        answer = await ask("acme.pstn.ashburn.twilio.com", "NAPTR")
        assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])

    with_names(default_world(1, NOW), told)


def test_from_naptr_to_an_address() -> None:
    """NAPTR of an edge leads to SRV of each transport, and that to every address with its port (RFC 3263)."""

    async def told(ask: Ask) -> None:
        pointers = (await ask("pstn.dublin.twilio.com", "NAPTR")).answer[0]
        services = {one.service.decode(): one.replacement.to_text() for one in pointers}
        assert set(services) == {"SIP+D2U", "SIP+D2T", "SIPS+D2T"}
        assert {one.flags for one in pointers} == {b"s"}
        for service, ports in (("SIP+D2U", {6000, 6001, 6002, 6003}), ("SIP+D2T", {6000, 6001, 6002, 6003}),
                               ("SIPS+D2T", {7000})):  # fmt: skip
            answer = await ask(services[service], "SRV")
            servers = list(answer.answer[0])
            assert len(servers) == 4
            assert {one.port for one in servers} == ports
            beside = {str(rrset.name): rrset[0].address for rrset in answer.additional}
            for one in servers:
                asked = addresses(await ask(one.target.to_text()))
                assert asked == [beside[one.target.to_text()]]
            assert set(beside.values()) == DUBLIN

    with_names(default_world(1, NOW), told)


def test_the_order_changes() -> None:
    """Each address comes first sometimes."""

    async def told(ask: Ask) -> None:
        firsts = {addresses(await ask("acme.pstn.twilio.com"))[0] for _ in range(100)}
        assert firsts == ASHBURN

    with_names(default_world(1, NOW), told)


def test_the_setting() -> None:
    """How long an address may be kept is a setting."""
    world = default_world(1, NOW)
    world.settings.dns_ttl_s = 5.0

    async def told(ask: Ask) -> None:
        assert (await ask("acme.pstn.twilio.com")).answer[0].ttl == 5

    with_names(world, told)


def test_names_of_an_edge_are_lost() -> None:
    """Names that say the edge are not found, fail or time out; others are there; healed, they come back."""
    world = default_world(1, NOW)
    lost = ("acme.pstn.dublin.twilio.com", "pstn.dublin.twilio.com", "sip.ie1.twilio.com", "api.dublin.ie1.twilio.com",
            "sip1.dublin.twilio.com")  # fmt: skip
    there = ("acme.pstn.twilio.com", "acme.pstn.ashburn.twilio.com", "api.twilio.com")

    async def told(ask: Ask) -> None:
        for answer, code in (("nxdomain", dns.rcode.NXDOMAIN), ("servfail", dns.rcode.SERVFAIL), ("timeout", None)):
            fault = faults.begin(world, "edge-name-lost", {"edge": "dublin", "answer": answer}, NOW)
            if code is None:
                with pytest.raises(dns.exception.Timeout):
                    await ask(lost[0])
            else:
                for name in lost:
                    assert (await ask(name)).rcode() == code
                assert (await ask("_sip._udp.pstn.dublin.twilio.com", "SRV")).rcode() == code
            for name in there:
                assert (await ask(name)).rcode() == dns.rcode.NOERROR
            faults.end(world, fault.id, NOW)
            assert (await ask(lost[0])).rcode() == dns.rcode.NOERROR

    with_names(world, told)


@pytest.mark.parametrize(
    ("params", "left"), [({}, [1, 2, 3]), ({"number": "2"}, [1, 3, 4]), ({"missing": 2}, [1, 2]), ({"missing": 9}, [1])]
)
def test_addresses_are_left_out(params: dict[str, Any], left: list[int]) -> None:
    """Fewer addresses are told, in A and in SRV, and never none."""
    world = default_world(1, NOW)
    faults.begin(world, "edge-address-left-out", {"edge": "dublin", **params}, NOW)
    expected = {edge_addresses("dublin")[number - 1] for number in left}

    async def told(ask: Ask) -> None:
        assert set(addresses(await ask("acme.pstn.dublin.twilio.com"))) == expected
        srv = await ask("_sip._udp.pstn.dublin.twilio.com", "SRV")
        assert {rrset[0].address for rrset in srv.additional} == expected
        assert len(addresses(await ask("acme.pstn.ashburn.twilio.com"))) == 4

    with_names(world, told)


def test_what_cannot_be_read() -> None:
    """Bytes by chance get an answer or none, and the server goes on."""
    world = default_world(1, NOW)
    server = NameServer(lambda name, kind, order: resolve(world, PLACES, name, kind, order, NOW))
    draw = random.Random(20)
    whole = dns.message.make_query("acme.pstn.twilio.com", "A", use_edns=0).to_wire()
    for _ in range(3000):
        spoilt = bytearray(whole)
        for _ in range(draw.randint(0, 8)):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        answer = server.reply(bytes(spoilt[: draw.randint(0, len(spoilt))]), 512)
        assert answer is None or len(answer) <= 512
    assert server.reply(b"", 512) is None
    # A label that seems to be 70 octets long is read by some, and can be written by nobody.
    long_label = whole[:12] + b"\x46" + b"p" * 70 + b"\0\0\x01\0\x01"
    for broken, code in (
        (whole[:2] + b"\x28" + whole[3:], 4),
        (whole[:4] + b"\0\0" + whole[6:12], 1),
        (long_label[:10] + b"\0\0" + long_label[12:], 1),
    ):
        answer = server.reply(broken, 512)
        assert answer is not None
        assert answer[3] & 15 == code


def test_an_answer_that_does_not_fit() -> None:
    """An answer beyond 512 bytes is cut for those who say nothing, and whole by TCP or for those who take more."""
    from voicedr.twin.sip.names import Record

    many = tuple(Record(f"{'n' * 60}.example", "A", 1, (f"127.0.0.{at}",)) for at in range(1, 60))
    server = NameServer(lambda name, kind, order: Resolved("noerror", many))
    bare = dns.message.make_query("many.example", "A").to_wire()
    wide = dns.message.make_query("many.example", "A", use_edns=0, payload=4096).to_wire()

    def parsed(question: bytes, limit: int | None) -> dns.message.Message:
        reply = server.reply(question, limit)
        assert reply is not None
        return dns.message.from_wire(reply)

    cut = parsed(bare, 512)
    assert (bool(cut.flags & dns.flags.TC), cut.answer) == (True, [])
    for told in (parsed(bare, None), parsed(wide, 512)):
        assert (bool(told.flags & dns.flags.TC), sum(len(rrset) for rrset in told.answer)) == (False, 59)


def test_a_port_that_is_taken() -> None:
    """A port that somebody has is refused with its number, and nothing is left open."""

    async def main() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
            taken.bind((ADDRESSES[0], 0))
            port = taken.getsockname()[1]
            with pytest.raises(NamesNotServed, match=str(port)):
                async with names_serving(lambda name, kind, order: Resolved("nxdomain"), port=port):
                    raise AssertionError
        async with names_serving(lambda name, kind, order: Resolved("nxdomain"), port=port):
            pass

    asyncio.run(main())


def test_too_many_connections() -> None:
    """Connections beyond the bound are cut, and those that were there are served."""

    async def main() -> None:
        async with names_serving(lambda name, kind, order: Resolved("nxdomain"), port=0) as server:
            opened = [await asyncio.open_connection(server.address, server.port) for _ in range(CONNECTIONS_MAX)]
            reader, writer = await asyncio.open_connection(server.address, server.port)
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                await asyncio.wait_for(reader.readexactly(1), 5)
            writer.close()
            query = dns.message.make_query("x.example", "A").to_wire()
            reader, writer = opened[0]
            writer.write(len(query).to_bytes(2) + query)
            size = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), 5))
            assert dns.message.from_wire(await reader.readexactly(size)).rcode() == dns.rcode.NXDOMAIN
            for _, writer in opened:
                writer.close()

    asyncio.run(main())


def test_dig() -> None:
    """The tool that an engineer uses gives the four addresses."""
    dig = shutil.which("dig")
    if dig is None:
        pytest.skip("dig is not there: install the package bind9-dnsutils")

    async def main() -> None:
        world = default_world(1, NOW)
        async with names_serving(
            lambda name, kind, order: resolve(world, PLACES, name, kind, order, NOW), port=0
        ) as server:
            process = await asyncio.create_subprocess_exec(
                dig, f"@{server.address}", "-p", str(server.port), "+short", "+time=2", "acme.pstn.dublin.twilio.com",
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            told, _ = await asyncio.wait_for(process.communicate(), 20)
            assert set(told.decode().split()) == DUBLIN

    asyncio.run(main())

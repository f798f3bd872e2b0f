"""Names are found as RFC 3263 says, from the twin's name server and from servers that lie or say nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import dns.message
import pytest
from dnslib import QTYPE, RCODE, DNSRecord

from lying_names import Names, from_zone, names_that_say
from switchboard_scene import make_world
from voicedr.runtime.sipkit import NoServers, Resolved, WrongName, read_server, resolve
from voicedr.runtime.sipkit.questions import ALIASES_MAX, RECORDS_MAX
from voicedr.twin.server.names import names_serving
from voicedr.twin.sip.names import Places
from voicedr.twin.sip.names import resolve as twin_names

PLAIN = {("sbc.example", "A"): ["192.0.2.1", "192.0.2.2"], ("sbc.example", "AAAA"): ["2001:db8::1"]}
FULL = {
    ("acme.example", "NAPTR"): [
        (20, 10, "s", "SIP+D2U", "", "_sip._udp.acme.example"),
        (10, 20, "s", "SIP+D2T", "", "_sip._tcp.acme.example"),
        (10, 10, "s", "SIPS+D2T", "", "_sips._tcp.acme.example"),
    ],
    ("_sips._tcp.acme.example", "SRV"): [(20, 1, 5062, "b.acme.example"), (10, 1, 5061, "a.acme.example")],
    ("_sip._tcp.acme.example", "SRV"): [(0, 0, 5060, "a.acme.example")],
    ("_sip._udp.acme.example", "SRV"): [(0, 0, 5060, "a.acme.example")],
    ("a.acme.example", "A"): ["192.0.2.10"],
    ("b.acme.example", "A"): ["192.0.2.11"],
}


def found(
    name: str, answer: Callable[[DNSRecord], bytes | None], within_s: float = 5.0, **more: object
) -> tuple[Resolved, Names]:
    """Resolve at a server that answers so."""

    async def main() -> tuple[Resolved, Names]:
        async with names_that_say(answer) as names:
            return await resolve(name, servers=[names.server], within_s=within_s, **more), names  # type: ignore[arg-type]

    return asyncio.run(main())


def places(resolved: Resolved) -> list[str]:
    """The targets in order."""
    return [target.place for target in resolved.targets]


def test_naptr_then_srv_then_addresses() -> None:
    """Order and preference of NAPTR come first, then SRV's priority; each target tells how it was found."""
    resolved, _ = found("acme.example", from_zone(FULL))
    assert places(resolved) == [
        "tls 192.0.2.10:5061", "tls 192.0.2.11:5062", "tcp 192.0.2.10:5060", "udp 192.0.2.10:5060"
    ]  # fmt: skip
    assert resolved.complete
    first = resolved.targets[0]
    assert first.source == ("NAPTR acme.example", "SRV _sips._tcp.acme.example", "A a.acme.example")
    assert (first.ttl_s, first.name, first.host, first.priority) == (60, "acme.example", "a.acme.example", 10)


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("sbc.example", PLAIN, ["udp 192.0.2.1:5060", "udp 192.0.2.2:5060", "udp [2001:db8::1]:5060"]),
        ("sbc.example:5080", PLAIN, ["udp 192.0.2.1:5080", "udp 192.0.2.2:5080", "udp [2001:db8::1]:5080"]),
        ("sip:sbc.example;transport=tcp", {**PLAIN, ("_sip._tcp.sbc.example", "SRV"): [(1, 1, 5070, "sbc.example")]},
         ["tcp 192.0.2.1:5070", "tcp 192.0.2.2:5070", "tcp [2001:db8::1]:5070"]),
        ("sips:sbc.example", PLAIN, ["tls 192.0.2.1:5061", "tls 192.0.2.2:5061", "tls [2001:db8::1]:5061"]),
        ("sips:acme.example", FULL, ["tls 192.0.2.10:5061", "tls 192.0.2.11:5062"]),
        ("192.0.2.7", {}, ["udp 192.0.2.7:5060"]),
        ("sips:192.0.2.7", {}, ["tls 192.0.2.7:5061"]),
        ("[2001:db8::7]:5090", {}, ["udp [2001:db8::7]:5090"]),
        ("0.0.0.0", {}, []),
        ("srv.example", {("_sip._udp.srv.example", "SRV"): [(0, 0, 5060, "sbc.example")], **PLAIN},
         ["udp 192.0.2.1:5060", "udp 192.0.2.2:5060", "udp [2001:db8::1]:5060"]),
        ("off.example", {("_sip._udp.off.example", "SRV"): [(0, 0, 0, ".")]}, []),
        ("alias.example", {("alias.example", "CNAME"): ["sbc.example"], **PLAIN},
         ["udp 192.0.2.1:5060", "udp 192.0.2.2:5060", "udp [2001:db8::1]:5060"]),
        ("odd.example", {("odd.example", "A"): ["0.0.0.0", "224.0.0.1", "192.0.2.9"]}, ["udp 192.0.2.9:5060"]),
        ("nowhere.example", PLAIN, []),
    ],
)  # fmt: skip
def test_what_names_lead_to(name: str, zone: dict[tuple[str, str], list[object]], expected: list[str]) -> None:
    """The rules of RFC 3263 section 4, one row each; nothing that is no host's address is a target."""
    resolved, _ = found(name, from_zone(zone))
    assert places(resolved) == expected
    assert resolved.complete
    assert bool(resolved.why_empty) == (not expected)


def test_private_addresses_are_told() -> None:
    """An address that nobody on the internet can reach is a target, marked and said."""
    resolved, _ = found("in.example", from_zone({("in.example", "A"): ["10.0.0.1", "198.41.0.4"]}))
    assert [target.private for target in resolved.targets] == [True, False]
    assert any("10.0.0.1" in note and "198.41" not in note for note in resolved.notes)


def _rubbish(question: DNSRecord) -> bytes:
    return b"\x00\x01 rubbish"


def _other_question(question: DNSRecord) -> bytes:
    other = DNSRecord.question("evil.example", "A")
    other.header.id = question.header.id
    return from_zone({("evil.example", "A"): ["203.0.113.66"]})(other) or b""


def _wrong_id(question: DNSRecord) -> bytes:
    question.header.id = question.header.id ^ 1
    return from_zone({("x.example", "A"): ["203.0.113.66"]})(question) or b""


def _of_another_class(question: DNSRecord) -> bytes:
    answer = dns.message.from_text(
        f"id {question.header.id}\nopcode QUERY\nrcode NOERROR\nflags QR RD RA\n;QUESTION\n{question.q.qname} IN"
        f" {QTYPE[question.q.qtype]}\n;ANSWER\n{question.q.qname} 9 CH A a. 0123\n"
    )
    return answer.to_wire()


def test_records_of_another_class_are_none() -> None:
    """An address of the Chaos network has another form: it is passed over, and nothing breaks."""
    resolved, _ = found("x.example", _of_another_class)
    assert resolved.targets == ()
    assert resolved.complete


def test_what_records_say_sends_nothing_to_a_terminal() -> None:
    """A service with an escape sequence in its name is told without it."""
    zone: dict[tuple[str, str], list[object]] = {("x.example", "NAPTR"): [(1, 1, "s", "SIP+\x1b[2J", "", "y.example")]}
    resolved, _ = found("x.example", from_zone(zone))
    assert any("SIP+·[2J" in note for note in resolved.notes)


LIARS: dict[str, tuple[Callable[[DNSRecord], bytes | None], str]] = {
    "never answers": (lambda question: None, "no answer"),
    "rubbish": (_rubbish, "no answer"),
    "another question's answer": (_other_question, "no answer"),
    "an answer to nobody": (_wrong_id, "no answer"),
    "server failure": (from_zone({}, code="SERVFAIL"), "SERVFAIL"),
    "refused": (from_zone({}, code="REFUSED"), "REFUSED"),
    "leads to itself": (from_zone({("x.example", "CNAME"): ["x.example"]}), "leads to itself"),
    "leads in a circle": (
        from_zone({("x.example", "CNAME"): ["y.example"], ("y.example", "CNAME"): ["x.example"]}), "leads to itself",
    ),
    "leads on for ever": (
        lambda question: from_zone(
            {(str(question.q.qname).rstrip("."), "CNAME"): [f"a{question.q.qname}".rstrip(".")]}
        )(question),
        "more than",
    ),
}  # fmt: skip


@pytest.mark.parametrize("liar", LIARS)
def test_a_name_server_that_lies_or_hangs(liar: str) -> None:
    """It costs no more than the seconds that were allowed, gives no target, and is said to be not known."""
    answer, why = LIARS[liar]
    began = time.monotonic()
    resolved, names = found("x.example", answer, within_s=0.6, transports=("udp",))
    assert time.monotonic() - began < 2.0
    assert resolved.targets == ()
    assert not resolved.complete
    assert why in " ".join(resolved.unanswered)
    assert "not known" in resolved.why_empty
    assert len(names.asked) <= 6 * (ALIASES_MAX + 2)


def test_thousands_of_addresses() -> None:
    """What comes over TCP with thousands of records is cut, and said to be."""
    many = [f"203.0.{number // 250}.{number % 250 + 1}" for number in range(3_500)]
    resolved, _ = found("big.example", from_zone({("big.example", "A"): many}), transports=("udp",))
    assert len(resolved.targets) == RECORDS_MAX
    assert any("3500 A records" in note for note in resolved.notes)


def test_half_an_answer_is_not_all() -> None:
    """Where one question is not answered, the targets are there and the list is said to be perhaps too short."""
    zone = from_zone(PLAIN)

    def no_six(question: DNSRecord) -> bytes | None:
        if question.q.qtype == 28:
            question.header.rcode = RCODE.SERVFAIL
            reply = question.reply()
            reply.header.rcode = RCODE.SERVFAIL
            return bytes(reply.pack())
        return zone(question)

    resolved, _ = found("sbc.example", no_six)
    assert places(resolved) == ["udp 192.0.2.1:5060", "udp 192.0.2.2:5060"]
    assert not resolved.complete


def test_the_second_server_is_asked_when_the_first_is_dead() -> None:
    """A server where nobody listens is waited for once, and not for each question."""

    async def main() -> Resolved:
        async with names_that_say(from_zone(PLAIN)) as names:
            return await resolve("sbc.example", servers=[("127.0.0.1", 9), names.server])

    assert len(asyncio.run(main()).targets) == 3


def test_the_provider_as_the_twin_plays_it() -> None:
    """An edge's outbound proxy name leads to four addresses each over UDP, TCP and TLS; a trunk's to its A records."""
    edge = tuple((f"127.60.10.{number}", 5060) for number in (1, 2, 3, 4))
    where = Places({"ashburn": edge}, {"ashburn": tuple((host, 5061) for host, _ in edge)})
    world = make_world()

    async def main() -> tuple[Resolved, Resolved]:
        def answer(name: str, kind: str, order: object) -> object:
            return twin_names(world, where, name, kind, order, 0.0)  # type: ignore[arg-type]

        async with names_serving(answer, port=0) as names:  # type: ignore[arg-type]
            servers = [(names.address, names.port)]
            proxy = await resolve("pstn.ashburn.twilio.com", servers=servers)
            return proxy, await resolve("acme.pstn.ashburn.twilio.com", servers=servers)

    proxy, trunk = asyncio.run(main())
    assert [target.transport for target in proxy.targets] == ["udp"] * 4 + ["tcp"] * 4 + ["tls"] * 4
    assert {target.port for target in proxy.targets[8:]} == {5061}
    assert sorted(places(trunk)) == [f"udp 127.60.10.{number}:5060" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    "name", ["", "a b", "x..example", "-x.example", "x.example:0", "x.example:70000", "sip:", "sip:x;transport=sctp",
             "sips:x.example;transport=udp", "[::g]", "a" * 64 + ".example", "1.2.3", "x" * 260, "http://x.example",
             "sbc_1.example"],
)  # fmt: skip
def test_what_is_no_name(name: str) -> None:
    """It is refused before anybody is asked, with what is wrong."""
    with pytest.raises(WrongName):
        asyncio.run(resolve(name))


@pytest.mark.parametrize("server", ["", "dns.example", "127.0.0.1:0", "127.0.0.1:x", "[::1", "127.0.0.1:99999"])
def test_what_is_no_name_server(server: str) -> None:
    """A name server is an address, with a port or without."""
    with pytest.raises(NoServers):
        read_server(server)

"""Questions to name servers, each with an end: in seconds, in tries, in records, and in names that lead to names.

A server that lies may say anything: that a name is another name, for ever; that it has thousands of addresses; nothing
at all. Answers from elsewhere, to another question, or that cannot be read are waited past. None of it costs more than
the seconds that were allowed, and what could not be found out is said to be not known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import msgspec
from dns.rdtypes.ANY.CNAME import CNAME
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from voicedr.runtime.sipkit.asked import spoken_place
from voicedr.runtime.sipkit.records import Kind, Naptr, Srv

DNS_PORT = 53
DNS_S = 5.0
"""For all questions about one name together: as long as a person waits, and a caller does not."""

TRY_S = 1.5
TRIES_MAX = 2
"""Of each server. A lost datagram is repeated once."""

SERVERS_MAX = 3
"""As the C library has it."""

ALIASES_MAX = 8
"""Names that lead to names. Real ones have one or two."""

RECORDS_MAX = 64
"""Of one kind at one name. The provider has four addresses a name; who has more than these is not read to the end."""

QUESTIONS_MAX = 200
"""About one name. Three NAPTR, three SRV, and A and AAAA of each of their targets are far fewer."""

EDNS_BYTES = 1232
"""What passes everywhere without being cut in pieces; longer answers come over TCP."""


class NoServers(Exception):
    """Nobody is there to ask: this machine has no name server configured, or what was given is none."""


class Answer(msgspec.Struct, frozen=True):
    """What a question brought.

    Attributes:
        records: Text of an address, or NAPTR or SRV; empty if there is none.
        ttl_s: How long it may be kept; the shortest on the way.
        aliases: The names that the name led to, in order.
        unanswered: Why it is not known; empty if it is.
        note: What was left out; empty if nothing was.
    """

    records: tuple[str | Naptr | Srv, ...] = ()
    ttl_s: int | None = None
    aliases: tuple[str, ...] = ()
    unanswered: str = ""
    note: str = ""


def read_server(text: str) -> tuple[str, int]:
    """Read a name server's ``ADDRESS``, ``ADDRESS:PORT`` or ``[ADDRESS]:PORT``.

    Raises:
        NoServers: If it is not of this form.
    """
    host, port = text, str(DNS_PORT)
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        port = "" if not bracket else rest[1:] if rest.startswith(":") else port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    try:
        ip_address(host)
        number = int(port) if port.isascii() and port.isdigit() else 0
    except ValueError:
        number = 0
    if not 1 <= number <= 65_535:
        raise NoServers(
            f"{text[:80]!r} is no name server: write its address, with a port if it is not 53: 127.0.0.1:53"
        )
    return host, number


def servers_of_this_machine() -> tuple[tuple[str, int], ...]:
    """The name servers that this machine is configured with.

    Raises:
        NoServers: If there are none.
    """
    try:
        read = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError) as exc:
        raise NoServers(f"this machine has no name server configured ({exc}): give one with --dns HOST:PORT") from exc
    found = [(str(one), read.port) for one in read.nameservers if _is_address(str(one))]
    if not found:
        raise NoServers("this machine has no name server configured: give one with --dns HOST:PORT")
    return tuple(found[:SERVERS_MAX])


class Questions:
    """Asks the same servers, within one allowance of time and of questions.

    Args:
        servers: Address and port of each, asked one after another until one answers.
        within_s: Seconds for all of it, from now.
    """

    def __init__(self, servers: Sequence[tuple[str, int]], within_s: float = DNS_S) -> None:
        self._servers = tuple(servers[:SERVERS_MAX])
        self._loop = asyncio.get_running_loop()
        self._ends_at = self._loop.time() + within_s
        self._within_s = within_s
        self._asked = 0
        self._silences = dict.fromkeys(self._servers, 0)

    async def ask(self, name: str, kind: Kind) -> Answer:
        """Ask for one kind of record of a name, and follow where it leads. The answer says what failed."""
        aliases: list[str] = []
        ttl_s: int | None = None
        current = name
        while True:
            try:
                wanted = dns.name.from_text(current)
            except dns.exception.DNSException as exc:
                return Answer((), ttl_s, tuple(aliases), unanswered=f"{kind} {current[:80]}: {exc}")
            reply = await self._reply(wanted, kind)
            if isinstance(reply, str):
                return Answer((), ttl_s, tuple(aliases), unanswered=f"{kind} {current}: {reply}")
            read = _walk(reply, wanted, kind, ttl_s, aliases)
            if isinstance(read, Answer):
                return read
            current, ttl_s = read
            if len(aliases) > ALIASES_MAX:
                return Answer((), ttl_s, tuple(aliases), unanswered=_too_many(kind, name))

    async def _reply(self, name: dns.name.Name, kind: Kind) -> dns.message.Message | str:
        """The first answer that decides something, or why there is none."""
        why = "no name server answered"
        # Who was silent before is asked last: a dead first server costs one wait and not one a question.
        order = sorted(self._servers, key=self._silences.__getitem__)
        for server, port in [one for _ in range(TRIES_MAX) for one in order]:
            left_s = self._ends_at - self._loop.time()
            if left_s <= 0:
                return f"no answer within {self._within_s:g} s"
            if self._asked >= QUESTIONS_MAX:
                return f"more than {QUESTIONS_MAX} questions for one name"
            self._asked += 1
            question = dns.message.make_query(name, kind, use_edns=0, payload=EDNS_BYTES)
            where = spoken_place(server, port)
            try:
                async with asyncio.timeout(min(TRY_S, left_s)):
                    reply, _ = await dns.asyncquery.udp_with_fallback(
                        question, server, port=port, ignore_unexpected=True, ignore_errors=True
                    )
            except (TimeoutError, dns.exception.Timeout):
                why = f"no answer from {where} within {min(TRY_S, left_s):.1f} s"
                self._silences[server, port] += 1
                continue
            except (OSError, EOFError) as exc:
                why = f"{where} cannot be asked ({getattr(exc, 'strerror', None) or type(exc).__name__})"
                continue
            except (dns.exception.DNSException, ValueError) as exc:
                why = f"{where} said what cannot be read ({type(exc).__name__})"
                continue
            code = reply.rcode()
            if code in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return reply
            why = f"{where} said {dns.rcode.to_text(code)}"
        return why


def _walk(
    reply: dns.message.Message, name: dns.name.Name, kind: Kind, ttl_s: int | None, aliases: list[str]
) -> Answer | tuple[str, int | None]:
    """Follow a name through one answer: what it has, or the name to ask for next."""
    # Records of another class than the internet's have another form, and were not asked for.
    found = {(rrset.name, rrset.rdtype): rrset for rrset in reply.answer if rrset.rdclass == dns.rdataclass.IN}
    wanted = dns.rdatatype.from_text(kind)
    current = name
    while True:
        records = found.get((current, wanted))
        if records is not None:
            kept, note = _kept(list(records), kind, name)
            return Answer(kept, _shorter(ttl_s, records.ttl), tuple(aliases), note=note)
        alias = found.get((current, dns.rdatatype.CNAME))
        if alias is None:
            break
        ttl_s, current = _shorter(ttl_s, alias.ttl), next(one.target for one in alias if isinstance(one, CNAME))
        said = current.to_text(omit_final_dot=True).lower()
        if said in aliases or current == name:
            return Answer((), None, tuple(aliases), unanswered=f"{kind} {_text(name)}: {said} leads to itself")
        aliases.append(said)
        if len(aliases) > ALIASES_MAX:
            return Answer((), ttl_s, tuple(aliases), unanswered=_too_many(kind, _text(name)))
    if current != name and reply.rcode() != dns.rcode.NXDOMAIN:
        return _text(current), ttl_s
    if reply.rcode() == dns.rcode.NOERROR and not reply.flags & (dns.flags.AA | dns.flags.RA):
        return Answer(
            (), None, tuple(aliases), unanswered=f"{kind} {_text(current)}: the server only knows who may know"
        )
    return Answer((), None, tuple(aliases))


def _kept(records: list[object], kind: Kind, name: dns.name.Name) -> tuple[tuple[str | Naptr | Srv, ...], str]:
    note = ""
    if len(records) > RECORDS_MAX:
        note = f"{_text(name)} has {len(records)} {kind} records: {RECORDS_MAX} of them are looked at"
    return tuple(_value(record) for record in records[:RECORDS_MAX]), note


def _value(record: object) -> str | Naptr | Srv:
    match record:
        case A() | AAAA():
            return str(record.address)
        case SRV():
            return Srv(record.priority, record.weight, record.port, _text(record.target).lower())
        case NAPTR():
            flags, service, regexp = (
                part.decode("ascii", "replace") for part in (record.flags, record.service, record.regexp)
            )
            return Naptr(record.order, record.preference, flags, service, regexp, _text(record.replacement))
        case _:
            raise AssertionError(f"a record of kind {type(record).__name__}")


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)


def _shorter(one: int | None, other: int) -> int:
    return other if one is None else min(one, other)


def _too_many(kind: str, name: str) -> str:
    return f"{kind} {name}: more than {ALIASES_MAX} names that lead to names"


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True

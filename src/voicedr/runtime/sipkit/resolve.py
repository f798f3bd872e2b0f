"""What a name leads to, found as an SBC finds it: NAPTR, SRV, A and AAAA, in the order of RFC 3263 section 4."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from voicedr.runtime.printable import printable
from voicedr.runtime.sipkit.asked import TRANSPORTS, Asked, Transport, read_asked
from voicedr.runtime.sipkit.questions import DNS_S, Answer, Questions, servers_of_this_machine
from voicedr.runtime.sipkit.records import (
    LABELS,
    Kind,
    Naptr,
    Srv,
    Way,
    private_note,
    srv_order,
    usable_addresses,
    usable_srv,
    ways_of,
)
from voicedr.runtime.sipkit.targets import Resolved, Target
from voicedr.wire.addresses import is_public

TARGETS_MAX = 500
"""Of one name: an answer that says more is a mistake or an attack."""

FAMILIES: tuple[Kind, ...] = ("A", "AAAA")

PORTS: dict[Transport, int] = {"udp": 5060, "tcp": 5060, "tls": 5061}
"""RFC 3261 section 19.1.2."""


async def resolve(
    name: str,
    *,
    transports: Sequence[Transport] = (),
    servers: Sequence[tuple[str, int]] = (),
    within_s: float = DNS_S,
    families: Sequence[Kind] = FAMILIES,
    chance: Callable[[], float] | None = None,
) -> Resolved:
    """Find the places that SIP for a name is to be sent to, in the order in which they are to be tried.

    Never takes longer than ``within_s``, whatever the name servers do. What they did not answer is in ``unanswered``.

    Args:
        name: A name, an address, either with a port, or a SIP URI.
        transports: Only these, each as if the URI named it; empty leaves it to the URI, NAPTR and SRV.
        servers: Address and port of name servers; empty takes those that this machine is configured with.
        within_s: Seconds.
        families: ``A``, ``AAAA`` or both.
        chance: Chooses by weight among SRV records; a number from 0 up to 1.

    Raises:
        WrongName: If the name is none.
        NoServers: If there is no name server to ask.
    """
    asked = read_asked(name)
    began = asyncio.get_running_loop().time()
    found = _Found(asked, families, chance or random.SystemRandom().random)
    if asked.address is None:
        found.questions = Questions(servers or servers_of_this_machine(), within_s)
    try:
        for transport in transports or (asked.transport,):
            await found.look(transport)
    finally:
        found.let_go()
    took_s = asyncio.get_running_loop().time() - began
    unique = tuple({(one.transport, one.address, one.port): one for one in reversed(found.targets)}.values())[::-1]
    found.note(private_note([one.address for one in unique]))
    if len(unique) > TARGETS_MAX:
        found.note(f"{asked.host} leads to {len(unique)} places: {TARGETS_MAX} of them are looked at")
    return Resolved(
        asked.host, unique[:TARGETS_MAX], tuple(found.unanswered), tuple(found.notes), round(took_s, 6)
    )  # fmt: skip


class _Found:
    """What has been found so far about one name."""

    def __init__(self, asked: Asked, families: Sequence[Kind], chance: Callable[[], float]) -> None:
        self.asked = asked
        self.questions: Questions | None = None
        self.targets: list[Target] = []
        self.unanswered: list[str] = []
        self.notes: list[str] = []
        self._families = tuple(families)
        self._chance = chance
        self._asked: dict[tuple[str, Kind], asyncio.Future[Answer]] = {}

    def note(self, text: str) -> None:
        """Say it once."""
        said = printable(text)
        if said and said not in self.notes:
            self.notes.append(said)

    def not_known(self, why: str) -> None:
        """Say once what nobody answered."""
        said = printable(why)
        if said and said not in self.unanswered:
            self.unanswered.append(said)

    def let_go(self) -> None:
        """Wait for no answer any more."""
        for asking in self._asked.values():
            asking.cancel()

    def _begin(self, transport: Transport | None) -> None:
        """Ask for all that may be needed together: a silence is waited for once, and what is not needed is let go."""
        if transport is None:
            self._asking(self.asked.host, "NAPTR")
        for one in TRANSPORTS if transport is None else (transport,):
            if one == "tls" or not self.asked.secure:
                self._asking(f"{LABELS[one]}.{self.asked.host}", "SRV")
        for family in self._families:
            self._asking(self.asked.host, family)

    async def look(self, transport: Transport | None) -> None:
        """Add what one transport leads to, or what the name offers if none is named (RFC 3263 section 4.1)."""
        asked = self.asked
        if asked.address is not None or asked.port is not None:
            # Numeric, or with a port: no NAPTR and no SRV; UDP, or for sips TLS.
            chosen: Transport = transport or ("tls" if asked.secure else "udp")
            await self._addresses(chosen, asked.port or PORTS[chosen])
            return
        self._begin(transport)
        if transport is not None:
            if not await self._services(Way(transport, f"{LABELS[transport]}.{asked.host}"), ()):
                await self._addresses(transport, PORTS[transport])
            return
        pointers = await self._ask(asked.host, "NAPTR")
        ways, notes = ways_of(
            [one for one in pointers.records if isinstance(one, Naptr)], asked.host, secure=asked.secure
        )
        for text in notes:
            self.note(text)
        source: tuple[str, ...] = (f"NAPTR {asked.host}",)
        ttl_s = pointers.ttl_s
        if not ways:
            source, ttl_s = (), None
            ways = tuple(
                Way(one, f"{LABELS[one]}.{asked.host}") for one in TRANSPORTS if one == "tls" or not asked.secure
            )
        listed = [await self._services(way, source, ttl_s) for way in ways]
        if not any(listed):
            plain: Transport = "tls" if asked.secure else "udp"
            await self._addresses(plain, PORTS[plain])

    async def _services(self, way: Way, source: tuple[str, ...], ttl_s: int | None = None) -> bool:
        """Add what SRV leads to. Whether there was any record."""
        answer = await self._ask(way.name, "SRV")
        records = [one for one in answer.records if isinstance(one, Srv)]
        usable, notes = usable_srv(records, way.name)
        for text in notes:
            self.note(text)
        led = (*source, f"SRV {way.name}")
        at = len(self.targets)
        groups: list[list[Target]] = await asyncio.gather(
            *(
                self._hosts(way.transport, one, led, _least(ttl_s, answer.ttl_s))
                for one in srv_order(usable, self._chance)
            )
        )
        self.targets[at:] = [target for group in groups for target in group]
        return bool(records)

    async def _hosts(
        self, transport: Transport, record: Srv, source: tuple[str, ...], ttl_s: int | None
    ) -> list[Target]:
        return await self._at(transport, record.target, record.port, source, ttl_s, record.priority, record.weight)

    async def _addresses(self, transport: Transport, port: int) -> None:
        self.targets += await self._at(transport, self.asked.host, port, (), None, 0, 0)

    async def _at(
        self, transport: Transport, host: str, port: int, source: tuple[str, ...], ttl_s: int | None, priority: int,
        weight: int,
    ) -> list[Target]:  # fmt: skip
        """The places of one host."""
        name = self.asked.host
        if self.asked.address is not None:
            usable, notes = usable_addresses([host], host)
            for text in notes:
                self.note(text)
            return [Target(transport, address, port, name, host, private=not is_public(address)) for address in usable]
        answers = await asyncio.gather(*(self._ask(host, family) for family in self._families))
        made: list[Target] = []
        for family, answer in zip(self._families, answers, strict=True):
            usable, notes = usable_addresses([one for one in answer.records if isinstance(one, str)], host)
            for text in notes:
                self.note(text)
            led = (*source, *(f"CNAME {alias}" for alias in answer.aliases), f"{family} {host}")
            made += [
                Target(
                    transport, address, port, name, host, led, _least(ttl_s, answer.ttl_s), priority, weight,
                    not is_public(address),
                )
                for address in usable
            ]  # fmt: skip
        return made

    async def _ask(self, name: str, kind: Kind) -> Answer:
        answer = await self._asking(name, kind)
        self.not_known(answer.unanswered)
        self.note(answer.note)
        return answer

    def _asking(self, name: str, kind: Kind) -> asyncio.Future[Answer]:
        """Ask once, however many records lead to the same name."""
        there = self._asked.get((name, kind))
        if there is None:
            questions = self.questions or Questions((), 0.0)
            there = self._asked[name, kind] = asyncio.ensure_future(questions.ask(name, kind))
        return there


def _least(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else min(one, other)

"""What ``voicedr twin up --sip`` opens besides: the edges' SIP sockets, and a name server that leads to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from voicedr.twin.clock import Clock
from voicedr.twin.server.certificates import Authority
from voicedr.twin.server.names import names_serving
from voicedr.twin.server.sip import SIP_PORT, SipServer, sip_serving
from voicedr.twin.sip.names import Resolved, resolve
from voicedr.twin.world.model import World


@dataclass(frozen=True, slots=True)
class RealSip:
    """Which ports: 0 is a free one, None what is usual.

    Attributes:
        hosts: Addresses on this machine that stand for names.
        sound: Send and take RTP; without it every description says ``inactive``.
    """

    port: int = SIP_PORT
    tls_port: int | None = None
    dns_port: int | None = None
    hosts: dict[str, str] = field(default_factory=dict)
    sound: bool = True

    @asynccontextmanager
    async def opened(self, world: World, clock: Clock, authority: Authority) -> AsyncIterator[tuple[SipServer, str]]:
        """Give the SIP sockets, and the name server's address and port.

        Raises:
            SipNotStarted, NamesNotServed: If a port cannot be used. Nothing is left open.
        """
        async with sip_serving(
            port=self.port, hosts=self.hosts, authority=authority, tls_port=self.tls_port, sound=self.sound
        ) as sip:
            places = sip.known_places()

            def answer(name: str, kind: str, order: Sequence[int]) -> Resolved:
                return resolve(world, places, name, kind, order, clock.now().timestamp())

            async with names_serving(answer, port=self.dns_port) as names:
                yield sip, f"{names.address}:{names.port}"

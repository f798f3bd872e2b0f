"""How an official client reaches this twin."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from voicedr.twin.world.credentials import spoken
from voicedr.twin.world.model import REGIONS, World


@dataclass(frozen=True, slots=True)
class Access:
    """The sockets that serve clients: set by whoever opened them.

    Attributes:
        proxy: The address for ``HTTPS_PROXY``.
        ca_pem: The authority that signed the hosts' certificate.
        dns: Address and port of the name server; empty if there is none.
    """

    proxy: str
    ca_pem: str
    dns: str = ""


class ClientShown(msgspec.Struct, frozen=True):
    """What a client is started with. ``edges`` is what goes with each Region in a host's name.

    ``dns`` is the address and port of the name server, or empty.
    """

    proxy: str
    ca_pem: str
    account_sid: str
    credentials: dict[str, dict[str, str]]
    edges: dict[str, str]
    dns: str


def show_client(world: World, access: Access) -> ClientShown:
    """A client's settings for JSON. Its credentials open nothing but this twin."""
    return ClientShown(access.proxy, access.ca_pem, world.account_sid, spoken(world), dict(REGIONS), access.dns)

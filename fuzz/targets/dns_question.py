"""A name server that meets any packet answers with one that can be read, or says nothing."""

from __future__ import annotations

from dnslib import DNSRecord

from voicedr.twin.server.names import NameServer
from voicedr.twin.sip.names import Places, resolve
from voicedr.twin.world.account import default_world
from voicedr.twin.world.model import EDGES

_WORLD = default_world(1, 1_790_000_000.0)
_PLACES = Places(
    {edge: [(f"127.60.{at}.{n}", 5060) for n in range(1, 5)] for at, edge in enumerate(EDGES, 10)},
    {edge: [(f"127.60.{at}.{n}", 5061) for n in range(1, 5)] for at, edge in enumerate(EDGES, 10)},
    {"sbc1.acme.example": "127.0.0.9:5070"},
)
_SERVER = NameServer(lambda name, kind, order: resolve(_WORLD, _PLACES, name, kind, order, 1_790_000_060.0))
SEEDS = [
    DNSRecord.question(name, kind).pack()
    for name, kind in (
        ("acme.pstn.ashburn.twilio.com", "A"),
        ("pstn.dublin.twilio.com", "NAPTR"),
        ("_sip._udp.pstn.dublin.twilio.com", "SRV"),
        ("sbc1.acme.example", "AAAA"),
        ("api.dublin.ie1.twilio.com", "ANY"),
        ("example.com", "TXT"),
    )
]


def one(data: bytes) -> None:
    """Ask it."""
    for limit in (512, None):
        answer = _SERVER.reply(data, limit)
        if answer is None:
            continue
        assert answer[:2] == data[:2]
        assert len(answer) <= 65_535
        DNSRecord.parse(answer)

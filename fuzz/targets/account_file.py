"""An account file for the twin makes a world, or every mistake in it is said."""

from __future__ import annotations

from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.account_text import parse_account
from voicedr.twin.world.findings import Mistakes

SEEDS = [
    b"""settings: {propagation_s: [2, 6]}
applications: {us1: [{friendly_name: A, voice_url: "https://a.example/"}]}
trunks: {ie1: [{friendly_name: T, domain_name: t.pstn.twilio.com, auth_type: IP_ACL,
  origination_urls: [{sip_url: "sip:a.example", priority: 1, weight: 1}]}]}
sip_domains: {us1: [{domain_name: l.sip.twilio.com, voice_url: "https://a.example/"}]}
numbers: [{e164: "+14155550100", route: us1, voice: {us1: {application: A}}}]
""",
    b'{"numbers": [{"e164": "+14155550100"}]}',
]


def one(data: bytes) -> None:
    """Read it."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    try:
        world_from_account(parse_account(text), 1, 1_790_000_000.0)
    except Mistakes as exc:
        assert exc.found

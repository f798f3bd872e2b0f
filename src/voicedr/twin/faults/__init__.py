"""What is broken now, asked by whoever is about to do something. One file a fault; each is found by being there.

Nothing here waits or reads a clock: ``now`` is seconds since the epoch, and chance is the world's.
"""

from __future__ import annotations

from voicedr.twin.faults.asked import (
    before,
    call_setup,
    dropped_after_s,
    edge,
    loses_recording,
    media,
    name,
    party,
    queue_size,
    region_down,
    reply,
    rest,
    route_held_until,
    route_lag_s,
    settings,
    sip,
    status_page,
    webhook,
)
from voicedr.twin.faults.effects import (
    CallEffect,
    MediaEffect,
    NameEffect,
    PartyEffect,
    RestEffect,
    SipEffect,
    StatusPageEffect,
    WebhookEffect,
)
from voicedr.twin.faults.kind import BadFault, Rest, lasts, touches
from voicedr.twin.faults.menu import begin, end, expire, kinds, meanings, read
from voicedr.twin.faults.never import NEVER

__all__ = [
    "NEVER",
    "BadFault",
    "CallEffect",
    "MediaEffect",
    "NameEffect",
    "PartyEffect",
    "Rest",
    "RestEffect",
    "SipEffect",
    "StatusPageEffect",
    "WebhookEffect",
    "before",
    "begin",
    "call_setup",
    "dropped_after_s",
    "edge",
    "end",
    "expire",
    "kinds",
    "lasts",
    "loses_recording",
    "meanings",
    "media",
    "name",
    "party",
    "queue_size",
    "read",
    "region_down",
    "reply",
    "rest",
    "route_held_until",
    "route_lag_s",
    "settings",
    "sip",
    "status_page",
    "touches",
    "webhook",
]

"""What is broken now, asked by whoever is about to do something. One file a fault; each is found by being there.

Nothing here waits or reads a clock: ``now`` is seconds since the epoch, and chance is the world's.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect, PartyEffect, RestEffect, WebhookEffect
from voicedr.twin.faults.kind import BadFault, Rest
from voicedr.twin.faults.menu import (
    NEVER,
    begin,
    call_setup,
    end,
    expire,
    kinds,
    meanings,
    party,
    region_down,
    rest,
    route_held_until,
    route_lag_s,
    webhook,
)

__all__ = [
    "NEVER",
    "BadFault",
    "CallEffect",
    "PartyEffect",
    "Rest",
    "RestEffect",
    "WebhookEffect",
    "begin",
    "call_setup",
    "end",
    "expire",
    "kinds",
    "meanings",
    "party",
    "region_down",
    "rest",
    "route_held_until",
    "route_lag_s",
    "webhook",
]

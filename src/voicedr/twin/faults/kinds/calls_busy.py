"""Calls are answered with a busy tone: the account's limit of calls at once is reached, or was lowered.

Callers hear busy. An operator sees nothing in the log: they were refused before the Region took them.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings
from voicedr.twin.world.model import World


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """What the caller gets."""
    return CallEffect("busy", 0.5) if rings(params, region, e164) else None


kind = FaultKind(
    area="Calls",
    parameters=CALLS,
    call_setup=call_setup,
)

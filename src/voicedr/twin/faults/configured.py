"""What is configured in a Region, for a fault that changes it."""

from __future__ import annotations

from voicedr.twin.faults.kind import BadFault
from voicedr.twin.world.model import Fault, NumberVoice, Trunk, World


def number_in(world: World, fault: Fault) -> tuple[str, NumberVoice]:
    """The SID and the configuration of the fault's number in its Region.

    Raises:
        BadFault: If the account does not have it, or it is not configured there. Nothing was broken.
    """
    region, e164 = fault.params["region"], fault.params["number"]
    number = world.numbers.get(e164)
    configured = world.regions[region].numbers.get(number.sid) if number is not None else None
    if number is None or configured is None:
        raise BadFault(
            f"fault {fault.fault}: {e164} is not configured in {region}; give a number that is. Nothing was broken."
        )
    return number.sid, configured


def trunk_in(world: World, fault: Fault) -> Trunk:
    """The fault's trunk in its Region.

    Raises:
        BadFault: If there is none of this domain name or SID. Nothing was broken.
    """
    region, wanted = fault.params["region"], fault.params["trunk"]
    kept = world.regions[region].trunks.values()
    found = next((trunk for trunk in kept if wanted in (trunk.sid, trunk.domain_name)), None)
    if found is None:
        there = ", ".join(sorted(trunk.domain_name for trunk in kept)) or "none"
        raise BadFault(f"fault {fault.fault}: {region} has no trunk {wanted!r}; it has {there}. Nothing was broken.")
    return found

"""A SIP domain is gone from a Region.

Callers from telephones that are registered there reach nobody. An operator does not find the domain in the Region.
Healing puts it back.
"""

from __future__ import annotations

import msgspec

from voicedr.twin.faults.kind import BadFault, FaultKind, Parameter
from voicedr.twin.world.model import Fault, SipDomain, World


def began(world: World, fault: Fault, now: float) -> None:
    """Take it away."""
    region, wanted = fault.params["region"], fault.params["domain"]
    kept = world.regions[region].sip_domains
    found = next((one for one in kept.values() if wanted in (one.sid, one.domain_name)), None)
    if found is None:
        there = ", ".join(sorted(one.domain_name for one in kept.values())) or "none"
        raise BadFault(
            f"fault sip-domain-missing: {region} has no SIP domain {wanted!r}; it has {there}. Nothing was broken."
        )
    fault.memory["taken"] = msgspec.to_builtins(kept.pop(found.sid))


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody made one of the same id."""
    back = msgspec.convert(fault.memory["taken"], SipDomain)
    world.regions[fault.params["region"]].sip_domains.setdefault(back.sid, back)


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region that loses it", required=True),
        Parameter("domain", "text", "its domain name, or its SID", required=True),
    ),
    began=began,
    restored=restored,
)

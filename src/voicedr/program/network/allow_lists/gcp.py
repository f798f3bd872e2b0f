"""Firewall rules of Google Cloud (https://cloud.google.com/compute/docs/reference/rest/v1/firewalls), as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from voicedr.program.network.allow_lists.lines import Group, groups, heading
from voicedr.program.network.published import PublishedRange, PublishedRanges

RANGES_MAX = 256
"""Source ranges of one rule (https://cloud.google.com/vpc/docs/quota; an assumption of ours for your project)."""

DESCRIPTION_MAX = 2048
"""Characters of a description (the reference of the resource)."""

PRIORITY = 900
"""Before the rules that say no priority, which have 1000."""


def resource(group: Group, part: int, description: str, network: str = "global/networks/default") -> dict[str, Any]:
    """One firewall rule."""
    ports = str(group.port_min) if group.port_min == group.port_max else f"{group.port_min}-{group.port_max}"
    return {
        "name": f"voice-provider-{group.name.replace('_', '-')}-{part}",
        "description": description[:DESCRIPTION_MAX],
        "network": network,
        "direction": "INGRESS",
        "priority": PRIORITY,
        "disabled": False,
        "sourceRanges": [prefix for prefix, _ in group.prefixes],
        "allowed": [{"IPProtocol": group.protocol, "ports": [ports]}],
    }


def gcp(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    """A list of firewall rules, each a body of ``firewalls.insert``. Put your network where it says ``default``."""
    description = " ".join(" ".join(heading(published, ranges)).split())
    rules = [
        resource(group._replace(prefixes=group.prefixes[at : at + RANGES_MAX]), part, description)
        for group in groups(ranges)
        for part, at in enumerate(range(0, len(group.prefixes), RANGES_MAX), 1)
    ]
    return json.dumps(rules, indent=2) + "\n"

"""Security groups of AWS: one JSON a group, for ``aws ec2 authorize-security-group-ingress --ip-permissions``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from voicedr.program.network.allow_lists.lines import Group, groups, heading
from voicedr.program.network.published import PublishedRange, PublishedRanges

RULES_MAX = 60
"""Inbound rules of a security group unless one asked for more; each prefix counts as one.
Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html. An assumption of ours, because your
account's own limit is not looked up."""

GROUPS_MAX = 5
"""Security groups of a network interface unless one asked for more. Source: the same page."""


def split(found: Sequence[Group], rules_max: int = RULES_MAX) -> tuple[tuple[Group, ...], ...]:
    """The same prefixes in as few lists as have at most ``rules_max`` prefixes each, in order."""
    lists: list[list[Group]] = [[]]
    room = rules_max
    for group in found:
        left = group.prefixes
        while left:
            if room == 0:
                lists.append([])
                room = rules_max
            lists[-1].append(group._replace(prefixes=left[:room]))
            taken = min(room, len(left))
            left, room = left[taken:], room - taken
    return tuple(tuple(one) for one in lists)


def permissions(found: Sequence[Group]) -> list[dict[str, Any]]:
    """``IpPermissions`` as the API has them."""
    return [
        {
            "IpProtocol": group.protocol,
            "FromPort": group.port_min,
            "ToPort": group.port_max,
            "IpRanges": [
                {"CidrIp": prefix, "Description": f"voice {group.kind} {edge}"} for prefix, edge in group.prefixes
            ],
        }
        for group in found
    ]


def aws(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    """One object: comments, and for each security group that is needed its permissions."""
    lists = split(groups(ranges))
    return (
        json.dumps(
            {
                "Comment": [
                    *heading(published, ranges),
                    f"{len(lists)} security group(s), because each has at most {RULES_MAX} rules unless AWS raised it;"
                    f" a network interface has at most {GROUPS_MAX} groups. Give the SBC all of them.",
                    "For each: aws ec2 authorize-security-group-ingress --group-id ID --ip-permissions IPPERMISSIONS",
                ],
                "SecurityGroups": [
                    {"GroupName": f"voice-provider-{at}", "IpPermissions": permissions(one)}
                    for at, one in enumerate(lists, 1)
                ],
            },
            indent=2,
        )
        + "\n"
    )

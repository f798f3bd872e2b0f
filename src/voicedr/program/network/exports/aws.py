"""``aws ec2 describe-security-groups``.

Its shape is https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html. Security groups
only allow; whatever no rule allows is dropped. An instance may have several, and the export does not say which: unless
there is one alone or somebody names them, every rule is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voicedr.program.network.boxes import PORT_MAX, merged
from voicedr.program.network.exports.words import NotUnderstood, address_span, protocol
from voicedr.program.network.rules import BrokenExport, Chain, Firewall, Rule, Spans, Verdict

UNSEEN = (
    "network ACLs of the subnet, and whether the SBC's network interface has these groups, are not in this export",
)


def read_aws(document: Mapping[str, Any], name: str, only: Sequence[str] = ()) -> Firewall:
    """The groups' rules for what comes in, as one chain.

    Args:
        only: Ids or names of the groups that the SBC has.

    Raises:
        BrokenExport: If it is not shaped as the command writes it, or a group that was named is not there.
    """
    groups = document["SecurityGroups"]
    if not isinstance(groups, list) or not all(isinstance(one, Mapping) for one in groups):
        raise _broken(name, "SecurityGroups")
    if not groups:
        raise BrokenExport(f"{name}: has no security group. Ask for those of the SBC, by --group-ids.")
    unclear: tuple[str, ...] = ()
    if only:
        named = {str(word) for one in groups for word in (one.get("GroupId"), one.get("GroupName"))}
        if lost := [word for word in only if word not in named]:
            raise BrokenExport(f"{name}: has no security group {', '.join(lost)}. It has: {', '.join(sorted(named))}.")
        groups = [one for one in groups if {one.get("GroupId"), one.get("GroupName")} & set(only)]
    elif len(groups) > 1:
        unclear = (f"the export has {len(groups)} groups; say with --only which of them the SBC has",)
    rules = tuple(rule for one in groups for rule in _rules(one, name, unclear))
    return Firewall(name, "aws", {"security groups": Chain(rules, Verdict.DROP)}, ("security groups",), UNSEEN)


def _broken(name: str, where: str) -> BrokenExport:
    return BrokenExport(
        f"{name}: {where} is not shaped as AWS writes it. Nothing was judged. Export it again:"
        " aws ec2 describe-security-groups --output json"
    )


def _rules(group: Mapping[str, Any], name: str, unclear: tuple[str, ...]) -> Iterator[Rule]:
    who = str(group.get("GroupId", "?"))
    permissions = group.get("IpPermissions")
    if not isinstance(permissions, list):
        raise _broken(name, f"{who}: IpPermissions")
    for at, one in enumerate(permissions):
        where = f"{who} IpPermissions[{at}]"
        if not isinstance(one, Mapping) or "IpProtocol" not in one:
            raise _broken(name, where)
        word = str(one["IpProtocol"])
        protocols = None if word == "-1" else protocol(word)
        if protocols is not None and not protocols:
            continue
        ports = None if word == "-1" else _ports(one, name, where)
        ranges = one.get("IpRanges", [])
        lists = one.get("PrefixListIds", [])
        if not isinstance(ranges, list) or not isinstance(lists, list):
            raise _broken(name, where)
        sources, why = _sources(ranges, name, where)
        if sources:
            yield Rule(where, Verdict.ACCEPT, sources, ports, protocols, unclear=unclear)
        for reason in why:
            yield Rule(where, Verdict.ACCEPT, None, ports, protocols, unclear=(*unclear, reason))
        for listed in lists:
            found = listed.get("PrefixListId") if isinstance(listed, Mapping) else listed
            reason = f"what is in prefix list {found} is not in the export"
            yield Rule(where, Verdict.ACCEPT, None, ports, protocols, unclear=(*unclear, reason))


def _ports(one: Mapping[str, Any], name: str, where: str) -> Spans | None:
    first, last = one.get("FromPort"), one.get("ToPort")
    if (first is None and last is None) or (first, last) == (-1, -1):
        return None
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last <= PORT_MAX):
        raise _broken(name, f"{where}: FromPort {first!r}, ToPort {last!r}")
    return ((first, last),)


def _sources(ranges: list[Any], name: str, where: str) -> tuple[Spans, list[str]]:
    spans: list[tuple[int, int]] = []
    unclear = []
    for one in ranges:
        if not isinstance(one, Mapping) or "CidrIp" not in one:
            raise _broken(name, f"{where}: IpRanges")
        try:
            span = address_span(str(one["CidrIp"]))
        except NotUnderstood as exc:
            unclear.append(str(exc))
        else:
            spans += [] if span is None else [span]
    return merged(tuple(spans)), unclear

"""Terraform: security groups of AWS and firewall rules of Google Cloud.

Keep the half that you have. A comma behind the last element of a list is allowed (HCL native syntax, "Collection
Values"). The groups of AWS say nothing of what goes out: Terraform takes away what AWS would allow by itself, so
that is for another group of yours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from voicedr.program.network.allow_lists.aws import RULES_MAX, split
from voicedr.program.network.allow_lists.gcp import PRIORITY
from voicedr.program.network.allow_lists.lines import Group, groups, heading
from voicedr.program.network.published import PublishedRange, PublishedRanges


def terraform(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    """One file ``.tf`` with the variables it needs."""
    found = groups(ranges)
    lines = [f"# {line}" for line in heading(published, ranges)]
    lines += [
        "# Made without asking AWS or Google: read the plan of terraform before you apply it.",
        "",
        'variable "voice_vpc_id" {',
        '  description = "The VPC of the SBC, on AWS."',
        "  type        = string",
        "}",
        "",
        'variable "voice_network" {',
        '  description = "The network of the SBC, on Google Cloud."',
        "  type        = string",
        "}",
    ]
    lists = split(found)
    lines += ["", f"# AWS: {len(lists)} group(s) of at most {RULES_MAX} rules. Give the SBC all of them."]
    for at, one in enumerate(lists, 1):
        lines += _security_group(at, one)
    for group in found:
        lines += _firewall(group)
    return "\n".join(lines) + "\n"


def _security_group(at: int, found: Sequence[Group]) -> Iterator[str]:
    yield f'resource "aws_security_group" "voice_provider_{at}" {{'
    yield f'  name        = "voice-provider-{at}"'
    yield '  description = "Calls from the voice provider"'
    yield "  vpc_id      = var.voice_vpc_id"
    for group in found:
        yield ""
        yield "  ingress {"
        yield f'    description = "voice {group.kind}"'
        yield f'    protocol    = "{group.protocol}"'
        yield f"    from_port   = {group.port_min}"
        yield f"    to_port     = {group.port_max}"
        yield from _prefixes("cidr_blocks", group, "    ")
        yield "  }"
    yield "}"
    yield ""


def _firewall(group: Group) -> Iterator[str]:
    ports = str(group.port_min) if group.port_min == group.port_max else f"{group.port_min}-{group.port_max}"
    yield f'resource "google_compute_firewall" "voice_provider_{group.name}" {{'
    yield f'  name      = "voice-provider-{group.name.replace("_", "-")}"'
    yield "  network   = var.voice_network"
    yield '  direction = "INGRESS"'
    yield f"  priority  = {PRIORITY}"
    yield from _prefixes("source_ranges", group, "  ")
    yield ""
    yield "  allow {"
    yield f'    protocol = "{group.protocol}"'
    yield f'    ports    = ["{ports}"]'
    yield "  }"
    yield "}"
    yield ""


def _prefixes(name: str, group: Group, indent: str) -> Iterator[str]:
    yield f"{indent}{name} = ["
    width = max(len(prefix) for prefix, _ in group.prefixes) + len('"",')  # As terraform fmt would have it.
    for prefix, edge in group.prefixes:
        quoted = f'"{prefix}",'
        yield f"{indent}  {quoted:{width}} # {edge}"
    yield f"{indent}]"

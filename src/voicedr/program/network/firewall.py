"""A firewall's export as values, whatever wrote it. What is not recognised is refused, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from voicedr.program.network.exports.aws import read_aws
from voicedr.program.network.exports.gcp import read_gcp
from voicedr.program.network.exports.iptables import read_iptables
from voicedr.program.network.exports.nft_json import read_nft_json
from voicedr.program.network.exports.nft_tables import firewall_of
from voicedr.program.network.exports.nft_text import read_nft_text
from voicedr.program.network.exports.plain import read_plain
from voicedr.program.network.rules import BrokenExport, Firewall

__all__ = ["CHARACTERS_MAX", "FORMATS", "BrokenExport", "Firewall", "read_firewall"]

FORMATS = ("nft-json", "nft", "iptables-save", "aws", "gcp", "plain")

COMMANDS = (
    "nft -j list ruleset; nft list ruleset; iptables-save; aws ec2 describe-security-groups --output json;"
    " gcloud compute firewall-rules list --format=json; or a list with one prefix a line"
)
"""What writes an export that can be read."""

CHARACTERS_MAX = 16 * 1024 * 1024
"""The largest rulesets seen have some megabytes. What is longer would only fill the memory."""

_PLAIN = re.compile(r"\s*(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-fA-F]*:[0-9a-fA-F:.]*)(?:/\d+)?(?:\s|$|-)")


def read_firewall(
    text: str,
    name: str,
    *,
    format: str = "auto",
    only: tuple[str, ...] = (),
    hook: str = "input",
) -> Firewall:
    """The rules that decide over new packets from outside.

    Args:
        name: The file's, for messages.
        format: One of `FORMATS`, or ``auto``.
        only: What the SBC has: security groups (AWS), networks and target tags (Google Cloud). Without it a rule that
            belongs to one of several is unclear.
        hook: For nftables and iptables: ``input`` if the SBC is on that machine, ``forward`` if it is behind it.

    Raises:
        BrokenExport: If it is none of these formats or not well-formed. Nothing is guessed.
    """
    if len(text) > CHARACTERS_MAX:
        raise BrokenExport(
            f"{name}: has {len(text)} characters, and at most {CHARACTERS_MAX} are read. Nothing was judged."
            " Export only the rules of the SBC."
        )
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.strip():
        raise BrokenExport(f"{name}: is empty. Nothing was judged. Was it exported as root? {COMMANDS}")
    if "\0" in text:
        raise BrokenExport(f"{name}: is not text. Nothing was judged. Formats: {COMMANDS}")
    found = _recognised(text) if format == "auto" else format
    match found:
        case "nft-json" | "aws" | "gcp" | "json":
            return _read_json(text, name, found, only, hook)
        case "nft":
            return firewall_of(read_nft_text(text, name), name, found, hook)
        case "iptables-save":
            return read_iptables(text, name, hook)
        case "plain":
            return read_plain(text, name)
        case _:
            raise _unknown(text, name)


def _recognised(text: str) -> str:
    """The format that a text begins like; empty for none."""
    for line in text.splitlines():
        line = line.strip()
        if not line or (line.startswith("#") and "iptables-save" not in line and "ip6tables" not in line):
            continue
        if line[0] in "{[":
            return "json"
        if re.match(r"table\s+\S|flush ruleset", line):
            return "nft"
        if line.startswith("#") or re.fullmatch(r"\*[a-z]+", line):
            return "iptables-save"
        return "plain" if _PLAIN.match(line) else ""
    return ""


def _unknown(text: str, name: str) -> BrokenExport:
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return BrokenExport(
        f"{name}: is no export that is known; it begins with {first[:60]!r}. Nothing was judged. Formats: {COMMANDS}"
    )


def _read_json(text: str, name: str, form: str, only: tuple[str, ...], hook: str) -> Firewall:
    try:
        document: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise BrokenExport(f"{name}: is not whole JSON ({exc}). Nothing was judged. Export it again.") from exc
    if isinstance(document, Mapping) and "nftables" in document and form in ("json", "nft-json"):
        return firewall_of(read_nft_json(document, name), name, "nft-json", hook)
    if isinstance(document, Mapping) and "SecurityGroups" in document and form in ("json", "aws"):
        return read_aws(document, name, only)
    if isinstance(document, list) and document and form in ("json", "gcp"):
        first = document[0]
        if form == "gcp" or (isinstance(first, Mapping) and ("allowed" in first or "denied" in first)):
            return read_gcp(document, name, only)
    if isinstance(document, Mapping):
        has = "an object with " + (", ".join(repr(key) for key in list(document)[:5]) or "nothing in it")
    else:
        has = f"a list of {len(document)}" if isinstance(document, list) else "a single value"
    wanted = "an export that is known" if form == "json" else f"an export of the format {form}"
    raise BrokenExport(f"{name}: is JSON, {has}, and not {wanted}. Nothing was judged. Formats: {COMMANDS}")

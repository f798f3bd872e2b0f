"""Asterisk: the destinations of ``pjsip.conf`` and ``sip.conf``."""

from __future__ import annotations

import re

from voicedr.program.network.sbc_files.found import BrokenSbcConfig, Found

DESTINATIONS = frozenset({"contact", "outbound_proxy", "server_uri", "host", "outboundproxy"})
"""Keys whose value is where requests are sent. ``match`` and ``permit`` are for what comes in."""

_SECTION = re.compile(r"\[[^\]]+\](?:\([^)]*\))?")
_SETTING = re.compile(r"(?P<key>[A-Za-z0-9_-]+)\s*(?:=>|=|\+=)\s*(?P<value>.*)")
_COMMENT = re.compile(r"(?<!\\);.*")
_TYPE = re.compile(r"^\s*type\s*=\s*(?:aor|endpoint|registration|identify|transport|peer|friend)\b", re.MULTILINE)


def is_asterisk(text: str) -> bool:
    """True for sections of which one says ``type=`` with a type that PJSIP or chan_sip have."""
    return _TYPE.search(text) is not None and re.search(r"^\s*\[[^\]\n]+\]", text, re.MULTILINE) is not None


def read_asterisk(text: str, found: Found) -> None:
    """Take every destination.

    Raises:
        BrokenSbcConfig: With the line that is neither a section nor a setting.
    """
    for number, line in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub("", line).replace("\\;", ";").strip()
        if not line or _SECTION.fullmatch(line):
            continue
        if line.startswith("#"):
            found.not_followed(number, f"{line.split()[0]} brings in another file: check that one, too")
            continue
        setting = _SETTING.fullmatch(line)
        if setting is None:
            raise BrokenSbcConfig(
                f"{found.name}:{number}: {line[:60]!r} is neither a section nor a setting of Asterisk. Nothing was"
                " judged."
            )
        if setting.group("key").lower() in DESTINATIONS and setting.group("value").lower() != "dynamic":
            found.uri(setting.group("value"), number)

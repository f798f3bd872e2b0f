"""FreeSWITCH: the gateways of SIP profiles and the bridges of dialplans, in XML without entities of one's own."""

from __future__ import annotations

import re
from typing import NoReturn
from xml.parsers import expat

from voicedr.program.network.sbc_files.found import BrokenSbcConfig, Found

DEPTH_MAX = 64
ELEMENTS = frozenset({"include", "profile", "gateway", "document", "configuration", "extension", "profiles", "context"})
"""Roots of a file of FreeSWITCH."""

PROXIES = ("proxy", "register-proxy", "outbound-proxy")


class _Reading:
    """A document that is being read."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.parser = expat.ParserCreate()
        self.depth = 0
        self.gateway: dict[str, tuple[str, int]] | None = None
        self.seen = 0
        self.parser.StartElementHandler = self._opened
        self.parser.EndElementHandler = self._closed
        for handler in ("StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler"):
            setattr(self.parser, handler, self._refused)

    def _broken(self, why: str) -> BrokenSbcConfig:
        return BrokenSbcConfig(f"{self.found.name}:{self.parser.CurrentLineNumber}: {why}. Nothing was judged.")

    def _refused(self, *_: object) -> NoReturn:
        raise self._broken("a DOCTYPE or an entity of one's own is not allowed")

    def _opened(self, name: str, attributes: dict[str, str]) -> None:
        if self.depth == 0 and name.lower() not in ELEMENTS:
            raise self._broken(f"the root element is {name[:40]!r}, which is none of FreeSWITCH's")
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self._broken(f"elements are nested deeper than {DEPTH_MAX}")
        line = self.parser.CurrentLineNumber
        match name.lower():
            case "gateway":
                self.gateway, self.seen = {}, self.seen + 1
            case "param" if self.gateway is not None:
                self.gateway[attributes.get("name", "")] = (attributes.get("value", ""), line)
            case "x-pre-process" if attributes.get("cmd") == "include":
                self.found.not_followed(line, f"{attributes.get('data', '')[:60]!r} is included: check that, too")
            case "action" | "anti-action" if attributes.get("application") == "bridge":
                self.seen += 1
                self._bridge(attributes.get("data", ""), line)

    def _bridge(self, data: str, line: int) -> None:
        for leg in re.split(r"[|,](?![^{\[]*[}\]])", data):
            if "sofia/gateway/" not in leg and "@" in leg:
                self.found.host(re.split(r"[:;,}]", leg.rpartition("@")[2])[0], line)

    def _closed(self, name: str) -> None:
        self.depth -= 1
        if name.lower() == "gateway" and self.gateway is not None:
            proxies = [self.gateway[key] for key in PROXIES if key in self.gateway]
            # Without a proxy the realm is where calls go.
            realm = [self.gateway["realm"]] if "realm" in self.gateway else []
            for value, line in proxies or realm:
                self.found.uri(value, line)
            self.gateway = None

    def read(self, text: str) -> None:
        """Read it whole."""
        try:
            self.parser.Parse(text.encode(), True)
        except expat.ExpatError as exc:
            raise BrokenSbcConfig(f"{self.found.name}: not well-formed XML: {exc}. Nothing was judged.") from exc
        if not self.seen:
            raise BrokenSbcConfig(
                f"{self.found.name}: has neither a gateway nor a bridge. Nothing was judged. Give a file of"
                " sip_profiles or of dialplan."
            )


def read_freeswitch(text: str, found: Found) -> None:
    """Take every destination.

    Raises:
        BrokenSbcConfig: If it is not well-formed, has a DOCTYPE, or is no file of FreeSWITCH.
    """
    _Reading(found).read(text)

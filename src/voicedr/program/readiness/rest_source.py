"""What a source file does with the provider's REST API, as far as its text shows. Pure.

It looks for words, in whatever language: the host, ``edge`` and ``region`` settings, names of edges, our own client.
It does not run or parse anything, so it can be wrong; a check that rests on it says which line it means.
"""

from __future__ import annotations

import re

from voicedr.program.readiness.outside.web import RestSource
from voicedr.program.vocabulary import REGIONS
from voicedr.wire.overrides import EDGES

_PINNED = re.compile(r"\bapi\.twilio\.com\b")
_HOST = re.compile(r"\bapi\.([a-z-]+)\.([a-z]{2}\d)\.twilio\.com\b")
_CLIENT = re.compile(
    r"""twilio\.rest|require\(\s*['"]twilio['"]|from\s+['"]twilio['"]|com\.twilio\.|Twilio\\Rest|Twilio\.Rest"""
    r"""|twilio/twilio-go|TwilioClient|twilio-ruby|Twilio::REST|TwilioRestClient"""
)
_EDGE = re.compile(r"\b(?:edge|setEdge|TWILIO_EDGE)\b", re.IGNORECASE)
_REGION = re.compile(r"\b(?:region|setRegion|TWILIO_REGION)\b", re.IGNORECASE)
_NAMED_EDGE = re.compile(r"""['"](""" + "|".join(sorted(EDGES)) + r""")['"]""")
_NAMED_REGION = re.compile(r"""['"](""" + "|".join(sorted(REGIONS)) + r""")['"]""")
_OURS = re.compile(r"\bvoicedr\.runtime\.edge\b")
_COMMENT = re.compile(r"^\s*(?:#|//|\*|/\*|--)")

LINE_CHARS_MAX = 2000
"""Longer lines are of minified files, which nobody wrote."""


def look(text: str) -> RestSource:
    """What the text shows. Lines that are comments are left out."""
    pinned: list[int] = []
    edges: dict[str, None] = {}
    uses = region = environment = ours = False
    for number, line in enumerate(text.splitlines(), start=1):
        if len(line) > LINE_CHARS_MAX or _COMMENT.match(line):
            continue
        if _PINNED.search(line):
            uses = True
            pinned.append(number)
        for edge, _ in _HOST.findall(line):
            uses = region = True
            edges[edge] = None
        uses = uses or _CLIENT.search(line) is not None
        if _OURS.search(line):
            uses = ours = True
        if _EDGE.search(line):
            environment = environment or "TWILIO_EDGE" in line
        for edge in _NAMED_EDGE.findall(line):
            edges[edge] = None
        if _REGION.search(line) and (_NAMED_REGION.search(line) or "TWILIO_REGION" in line):
            region = True
    return RestSource(uses, tuple(pinned), tuple(edges), region, environment, ours)

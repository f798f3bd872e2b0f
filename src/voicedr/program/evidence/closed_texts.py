"""Which texts of a record say nothing of anybody: members of closed lists, times, Regions, and the marks of an action.

The closed lists are taken from the types of the events themselves, so a new event is covered the day it is written: a
text stays only where its key has an enumeration or a literal, and only if it is one of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from voicedr.program.execution.events import Event
from voicedr.program.validation.signals import SIGNALS
from voicedr.program.vocabulary import REGIONS

ITSELF = "voicedr"
"""Who acted, where it was no person."""

_REGION_KEYS = ("to", "was", "via", "leaves", "region", "residency")

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})")

_REGIONS = "|".join(map(str, REGIONS))
_ACTION = re.compile(f"(route (?:number|trunk|sip-domain) |switch context )(.+)( -> (?:{_REGIONS}))")


def stays(text: str, key: str) -> bool:
    """Whether a text under this key is of a closed list."""
    if key == "at" or key.endswith("_at"):
        return _TIME.fullmatch(text) is not None
    return not text or text in closed_lists().get(key, frozenset())


def action_parts(text: str) -> tuple[str, str, str] | None:
    """Of the id of an action: what is done, to what, and where to; None if it is none."""
    found = _ACTION.fullmatch(text)
    return None if found is None else (found[1], found[2], found[3])


@cache
def field_names() -> frozenset[str]:
    """Every key that an event of this release may have, at any depth."""
    defs = msgspec.json.schema(Event)["$defs"].values()
    return frozenset(key for schema in defs for key in schema.get("properties", {}))


@cache
def closed_lists() -> Mapping[str, frozenset[str]]:
    """By key, every text that may stand there and is the same for everybody."""
    found: dict[str, set[str]] = defaultdict(set)
    for key, texts in _listed(msgspec.json.schema(Event)["$defs"]):
        found[key] |= texts
    for key in _REGION_KEYS:
        found[key] |= set(map(str, REGIONS))
    for key in ("signals", "vetoes"):
        found[key] |= set(SIGNALS)
    found["by"].add(ITSELF)
    return {key: frozenset(texts) for key, texts in found.items()}


def _listed(defs: Mapping[str, Any]) -> Iterator[tuple[str, set[str]]]:
    for schema in defs.values():
        for key, value in schema.get("properties", {}).items():
            yield key, {text for text in _enumerated(value, defs) if isinstance(text, str)}


def _enumerated(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Iterator[object]:
    """The values that a schema lists one by one, also behind a reference to an enumeration."""
    yield from schema.get("enum", ())
    if "const" in schema:
        yield schema["const"]
    if "$ref" in schema:
        yield from defs[schema["$ref"].rpartition("/")[2]].get("enum", ())
    for part in (*schema.get("anyOf", ()), *([schema["items"]] if isinstance(schema.get("items"), dict) else ())):
        yield from _enumerated(part, defs)

"""The forms that values of a workbook take: a Region, a duration, a number, a gate. The schema is put together of them.

In a ``title`` is what a value looks like, as it is said in messages: "it must be a duration with its units".
"""

from __future__ import annotations

from typing import Any

from voicedr.program.scope.durations import DURATION_PATTERN
from voicedr.program.validation.signals import SIGNALS
from voicedr.program.vocabulary import REGIONS

SIGNAL_NAMES = tuple(SIGNALS)
"""What a gate can count: the signals that exist."""

NUMBER_PATTERN = r"^\+[1-9][0-9]{6,14}$"
NUMBERS_PATTERN = r"^\+[1-9][0-9]{6,14}(\.\.\+[1-9][0-9]{6,14})?$"
SECRET_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s].*|keyring:[^\s/]+/[^\s]+)$"  # noqa: S105 - a pattern
KEY_PATTERN = r"^(SK[0-9a-zA-Z]{32}|env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s].*|keyring:[^\s/]+/[^\s]+)$"

Schema = dict[str, Any]
"""A JSON Schema as plain values."""


def text_of(description: str, *examples: str, **more: object) -> Schema:
    """Text that is not empty."""
    schema: Schema = {"type": "string", "minLength": 1, "description": description, **more}
    return schema | ({"examples": list(examples)} if examples else {})


def ref_of(name: str, description: str, **more: object) -> Schema:
    """A value of a named form."""
    return {"$ref": f"#/$defs/{name}", "description": description, **more}


def list_of(description: str, of: Schema, **more: object) -> Schema:
    """A list of values of one kind."""
    return {"type": "array", "items": of, "description": description, **more}


def object_of(description: str, required: tuple[str, ...], properties: dict[str, Schema], **more: object) -> Schema:
    """A mapping whose keys are all known."""
    schema: Schema = {"type": "object", "description": description, "additionalProperties": False}
    return schema | {"required": list(required), "properties": properties, **more}


def lines_of(description: str, example: str) -> Schema:
    """A list of sentences."""
    return list_of(description, {"type": "string", "minLength": 1}, examples=[[example]])


MEMBERS: dict[str, Schema] = {
    "numbers": list_of(
        "Telephone numbers, each in quotes, or ranges of them. A range counts up by one and includes both ends.",
        {"$ref": "#/$defs/numbers"},
        examples=[["+14155550100", "+14155550110..+14155550118"]],
    ),
    "trunks": list_of("Termination domains of Elastic SIP trunks.", {"$ref": "#/$defs/trunk"}),
    "sip_domains": list_of("SIP domains.", {"$ref": "#/$defs/sip-domain"}),
}

FORMS: dict[str, Schema] = {
    "region": {
        "type": "string",
        "title": "a Region",
        "enum": list(REGIONS),
        "description": "A Region where calls are processed.",
        "examples": ["ie1"],
    },
    "duration": {
        "type": "string",
        "title": "a duration with its units",
        "pattern": DURATION_PATTERN,
        "description": "Hours, minutes and seconds, in this order: `15m`, `90s`, `1h30m`.",
        "examples": ["15m", "90s", "1h30m"],
    },
    "number": {
        "type": "string",
        "title": "a telephone number in quotes, with its plus and country code",
        "pattern": NUMBER_PATTERN,
        "description": "A telephone number (E.164), in quotes: YAML reads it as an integer otherwise.",
        "examples": ["+14155550100"],
    },
    "numbers": {
        "type": "string",
        "title": "a telephone number in quotes, with its plus and country code, or a range of two",
        "pattern": NUMBERS_PATTERN,
        "description": "A telephone number (E.164) in quotes, or two of the same length with `..` between them.",
        "examples": ["+14155550100", "+14155550101..+14155550118"],
    },
    "trunk": {
        "type": "string",
        "title": "a trunk's termination domain",
        "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.pstn\.twilio\.com$",
        "description": "The termination domain of an Elastic SIP trunk, without an edge.",
        "examples": ["acme.pstn.twilio.com"],
    },
    "sip-domain": {
        "type": "string",
        "title": "a SIP domain",
        "pattern": r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.sip\.twilio\.com$",
        "description": "A SIP domain, without an edge.",
        "examples": ["acme.sip.twilio.com"],
    },
    "secret": {
        "type": "string",
        "title": "a reference to a secret, never the secret itself",
        "pattern": SECRET_PATTERN,
        "description": "Where a secret is read when it is needed: `env:NAME`, `file:/path` or `keyring:service/name`.",
        "examples": ["env:TWILIO_API_SECRET_IE1", "file:/run/secrets/twilio-ie1", "keyring:voicedr/twilio-ie1"],
    },
    "key": {
        "type": "string",
        "title": "the SID of an API key, or a reference to it",
        "pattern": KEY_PATTERN,
        "description": "The SID of an API key of this Region (`SK…`), or a reference to it as for a secret.",
        "examples": ["env:TWILIO_API_KEY_IE1"],
    },
    "url": {
        "type": "string",
        "title": "an absolute http or https URL",
        "pattern": r"^https?://[^\s/?#]+[^\s]*$",
        "description": "An absolute URL.",
        "examples": ["https://support.example/region"],
    },
    "members": object_of("Entry points by their kind.", (), MEMBERS),
    "gate": object_of(
        "What a cohort must pass before the next one starts: a sequential test on calls. Keys that are left out keep"
        " the flow's values, and those the values given here as defaults.",
        (),
        {
            "bad_share_ok": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 1,
                "default": 0.01,
                "description": "A share of bad calls that callers can live with.",
                "examples": [0.01],
            },
            "bad_share_bad": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 1,
                "default": 0.10,
                "description": "A share of bad calls that must stop the cutover. Larger than `bad_share_ok`.",
                "examples": [0.10],
            },
            "false_stop": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 0.5,
                "default": 0.01,
                "description": "The chance of stopping a cohort whose share of bad calls is `bad_share_ok`.",
                "examples": [0.01],
            },
            "missed_bad": {
                "type": "number",
                "exclusiveMinimum": 0,
                "exclusiveMaximum": 0.5,
                "default": 0.05,
                "description": "The chance of passing a cohort whose share of bad calls is `bad_share_bad`.",
                "examples": [0.05],
            },
            "calls_max": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100_000,
                "default": 150,
                "description": "After so many calls without an answer either way, people decide.",
                "examples": [150],
            },
            "numbers_min": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100_000,
                "default": 2,
                "description": "A pass needs calls to at least so many numbers, or to all of a smaller cohort.",
                "examples": [2],
            },
            "synthetic": {
                "type": "boolean",
                "default": True,
                "description": "Whether our own test calls count. They are shown apart in any case.",
                "examples": [True],
            },
            "on_go": {
                "enum": ["continue", "ask"],
                "default": "continue",
                "description": "Whether the next cohort starts by itself, or a person is asked first.",
                "examples": ["ask"],
            },
            "on_no_go": {
                "enum": ["pause", "roll-back"],
                "default": "pause",
                "description": "What happens when the gate says no-go: stop and ask, or move everything back.",
                "examples": ["pause"],
            },
            "wait_max": ref_of(
                "duration", "How long a gate may go without an answer before people decide.", default="30m"
            ),
        },
    ),
}

"""The workbook's format as JSON Schema (2020-12): what editors complete from, and what structure is judged by.

``workbook.schema.json`` beside this file is ``schema_text()``; a test holds them equal. Words in the schema are read by
people: ``description`` says what a key means, ``title`` what a value looks like ("a duration"), ``examples`` are used
in messages. What a schema cannot say (a number in two cohorts) is in ``lint.py``.

Sources: https://json-schema.org/draft/2020-12/schema for the words;
https://www.twilio.com/docs/global-infrastructure for the Regions and edges.
"""

from __future__ import annotations

import json
from typing import Any

from voicedr.program.scope.durations import DURATION_PATTERN
from voicedr.program.vocabulary import REGIONS, ROUTE_WRITES_PER_SECOND_MAX

VERSION = 1
"""The version of the format. A change that breaks a valid workbook raises it."""

SIGNAL_NAMES = ("call-completes", "no-alert", "answered-in-time")
"""What a gate can count."""

NUMBER_PATTERN = r"^\+[1-9][0-9]{6,14}$"
NUMBERS_PATTERN = r"^\+[1-9][0-9]{6,14}(\.\.\+[1-9][0-9]{6,14})?$"
SECRET_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s]+|keyring:[^\s/]+/[^\s]+)$"  # noqa: S105 - a pattern
KEY_PATTERN = r"^(SK[0-9a-zA-Z]{32}|env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s]+|keyring:[^\s/]+/[^\s]+)$"

Schema = dict[str, Any]


def _text(description: str, *examples: str, **more: object) -> Schema:
    schema: Schema = {"type": "string", "minLength": 1, "description": description, **more}
    return schema | ({"examples": list(examples)} if examples else {})


def _ref(name: str, description: str, **more: object) -> Schema:
    return {"$ref": f"#/$defs/{name}", "description": description, **more}


def _list(description: str, of: Schema, **more: object) -> Schema:
    return {"type": "array", "items": of, "description": description, **more}


def _object(description: str, required: tuple[str, ...], properties: dict[str, Schema], **more: object) -> Schema:
    schema: Schema = {"type": "object", "description": description, "additionalProperties": False}
    return schema | {"required": list(required), "properties": properties, **more}


def _lines(description: str, example: str) -> Schema:
    return _list(description, {"type": "string", "minLength": 1}, examples=[[example]])


_MEMBERS: dict[str, Schema] = {
    "numbers": _list(
        "Telephone numbers, each in quotes, or ranges of them. A range counts up by one and includes both ends.",
        {"$ref": "#/$defs/numbers"},
        examples=[["+14155550100", "+14155550110..+14155550118"]],
    ),
    "trunks": _list("Termination domains of Elastic SIP trunks.", {"$ref": "#/$defs/trunk"}),
    "sip_domains": _list("SIP domains.", {"$ref": "#/$defs/sip-domain"}),
}

_DEFS: dict[str, Schema] = {
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
    "members": _object("Entry points by their kind.", (), _MEMBERS),
    "gate": _object(
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
            "wait_max": _ref(
                "duration", "How long a gate may go without an answer before people decide.", default="30m"
            ),
        },
    ),
    "cohort": _object(
        "A batch that is moved and judged together: numbers first, then trunks, then SIP domains, as listed.",
        ("name",),
        {
            "name": _text("What people call it.", "canary"),
            **_MEMBERS,
            "rest": {
                "type": "boolean",
                "default": False,
                "description": "Also everything in `entry_points` that no cohort above and no trickle names. Only in"
                " the last cohort.",
                "examples": [True],
            },
            "switch_context": {
                "type": "boolean",
                "default": False,
                "description": "Switch the application's context before this cohort moves. One cohort has it.",
                "examples": [True],
            },
            "gate": _ref("gate", "What differs from the flow's gate for this cohort."),
        },
    ),
    "flow": _object(
        "One protected voice flow: entry points that serve one business purpose.",
        ("title", "tier", "primary", "standby", "rto", "entry_points", "cohorts", "roles"),
        {
            "title": _text("What people call it.", "Customer support line"),
            "tier": {
                "type": "integer",
                "minimum": 1,
                "maximum": 5,
                "description": "How much depends on it; 1 is most.",
                "examples": [1],
            },
            "primary": _ref("region", "The Region the flow lives in on an ordinary day."),
            "standby": _ref("region", "The Region it is moved to when the primary fails."),
            "rto": _ref("duration", "Recovery time objective: from the outage to callers being served again."),
            "must_survive": _lines("What callers must still be able to do.", "A caller reaches an agent"),
            "can_degrade": _lines("What may be worse while in the standby.", "Queue music instead of announcements"),
            "can_wait": _lines("What may be restored later.", "Call recordings"),
            "out_of_scope": _lines("What this flow does not protect, on purpose.", "Outbound campaigns"),
            "success": _lines("What proves that the move worked.", "19 of 20 callers greeted within 5 s"),
            "residency": _list(
                "The Regions where this flow's calls may be processed. Left out: any.",
                {"$ref": "#/$defs/region"},
                minItems=1,
                examples=[["us1", "ie1"]],
            ),
            "entry_points": _ref("members", "Everything of this flow that has a route."),
            "trickle": _ref("members", "Entry points that live in the standby all the year. They are in no cohort."),
            "gate": _ref("gate", "The gate of every cohort of this flow that does not say otherwise."),
            "cohorts": _list(
                "In the order in which they are moved. The first is the canary.",
                {"$ref": "#/$defs/cohort"},
                minItems=1,
                examples=[[{"name": "canary", "rest": True}]],
            ),
            "signals": _list(
                "What a call is judged by. Left out: `call-completes` and `no-alert`.",
                _object(
                    "A signal.",
                    ("name",),
                    {
                        "name": {
                            "enum": list(SIGNAL_NAMES),
                            "description": "Which signal.",
                            "examples": ["call-completes"],
                        },
                        "veto": {
                            "type": "boolean",
                            "default": False,
                            "description": "Whether one bad reading stops the cohort at once.",
                            "examples": [True],
                        },
                    },
                ),
                minItems=1,
                examples=[[{"name": "call-completes"}]],
            ),
            "roles": _object(
                "Who does what in the decision chain. Each is a role that people have.",
                ("detection", "technical_assessment", "business_impact", "approval"),
                {
                    "detection": _text("Says that the flow is degraded, and declares.", "on-call lead"),
                    "technical_assessment": _text("Says whether the move can be executed.", "voice engineer"),
                    "business_impact": _text(
                        "Says whether the degraded state is worse than the standby.", "operations director"
                    ),
                    "approval": _object(
                        "Who may order the move.",
                        ("roles",),
                        {
                            "roles": _list(
                                "Any of these roles may approve.",
                                {"type": "string", "minLength": 1},
                                minItems=1,
                                examples=[["on-call lead", "operations director"]],
                            ),
                            "approvals": {
                                "type": "integer",
                                "minimum": 1,
                                "maximum": 10,
                                "default": 2,
                                "description": "So many different people must approve.",
                                "examples": [2],
                            },
                        },
                        examples=[{"roles": ["on-call lead", "operations director"]}],
                    ),
                },
            ),
            "failback": _object(
                "When the flow may come home.",
                (),
                {
                    "primary_healthy_for": _ref(
                        "duration", "How long the primary must have been healthy without a break.", default="30m"
                    ),
                    "criteria": _lines("What else must hold, in words.", "The provider has closed the incident"),
                },
            ),
            "application": _object(
                "The customer's application, which is told which Region is active.",
                ("name", "context"),
                {
                    "name": _text("What people call it.", "support-app"),
                    "context": {
                        "type": "string",
                        "title": "an absolute file",
                        "pattern": r"^file:/[^\s].*$",
                        "description": "The document that tells the application its Region: `file:` and an absolute"
                        " path.",
                        "examples": ["file:/var/lib/voicedr/support-app.json"],
                    },
                    "confirm": _list(
                        "Where each instance says itself which Region it uses.",
                        {"$ref": "#/$defs/url"},
                        examples=[["https://support.example/region"]],
                    ),
                },
            ),
            "test_caller": _ref("number", "The number that test calls come from. Left out: no test calls are placed."),
        },
    ),
}

SCHEMA: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "voicedr workbook",
    "type": "object",
    "description": "The voice disaster recovery program of one account: what is protected, how far, by whom, and in"
    " which order.",
    "additionalProperties": False,
    "required": ["voicedr", "account", "people", "flows"],
    "properties": {
        "voicedr": {"const": VERSION, "description": "The version of this format.", "examples": [VERSION]},
        "account": _object(
            "The provider account.",
            ("sid", "regions"),
            {
                "sid": {
                    "type": "string",
                    "title": "an account SID",
                    "pattern": "^AC[0-9a-fA-F]{32}$",
                    "description": "The account SID: AC and 32 hexadecimal digits. The same in every Region.",
                    "examples": ["AC…"],
                },
                "address": {
                    "type": "string",
                    "title": "an http or https address, or env:NAME",
                    "pattern": r"^(https?://[^\s/?#]+/?|env:[A-Za-z_][A-Za-z0-9_]*)$",
                    "description": "Send every request to this address, keeping the host name asked for: a twin, or a"
                    " test. Left out: the provider.",
                    "examples": ["http://127.0.0.1:8080", "env:VOICEDR_ADDRESS"],
                },
                "regions": {
                    "type": "object",
                    "description": "How each Region is reached. Keys and secrets are a Region's own.",
                    "minProperties": 1,
                    "propertyNames": {"$ref": "#/$defs/region"},
                    "additionalProperties": _object(
                        "One Region.",
                        ("edge", "api_key", "api_secret"),
                        {
                            "edge": _text(
                                "The edge in this Region's host names. Without it the names mean us1.",
                                "dublin",
                            ),
                            "api_key": _ref("key", "The API key of this Region."),
                            "api_secret": _ref("secret", "The secret of that key, as a reference."),
                        },
                    ),
                    "examples": [{"us1": {"edge": "ashburn"}}],
                },
                "limits": _object(
                    "The provider's limits as this account has them. Left out: the cautious documented ones.",
                    (),
                    {
                        "requests_per_second": {
                            "type": "number",
                            "exclusiveMinimum": 0,
                            "exclusiveMaximum": ROUTE_WRITES_PER_SECOND_MAX,
                            "default": 20,
                            "description": "Requests to the provider, over all hosts. Routing changes must stay below"
                            f" {ROUTE_WRITES_PER_SECOND_MAX:g} a second.",
                            "examples": [20],
                        },
                        "calls_per_second": {
                            "type": "number",
                            "exclusiveMinimum": 0,
                            "maximum": 1000,
                            "default": 1,
                            "description": "Outgoing calls. The provider starts an account at 1 and queues the rest.",
                            "examples": [1],
                        },
                        "propagation_max": _ref(
                            "duration", "The longest a route change takes to reach every edge.", default="5m"
                        ),
                    },
                ),
            },
        ),
        "people": _list(
            "Everybody who may be asked.",
            _object(
                "A person.",
                ("id", "name", "roles"),
                {
                    "id": _text("Short and unique; approvals carry it.", "ruiz"),
                    "name": _text("Their name.", "A. Ruiz"),
                    "roles": _list(
                        "The roles they have, in the words that flows use.",
                        {"type": "string", "minLength": 1},
                        minItems=1,
                        examples=[["on-call lead"]],
                    ),
                    "contact": _text("How they are reached.", "+14155559000"),
                },
            ),
            minItems=1,
            examples=[[{"id": "ruiz", "name": "A. Ruiz", "roles": ["on-call lead"]}]],
        ),
        "flows": {
            "type": "object",
            "description": "The protected flows, by their id.",
            "minProperties": 1,
            "propertyNames": {
                "title": "an id",
                "pattern": "^[a-z0-9][a-z0-9-]{0,62}$",
                "description": "Lower-case letters, digits and hyphens.",
                "examples": ["support-line"],
            },
            "additionalProperties": {"$ref": "#/$defs/flow"},
        },
    },
    "$defs": _DEFS,
}


def schema_text() -> str:
    """The published schema as it stands in ``workbook.schema.json``."""
    return json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"

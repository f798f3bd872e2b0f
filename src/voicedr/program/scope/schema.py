"""The workbook's format as JSON Schema (2020-12): what editors complete from, and what structure is judged by.

``workbook.schema.json`` beside this file is ``schema_text()``; a test holds them equal. Words in the schema are read by
people: ``description`` says what a key means, ``title`` what a value looks like ("a duration"), ``examples`` are used
in messages. What a schema cannot say (a number in two cohorts) is in ``lint.py``.

Sources: https://json-schema.org/draft/2020-12/schema for the words;
https://www.twilio.com/docs/global-infrastructure for the Regions and edges.
"""

from __future__ import annotations

import json

from voicedr.program.scope.checkpoints import CHECKPOINTS
from voicedr.program.scope.schema_authority import (
    ALERTS,
    AUTHORITY,
    AUTOMATIC,
    BREAK_GLASS,
    DECISION_TARGETS,
    FREEZE,
    HOURS,
    IMPACT,
    ON_NO_ANSWER,
    approval_of,
)
from voicedr.program.scope.schema_declared import DECLARED
from voicedr.program.scope.schema_failback import FAILBACK
from voicedr.program.scope.schema_forms import (
    FORMS,
    MEMBERS,
    SIGNAL_NAMES,
    Schema,
    lines_of,
    list_of,
    object_of,
    ref_of,
    text_of,
)
from voicedr.program.scope.schema_moving import CALLS_PER_MINUTE, ON_INTERRUPT, OVERLAP, ROLLBACK
from voicedr.program.scope.schema_sbc import SBC
from voicedr.program.scope.schema_sync import SYNC
from voicedr.program.vocabulary import ROUTE_WRITES_PER_SECOND_MAX

VERSION = 1
"""The version of the format. A change that breaks a valid workbook raises it."""

CONTEXT_PATTERN = (
    r"^(file:/[^\s].*|env:[A-Za-z_][A-Za-z0-9_]*|(?:(?:etcd|consul):)?https?://[^\s/?#@]+/[^\s?#@]+"
    r"|postgres(?:ql)?://(?![^/@]*:[^/@]*@)[^\s/?#]+/[^\s?#:@]+(?:#[^\s]+)?)$"
)
"""Places where a context document can be; none of them has a password in it."""

JOURNAL: Schema = object_of(
    "Where executions are recorded. Left out: the file `.voicedr/journal.db` beside the workbook.",
    (),
    {
        "at": {
            "type": "string",
            "title": "a path, env:NAME, file:/path, or postgresql://USER@HOST/NAME without a password",
            "pattern": r"^(?!\w+://[^/@]*:[^/@]*@)[^\s~\x00-\x1f][^\x00-\x1f]*$",
            "description": "A path relative to the workbook, a PostgreSQL address, or a reference to either. An address"
            " with a password is given by a reference.",
            "examples": ["env:VOICEDR_DATABASE"],
        },
        "away_max": ref_of(
            "duration", "How long a runner waits for a journal that does not answer, then stops.", default="30s"
        ),
    },
    examples=[{"at": "env:VOICEDR_DATABASE", "away_max": "1m"}],
)

_COHORT: Schema = object_of(
    "A batch that is moved and judged together: numbers first, then trunks, then SIP domains, as listed.",
    ("name",),
    {
        "name": text_of("What people call it.", "canary"),
        **MEMBERS,
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
        "gate": ref_of("gate", "What differs from the flow's gate for this cohort."),
        "calls_per_minute": CALLS_PER_MINUTE,
    },
)

_FLOW: Schema = object_of(
    "One protected voice flow: entry points that serve one business purpose.",
    ("title", "tier", "primary", "standby", "rto", "entry_points", "cohorts", "roles"),
    {
        "title": text_of("What people call it.", "Customer support line"),
        "tier": {
            "type": "integer",
            "minimum": 1,
            "maximum": 5,
            "description": "How much depends on it; 1 is most.",
            "examples": [1],
        },
        "primary": ref_of("region", "The Region the flow lives in on an ordinary day."),
        "standby": ref_of("region", "The Region it is moved to when the primary fails."),
        "rto": ref_of("duration", "Recovery time objective: from the outage to callers being served again."),
        "must_survive": lines_of("What callers must still be able to do.", "A caller reaches an agent"),
        "can_degrade": lines_of("What may be worse while in the standby.", "Queue music instead of announcements"),
        "can_wait": lines_of("What may be restored later.", "Call recordings"),
        "out_of_scope": lines_of("What this flow does not protect, on purpose.", "Outbound campaigns"),
        "success": lines_of("What proves that the move worked.", "19 of 20 callers greeted within 5 s"),
        "residency": list_of(
            "The Regions where this flow's calls may be processed. Left out: any.",
            {"$ref": "#/$defs/region"},
            minItems=1,
            examples=[["us1", "ie1"]],
        ),
        "entry_points": ref_of("members", "Everything of this flow that has a route."),
        "trickle": ref_of("members", "Entry points that live in the standby all the year. They are in no cohort."),
        "gate": ref_of("gate", "The gate of every cohort of this flow that does not say otherwise."),
        "cohorts": list_of(
            "In the order in which they are moved. The first is the canary.",
            {"$ref": "#/$defs/cohort"},
            minItems=1,
            examples=[[{"name": "canary", "rest": True}]],
        ),
        "signals": list_of(
            "What a call is judged by. Left out: `call-completes` and `no-alert`.",
            object_of(
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
        "roles": object_of(
            "Who does what in the decision chain. Each is a role that people have.",
            ("detection", "technical_assessment", "business_impact", "approval"),
            {
                "detection": text_of("Says that the flow is degraded, and declares.", "on-call lead"),
                "technical_assessment": text_of("Says whether the move can be executed.", "voice engineer"),
                "business_impact": text_of(
                    "Says whether the degraded state is worse than the standby.", "operations director"
                ),
                "approval": approval_of("Who may order the move."),
            },
        ),
        "failback": FAILBACK,
        "application": object_of(
            "The customer's application, which is told which Region is active.",
            ("name", "context"),
            {
                "name": text_of("What people call it.", "support-app"),
                "context": {
                    "type": "string",
                    "title": "an absolute file or an address without a password",
                    "pattern": CONTEXT_PATTERN,
                    "description": "The document that tells the application its Region: `file:` and an absolute path;"
                    " a URL; `etcd:` or `consul:` and a URL with a key; `postgresql://USER@HOST/NAME#ROW`; or"
                    " `env:NAME` for an address with a password.",
                    "examples": ["file:/var/lib/voicedr/support-app.json", "etcd:http://etcd.example:2379/support-app"],
                },
                "signing_key": {
                    "type": "string",
                    "title": "env:NAME or file:/path, never the key itself",
                    "pattern": r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s].*)$",
                    "description": "Where the private key is that signs the document, as `voicedr region keygen` makes"
                    " it. Left out: the document is not signed.",
                    "examples": ["file:/etc/voicedr/region.key"],
                },
                "confirm": list_of(
                    "Where each instance says itself which Region it uses.",
                    {"$ref": "#/$defs/url"},
                    examples=[["https://support.example/region"]],
                ),
            },
        ),
        "test_caller": ref_of("number", "The number that test calls come from. Left out: none are placed."),
        "on_no_answer": ON_NO_ANSWER,
        "answer_within": ref_of("duration", "How long a question to people may wait before `on_no_answer` applies."),
        "impact": IMPACT,
        "decision_targets": DECISION_TARGETS,
        "automatic": AUTOMATIC,
        "overlap": OVERLAP,
        "on_interrupt": ON_INTERRUPT,
        "rollback": ROLLBACK,
        "sbc": SBC,
    },
)

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
        "account": object_of(
            "The provider account.",
            ("sid", "regions"),
            {
                "sid": {
                    "type": "string",
                    "title": "an account SID: AC and 32 hexadecimal digits",
                    "pattern": "^AC[0-9a-fA-F]{32}$",
                    "description": "The account SID. It is the same in every Region.",
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
                    "additionalProperties": object_of(
                        "One Region.",
                        ("edge", "api_key", "api_secret"),
                        {
                            "edge": text_of(
                                "The edge in this Region's host names, which mean us1 without it.",
                                "dublin",
                            ),
                            "api_key": ref_of("key", "The API key of this Region."),
                            "api_secret": ref_of("secret", "The secret of that key, as a reference."),
                            "auth_token": ref_of(
                                "secret",
                                "The auth token of this Region, as a reference: it signs the readiness probe's test"
                                " requests as the Region signs its webhooks. Left out: they are not signed.",
                            ),
                        },
                    ),
                    "examples": [{"us1": {"edge": "ashburn"}}],
                },
                "limits": object_of(
                    "The provider's limits as this account has them. Left out: the cautious documented ones.",
                    (),
                    {
                        "requests_per_second": {
                            "type": "number",
                            "title": "a pace that keeps routing changes below the provider's 300 a second",
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
                        "propagation_max": ref_of(
                            "duration", "The longest a route change takes to reach every edge.", default="5m"
                        ),
                    },
                ),
            },
        ),
        "people": list_of(
            "Everybody who may be asked.",
            object_of(
                "A person.",
                ("id", "name", "roles"),
                {
                    "id": text_of("Short and unique; approvals carry it.", "ruiz"),
                    "name": text_of("Their name.", "A. Ruiz"),
                    "roles": list_of(
                        "The roles they have, in the words that flows use.",
                        {"type": "string", "minLength": 1},
                        minItems=1,
                        examples=[["on-call lead"]],
                    ),
                    "contact": text_of("How they are reached.", "+14155559000"),
                    "hours": HOURS,
                },
            ),
            minItems=1,
            examples=[[{"id": "ruiz", "name": "A. Ruiz", "roles": ["on-call lead"]}]],
        ),
        "approvals": object_of(
            "How approvals are given. Left out: by word, unsigned.",
            (),
            {
                "allowed_signers": {
                    "type": "string",
                    "title": "the path of a file, relative to the workbook",
                    "pattern": r"^[^\s~\x00-\x1f][^\x00-\x1f]*$",
                    "description": "The file that says whose key is whose, in OpenSSH's form of allowed signers; its"
                    " principals are the ids of people. Relative to the workbook. Left out: nothing can be signed.",
                    "examples": ["allowed_signers"],
                },
                "required": {
                    "type": "boolean",
                    "default": False,
                    "description": "Whether only signed approvals count. Needs `allowed_signers`.",
                    "examples": [True],
                },
                "valid_for": ref_of(
                    "duration", "How long a signed approval is valid after it was given. At most a day.", default="4h"
                ),
                "clock_skew": ref_of(
                    "duration",
                    "How far the clock of whoever signs may be ahead. Less than `valid_for`.",
                    default="2m",
                ),
            },
            examples=[{"allowed_signers": "allowed_signers", "required": True}],
        ),
        "authority": AUTHORITY,
        "break_glass": BREAK_GLASS,
        "freeze": FREEZE,
        "alerts": ALERTS,
        "journal": JOURNAL,
        "checkpoints": CHECKPOINTS,
        "declared": DECLARED,
        "sync": SYNC,
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
    "$defs": FORMS | {"cohort": _COHORT, "flow": _FLOW},
}


def schema_text() -> str:
    """The published schema as it stands in ``workbook.schema.json``."""
    return json.dumps(SCHEMA, indent=2, ensure_ascii=False) + "\n"

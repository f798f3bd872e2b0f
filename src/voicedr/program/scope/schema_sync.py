"""What the workbook may say of the standby's copy of the primary."""

from __future__ import annotations

from voicedr.program.scope.schema_forms import Schema, list_of, object_of, ref_of, text_of
from voicedr.program.scope.standby_copy import COPIED

RULES_MAX = 200
"""Rules of one workbook; each address is held against all of them."""

_KIND: Schema = {"enum": list(COPIED), "description": "The kind.", "examples": ["queue"]}
_NAME = text_of(
    "What names it in every Region: a friendly name, a number, a domain, a username. Left out: all of the kind.",
    "Support",
)

URL_RULE: Schema = object_of(
    "Where an address of the primary is found for the standby. The longest that fits decides.",
    ("from", "to"),
    {
        "from": {
            "type": "string",
            "title": "the beginning of a URL or SIP URI, or a parameter of a SIP URI (;edge=ashburn)",
            "pattern": r"^(https?://|sips?:|;)[^\s\x00-\x1f]+$",
            "description": "How the address begins in the primary. `{region}` and `{edge}` are the primary's.",
            "examples": ["https://us1.app.example", ";edge={edge}"],
        },
        "to": {
            "type": "string",
            "title": "the beginning of a URL or SIP URI, or a parameter of a SIP URI (;edge=dublin)",
            "pattern": r"^(https?://|sips?:|;)[^\s\x00-\x1f]+$",
            "description": "How it begins in the standby; the rest stays. `{region}` and `{edge}` are the standby's.",
            "examples": ["https://{region}.app.example", ";edge={edge}"],
        },
        "flow": text_of("Only for what this flow uses, before the rules for all. Left out: for all.", "support-line"),
    },
)

SYNC: Schema = object_of(
    "How `voicedr sync` makes the standby's copy of the primary. Left out: the same addresses, and nothing besides.",
    (),
    {
        "urls": list_of(
            "Which addresses are others in the standby. An address without a rule is the same.",
            URL_RULE,
            maxItems=RULES_MAX,
            examples=[[{"from": "https://us1.app.example", "to": "https://{region}.app.example"}]],
        ),
        "credentials": {
            "type": "object",
            "description": "Where the password of a SIP credential is, by `list/username`: the provider never shows"
            " one, so a copy needs it by reference.",
            "additionalProperties": ref_of("secret", "The password, as a reference."),
            "examples": [{"Desk phones/reception": "env:SIP_PASSWORD_RECEPTION"}],
        },
        "also": list_of(
            "What is copied besides what the flows' numbers, trunks and SIP domains lead to, e.g. queues.",
            object_of("Something of a kind.", ("kind",), {"kind": _KIND, "name": _NAME}),
            examples=[[{"kind": "queue"}]],
        ),
        "ours": list_of(
            "Kinds of which everything in the standby belongs to the copy: it is changed without `--adopt`.",
            _KIND,
            examples=[["application"]],
        ),
        "ignore": list_of(
            "What is meant to differ: it is neither shown nor changed.",
            object_of(
                "Something of a kind, or some of its fields.",
                ("kind",),
                {
                    "kind": _KIND,
                    "name": _NAME,
                    "fields": list_of(
                        "Only these fields, as the provider names them. Left out: all of it.",
                        {"type": "string", "minLength": 1},
                        minItems=1,
                        examples=[["voice_fallback_url"]],
                    ),
                },
            ),
            examples=[[{"kind": "queue", "name": "Support", "fields": ["max_size"]}]],
        ),
    },
    examples=[{"urls": [{"from": "https://us1.app.example", "to": "https://{region}.app.example"}]}],
)

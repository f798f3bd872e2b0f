"""What the workbook may say of the customer's own SBCs, whose dispatchers move with a flow."""

from __future__ import annotations

from voicedr.program.scope.sbc import MOVES_MAX, SBCS_MAX, TargetState
from voicedr.program.scope.schema_forms import Schema, list_of, object_of, text_of

RPC_PATTERN = r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[^\s].*|unix:/[^\s].*|https?://[^\s/?#@]+(/[^\s?#@]*)?)$"
"""A reference, Kamailio's datagram socket, or a URL without a name or password in it."""


def _state(description: str, example: str) -> Schema:
    return {"enum": [state.value for state in TargetState], "description": description, "examples": [example]}


_MOVE: Schema = object_of(
    "One target of the set.",
    ("target", "to"),
    {
        "target": {
            "type": "string",
            "title": "a SIP URI, as the dispatcher's list has it",
            "pattern": r"^sips?:[^\s;?]+(;[^\s?]+)?$",
            "description": "Its SIP URI, letter by letter as `voicedr sip dispatcher list` shows it.",
            "examples": ["sip:acme.pstn.ashburn.twilio.com"],
        },
        "to": _state("How it is put when the flow moves to the standby.", "disabled"),
        "home": _state(
            "How it is put when the flow comes home. Left out: it stays as it is then, and the plan says so.", "active"
        ),
    },
)

SBC: Schema = list_of(
    "Your own SBCs whose Kamailio dispatcher is steered when this flow moves. Left out: none is.",
    object_of(
        "One SBC.",
        ("name", "rpc", "set", "moves"),
        {
            "name": text_of("What people call it.", "sbc-1"),
            "rpc": {
                "type": "string",
                "title": "http://ADDRESS:PORT/RPC, unix:/PATH, or env:NAME or file:/path for either",
                "pattern": RPC_PATTERN,
                "description": "Where Kamailio's JSON-RPC is asked: a private or loopback address, for it has no"
                " password, and no name, for in an outage name servers may be gone too.",
                "examples": ["http://10.0.0.5:8080/RPC", "unix:/run/kamailio/kamailio_rpc.sock"],
            },
            "set": {
                "type": "integer",
                "minimum": 0,
                "maximum": 2_147_483_647,
                "description": "The dispatcher set.",
                "examples": [1],
            },
            "moves": list_of(
                "What is put how, one after another in this order; on the way home in the opposite order. Put the"
                " standby's target into service before you take the primary's out: the last one is never taken out.",
                _MOVE,
                minItems=1,
                maxItems=MOVES_MAX,
                examples=[[{"target": "sip:acme.pstn.ashburn.twilio.com", "to": "disabled", "home": "active"}]],
            ),
            "cohort": text_of("The cohort it is steered with. Left out: the first one.", "canary"),
        },
    ),
    minItems=1,
    maxItems=SBCS_MAX,
    examples=[
        [
            {
                "name": "sbc-1",
                "rpc": "http://10.0.0.5:8080/RPC",
                "set": 1,
                "moves": [{"target": "sip:acme.pstn.ashburn.twilio.com", "to": "disabled", "home": "active"}],
            }
        ]
    ],
)

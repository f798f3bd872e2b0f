"""The parts of the workbook's schema that say who decides: hours, functions, glass, costs, and what silence means."""

from __future__ import annotations

from voicedr.program.scope.authority import DAYS, Decision, Function, OnNoAnswer, Rollback, Rule
from voicedr.program.scope.schema_forms import Schema, list_of, object_of, ref_of, text_of

_CLOCK: Schema = {
    "type": "string",
    "title": "a time of day, 00:00 to 24:00",
    "pattern": r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
    "examples": ["08:00"],
}

_INSTANT: Schema = {
    "type": "string",
    "title": "a time of UTC",
    "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z$",
    "examples": ["2026-12-24T00:00Z"],
}

HOURS: Schema = list_of(
    "When they may decide. Left out: at any time.",
    object_of(
        "Hours on some days of the week.",
        ("from", "to", "zone"),
        {
            "days": list_of(
                "The days on which these hours begin. Left out: every day.",
                {"enum": list(DAYS)},
                minItems=1,
                examples=[["mon", "tue"]],
            ),
            "from": _CLOCK | {"description": "When they begin."},
            "to": _CLOCK | {"description": "When they end; not after `from`: on the next day.", "examples": ["18:00"]},
            "zone": text_of("The zone of these times, from the IANA database.", "Europe/Dublin"),
        },
    ),
    minItems=1,
    examples=[[{"from": "08:00", "to": "18:00", "zone": "Europe/Dublin"}]],
)


def _duty(description: str, may: str) -> Schema:
    return object_of(
        description,
        (),
        {
            "order": list_of(
                "Ids of people: who is asked first, then their deputies. Others who have the role follow as listed.",
                {"type": "string", "minLength": 1},
                minItems=1,
                examples=[["ruiz", "chen"]],
            ),
            "may": list_of(
                f"What it may decide. Left out: {may}.",
                {"enum": [decision.value for decision in Decision]},
                minItems=1,
                examples=[["execute", "break-glass"]],
            ),
            "answer_within": ref_of(
                "duration", "So long one person is waited for before the next one is asked.", default="5m"
            ),
        },
    )


AUTHORITY: Schema = object_of(
    "How the four functions of the decision chain are organised. Who belongs to which is in the `roles` of a flow.",
    (),
    {
        "detection": _duty("Says that the flow is degraded.", "declare, stop"),
        "technical_assessment": _duty("Says whether the move can be executed.", "assess, stop"),
        "business_impact": _duty("Says whether the degraded state is worse than the standby.", "assess, stop"),
        "approval": _duty(
            "Orders the move and carries it out.",
            "every approval, execute, stop; nobody may break glass unless it stands here",
        ),
        "different_people": list_of(
            "Pairs of functions in which nobody may act twice in one incident. Left out: of several approvers at least"
            " one did not assess.",
            list_of(
                "Two functions.",
                {"enum": [function.value for function in Function]},
                minItems=2,
                maxItems=2,
                examples=[["technical_assessment", "approval"]],
            ),
            examples=[[["technical_assessment", "approval"]]],
        ),
        "rollback": {
            "enum": [one.value for one in Rollback],
            "default": Rollback.ANYBODY.value,
            "description": "Who may ask for a rollback: `anybody` who reaches the journal, or only somebody who may"
            " `approve-rollback` now. What the plan says itself, such as a gate's stop, is approved with the plan.",
            "examples": ["approval"],
        },
    },
)

BREAK_GLASS: Schema = object_of(
    "Rules that may be broken in need: by name, signed, for a time, and reviewed afterwards by somebody else. Left out:"
    " none.",
    ("rules",),
    {
        "rules": list_of(
            "Which. Residency, a dead target and an unknown plan can never be overruled.",
            {"enum": [rule.value for rule in Rule]},
            minItems=1,
            examples=[["quorum"]],
        ),
        "valid_for": ref_of("duration", "So long it holds after it was broken. At most a day.", default="1h"),
    },
)

FREEZE: Schema = list_of(
    "Times in which nothing is practised: drills are refused unless glass is broken. A real event is never held.",
    object_of(
        "One freeze.",
        ("from", "to", "why"),
        {
            "from": _INSTANT | {"description": "When it begins."},
            "to": _INSTANT | {"description": "When it ends.", "examples": ["2026-12-27T00:00Z"]},
            "why": text_of("Why; it is said to whoever is refused.", "end of the year"),
        },
    ),
    examples=[[{"from": "2026-12-24T00:00Z", "to": "2026-12-27T00:00Z", "why": "end of the year"}]],
)

ALERTS: Schema = list_of(
    "Where people are told when glass is broken: references to addresses as Apprise takes them. Needs voicedr[alerts].",
    {"$ref": "#/$defs/secret"},
    examples=[["env:VOICEDR_ALERT_URL"]],
)

_MONEY: Schema = {"type": "number", "minimum": 0, "maximum": 1_000_000_000}

IMPACT: Schema = object_of(
    "What a minute costs. What is left out is shown as not known.",
    (),
    {
        "cost_per_minute": _MONEY | {"description": "While callers reach nobody.", "examples": [900]},
        "standby_cost_per_minute": _MONEY
        | {"description": "While the flow is in the standby, with what is worse there.", "examples": [40]},
        "calls_per_minute": _MONEY | {"description": "Calls that come in.", "examples": [12]},
        "currency": text_of("The currency of the costs.", "EUR"),
    },
)

DECISION_TARGETS: Schema = object_of(
    "How long after detection each step of the decision should have been taken.",
    (),
    {
        "declared": ref_of("duration", "The incident is declared."),
        "assessed": ref_of("duration", "Both assessments are given."),
        "approved": ref_of("duration", "The last approval is given."),
        "first_act": ref_of("duration", "The first request is sent."),
    },
)

ON_NO_ANSWER: Schema = {
    "enum": [one.value for one in OnNoAnswer],
    "default": "hold",
    "description": "What happens when a question to people has no answer within `answer_within`: hold, move everything"
    " back, or go on (only where the gate says go).",
    "examples": ["hold"],
}

AUTOMATIC: Schema = object_of(
    "When this flow may be failed over without people. Left out: never.",
    ("after_drills",),
    {
        "after_drills": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "So many drills of the same plan must have succeeded.",
            "examples": [3],
        },
        "kinds": list_of(
            "Which kinds of drill count. Left out: `drill-live`.",
            {"enum": ["drill-live", "drill-twin", "real"]},
            minItems=1,
            examples=[["drill-live"]],
        ),
        "within": ref_of("duration", "And none of them longer ago than this.", default="2160h"),
        "only": {"const": "failover", "description": "What may be done without people.", "examples": ["failover"]},
    },
)


def approval_of(words: str) -> Schema:
    """Which roles approve something, and how many people of them."""
    return object_of(
        words,
        ("roles",),
        {
            "roles": list_of(
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
    )

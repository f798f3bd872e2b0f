"""What the workbook may say of how a flow is moved and moved back: overlap, interruption, volumes, rollback."""

from __future__ import annotations

from voicedr.program.scope.moving import CALLS_PER_MINUTE_MAX
from voicedr.program.scope.schema_forms import Schema, object_of, ref_of

_VOLUME: Schema = {
    "type": "number",
    "exclusiveMinimum": 0,
    "maximum": CALLS_PER_MINUTE_MAX,
    "examples": [12],
}


def _policy(description: str) -> Schema:
    return {"enum": ["go-on", "pause"], "default": "go-on", "description": description, "examples": ["pause"]}


CALLS_PER_MINUTE: Schema = _VOLUME | {
    "description": "How many calls a minute its entry points take in a busy hour. `overlap` counts by it."
}

OVERLAP: Schema = object_of(
    "Let the next cohort start while earlier ones are moved and not yet passed, within a budget of what is at risk."
    " The first cohort always passes alone. Left out: one cohort after another.",
    (),
    {
        "entry_points_max": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100_000,
            "description": "The budget: so many entry points may be moved and not passed. This, or"
            " `calls_per_minute_max`.",
            "examples": [200],
        },
        "calls_per_minute_max": _VOLUME
        | {
            "description": "The budget in calls per minute. Every cohort after the first then says its"
            " `calls_per_minute`.",
        },
        "cohorts_max": {
            "type": "integer",
            "minimum": 1,
            "maximum": 10,
            "default": 1,
            "description": "So many cohorts may be moved and not passed when the next one starts.",
            "examples": [2],
        },
    },
    examples=[{"entry_points_max": 200}],
)

ON_INTERRUPT: Schema = object_of(
    "What a process does that takes the execution over after nobody had it. Left out: it goes on.",
    (),
    {
        "moving": _policy("While entry points were being moved: go on, or pause and ask."),
        "gating": _policy("While a gate or proof was waited for: go on, or pause and ask."),
        "rolling_back": {
            "enum": ["go-on"],
            "default": "go-on",
            "description": "While moving back: it always goes on, since half a rollback helps nobody.",
            "examples": ["go-on"],
        },
        "older_than": ref_of("duration", "Shorter gaps are no interruption.", default="1m"),
    },
    examples=[{"moving": "pause"}],
)

ROLLBACK: Schema = object_of(
    "How gradually everything is moved back. Before each cohort but the first the Region that was left is looked at"
    " again. Left out: the plan's own cohorts, the last moved first, without a pause.",
    (),
    {
        "cohort_size": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100_000,
            "description": "So many changes are undone together. Left out: as many as the plan's cohorts have.",
            "examples": [50],
        },
        "pause_between": ref_of("duration", "How long to wait between two of them. At most an hour.", default="0s"),
    },
    examples=[{"cohort_size": 50, "pause_between": "10s"}],
)

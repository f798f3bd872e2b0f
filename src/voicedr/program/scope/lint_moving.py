"""Overlap and rollback: a budget that can be counted, in one unit, and a pause that does not leave half undone."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.lint_cohorts import cohort_name
from voicedr.program.scope.positions import Node
from voicedr.program.scope.problems import Place

Found = Iterator[tuple[Place, str]]

PAUSE_S_MAX = 3600.0
"""Between two cohorts of a rollback. Half a rollback helps nobody for longer."""


def moving_problems(flow_id: str, flow: Node) -> Found:
    """Every mistake about ``overlap`` and ``rollback`` that their schemas cannot see."""
    pause = flow.get("rollback").get("pause_between")
    if (parse_duration_s(pause.text or "") or 0.0) > PAUSE_S_MAX:
        yield (
            pause.place,
            f'pause_between of the rollback of flow "{flow_id}" is {pause.text}; callers would be in two Regions for'
            " hours. Make it at most 1h.",
        )
    overlap = flow.get("overlap")
    if overlap.kind != "mapping":
        return
    name = f'overlap of flow "{flow_id}"'
    points, calls = overlap.get("entry_points_max"), overlap.get("calls_per_minute_max")
    if points and calls:
        yield (
            calls.place,
            f"{name} has two budgets, entry_points_max (line {points.place.line}) and calls_per_minute_max."
            " Risk is counted in one unit: remove one of them.",
        )
    elif not points and not calls:
        yield (
            flow.key_place("overlap"),
            f"{name} has no budget, so nothing says how much may be at risk. Add entry_points_max or"
            " calls_per_minute_max.",
        )
    if not calls:
        return
    for index, cohort in enumerate(flow.get("cohorts").items[1:], 1):
        if cohort.kind == "mapping" and not cohort.get("calls_per_minute"):
            yield (
                cohort.place,
                f'cohort "{cohort_name(cohort, index)}" has no calls_per_minute, and overlap of flow "{flow_id}" (line'
                f" {calls.place.line}) counts its risk by it. Add it, or give the budget in entry_points_max.",
            )

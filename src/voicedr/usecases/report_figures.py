"""The figures of a report: the numbers that HTML, PDF, JSON and Markdown all show, and no others.

Their names are stable. Under one ``SCHEMA`` figures are added, never renamed or removed, and none changes its meaning
or unit; whoever reads them must not mind a name they do not know. What has to break that gets another ``SCHEMA``.
None, ``null`` in JSON, means that it is not known, which is not zero.
"""

from __future__ import annotations

from collections.abc import Callable

from voicedr.program.validation.chapters import Story

SCHEMA = "voicedr/report/1"
"""The name of the JSON's shape, for everything in it."""

Figure = int | float | str | bool | None


def _gaps_open(story: Story) -> int | None:
    gaps = story.around.gaps
    known = bool(gaps) or not story.deficiencies
    return sum(gap.state in ("open", "not tested again") for gap in gaps) if known else None


def _step(story: Story, name: str) -> float | None:
    return next((tick.after_s for tick in story.around.clock if tick.step == name), None)


_FIGURES: tuple[tuple[str, str, Callable[[Story], Figure]], ...] = (
    ("outcome", "how it ended: done, rolled-back, aborted, drifted", lambda s: s.outcome),
    ("entry_points", "entry points in the plan", lambda s: s.entry_points),
    ("moved", "of these, seen routed to the new Region", lambda s: s.moved),
    ("moved_back", "of these, seen routed back", lambda s: s.moved_back),
    ("left_in_standby", "moved, and not moved back", lambda s: s.moved - s.moved_back),
    ("numbers", "telephone numbers in the plan", lambda s: s.numbers),
    ("proved", "of these, proved by a call in the new Region", lambda s: s.proved),
    ("calls_good", "good calls judged in the new Region", lambda s: s.good),
    ("calls_bad", "bad calls judged there", lambda s: s.bad),
    ("calls_synthetic", "of both, our own test calls", lambda s: s.synthetic),
    ("cohorts", "cohorts in the plan", lambda s: len(s.cohorts)),
    ("cohorts_passed", "of these, moved, proved and passed", lambda s: sum(one.passed for one in s.cohorts)),
    ("approvals", "approvals that count", lambda s: sum(one.counts for one in s.approvals)),
    ("approvals_needed", "approvals that the plan asks for", lambda s: s.approvals_needed),
    (
        "approvals_signed",
        "of those that count, signed",
        lambda s: sum(one.counts and one.signed for one in s.approvals),
    ),
    ("glass_broken", "rules over which glass was broken, in the incident", lambda s: len(s.around.glass)),
    (
        "reviews_open",
        "of these, reviewed by nobody yet",
        lambda s: sum(one.reviewed_at is None for one in s.around.glass),
    ),
    ("rto_s", "the recovery time objective, seconds", lambda s: s.promise.rto_s),
    ("took_s", "from the clock's start until every gate had passed, seconds", lambda s: s.promise.took_s),
    ("rto_kept", "whether that was in time", lambda s: s.promise.kept),
    (
        "decided_s",
        "from the clock's start to the last approval that was needed, seconds",
        lambda s: _step(s, "approved"),
    ),
    ("first_act_s", "from the clock's start to the first request, seconds", lambda s: _step(s, "first act")),
    ("first_proof_s", "from the clock's start to the first proof, seconds", lambda s: _step(s, "first proof")),
    (
        "targets_missed",
        "steps that were later than the workbook's targets, the objective among them",
        lambda s: sum(tick.kept is False for tick in s.around.clock) if s.around.clock else None,
    ),
    (
        "forecast_shortest_s",
        "the plan's shortest course, seconds",
        lambda s: s.planned_actual.shortest_s if s.planned_actual else None,
    ),
    (
        "forecast_longest_s",
        "the plan's longest course, seconds",
        lambda s: s.planned_actual.longest_s if s.planned_actual else None,
    ),
    (
        "actual_s",
        "what it took from the first runner on, seconds",
        lambda s: s.planned_actual.actual_s if s.planned_actual else None,
    ),
    (
        "waited_for_people_s",
        "of that, waiting for people, seconds",
        lambda s: s.planned_actual.waited_for_people_s if s.planned_actual else None,
    ),
    ("callers_placed", "calls that callers placed", lambda s: s.callers.placed if s.callers else None),
    ("callers_served", "of these, served", lambda s: s.callers.served if s.callers else None),
    ("callers_lost", "of these, lost", lambda s: s.callers.lost if s.callers else None),
    (
        "callers_hurt_s",
        "from the first lost call to the last, seconds",
        lambda s: s.callers.hurt_s if s.callers else None,
    ),
    ("answers_lost", "requests whose answer was lost", lambda s: len(s.lost_answers)),
    (
        "unsettled",
        "of these and of those in flight, looked at by nobody",
        lambda s: sum(one.settled_at is None for one in s.lost_answers) + len(s.in_flight),
    ),
    ("requests_to_left_region", "requests to the Region that was left", lambda s: s.requests_to_left_region),
    ("emergency_stops", "emergency stops", lambda s: sum(stop.kind == "stopped" for stop in s.stops)),
    ("mode_changes", "changes of the mode while it ran", lambda s: len(s.mode_changes)),
    (
        "assertions_failed",
        "looks before and after moves in which something did not hold or was not seen",
        lambda s: sum(bool(one.failed or one.unseen) for one in s.assertions),
    ),
    (
        "nobody_running_s",
        "time in which no process had it in hand, seconds",
        lambda s: sum(
            (one.to_at - one.from_at).total_seconds() for one in s.stops if one.kind == "nobody running" and one.to_at
        ),
    ),
    ("deficiencies", "what went wrong or is not known", lambda s: len(s.deficiencies)),
    (
        "gaps_open",
        "of these, not tested again since",
        _gaps_open,
    ),
    (
        "plan_changes",
        "differences of the plan since the last test",
        lambda s: len(s.around.since_last.changes) if s.around.since_last else None,
    ),
    ("records", "records in the journal", lambda s: s.records),
)


AROUND = frozenset(
    {
        "decided_s",
        "first_act_s",
        "first_proof_s",
        "targets_missed",
        "glass_broken",
        "reviews_open",
        "gaps_open",
        "plan_changes",
    }
)
"""Figures that other records than the execution's own journal give. All others can be told again from its evidence."""


def figures(story: Story) -> dict[str, Figure]:
    """The numbers a report stands on, by their stable names, in their order."""
    return {name: value(story) for name, _, value in _FIGURES}


def figures_explained() -> tuple[tuple[str, str], ...]:
    """Every name with what it counts."""
    return tuple((name, words) for name, words, _ in _FIGURES)

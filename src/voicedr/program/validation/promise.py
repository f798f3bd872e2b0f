"""Did we keep the promise? The recovery time objective against the clock, with the arithmetic in words.

The clock starts at the detection, or where nobody recorded one, at the opening of the execution. It stops when callers
are known to be served: every entry point moved, every number proved by a call in the new Region, every gate passed.
A route that was written is a promise of the provider's; it stops no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from voicedr.program.execution.events import Opened
from voicedr.program.validation.chapters import CohortChapter, Outcome, PlannedActual, Promise
from voicedr.program.validation.spoken import clock, count, span
from voicedr.program.vocabulary import Kind, Purpose


def judge_promise(
    opened: Opened | None,
    cohorts: Sequence[CohortChapter],
    outcome: Outcome | None,
    last_at: datetime | None,
    unprovable: int,
) -> Promise:
    """The promise of an execution, as far as its journal goes.

    Args:
        opened: The opening record; None if the journal has none.
        cohorts: How each cohort stands.
        outcome: How it ended; None if it has not.
        last_at: When the last record was written.
        unprovable: Entry points that no call to a number can prove (trunk and SIP domains).
    """
    if opened is None:
        return Promise(None, "opening", None, None, None, None, "not known: the journal has no opening record")
    rto_s = opened.plan.forecast.rto_s
    clock_from: Literal["detection", "opening"] = "opening" if opened.detected_at is None else "detection"
    started_at = opened.detected_at or opened.at
    stops = [cohort.passed_at for cohort in cohorts]
    passed = [at for at in stops if at is not None]
    stopped_at = max(passed) if passed and len(passed) == len(stops) else None
    took_s = (stopped_at - started_at).total_seconds() if stopped_at else None

    def promise(kept: bool | None, words: str) -> Promise:
        return Promise(rto_s, clock_from, started_at, stopped_at, took_s, kept, words)

    since = f"the clock starts with the {clock_from} at {clock(started_at)}"
    if opened.kind is Kind.DRY_RUN:
        return promise(None, "not tested: a dry run moves nothing")
    if opened.plan.purpose is Purpose.FAILBACK:
        took = f"; everything was moved and proved after {span(took_s)}" if took_s is not None else ""
        return promise(None, f"does not apply: a failback is done on a chosen day{took}")
    if outcome in ("rolled-back", "aborted", "drifted"):
        ended = {
            "rolled-back": "it was rolled back",
            "aborted": "it was aborted",
            "drifted": "nothing was moved, because the world was not as the plan had it",
        }[outcome]
        return promise(False, f"not kept: {ended}; {since}, promised were {span(rto_s)}")
    if stopped_at is not None and took_s is not None:
        beside = f", not counting {count(unprovable, 'trunk or SIP domain')} that no test call proves"
        arithmetic = (
            f"{since}; every number is proved and every gate passed at {clock(stopped_at)}"
            f"{beside if unprovable else ''}: {span(took_s)} of {span(rto_s)}"
        )
        if took_s <= rto_s:
            return promise(True, f"kept with {span(rto_s - took_s)} to spare: {arithmetic}")
        return promise(False, f"missed by {span(took_s - rto_s)}: {arithmetic}")
    missing = _missing(cohorts)
    elapsed_s = (last_at - started_at).total_seconds() if last_at else 0.0
    if elapsed_s > rto_s:
        return promise(
            False,
            f"missed: {since}; {span(elapsed_s)} later, {span(elapsed_s - rto_s)} over the promised {span(rto_s)},"
            f" {missing}",
        )
    if outcome == "done" and any(cohort.moved < cohort.entry_points for cohort in cohorts):
        return promise(False, f"not kept: it ended, and {missing}")
    if outcome == "done":
        return promise(None, f"not known: it ended after {span(elapsed_s)} of {span(rto_s)}, but {missing}")
    return promise(None, f"not yet known: {since}; {span(elapsed_s)} of {span(rto_s)} are used, and {missing}")


def compare_with_plan(
    opened: Opened, started_at: datetime | None, promise: Promise, outcome: Outcome | None, waited_s: float
) -> PlannedActual:
    """The forecast against what came. Only a run that reached its end says how good the forecast was."""
    forecast = opened.plan.forecast
    planned = f"planned {span(forecast.shortest_s)} to {span(forecast.longest_s)}"
    actual_s: float | None = None
    if opened.kind is Kind.DRY_RUN:
        words = f"{planned}; a dry run says nothing about it"
    elif promise.stopped_at is None or started_at is None or outcome not in ("done", None):
        words = f"{planned}; it was not run to its end, so nothing can be compared"
    else:
        actual_s = max(0.0, (promise.stopped_at - started_at).total_seconds())
        if actual_s > forecast.longest_s:
            compared = f"{span(actual_s - forecast.longest_s)} longer than the longest course"
        elif actual_s < forecast.shortest_s:
            compared = f"{span(forecast.shortest_s - actual_s)} quicker than the shortest course"
        else:
            compared = "within the forecast"
        waited = f", {span(waited_s)} of it waiting for people" if waited_s > 0 else ""
        words = f"{planned}; took {span(actual_s)}{waited}: {compared}"
    return PlannedActual(forecast.shortest_s, forecast.longest_s, actual_s, waited_s, words, forecast.terms)


def _missing(cohorts: Sequence[CohortChapter]) -> str:
    entry_points = sum(cohort.entry_points for cohort in cohorts)
    moved = sum(cohort.moved for cohort in cohorts)
    numbers = sum(cohort.numbers for cohort in cohorts)
    proved = sum(cohort.proved for cohort in cohorts)
    passed = sum(cohort.go_at is not None for cohort in cohorts)
    return (
        f"{moved} of {count(entry_points, 'entry point')} are moved, {proved} of {count(numbers, 'number')} proved and"
        f" {passed} of {count(len(cohorts), 'gate')} passed"
    )

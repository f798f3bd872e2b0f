"""The timeline of a story as a picture, before it is drawn: lanes, bars and marks at shares of the width.

Every horizontal place is a percentage, and every text keeps its size, so the same drawing is readable at 360 pixels, on
a wide screen and on paper. What is drawn is also in the tables beside it; the picture adds no fact.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from voicedr.program.validation.chapters import CallMark, CohortChapter, Story
from voicedr.program.validation.spoken import clock, count, span
from voicedr.program.vocabulary import Verdict

LEFT, RIGHT = 2.5, 97.5
"""The time axis goes from here to here, in percent of the width; the rest is room for round marks."""

BINS = 120
"""Calls closer together than this share of the axis are one mark."""

MARKER_GAP = 5.6
"""Percent between two round marks on one level: 18 pixels of a drawing 320 pixels wide."""

RTO_STRETCH_MAX = 2.5
"""A deadline later than so many times the run's length is not drawn to scale: it would squeeze the run."""

_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_TICKS_MAX = 5


class Bar(msgspec.Struct, frozen=True):
    """A stretch of time. ``kind`` chooses the fill; ``title`` says it in words; ``open_`` has no end yet."""

    kind: str
    x: float
    width: float
    row: int
    title: str
    open_: bool = False


class Mark(msgspec.Struct, frozen=True):
    """A point in time: a ``sign`` to print, or a tick where it is empty."""

    kind: str
    x: float
    row: int
    sign: str
    title: str


class Lane(msgspec.Struct, frozen=True):
    """One lane: a line of text and rows of bars and marks under it."""

    text: str
    y: int
    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]


class Marker(msgspec.Struct, frozen=True):
    """A numbered moment. The number is explained in the table of moments."""

    number: int
    x: float
    y: int
    title: str


class Tick(msgspec.Struct, frozen=True):
    """A place on the axis, with its time since the beginning of the picture."""

    x: float
    text: str


class Picture(msgspec.Struct, frozen=True):
    """The whole drawing. ``rto_x`` None: no deadline to scale; ``rto_text`` then says where it lies."""

    height: int
    top: int
    axis_y: int
    lanes: tuple[Lane, ...]
    markers: tuple[Marker, ...]
    ticks: tuple[Tick, ...]
    rto_x: float | None
    rto_text: str
    description: str


class _Scale:
    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self.length_s = max((end - start).total_seconds(), 0.001)

    def x(self, at: datetime) -> float:
        share = min(1.0, max(0.0, (at - self.start).total_seconds() / self.length_s))
        return round(LEFT + share * (RIGHT - LEFT), 2)

    def bar(self, kind: str, start: datetime | None, end: datetime | None, row: int, title: str) -> Iterator[Bar]:
        if start is None:
            return
        left, right = self.x(start), self.x(end or self.end)
        yield Bar(kind, left, round(max(right - left, 0.4), 2), row, title, open_=end is None)


_LANE_TEXT, _ROW, _LANE_GAP, _LEVEL = 18, 12, 12, 21


def draw(story: Story) -> Picture | None:
    """The picture of a story; None where there is nothing to draw."""
    if not story.moments or story.last_at is None:
        return None
    scale, deadline = _scale(story)
    markers, levels = _markers(story, scale)
    top = levels * _LEVEL + 16
    y = top + 8
    lanes: list[Lane] = []
    for text, bars, marks, rows in _lanes(story, scale):
        lanes.append(Lane(text, y, tuple(bars), tuple(marks)))
        y += _LANE_TEXT + rows * _ROW + _LANE_GAP
    rto_x = scale.x(deadline) if deadline is not None and deadline <= scale.end else None
    rto_text = ""
    if story.promise.rto_s is not None and deadline is not None:
        rto_text = f"RTO {span(story.promise.rto_s)}" + ("" if rto_x is not None else " →")
    return Picture(y + 26, top, y, tuple(lanes), markers, _ticks(scale), rto_x, rto_text, _description(story))


def _scale(story: Story) -> tuple[_Scale, datetime | None]:
    times = [moment.at for moment in story.moments]
    if story.last_at is not None:
        times.append(story.last_at)
    if story.callers is not None:
        lost = (story.callers.first_lost_at, story.callers.last_lost_at)
        times += [at for at in lost if at is not None]
    start, end = min(times), max(times)
    deadline: datetime | None = None
    promise = story.promise
    if story.purpose == "failover" and promise.started_at is not None and promise.rto_s is not None:
        deadline = promise.started_at + timedelta(seconds=promise.rto_s)
        if deadline > end and (deadline - start) <= (end - start) * RTO_STRETCH_MAX:
            end = deadline
    return _Scale(start, end), deadline


def _markers(story: Story, scale: _Scale) -> tuple[tuple[Marker, ...], int]:
    last_x: list[float] = []
    placed: list[tuple[int, float, int, str]] = []
    for number, moment in enumerate(story.moments, 1):
        x = scale.x(moment.at)
        level = next((index for index, used in enumerate(last_x) if x - used >= MARKER_GAP), len(last_x))
        if level == len(last_x):
            last_x.append(x)
        else:
            last_x[level] = x
        placed.append((number, x, level, f"{clock(moment.at)} {moment.title}"))
    levels = len(last_x)
    return tuple(Marker(number, x, 11 + level * _LEVEL, title) for number, x, level, title in placed), levels


def _lanes(story: Story, scale: _Scale) -> Iterator[tuple[str, list[Bar], list[Mark], int]]:
    if story.callers is not None:
        tally = story.callers
        bars = list(
            scale.bar("lost", tally.first_lost_at, tally.last_lost_at, 0, "from the first lost call to the last")
            if tally.lost
            else ()
        )
        yield f"callers: {tally.lost} of {count(tally.placed, 'call')} lost", bars, [], 1
    yield _decision_lane(story, scale)
    calls: dict[str, list[CallMark]] = {}
    for call in story.calls:
        calls.setdefault(call.cohort, []).append(call)
    for cohort in story.cohorts:
        yield _cohort_lane(cohort, calls.get(cohort.name, []), scale, story.to or "")
    for rollback in story.rollbacks:
        bars = [*scale.bar("back", rollback.ordered_at, rollback.undone_at, 0, "moving back")]
        if rollback.undone_at is not None:
            bars += scale.bar("compare", rollback.undone_at, rollback.compared_at, 1, "comparing with the snapshot")
        equal = {True: "equal to the snapshot", False: "NOT equal to the snapshot", None: "not known to be equal"}
        text = f"rollback: {rollback.undone}/{rollback.planned} undone · {equal[rollback.equal]}"
        yield text, bars, [], 2


def _decision_lane(story: Story, scale: _Scale) -> tuple[str, list[Bar], list[Mark], int]:
    detected, opened, decided = (story.moment(name) for name in ("detected", "opened", "decided"))
    start = detected or opened
    bars: list[Bar] = []
    text = "decision"
    if start is not None:
        if decided is not None:
            took_s = (decided.at - start.at).total_seconds()
            text = f"decision: {span(max(0.0, took_s))} from {start.title} to the last approval"
        end = decided.at if decided is not None else None
        if end is None or end > start.at:
            bars += scale.bar("decide", start.at, end, 0, "deciding")
    for stop in story.stops:
        kind = "gone" if stop.kind == "nobody running" else "paused"
        bars += scale.bar(kind, stop.from_at, stop.to_at, 1, f"{stop.kind}: {stop.words}")
    for decision in story.decisions:
        if decision.asked_at is not None:
            bars += scale.bar("asked", decision.asked_at, decision.taken_at, 1, f"asked: {decision.question}")
    marks = [
        Mark("approval", scale.x(approval.at), 0, "", f"{clock(approval.at)} {approval.person} approved")
        for approval in story.approvals
        if approval.counts and approval.at >= scale.start
    ]
    if any(stop.kind != "nobody running" for stop in story.stops):
        text += " · paused"
    if any(stop.kind == "nobody running" for stop in story.stops):
        text += " · runner replaced"
    return text, bars, marks, 2


def _cohort_lane(
    cohort: CohortChapter, calls: list[CallMark], scale: _Scale, to: str
) -> tuple[str, list[Bar], list[Mark], int]:
    verdict = (
        cohort.verdict.value if cohort.verdict is not None else ("no verdict" if cohort.touched else "not started")
    )
    text = (
        f"{cohort.name}: {verdict} · {cohort.moved}/{cohort.entry_points} moved"
        f" · {cohort.proved}/{cohort.numbers} proved · {cohort.good} good, {cohort.bad} bad"
    )
    bars = [*scale.bar("move", cohort.first_intent_at, cohort.all_moved_at, 0, "moving")]
    if cohort.numbers:
        bars += scale.bar(
            "prove", cohort.first_moved_at, cohort.all_proved_at, 1, f"until every number is seen in {to}"
        )
    ended = cohort.verdict_at if cohort.verdict in (Verdict.GO, Verdict.NO_GO) else None
    bars += scale.bar("gate", cohort.first_moved_at, cohort.go_at or ended, 2, "gate")
    marks = list(_call_marks(calls, scale))
    if cohort.go_at is not None:
        marks.append(Mark("go", scale.x(cohort.go_at), 2, "✔", f"{clock(cohort.go_at)} go"))
    elif cohort.verdict is Verdict.NO_GO and cohort.verdict_at is not None:
        marks.append(Mark("stop", scale.x(cohort.verdict_at), 2, "■", f"{clock(cohort.verdict_at)} no-go"))
    return text, bars, marks, 3


def _call_marks(calls: list[CallMark], scale: _Scale) -> Iterator[Mark]:
    bins: dict[tuple[int, bool], list[CallMark]] = {}
    for call in calls:
        share = (scale.x(call.at) - LEFT) / (RIGHT - LEFT)
        bins.setdefault((int(share * BINS), call.good), []).append(call)
    for (_, good), together in sorted(bins.items(), key=lambda item: (item[0][1] is False, item[0][0])):
        title = f"{clock(together[0].at)} {count(len(together), 'good call' if good else 'bad call')}"
        yield Mark("good" if good else "bad", scale.x(together[0].at), 2, "" if good else "✖", title)


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    step = next((step for step in _STEPS_S if scale.length_s / step <= _TICKS_MAX), _STEPS_S[-1])
    while scale.length_s / step > _TICKS_MAX:
        step *= 2
    places = range(int(scale.length_s // step) + 1)
    return tuple(Tick(scale.x(scale.start + timedelta(seconds=n * step)), span(n * step) if n else "0") for n in places)


def _description(story: Story) -> str:
    told = [f"{clock(story.moments[0].at)} {story.moments[0].title}"]
    for before, moment in pairwise(story.moments):
        told.append(f"{span((moment.at - before.at).total_seconds())} later {moment.title}")
    return "; ".join(told) + f". Promise: {story.promise.words}."

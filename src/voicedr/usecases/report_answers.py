"""The answers of a report in a few words: how long callers were hurt, and what was in time."""

from __future__ import annotations

from voicedr.program.governance.incident import Tick
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.spoken import clock, count, span

HURTS = {"callers": "callers", "proof": "not proved", "people": "people", "plan": "plan"}
"""What a gap is about, as the reports say it."""


def callers_words(story: Story) -> tuple[str, str]:
    """How long callers were hurt: the answer in a few words, and what it rests on."""
    tally = story.callers
    if tally is None:
        return "not measured", "Nobody counted callers from outside, and a journal cannot know."
    unknown = f"; of {count(tally.unknown, 'call')} the end is not known" if tally.unknown else ""
    counted = f"{tally.lost} of {count(tally.placed, 'call')} lost, {tally.served} served{unknown} ({tally.source})."
    if not tally.lost:
        return "no call was lost" if tally.placed and not tally.unknown else "no call is known to be lost", counted
    first, last = clock(tally.first_lost_at), clock(tally.last_lost_at)
    return span(tally.hurt_s), f"First lost call {first}, last {last}. {counted}"


def kept_words(story: Story) -> str:
    """Did we keep the promise: yes, no, or what stands in the way of an answer."""
    if story.promise.kept is not None:
        return "yes" if story.promise.kept else "no"
    return story.promise.words.split(":")[0]


def in_time(tick: Tick) -> str:
    """Whether a step of the decision was in time: ``in time``, ``LATE``, or what stands in the way of an answer."""
    if tick.kept is not None:
        return "in time" if tick.kept else "not reached" if tick.at is None else "LATE"
    if tick.target_s is None:
        return "no target"
    return "not recorded" if tick.at is None else "cannot be said"

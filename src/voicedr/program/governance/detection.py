"""Is a Region failing for this flow? Several signals must say so, for some time, while the monitor itself can see.

Detection recommends; it never moves anything. A signal is bad when so many of its last samples were bad, so that one
lost packet is no outage and a flapping one is. It takes a quorum of bad signals. And if the control signal, which does
not touch the suspected Region, is bad too, it is more likely that the monitor's own network is dark.

A sample that could not be taken for reasons of our own (no key, no permission) is neither good nor bad.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from voicedr.program.execution.events import Sighting


class Sample(msgspec.Struct, frozen=True):
    """One look of one signal. ``bad`` None: nobody could look, which says nothing."""

    at: datetime
    bad: bool | None
    said: str


class DetectionRule(msgspec.Struct, frozen=True):
    """When signals count.

    Attributes:
        bad_min: So many of the last ``of_last`` samples must be bad for a signal to be bad.
        of_last: See above.
        quorum: So many signals must be bad.
        delay_s_min: And they must have been for so long.
    """

    bad_min: int = 2
    of_last: int = 3
    quorum: int = 2
    delay_s_min: float = 30.0


class Recommendation(StrEnum):
    """What detection says."""

    NOTHING = "nothing"
    WAIT = "wait"
    FAIL_OVER = "fail over"
    SUSPECT_THE_MONITOR = "suspect the monitor"


class Detection(msgspec.Struct, frozen=True):
    """A recommendation with what it rests on. ``since`` is when the quorum began to be bad."""

    recommendation: Recommendation
    why: str
    since: datetime | None
    sightings: tuple[Sighting, ...]


def detect(
    signals: Mapping[str, Sequence[Sample]], control: Sequence[Sample], rule: DetectionRule, now: datetime
) -> Detection:
    """What the samples so far recommend.

    Args:
        signals: By name, samples in order of time, of signals that touch the suspected Region.
        control: Samples of one that does not touch it.
        rule: When they count.
        now: The present.
    """
    sightings = tuple(
        Sighting(name, samples[-1].said if samples else "not looked at yet", _is_bad(samples, rule))
        for name, samples in signals.items()
    )
    bad = [name for name, samples in signals.items() if _is_bad(samples, rule)]
    if len(bad) < rule.quorum:
        why = f"{len(bad)} of {len(signals)} signals bad; {rule.quorum} are needed"
        return Detection(Recommendation.NOTHING, why, None, sightings)
    if _is_bad(control, rule):
        why = f"{', '.join(bad)} are bad, but so is the control ({control[-1].said}): our own network may be dark"
        return Detection(Recommendation.SUSPECT_THE_MONITOR, why, None, sightings)
    since = sorted(_bad_since(signals[name]) for name in bad)[rule.quorum - 1]
    lasted_s = (now - since).total_seconds()
    if lasted_s < rule.delay_s_min:
        why = f"{', '.join(bad)} bad for {lasted_s:.0f} s; {rule.delay_s_min:.0f} s are needed"
        return Detection(Recommendation.WAIT, why, since, sightings)
    return Detection(Recommendation.FAIL_OVER, f"{', '.join(bad)} bad for {lasted_s:.0f} s", since, sightings)


def healthy_for_s(signals: Mapping[str, Sequence[Sample]], now: datetime) -> float:
    """For how long every signal has been good; 0 if one of them was not seen good, or was never looked at.

    Unknown is not good: a sample that could not be taken begins the time anew.
    """
    if not signals:
        return 0.0
    return min(_good_for_s(samples, now) for samples in signals.values())


def _good_for_s(samples: Sequence[Sample], now: datetime) -> float:
    first_good: datetime | None = None
    for sample in reversed(samples):
        if sample.bad is not False:
            break
        first_good = sample.at
    return 0.0 if first_good is None else (now - first_good).total_seconds()


def _is_bad(samples: Sequence[Sample], rule: DetectionRule) -> bool:
    return sum(sample.bad is True for sample in samples[-rule.of_last :]) >= rule.bad_min


def _bad_since(samples: Sequence[Sample]) -> datetime:
    """The first bad sample after the last good one."""
    since = samples[-1].at
    for sample in reversed(samples):
        if sample.bad is False:
            break
        if sample.bad is True:
            since = sample.at
    return since

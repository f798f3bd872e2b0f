"""Detection recommends when a quorum is bad for long enough, and suspects itself when all is dark."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.governance.detection import DetectionRule, Recommendation, Sample, detect, healthy_for_s

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = DetectionRule(bad_min=2, of_last=3, quorum=2, delay_s_min=30.0)


def samples(*bad: bool | None, every_s: float = 10.0) -> list[Sample]:
    """Samples up to now, the last one now."""
    return [Sample(NOW - timedelta(seconds=every_s * (len(bad) - 1 - n)), one, "said") for n, one in enumerate(bad)]


GOOD = samples(False, False, False)
BAD = samples(True, True, True, True, True)


def recommended(signals: dict[str, list[Sample]], control: list[Sample] = GOOD) -> Recommendation:
    """What is recommended now."""
    return detect(signals, control, RULE, NOW).recommendation


def test_a_quorum_bad_for_long_enough_recommends_to_move() -> None:
    """Two of three signals, for half a minute, with a control that can see."""
    assert recommended({"a": BAD, "b": BAD, "c": GOOD}) is Recommendation.FAIL_OVER


def test_one_bad_signal_recommends_nothing() -> None:
    """However long it is bad."""
    assert recommended({"a": BAD * 20, "b": GOOD, "c": GOOD}) is Recommendation.NOTHING


def test_a_short_outage_is_waited_out() -> None:
    """The quorum is bad, but not for long enough yet."""
    assert recommended({"a": samples(False, True, True), "b": samples(False, True, True)}) is Recommendation.WAIT


def test_a_flapping_signal_is_not_bad() -> None:
    """One bad sample among the last three does not count."""
    assert recommended({"a": samples(False, False, True), "b": BAD}) is Recommendation.NOTHING


def test_all_dark_means_suspect_the_monitor() -> None:
    """When the standby cannot be seen either, our own network is the likelier cause."""
    assert recommended({"a": BAD, "b": BAD}, control=BAD) is Recommendation.SUSPECT_THE_MONITOR


def test_what_could_not_be_looked_at_is_neither_good_nor_bad() -> None:
    """A refused key is no outage, and it is no health either."""
    unknown = samples(None, None, None)
    assert recommended({"a": unknown, "b": unknown}) is Recommendation.NOTHING
    assert healthy_for_s({"a": unknown}, NOW) == 0.0
    assert healthy_for_s({"a": samples(False, None, False)}, NOW) == 0.0


def test_health_is_the_shortest_of_all_signals() -> None:
    """One bad sample begins the time anew, and a signal that was never looked at is not healthy."""
    assert healthy_for_s({"a": samples(False, False, False, False), "b": samples(True, False, False)}, NOW) == 10.0
    assert healthy_for_s({"a": GOOD, "b": []}, NOW) == 0.0
    assert healthy_for_s({}, NOW) == 0.0


@given(
    st.lists(st.sampled_from([True, False, None]), max_size=30),
    st.lists(st.sampled_from([True, False, None]), max_size=30),
)
def test_moving_is_never_recommended_without_two_bad_signals(one: list[bool | None], two: list[bool | None]) -> None:
    """Whatever the samples: fewer than two signals with two recent bad samples never recommend to move."""
    found = detect({"a": samples(*one), "b": samples(*two)}, GOOD, RULE, NOW)
    if found.recommendation is Recommendation.FAIL_OVER:
        assert all(sighting.bad for sighting in found.sightings)
        assert all(sum(bad is True for bad in history[-3:]) >= 2 for history in (one, two))

"""The next edge is the first that works; late results of another time count for nothing; one read at a time tries."""

from __future__ import annotations

from voicedr.runtime.edge.circuit import Event, Limits, State
from voicedr.runtime.edge.health import REMEMBERED_MAX, Health, Pick

LIMITS = Limits(wait_s=1.0, spread=0.0)


def health() -> Health:
    """Two edges."""
    return Health(("ashburn", "umatilla"), LIMITS)


def pick(of: Health, now_s: float = 0.0, *, read: bool = True, tried: tuple[str, ...] = ()) -> Pick:
    """The next edge of one product."""
    found = of.pick("api", tried, read=read, now_s=now_s)
    assert found is not None
    return found


def half_open(of: Health) -> None:
    """Open the first edge's circuit and let a probe through."""
    of.report("api", pick(of), Event.UNREACHED, 0.0, 0.0)
    (probe,) = of.to_probe("api", 1.0)
    of.report("api", probe, Event.PROBE_REACHED, 1.0, 0.0)


def test_an_edge_that_was_not_reached_is_passed_over_and_another_product_is_not() -> None:
    """A product that a Region does not have says nothing about the others."""
    of = health()
    of.report("sync", pick(of), Event.UNREACHED, 0.0, 0.0)
    assert pick(of).edge == "ashburn"
    of.report("api", pick(of), Event.UNREACHED, 0.0, 0.0)
    assert pick(of).edge == "umatilla"
    assert of.states() == {("sync", "ashburn"): State.OPEN, ("api", "ashburn"): State.OPEN}


def test_a_probe_is_given_out_once_and_only_when_its_wait_is_over() -> None:
    """Requests do not look whether an edge is back."""
    of = health()
    of.report("api", pick(of), Event.UNREACHED, 0.0, 0.0)
    assert of.to_probe("api", 0.9) == []
    assert [one.edge for one in of.to_probe("api", 1.0)] == ["ashburn"]
    assert of.to_probe("api", 5.0) == []
    lost_at_s = 1.0 + LIMITS.lost_s
    assert of.to_probe("api", lost_at_s) == []  # nothing was heard of that one: it waits again, longer
    assert [one.edge for one in of.to_probe("api", lost_at_s + 2.0)] == ["ashburn"]


def test_one_read_is_the_trial_and_a_write_never_is() -> None:
    """Others go elsewhere until it has answered."""
    of = health()
    half_open(of)
    assert pick(of, 2.0, read=False).edge == "umatilla"
    trial = pick(of, 2.0)
    assert (trial.edge, trial.trial) == ("ashburn", True)
    assert pick(of, 2.0).edge == "umatilla"
    change = of.report("api", trial, Event.ANSWERED, 2.0, 0.0)
    assert change is not None
    assert change.now is State.CLOSED
    assert pick(of, 2.0, read=False).edge == "ashburn"


def test_an_answer_from_before_the_outage_does_not_end_it() -> None:
    """A result counts in the era in which its request began."""
    of = health()
    early, other = pick(of), pick(of)
    of.report("api", other, Event.UNREACHED, 0.0, 0.0)
    assert of.report("api", early, Event.ANSWERED, 0.5, 0.0) is None
    assert pick(of).edge == "umatilla"


def test_a_failure_from_the_outage_does_not_open_what_was_closed_since() -> None:
    """The other way round, too."""
    of = health()
    old = pick(of)
    half_open(of)
    of.report("api", pick(of, 2.0), Event.ANSWERED, 2.0, 0.0)
    assert of.report("api", old, Event.UNREACHED, 3.0, 0.0) is None
    assert pick(of).edge == "ashburn"


def test_where_no_edge_is_known_to_work_all_are_tried_the_longest_open_first() -> None:
    """Refusing here would help nobody."""
    of = health()
    of.report("api", pick(of, tried=("ashburn",)), Event.UNREACHED, 0.0, 0.0)
    of.report("api", pick(of), Event.UNREACHED, 0.5, 0.0)
    first = pick(of, 0.6)
    assert (first.edge, first.last_resort) == ("umatilla", True)
    assert pick(of, 0.6, tried=("umatilla",)).edge == "ashburn"
    assert of.pick("api", ("umatilla", "ashburn"), read=True, now_s=0.6) is None


def test_what_is_remembered_is_bounded() -> None:
    """A caller who makes up products does not fill the memory."""
    of = health()
    for number in range(REMEMBERED_MAX + 50):
        of.report(f"p{number}", pick(of), Event.UNREACHED, 0.0, 0.0)
    assert len(of.states()) == REMEMBERED_MAX

"""Conferences, queues and recordings of a state that was saved while they lasted."""

from __future__ import annotations

from asking_the_twin import T0, small_world
from voicedr.twin.world.model import Conference, Participant, Queue, QueueMember, Recording
from voicedr.twin.world.state import as_json, end_cut_calls, from_json


def test_what_was_going_on_is_over_in_a_restored_state() -> None:
    """Conferences are completed, queues empty and recordings absent: nobody is on the line any more."""
    world = small_world()
    store = world.regions["us1"]
    store.conferences["CF1"] = Conference("CF1", "room", T0, T0, participants={"CA1": Participant("CA1", T0)})
    store.queues["QU1"] = Queue("QU1", "support", T0, T0, members=[QueueMember("CA2", T0)])
    store.recordings["RE1"] = Recording("RE1", "CA1", "DialVerb", T0, T0)
    world = from_json(as_json(world))
    end_cut_calls(world, T0 + 100)
    store = world.regions["us1"]
    assert (store.conferences["CF1"].status, store.conferences["CF1"].present) == ("completed", [])
    assert store.queues["QU1"].current_size == 0
    assert store.recordings["RE1"].status == "absent"

"""A state that was saved before something was added is read, with what was added as it is in a new world."""

from __future__ import annotations

import json
from typing import Any

from asking_the_twin import N0, T0, small_world
from voicedr.twin.world.model import Call, Recording
from voicedr.twin.world.state import as_json, from_json

ADDED = {
    "regions/*": ("holdings", "webhook_configuration", "secondary_auth_token"),
    "regions/*/calls/*": ("custom_parameters",),
    "regions/*/recordings/*": ("paused_at", "paused_s"),
    "numbers/*": ("address_sid", "bundle_sid"),
    "settings": (
        "private_addresses_refused",
        "webhook_certificates_checked",
        "route_requests_per_second",
        "debugger_webhook",
    ),
}


def _without(state: Any, path: list[str], names: tuple[str, ...]) -> int:
    """Take names out of what a path leads to; how many there were."""
    if not path:
        for name in names:
            del state[name]
        return len(names)
    below = list(state.values()) if path[0] == "*" else [state[path[0]]]
    return sum(_without(each, path[1:], names) for each in below)


def test_an_older_state_is_read() -> None:
    """Without any of the keys that came later it gives the same world."""
    world = small_world()
    store = world.regions["us1"]
    store.calls["CA1"] = Call("CA1", "+16465550123", N0, "inbound", "completed", T0)
    store.recordings["RE1"] = Recording("RE1", "CA1", "DialVerb", T0, T0, "completed")
    state = json.loads(as_json(world))
    for path, names in ADDED.items():
        assert _without(state, path.split("/"), names) > 0
    assert len(json.dumps(state)) < len(as_json(world))
    assert from_json(json.dumps(state).encode()) == world

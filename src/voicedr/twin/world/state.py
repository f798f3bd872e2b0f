"""The whole world as JSON, and back. What is read back equals what was written."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

import msgspec

from voicedr.twin.world.model import RegionStore, RouteEntry, World

FORMAT = 1


class BadState(ValueError):
    """A state that cannot be read. Nothing was loaded."""


def as_json(world: World) -> bytes:
    """The state, one key a field of the world; routes as a list."""
    state: dict[str, Any] = {"format": FORMAT}
    for field in fields(world):
        if field.compare:
            state[field.name] = getattr(world, field.name)
    state["routes"] = list(world.routes.values())
    return msgspec.json.encode(state)


def from_json(state: bytes) -> World:
    """The world that was written.

    Raises:
        BadState: If it is not JSON, of another format, or something in it is missing or of a wrong kind.
    """
    try:
        raw = msgspec.json.decode(state)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise BadState(f"it is not JSON ({exc}); give a file that the twin saved") from exc
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise BadState(f"its format is {found!r} and this twin reads {FORMAT}; start without it to make a new one")
    kinds = get_type_hints(World)
    kinds["routes"] = list[RouteEntry]
    read: dict[str, Any] = {}
    for field in fields(World):
        if not field.compare:
            continue
        if field.name not in raw:
            raise BadState(f"{field.name} is missing; give a file that the twin saved whole")
        try:
            read[field.name] = msgspec.convert(raw[field.name], kinds[field.name])
        except msgspec.ValidationError as exc:
            raise BadState(f"{field.name}: {exc}; give a file that the twin saved") from exc
    read["routes"] = {(entry.kind, entry.name): entry for entry in read["routes"]}
    return World(**read)


def end_cut_calls(world: World, now: float) -> int:
    """End the calls that lasted when the state was saved: nobody is on the line any more. How many there were."""
    cut = 0
    for network_call in world.network_calls.values():
        if network_call.outcome == "":
            network_call.outcome, network_call.ended_at = "failed", now
            cut += 1
    for store in world.regions.values():
        _end_gatherings(store, now)
        for call in store.calls.values():
            if call.status in ("queued", "ringing", "in-progress"):
                call.status = "completed" if call.status == "in-progress" else "failed"
                call.ended_at = now
    return cut


def _end_gatherings(store: RegionStore, now: float) -> None:
    """Nobody is in a conference or a queue any more, and what was being recorded is lost."""
    for conference in store.conferences.values():
        if conference.status != "completed":
            conference.status, conference.ended_at, conference.updated_at = "completed", now, now
            conference.reason_ended = "last-participant-left"
        for participant in conference.present:
            participant.status, participant.left_at = "complete", now
    for queue in store.queues.values():
        queue.members.clear()
    for recording in store.recordings.values():
        if recording.status in ("in-progress", "paused"):
            recording.status, recording.updated_at = "absent", now

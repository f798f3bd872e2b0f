"""The control API's part for scenarios: begin one, look at it, stop it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from voicedr.twin.control.operation import Call, Wrong, shown
from voicedr.twin.scenarios.files import read_text, shipped
from voicedr.twin.scenarios.performance import Performance
from voicedr.twin.scenarios.scenario import Scenario, read_scenario
from voicedr.twin.world.findings import Mistakes
from voicedr.wire.http import Response


class TakenShown(msgspec.Struct, frozen=True):
    """A step that was taken. ``wrong`` says why it could not be, if it could not."""

    at: float
    at_s: float
    what: str
    wrong: str


class PerformanceShown(msgspec.Struct, frozen=True):
    """A scenario that is played, or was."""

    id: str
    title: str
    started_at: float
    steps: int
    state: Literal["playing", "over", "stopped"]
    taken: tuple[TakenShown, ...]


class ScenariosShown(msgspec.Struct, frozen=True):
    """What was begun, and the names of those that come with the twin."""

    scenarios: tuple[PerformanceShown, ...]
    shipped: tuple[str, ...]


async def begin(call: Call) -> Response:
    """A scenario begins."""
    scenario = _asked(call.read(dict[str, Any]))
    try:
        return shown(_show(call.scenarios.begin(scenario)), 201)
    except ValueError as exc:
        raise Wrong(400, str(exc)) from exc


async def scenarios(call: Call) -> Response:
    """Every scenario."""
    played = tuple(_show(one) for one in call.scenarios.all())
    return shown(ScenariosShown(played, tuple(shipped())))


async def one_scenario(call: Call) -> Response:
    """One scenario."""
    found = call.scenarios.one(call.ids["id"])
    if found is None:
        raise _unknown(call)
    return shown(_show(found))


async def stop_scenario(call: Call) -> Response:
    """A scenario takes no more steps; what it broke is healed and its loads stop."""
    if call.scenarios.one(call.ids["id"]) is None:
        raise _unknown(call)
    call.scenarios.stop(call.ids["id"])
    return Response(204)


def _asked(body: dict[str, Any]) -> Scenario:
    try:
        match body:
            case {"name": str(name)} if len(body) == 1:
                if name not in shipped():
                    raise Wrong(
                        400,
                        f"there is no scenario {name!r}; there are {', '.join(shipped())}. "
                        'To play one of your own, send {"text": "..."} or its title and steps. Nothing was begun.',
                    )
                return read_text(shipped()[name])
            case {"text": str(text)} if len(body) == 1:
                return read_text(text)
            case _:
                return read_scenario(body)
    except Mistakes as exc:
        raise Wrong(400, f"{exc}. Nothing was begun.") from exc


def _show(one: Performance) -> PerformanceShown:
    taken = tuple(TakenShown(t.at, t.at_s, t.what, t.wrong) for t in one.taken)
    return PerformanceShown(one.id, one.title, one.started_at, one.steps, one.state, taken)


def _unknown(call: Call) -> Wrong:
    return Wrong(404, f"there is no scenario {call.ids['id']}; GET /_twin/scenarios lists those that were begun")

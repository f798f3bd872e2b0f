"""Playing scenarios: each is one task that waits for its next step and takes it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal, assert_never

from voicedr.twin import faults
from voicedr.twin.calls.load import Load
from voicedr.twin.clock import Clock
from voicedr.twin.scenarios.scenario import ALL, Act, Begin, Break, Change, Dial, Heal, Note, Scenario, Stop
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import World
from voicedr.twin.world.settings import change_settings

PLAYING_MAX = 20
"""Scenarios at once."""

KEPT_MAX = 200
"""Performances that are remembered; of those that are over the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken, or could not be.

    Attributes:
        at: Seconds since the epoch.
        what: What it did.
        wrong: Why it could not; empty if it could.
    """

    at: float
    at_s: float
    what: str
    wrong: str = ""


@dataclass(slots=True)
class Performance:
    """A scenario that is played, or was."""

    id: str
    title: str
    started_at: float
    steps: int
    state: Literal["playing", "over", "stopped"] = "playing"
    taken: list[Taken] = field(default_factory=list)


@dataclass(slots=True)
class _Playing:
    scenario: Scenario
    shown: Performance
    faults: dict[str, str] = field(default_factory=dict)
    """Fault ids by name; those without a name under their own id."""
    loads: dict[str, str] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Scenarios:
    """Every scenario that is played on one twin."""

    def __init__(self, world: World, clock: Clock, switchboard: Switchboard) -> None:
        self._world = world
        self._clock = clock
        self._switchboard = switchboard
        self._played: dict[str, _Playing] = {}

    def begin(self, scenario: Scenario) -> Performance:
        """Play a scenario from now on.

        Raises:
            ValueError: If too many are playing. Nothing changed.
        """
        if sum(one.shown.state == "playing" for one in self._played.values()) >= PLAYING_MAX:
            raise ValueError(f"{PLAYING_MAX} scenarios are playing and no more can begin; stop one first.")
        for old in [key for key, one in self._played.items() if one.shown.state != "playing"][: -KEPT_MAX or None]:
            del self._played[old]
        begun = Performance(self._world.mint("SC"), scenario.title, self._now(), len(scenario.steps))
        playing = self._played[begun.id] = _Playing(scenario, begun)
        playing.task = asyncio.create_task(self._play(playing))
        return begun

    def all(self) -> list[Performance]:
        """Those that are playing and those that were, the oldest first."""
        return [one.shown for one in self._played.values()]

    def one(self, performance_id: str) -> Performance | None:
        """One of them, or None."""
        found = self._played.get(performance_id)
        return found.shown if found is not None else None

    def stop(self, performance_id: str) -> None:
        """Take no more steps, heal what it broke and stop its loads. Settings stay as they are.

        Raises:
            KeyError: If there is no such scenario.
        """
        playing = self._played[performance_id]
        if playing.task is not None:
            playing.task.cancel()
        if playing.shown.state == "playing":
            playing.shown.state = "stopped"
        for fault_id in playing.faults.values():
            faults.end(self._world, fault_id, self._now())
        for name in list(playing.loads):
            self._stop_load(playing, name)

    async def close(self) -> None:
        """Stop every task where it stands."""
        tasks = [one.task for one in self._played.values() if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _play(self, playing: _Playing) -> None:
        begun = self._clock.monotonic_s()
        for step in playing.scenario.steps:
            await self._clock.sleep(max(0.0, begun + step.at_s - self._clock.monotonic_s()))
            what, wrong = describe(step.act), ""
            try:
                self._take(playing, step.act)
            except ValueError as exc:
                # A number that the account does not have, say: the rest of the scenario still makes sense.
                wrong = str(exc)
            playing.shown.taken.append(Taken(self._now(), step.at_s, what, wrong))
        playing.shown.state = "over"

    def _take(self, playing: _Playing, act: Act) -> None:
        world, now = self._world, self._now()
        match act:
            case Break(fault, params, for_s, name):
                faults.expire(world, now)
                begun = faults.begin(world, fault, params, now, for_s)
                playing.faults[name or begun.id] = begun.id
            case Heal(name):
                for fault_id in list(world.faults) if name == ALL else [playing.faults.get(name, "")]:
                    faults.end(world, fault_id, now)
            case Change(settings):
                change_settings(world.settings, settings)
            case Begin(load, name):
                numbers = tuple(world.numbers) if isinstance(load.numbers, str) else load.numbers
                caller = load.caller.caller()
                asked = Load(load.calls_per_second, numbers, load.duration_s, caller, from_prefix=load.from_prefix)
                load_id = self._switchboard.start_load(asked)
                playing.loads[name or load_id] = load_id
            case Stop(name):
                for each in list(playing.loads) if name == ALL else [name]:
                    self._stop_load(playing, each)
            case Dial(call):
                self._switchboard.dial(call.from_, call.to, call.caller.caller(), synthetic=call.synthetic)
            case Note():
                pass  # It is shown; nobody has to do anything.
            case _:
                assert_never(act)

    def _stop_load(self, playing: _Playing, name: str) -> None:
        load_id = playing.loads.pop(name, "")
        if load_id in self._switchboard.loads():
            self._switchboard.stop_load(load_id)


def describe(act: Act) -> str:
    """What a step does, in one line."""
    match act:
        case Break(fault, params, for_s, name):
            named = f" ({name})" if name else ""
            words = [f"{key}={value}" for key, value in params.items()]
            return " ".join(["break", fault + named, *words, *([f"for {for_s:g} s"] if for_s is not None else [])])
        case Heal(name):
            return f"heal {name}"
        case Change(settings):
            return "set " + " ".join(f"{key}={value}" for key, value in settings.items())
        case Begin(load, name):
            return f"{load.calls_per_second:g} calls a second" + (f" ({name})" if name else "")
        case Stop(name):
            return f"stop load {name}"
        case Dial(call):
            return f"{call.from_} rings {call.to}"
        case Note(text):
            return text
        case _:
            assert_never(act)

"""One trial: a twin, an execution, processes that die, and people who let it go on. All in one virtual time.

The twin outlives the processes. What they did to its routes is in its history, which they cannot edit.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.accounts import TEST_CALLER
from bench.killing.mortal import Killed, Life, MortalJournal, mortal_send
from bench.killing.story import Death, Story
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.commands import LEFT_IS_BACK, Name
from voicedr.program.execution.events import Event
from voicedr.program.execution.state import Execution, fold
from voicedr.program.vocabulary import IE1, US1, Kind, Mode, Region
from voicedr.testing.virtual_time import VirtualClock, VirtualTimeError, run_virtual
from voicedr.twin.twin import Twin
from voicedr.twin.world.account import world_from_account
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.guard import Guard
from voicedr.usecases.tempo import Tempo
from voicedr.wire.http import Request, Response

EXECUTION = "x"
STUCK_S = 3600.0
"""An execution that has not ended after so many virtual seconds is stuck."""

TEMPO = Tempo(look_s=0.5, alert_lag_s=0.5, test_call_s=0, again_s=2.0, proof_grace_s=30.0)
SPEAK_AGAIN_S = 3.0
EDGES = {US1: "ashburn", IE1: "dublin"}
OK = b'<?xml version="1.0" encoding="UTF-8"?><Response><Say>ok</Say><Hangup/></Response>'
GONE = f"trial@{os.uname().nodename}:1/0"
"""A holder of this machine whose process is no more: the next one need not wait for its lease."""


@dataclass(frozen=True)
class Takeover:
    """A process that followed a dead one: how long until it sent its first request, and until it did something.

    ``acted_s`` is None where nothing was due: the execution waited for calls, or for people.
    """

    first_s: float | None
    acted_s: float | None


@dataclass
class Told:
    """What a trial left behind."""

    story: Story
    deaths: list[Death] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    state: Execution | None = None
    """Its end by the journal; None: it is stuck."""

    stuck: str = ""
    history: dict[str, list[Region]] = field(default_factory=dict)
    """Every route that was written to each number, in order, by the twin."""

    asked_left: int = 0
    """Requests to the Region that is left while it must not be asked."""

    lasted_s: float = 0.0


def run(told: Story, folder: Path) -> Told:
    """Let it happen. The folder is new and empty; a journal is left in it."""
    trial = _Trial(told, folder)
    try:
        return run_virtual(trial.happen, limit_s=STUCK_S + 60)
    except VirtualTimeError as exc:
        trial.told.stuck = str(exc)
        return trial.told
    finally:
        trial.people.close()


class _Trial:
    def __init__(self, story: Story, folder: Path) -> None:
        self.told = Told(story)
        self._story = story
        self._folder = folder
        self._state: Execution | None = None
        self._barred = story.plan.mode is Mode.UNGRACEFUL
        self._back_was_said = False
        self.people = SqliteJournal(folder / "journal.db")

    async def happen(self, clock: VirtualClock) -> Told:
        """Until the execution has ended, or is stuck."""
        self._clock = clock
        story = self._story
        world = world_from_account(_account(story), story.seed, clock.now().timestamp())
        self._keys = {region: next(iter(world.regions[region].keys.values())) for region in EDGES}
        self._account_sid = world.account_sid
        webhooks = InProcessSend({f"{region}.app": self._application(region) for region in EDGES}, clock)
        twin = Twin(world, clock, webhooks)
        self._twin = twin
        self._to_twin = InProcessSend({}, clock, otherwise=twin.respond)
        open_execution(self.people, story.plan, execution=EXECUTION, kind=Kind.DRILL_TWIN, by="trial", now=clock.now())
        beside = [asyncio.ensure_future(one) for one in (self._breaks(), self._said(), self._people())]
        try:
            async with asyncio.timeout(STUCK_S):
                self.told.state = await self._processes()
        except TimeoutError:
            state = self._state
            self.told.stuck = "nobody has it" if state is None else f"{state.phase}, paused: {state.paused}"
        finally:
            for one in beside:
                one.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        self.told.lasted_s = clock.monotonic_s()
        routes = (await self._control("GET", "/_twin/routes"))["routes"]
        self.told.history = {
            route["name"]: [Region(change["region"]) for change in route["changes"][1:]]
            for route in routes
            if route["name"] != TEST_CALLER
        }
        await twin.close()
        return self.told

    # Processes

    async def _processes(self) -> Execution:
        """One after another, until one comes to the end."""
        for death in (*self._story.deaths, None):
            state = await self._process(death)
            if state is not None:
                return state
            assert death is not None
            self.told.deaths.append(death)
            self._state = None
            await self._clock.sleep(death.absent_s)
        raise AssertionError("the last process does not die")

    async def _process(self, death: Death | None) -> Execution | None:
        """The end of the execution, or None if the process died before."""
        clock, life = self._clock, Life(death, self._clock)
        file = SqliteJournal(self._folder / "journal.db")
        due = self._due(file)
        journal = MortalJournal(file, life)
        send = mortal_send(self._to_twin, life, clock, asked=self._note)
        pace, calls = Pace(self._story.plan.requests_per_second, clock), Pace(10.0, clock)

        def provider(region: Region) -> TwilioRegion:
            key = self._keys[region]
            return TwilioRegion(
                self._account_sid, region, EDGES[region], key.sid, key.secret, send, clock, pace, calls,
                chance=lambda: 0.5,
            )  # fmt: skip

        plan = self._story.plan
        regions = [plan.to] if plan.mode is Mode.UNGRACEFUL else [plan.to, plan.leaves]
        main: asyncio.Future[Execution] = asyncio.ensure_future(
            cut_over(
                EXECUTION, journal, {region: provider(region) for region in regions}, None, clock, holder=GONE,
                listener=self._listen, stay_when_paused=True, tempo=TEMPO, guard=Guard(), reach=provider,
            )
        )  # fmt: skip
        end = asyncio.ensure_future(life.until_its_time())
        both: set[asyncio.Future[Any]] = {main, end}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not main.done() or life.over.is_set():
            life.over.set()
            self._bury(main)
            finished = False
        else:
            finished = True
        end.cancel()
        if self.told.deaths:
            acted_s = None if life.routed_s is None or not due else life.routed_s - life.began_s
            first_s = None if life.first_s is None else life.first_s - life.began_s
            if first_s is not None:
                self.told.takeovers.append(Takeover(first_s, acted_s))
        if not finished:
            return None
        state = main.result()
        file.close()
        return state

    def _due(self, journal: SqliteJournal) -> bool:
        """True if the process that now begins has something to do at once, whoever had it before."""
        if not self.told.deaths:
            return False
        state = fold(record.event for record in journal.read(EXECUTION))
        if state.unsettled() or any(one.stage.value == "in flight" for one in state.actions.values()):
            return True
        moving = any(cohort.started_at is not None and cohort.left > 0 for cohort in state.current)
        return moving and not state.halted

    def _bury(self, main: asyncio.Future[Any]) -> None:
        """What is left of a dead process is ended; it can touch nothing any more."""
        main.cancel()
        main.add_done_callback(lambda done: None if done.cancelled() else done.exception())

    def _listen(self, _event: Event, state: Execution) -> None:
        self._state = state
        self._barred = state.mode is Mode.UNGRACEFUL

    def _note(self, url: str) -> None:
        if self._barred and not self._back_was_said and f".{self._story.plan.leaves}." in url:
            self.told.asked_left += 1

    # The world around

    def _application(self, region: Region) -> Any:
        async def serve(_request: Request) -> Response:
            dies_s = self._story.standby_dies_s
            if dies_s is not None and region == self._story.plan.to and self._clock.monotonic_s() >= dies_s:
                return Response(500, (), b"")
            return Response(200, (("Content-Type", "text/xml"),), OK)

        return serve

    async def _breaks(self) -> None:
        async def one(at_s: float, body: dict[str, Any]) -> None:
            await self._clock.sleep(at_s)
            await self._control("POST", "/_twin/faults", body)

        await _all(one(it.at_s, {"fault": it.fault, "for_s": it.for_s, **it.parameters}) for it in self._story.breaks)

    async def _said(self) -> None:
        for at_s, name, note in self._story.said:
            await self._clock.sleep(max(0.0, at_s - self._clock.monotonic_s()))
            self._say(name, note)

    async def _people(self) -> None:
        """Somebody looks every second and says what lets it go on."""
        while True:
            await self._clock.sleep(1.0)
            state = self._state
            if state is None or state.finished is not None:
                continue
            if state.rollback_refused is not None:
                self._say(Name.ROLL_BACK, LEFT_IS_BACK)
            elif state.stopped is not None:
                self._say(Name.RESUME, "it was nothing")
            elif state.paused is not None:
                if any(cohort.doubted is not None and cohort.doubted.failed for cohort in state.current):
                    self._say(Name.SKIP, "")
                self._say(Name.RESUME, "")
            elif state.asks_people:
                self._say(Name.GO, "")
            else:
                continue
            await self._clock.sleep(SPEAK_AGAIN_S)

    def _say(self, name: Name, note: str) -> None:
        self._back_was_said |= LEFT_IS_BACK in note
        self.people.command(EXECUTION, name.value, "ana", note, self._clock.now())

    async def _control(self, method: str, path: str, body: Any = None) -> Any:
        request = Request(method, f"http://127.0.0.1{path}", (), b"" if body is None else json.dumps(body).encode())
        answer = await self._twin.respond(request)
        assert answer.status < 400, answer.text
        return json.loads(answer.body) if answer.body else None


async def _all(work: Any) -> None:
    with suppress(Killed):
        await asyncio.gather(*(one for one in work if isinstance(one, Coroutine)))


def _account(story: Story) -> dict[str, Any]:
    """The plan's numbers with a handler in each Region, but for those that are not fit; and the test caller."""
    plan = story.plan
    every = [one.subject.name for one in plan.actions if isinstance(one, SetRoute)]

    def voice(region: Region, number: str) -> dict[str, str]:
        if region == plan.to and number in story.unfit:
            return {}
        return {"voice_url": f"http://{region}.app/voice", "voice_method": "POST"}

    return {
        "settings": {name: value for name, value in story.settings.items() if value is not None},
        "numbers": [
            {
                "e164": number,
                "friendly_name": number,
                "route": plan.leaves,
                "voice": {region: given for region in EDGES if (given := voice(region, number))},
            }
            for number in (*every, str(TEST_CALLER))
        ],
    }

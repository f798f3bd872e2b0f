"""The switchboard: it runs the scripts of calls with a clock and a way to send HTTP.

Scripts decide; here is only the doing. Each live call is one task, which is cancelled to break in on it: the
interruption to throw into the script is left in ``Live.news`` before. With one clock, one seed and the same things
told in the same order, everything happens in the same order too, so equal worlds stay equal to the byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import islice
from math import inf
from typing import TypeVar, cast

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import (
    Apart,
    Ended,
    Exchange,
    HungUp,
    Interruption,
    Invite,
    Listen,
    OpenStream,
    Place,
    RegionLost,
    Replaced,
    Script,
    SipDialler,
    SipFarEnd,
    Tie,
    Wait,
)
from voicedr.twin.calls.debugger import report
from voicedr.twin.calls.exchanges import Exchanges
from voicedr.twin.calls.inbound import incoming, region_is_lost
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.load import Load
from voicedr.twin.calls.message import Conversations, arrived, receive
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.orders import Change, Instructions, RecordingChanged
from voicedr.twin.calls.outbound import outgoing
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.rest_recording import recording_changed
from voicedr.twin.calls.streaming import Streaming
from voicedr.twin.clock import Clock
from voicedr.twin.front_desk import FrontDesk
from voicedr.twin.live import Doing, Live
from voicedr.twin.loads import Loads
from voicedr.twin.streamer import Streamer
from voicedr.twin.verbs import VERBS
from voicedr.twin.world.model import Message, NetworkCall, World
from voicedr.wire.http import Send
from voicedr.wire.websocket import OpenSocket

NETWORK_CALLS_MAX = 200_000
"""Network calls kept; the oldest that have ended are forgotten. At 2 kB each this is 400 MB at worst."""

LOGGED_CALLS_MAX = 200_000
"""Call log entries kept per Region."""

APART_MAX = 20_000
"""Callbacks under way at once. One more is the error 15002, which says that it waited in the queue too long."""

WATCH_S = 1.0
"""How often it is looked whether a Region has died under its calls."""

_Kept = TypeVar("_Kept")


class Switchboard:
    """Every live call of a world."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        send: Send,
        *,
        live_calls_max: int = 20_000,
        open_socket: OpenSocket | None = None,
        sip: SipDialler | None = None,
    ) -> None:
        """Take over a world's calls.

        Args:
            sip: Calls SIP equipment for real; without it all of it is simulated.
            open_socket: How media streams reach the application; without it they fail.
            live_calls_max: A call beyond so many is busy at once: the bound on memory and on tasks.
        """
        self._world = world
        self._clock = clock
        self._live_max = live_calls_max
        self._office = Office(world, clock.now().timestamp(), sip=sip)
        if sip is not None:
            sip.serve(FrontDesk(self))
        self._live: dict[Live, None] = {}
        self._by_sid: dict[tuple[str, str], Live] = {}
        self._done: dict[str, asyncio.Future[None]] = {}
        self._loads = Loads(world, clock, self.dial)
        self._apart: set[asyncio.Task[None]] = set()
        self._conversations: Conversations = {}
        self._watch: asyncio.Task[None] | None = None
        self._doing = Doing(self._office, clock, send)
        self._streamer = Streamer(clock, open_socket)
        self._office.tell = lambda region, alert: self._set_beside(
            self._drive_apart(report(self._office, region, alert))
        )

    def dial(self, from_: str, to: str, caller: Caller | None = None, *, synthetic: bool = False) -> NetworkCall:
        """Place a call from the public network. It goes on by itself; ``ended`` waits for it."""
        return self._place(from_, to, caller or Caller(), synthetic)[0]

    async def message(self, from_: str, to: str, body: str) -> Message:
        """Let a text message arrive, and give it when it has been dealt with."""
        self._office.now = self._now()
        message = arrived(self._office, from_, to, body)
        await self._drive_apart(receive(self._office, message, self._conversations))
        return message

    def begin(self, region: str, call_sid: str, instructions: Instructions) -> None:
        """Take on a call that the REST API has created and logged as queued.

        Raises:
            KeyError: If it is not in this Region's log.
        """
        self._office.now = self._now()
        call = self._world.regions[region].calls[call_sid]
        if len(self._live) >= self._live_max:
            call.status, call.ended_at = "failed", self._office.now
            text = f"{len(self._live)} calls are live and no more are taken; wait for some to end"
            self._office.alert(region, 10004, text, resource_sid=call_sid)
            return
        live = Live(Person(Caller(hangs_up_after_s=inf)))
        connected = self._connector(live)
        self._start(live, outgoing(self._office, region, call, instructions, live.person, VERBS, connected))

    def modify(self, region: str, call_sid: str, change: Change) -> None:
        """Carry out a REST update of a live call.

        Nothing happens to a call that is not live, that is to be cancelled after it was answered, or that is to get
        other instructions before: REST refuses those with 21220.
        """
        live = self._by_sid.get((region, call_sid))
        if live is None or live.line is None or live.line.call.sid != call_sid:
            return
        in_progress = live.line.call.status == "in-progress"
        if change.status == "completed":
            live.interrupt(Ended("completed" if in_progress else "canceled"))
        elif change.status == "canceled" and not in_progress:
            live.interrupt(Ended("canceled"))
        elif (change.url or change.twiml) and in_progress and not live.line.call.trunk_sid:
            live.interrupt(Replaced(change))

    def recording_changed(self, order: RecordingChanged) -> None:
        """REST has begun or stopped the recording of a call; nothing happens to one that is not live."""
        live = self._by_sid.get((order.region, order.call_sid))
        if live is not None and live.line is not None and live.line.call.sid == order.call_sid:
            self._set_beside(self._drive_apart(recording_changed(live.line, order)))

    def stir(self, conference_sid: str) -> None:
        """A conference was changed through the REST API: the calls in it look again."""
        meeting = self._office.meetings.get(conference_sid)
        if meeting is not None:
            self._office.now = self._now()
            meeting.bell.ring()

    async def ended(self, network_call_id: str) -> NetworkCall:
        """Wait for a network call's end and give it.

        Raises:
            KeyError: If there is no such call, or it ended so long ago that it is forgotten.
        """
        network = self._world.network_calls[network_call_id]
        if network.ended_at is None:
            done = self._done.get(network_call_id)
            if done is None:
                done = self._done[network_call_id] = asyncio.get_running_loop().create_future()
            await asyncio.shield(done)
        return network

    def start_load(self, load: Load) -> str:
        """Place calls at random times at this load's rate, from now on. Gives its id.

        Raises:
            ValueError: If there are too many loads already. Nothing changed.
        """
        return self._loads.start(load)

    def stop_load(self, load_id: str) -> None:
        """Place no more calls of this load; those that last are left alone.

        Raises:
            KeyError: If there is no such load, or it is over.
        """
        self._loads.stop(load_id)

    def loads(self) -> dict[str, dict[str, object]]:
        """The loads that run, by id, with how many calls each has placed."""
        return self._loads.shown()

    def queued_s(self, region: str) -> float:
        """How long a call that REST makes now in this Region has to wait for its turn."""
        self._office.now = self._now()
        return self._office.queued_s(region)

    @property
    def live_calls(self) -> int:
        """How many calls last now."""
        return len(self._live)

    @property
    def exchanges(self) -> Exchanges:
        """The last attempts at webhooks."""
        return self._office.exchanges

    def live_by_region(self) -> dict[str, int]:
        """How many calls last now in each Region; those that no Region has taken are under the empty name."""
        counted: dict[str, int] = {}
        for live in self._live:
            region = live.line.region if live.line is not None else ""
            counted[region] = counted.get(region, 0) + 1
        return counted

    async def close(self) -> None:
        """Stop everything where it stands: loads, calls, callbacks. No call is told."""
        self._doing.closing = True
        tasks = self._loads.close()
        tasks += [live.task for live in self._live]
        tasks += [*self._apart, self._watch]
        stopped = [task for task in tasks if task is not None]
        for task in stopped:
            task.cancel()
        await asyncio.gather(*stopped, return_exceptions=True)

    def look(self) -> Office:
        """What all calls share, with the time set to now."""
        self._office.now = self._now()
        return self._office

    def note(self, from_: str, to: str, *, synthetic: bool = False) -> NetworkCall:
        """Write down a call from the network."""
        network = NetworkCall(self._world.mint("NC"), from_, to, self.look().now, synthetic=synthetic)
        kept = self._world.network_calls
        if len(kept) >= NETWORK_CALLS_MAX:
            _forget(kept, lambda call: call.ended_at is not None)
        kept[network.id] = network
        return network

    def take(self, live: Live, script: Callable[[Callable[[Line], None]], Script[None]]) -> bool:
        """Run a call's script; False if no more calls are taken."""
        if len(self._live) >= self._live_max:
            return False
        self._start(live, script(self._connector(live)))
        return True

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _place(
        self, from_: str, to: str, caller: Caller, synthetic: bool, phone: Phone | None = None
    ) -> tuple[NetworkCall, Live]:
        network = self.note(from_, to, synthetic=synthetic)
        now = network.dialled_at
        person = Person(caller, network, hangs_up_at=now + caller.hangs_up_after_s, phone=phone)
        live = Live(person, network)
        if len(self._live) >= self._live_max:
            network.outcome, network.ended_at, live.over = "busy", now, True
            person.notices(now, "tone", "busy")
            return network, live
        self._start(live, incoming(self._office, network, person, VERBS, self._connector(live)))
        return network, live

    def _connector(self, live: Live) -> Callable[[Line], None]:
        def connected(line: Line) -> None:
            live.line = line
            key = (line.region, line.call.sid)
            live.sids.append(key)
            self._by_sid[key] = live
            logged = self._world.regions[line.region].calls
            if len(logged) > LOGGED_CALLS_MAX:
                _forget(logged, lambda call: call.ended_at is not None)

        return connected

    def _start(self, live: Live, script: Script[None]) -> None:
        self._live[live] = None
        live.task = asyncio.create_task(self._run(live, script))
        if self._watch is None:
            self._watch = asyncio.create_task(self._watch_regions())

    async def _run(self, live: Live, script: Script[None]) -> None:
        """Run a call to its end. If its script breaks, the call has failed and the break is not hidden."""
        try:
            await self._drive(live, script)
        finally:
            live.over = True
            for key in live.sids:
                self._by_sid.pop(key, None)
            self._live.pop(live, None)
            network = live.network
            if network is not None and not self._doing.closing:
                network.ended_at = self._now()
                network.outcome = network.outcome or "failed"
                done = self._done.pop(network.id, None)
                if done is not None and not done.done():
                    done.set_result(None)
            for far_end in live.placed:
                far_end.hang_up()
            for tied in live.ties:
                tied.hang_up()
            for streaming in live.streams:
                streaming.stop()
            live.wake()

    async def _drive(self, live: Live, script: Script[None]) -> None:
        office = self._office
        answer: object = None
        news: Interruption | None = None
        try:
            while True:
                office.now = self._now()
                try:
                    command = script.send(answer) if news is None else script.throw(news)
                except StopIteration:
                    return
                answer, news = None, None
                if not live.answered and live.line is not None and live.line.answered:
                    live.answered = True
                    live.wake()
                if isinstance(command, Apart):
                    self._set_apart(live, command.script)
                elif isinstance(command, Place):
                    order = command
                    _, far_end = self._place(order.from_, order.to, order.caller, order.synthetic, order.phone)
                    live.placed.append(far_end)
                    answer = far_end
                elif isinstance(command, Invite):
                    answer = self._invite(live, command)
                elif isinstance(command, OpenStream):
                    streaming = cast(Streaming, command.streaming)
                    live.streams.append(streaming)
                    self._set_beside(self._streamer.run(streaming))
                elif isinstance(command, Tie):
                    command.far_end.tie(live)
                elif live.news is None:
                    answer, news = await self._doing.suspended(live, command)
                if live.news is not None:
                    news, live.news = live.news, None
                if isinstance(news, HungUp):
                    live.gone = True
        finally:
            script.close()

    def _invite(self, live: Live, order: Invite) -> SipFarEnd:
        """Call over SIP. A call that ends for whatever reason ends its SIP side, too."""
        if self._office.sip is None:
            raise TypeError("a script wants to call over SIP, and there is nobody who can")
        far_end = self._office.sip.invite(order)
        live.placed.append(far_end)
        return far_end

    def _set_apart(self, live: Live, script: Script[None]) -> None:
        if len(self._apart) >= APART_MAX:
            script.close()
            if live.line is not None:
                line = live.line
                text = f"{APART_MAX} callbacks are under way; this one was dropped. Answer them faster."
                self._office.alert(line.region, 15002, text, resource_sid=line.call.sid)
            return
        self._set_beside(self._drive_apart(script))

    def _set_beside(self, doing: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(doing)
        self._apart.add(task)
        task.add_done_callback(self._apart.discard)

    async def _drive_apart(self, script: Script[None]) -> None:
        answer: object = None
        while True:
            self._office.now = self._now()
            try:
                command = script.send(answer)
            except StopIteration:
                return
            answer = None
            if isinstance(command, Wait):
                await self._clock.sleep(command.seconds)
            elif isinstance(command, Exchange):
                answer = await self._doing.exchange(command)
            elif isinstance(command, Listen):
                await self._doing.listen(command)
            else:
                raise TypeError(f"a callback can wait and send, not {type(command).__name__}")

    async def _watch_regions(self) -> None:
        """Tell the calls of a Region when it dies. Runs only while there are calls."""
        while self._live:
            await self._clock.sleep(WATCH_S)
            self._office.now = self._now()
            for region in self._world.regions:
                if region_is_lost(self._office, region):
                    for live in list(self._live):
                        if live.line is not None and live.line.region == region:
                            live.interrupt(RegionLost())
        self._watch = None


def _forget(kept: dict[str, _Kept], is_over: Callable[[_Kept], bool]) -> None:
    """Drop the oldest hundredth, as far as it is over."""
    for key in [key for key, value in islice(kept.items(), len(kept) // 100 + 1) if is_over(value)]:
        del kept[key]

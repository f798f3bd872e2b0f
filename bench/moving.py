"""Numbers moved in real time against a twin in a process of its own: by the use case, and by peers."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench.accounts import account, numbers, plan
from bench.processes import TwinProcess, bare_server, on_core, other_core, output_of, twin
from voicedr.adapters.clock import WallClock
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import Execution
from voicedr.program.vocabulary import IE1, Kind
from voicedr.usecases.cut_over import cut_over, open_execution

RUN_S_MAX = 180.0


@dataclass(frozen=True)
class Moved:
    """How a move went.

    Attributes:
        seconds: From the first intent to the last answer.
        throttled: Requests that the provider refused for pace, those that were repeated among them.
        asked: Requests in all, looks and test calls among them.
        processor_s: What this process took for it.
    """

    seconds: float
    throttled: int
    asked: int
    processor_s: float


class CountingPace(Pace):
    """A pace that counts how often the provider said 429."""

    refused = 0

    def slow_down(self) -> None:
        """See ``Pace``."""
        self.refused += 1
        super().slow_down()


def moved_by_us(count: int, pace_per_second: float, *, answer_s: float, **settings: Any) -> Moved:
    """The use case moves so many numbers in one cohort, at that pace.

    ``settings`` are the twin's; if none are given, it refuses every request above the pace.
    """
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory, bare_server(other_core()) as port:
        limits = settings or {"requests_per_second": pace_per_second}
        made = account(numbers(count), f"http://127.0.0.1:{port}/ok", propagation_s=[0, 0], answer_s=answer_s, **limits)
        with (
            twin(Path(directory), made) as served,
            on_core(other_core()),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            return runner.run(_move(served, Path(directory), count, pace_per_second))


async def _move(served: TwinProcess, directory: Path, count: int, requests_per_second: float) -> Moved:
    clock = WallClock()
    journal = SqliteJournal(directory / "journal.db")
    planned = plan(
        {"all": numbers(count)}, requests_per_second=requests_per_second, calls_per_second=1.0, propagation_s_max=300.0
    )
    open_execution(journal, planned, execution="x", kind=Kind.DRILL_TWIN, by="bench", now=clock.now())
    events: list[ev.Event] = []
    moved = asyncio.Event()
    answered = 0

    def listen(event: ev.Event, _state: Execution) -> None:
        nonlocal answered
        events.append(event)
        answered += isinstance(event, ev.Answered)
        if answered == count:
            moved.set()

    key = served.told["credentials"]["ie1"]
    pace = CountingPace(requests_per_second, clock)
    async with SocketSend(address=served.told["http"]) as send:
        provider = TwilioRegion(
            served.told["account_sid"], IE1, "dublin", key["api_key"], key["api_secret"], send, clock,
            pace, Pace(1.0, clock),
        )  # fmt: skip
        begun_s = time.process_time()
        run = asyncio.ensure_future(
            cut_over("x", journal, {IE1: provider}, None, clock, holder="bench", listener=listen)
        )
        done = asyncio.ensure_future(moved.wait())
        await asyncio.wait({run, done}, timeout=RUN_S_MAX, return_when=asyncio.FIRST_COMPLETED)
        if not moved.is_set():
            raise RuntimeError(f"{answered} of {count} numbers were moved: {run if run.done() else 'still at it'}")
        processor_s = time.process_time() - begun_s
        asked = sum(served.control("GET", "/_twin/requests")["by_region"].values())
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await clock.sleep(0.3)  # What the twin still answers to nobody.
    journal.close()
    begun = min(event.at for event in events if isinstance(event, ev.Intended))
    ended = max(event.at for event in events if isinstance(event, ev.Answered))
    return Moved((ended - begun).total_seconds(), pace.refused, asked, processor_s)


def moved_by_peer(module: str, count: int, *, answer_s: float, **settings: Any) -> dict[str, float]:
    """What a peer tells of moving so many numbers: a program that reads the twin and the numbers from its environment.

    ``settings`` are the twin's.
    """
    with tempfile.TemporaryDirectory() as directory:
        made = account(numbers(count), "http://127.0.0.1:9/voice", propagation_s=[0, 0], answer_s=answer_s, **settings)
        with twin(Path(directory), made) as served:
            kept = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and k[:6] != "TWILIO"}
            environment = {
                **kept,
                "HTTPS_PROXY": served.told["proxy"],
                "REQUESTS_CA_BUNDLE": served.told["ca"],
                "SSL_CERT_FILE": served.told["ca"],
                "TWIN": json.dumps(served.told),
                "NUMBERS": json.dumps(numbers(count)),
            }
            told: dict[str, float] = output_of(["-m", module], other_core(), environment)
            return told

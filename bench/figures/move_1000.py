"""Moving 1,000 numbers at a limit of 100 requests per second: from the first intent to the last answer.

The use case itself, through the provider adapter over sockets, with the journal on disk and every intent durable
before its request: test calls and looks at the call log share the pace, as they do on the day. Propagation comes
after it and is left out. The twin takes a tenth of a second for every answer, or none. Beside it a plain loop of the
official library, one number after another, which keeps to no limit, writes nothing down and looks at nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.accounts import account, numbers, plan
from bench.figure import Line, Peer
from bench.processes import TwinProcess, bare_server, on_core, other_core, output_of, twin
from voicedr.adapters.clock import WallClock
from voicedr.adapters.http.sockets import SocketSend
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.state import Execution
from voicedr.program.vocabulary import IE1, Kind
from voicedr.usecases.cut_over import cut_over, open_execution

REQUESTS_PER_SECOND = 100.0
TARGET_S = 12.0
RUN_S_MAX = 60.0


def measure(quick: bool) -> Sequence[Line]:
    """With answers at once, and with answers after a tenth of a second."""
    count = 200 if quick else 1000
    ideal_s = count / REQUESTS_PER_SECOND
    lines = []
    for answer_s, plain_count in ((0.1, 20 if quick else 100), (0.0, count)):
        moved_s, throttled, asked_per_s = _moved_s(count, answer_s)
        plain_s = _plain_s(plain_count, answer_s) / plain_count * count
        lines.append(
            Line(
                f"{count:,} numbers, answers after {answer_s:g} s", moved_s, "s",
                Peer(f"plain loop of the official library, from {plain_count} numbers", plain_s),
                at_most=TARGET_S * count / 1000,
                note=f"{moved_s / ideal_s - 1:.1%} over the ideal {ideal_s:g} s; {asked_per_s:.1f} requests/s in all;"
                f" {throttled} refused for pace",
            )
        )  # fmt: skip
    return lines


def _moved_s(count: int, answer_s: float) -> tuple[float, int, float]:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory, bare_server(other_core()) as port:
        made = account(
            numbers(count), f"http://127.0.0.1:{port}/ok", propagation_s=[0, 0], answer_s=answer_s,
            requests_per_second=REQUESTS_PER_SECOND,
        )  # fmt: skip
        with (
            twin(Path(directory), made) as served,
            on_core(other_core()),
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            events, asked = runner.run(_move(served, Path(directory), count))
    begun = min(event.at for event in events if isinstance(event, ev.Intended))
    ended = max(event.at for event in events if isinstance(event, ev.Answered))
    seconds = (ended - begun).total_seconds()
    return seconds, sum(isinstance(event, ev.NotDone) for event in events), asked / seconds


async def _move(served: TwinProcess, directory: Path, count: int) -> tuple[list[ev.Event], int]:
    clock = WallClock()
    journal = SqliteJournal(directory / "journal.db")
    planned: Plan = plan(
        {"all": numbers(count)}, requests_per_second=REQUESTS_PER_SECOND, calls_per_second=1.0, propagation_s_max=300.0
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
    async with SocketSend(address=served.told["http"]) as send:
        provider = TwilioRegion(
            served.told["account_sid"], IE1, "dublin", key["api_key"], key["api_secret"], send, clock,
            Pace(REQUESTS_PER_SECOND, clock), Pace(1.0, clock),
        )  # fmt: skip
        run = asyncio.ensure_future(
            cut_over("x", journal, {IE1: provider}, None, clock, holder="bench", listener=listen)
        )
        done = asyncio.ensure_future(moved.wait())
        await asyncio.wait({run, done}, timeout=RUN_S_MAX, return_when=asyncio.FIRST_COMPLETED)
        if not moved.is_set():
            raise RuntimeError(f"{answered} of {count} numbers were moved: {run if run.done() else 'still at it'}")
        asked = sum(served.control("GET", "/_twin/requests")["by_region"].values())
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        await clock.sleep(0.3)  # What the twin still answers to nobody.
    journal.close()
    return events, asked


def _plain_s(count: int, answer_s: float) -> float:
    with tempfile.TemporaryDirectory() as directory:
        made = account(numbers(count), "http://127.0.0.1:9/voice", propagation_s=[0, 0], answer_s=answer_s)
        with twin(Path(directory), made) as served:
            kept = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and k[:6] != "TWILIO"}
            environment = {
                **kept,
                "HTTPS_PROXY": served.told["proxy"],
                "REQUESTS_CA_BUNDLE": served.told["ca"],
                "TWIN": json.dumps(served.told),
                "NUMBERS": json.dumps(numbers(count)),
            }
            return float(output_of(["-m", "bench.peers.plain_loop"], other_core(), environment)["seconds"])

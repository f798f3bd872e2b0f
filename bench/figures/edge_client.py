"""The edge client beside the official library's own HTTP client: calls per second, cost per call, and an edge's outage.

Each call is the library's own ``accounts(SID).fetch()``, with the one or the other HTTP client behind it, against the
same loopback server in another process on the other core; the two take turns, and the median of the rounds counts. Cost
is processor time of the client's process. The library alone cannot be told where a host is, so it asks the server's
address; ours asks the provider's names and is told where they are. A dead edge is an address that takes no connection
and says nothing. In the outage the process of the first edge is killed in the middle of the run.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from bench.figure import Line, Peer
from bench.peers.rest_answerer import certificate
from bench.processes import measured_core, on_core, other_core, running
from voicedr.runtime.edge import AsyncEdgeHttpClient, EdgeHttpClient

SID = "AC" + "0" * 32
EDGES = ("ashburn", "umatilla")
HOSTS = tuple(f"api.{edge}.us1.twilio.com" for edge in EDGES)
AT_ONCE = 16
THREADS = 4
CONNECT_S = 0.5
LIBRARY = "the library's own client"


@dataclass(frozen=True)
class Pace:
    """Attributes: per_second: Calls. cost_us: Processor time of a call."""

    per_second: float
    cost_us: float


def measure(quick: bool) -> Sequence[Line]:
    """Pace and cost, a dead edge, and an outage."""
    logging.getLogger("voicedr.edge").setLevel(logging.CRITICAL)  # outages are made here on purpose
    rounds, seconds, calls = (1, 0.3, 300) if quick else (5, 1.0, 3000)
    with on_core(measured_core()):
        return [*_paces(rounds, seconds), *_dead_edge(calls), *_outage(1.5 if quick else 6.0)]


def _paces(rounds: int, seconds: float) -> list[Line]:
    lines = []
    for tls in (False, True):
        with _server(tls) as (port, ca_file):
            for name, race in (("sync", _race_sync), ("async", _race_async)):
                own, theirs = race(port, ca_file, rounds, seconds)
                what = f"{name}, {'TLS' if tls else 'plain'}"
                peer = Peer(LIBRARY, theirs.per_second)
                lines.append(Line(f"{what}: calls", own.per_second, "calls/s", peer, at_least=theirs.per_second))
                cost = Peer(LIBRARY, theirs.cost_us)
                most = 1.05 * theirs.cost_us
                lines.append(Line(f"{what}: processor time of a call", own.cost_us, "µs", cost, at_most=most))
    return lines


def _race_sync(port: int, ca_file: str | None, rounds: int, seconds: float) -> tuple[Pace, Pace]:
    theirs = TwilioHttpClient()
    theirs.session.trust_env = False
    theirs.session.verify = ca_file or True
    with EdgeHttpClient("us1", EDGES, connect_to=_places(port, ca_file), ca_file=ca_file, trust_env=False) as ours:
        ways = _library(ours), _library(theirs, port, ca_file)
        measured = [[_pace(way, seconds) for way in ways] for _ in range(rounds)]
    return _medians([one for one, _ in measured]), _medians([two for _, two in measured])


def _pace(client: Client, seconds: float) -> Pace:
    account = client.api.accounts(SID)
    account.fetch()
    calls, used_s, begun_s = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - begun_s < seconds:
        account.fetch()
        calls += 1
    return Pace(calls / (time.perf_counter() - begun_s), (time.process_time() - used_s) / calls * 1e6)


def _race_async(port: int, ca_file: str | None, rounds: int, seconds: float) -> tuple[Pace, Pace]:
    async def race() -> list[tuple[Pace, Pace]]:
        context = ssl.create_default_context(cafile=ca_file) if ca_file else True
        places = _places(port, ca_file)
        async with (
            AsyncTwilioHttpClient() as theirs,
            AsyncEdgeHttpClient("us1", EDGES, connect_to=places, ca_file=ca_file, trust_env=False) as ours,
        ):
            await theirs.session.close()
            theirs.session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
            one, two = _library(ours), _library(theirs, port, ca_file)
            return [(await _async_pace(one, seconds), await _async_pace(two, seconds)) for _ in range(rounds)]

    measured = asyncio.run(race())
    return _medians([one for one, _ in measured]), _medians([two for _, two in measured])


async def _async_pace(client: Client, seconds: float) -> Pace:
    account = client.api.accounts(SID)
    await asyncio.gather(*(account.fetch_async() for _ in range(AT_ONCE)))
    calls, used_s, begun_s = 0, time.process_time(), time.perf_counter()

    async def hand() -> None:
        nonlocal calls
        while time.perf_counter() - begun_s < seconds:
            await account.fetch_async()
            calls += 1

    await asyncio.gather(*(hand() for _ in range(AT_ONCE)))
    return Pace(calls / (time.perf_counter() - begun_s), (time.process_time() - used_s) / calls * 1e6)


def _dead_edge(calls: int) -> list[Line]:
    """What the first request costs, and how much more than without the dead edge the ones after it take."""
    lines = []
    with _server(tls=False) as (port, _), _black_hole() as hole:
        for name, timed in (("sync", _timed_sync), ("async", _timed_async)):
            dead, alive = (
                timed({HOSTS[0]: _plain(hole), HOSTS[1]: _plain(port)}, calls),
                timed(_places(port, None), calls),
            )
            lines += [
                Line(
                    f"{name}, first edge dead: the first call", dead[0] * 1000, "ms",
                    Peer("connect budget, ms", CONNECT_S * 1000), at_most=CONNECT_S * 1000 + 50,
                ),
                Line(
                    f"{name}, first edge dead: what each later call costs more, median of {calls:,}",
                    max(median(dead[1:]) - median(alive[1:]), 0.0) * 1000, "ms",
                    Peer("call with both edges alive, ms", median(alive[1:]) * 1000), at_most=1.0,
                    note=f"the longest of them took {max(dead[1:]) * 1000:.1f} ms; probes run beside them",
                ),
            ]  # fmt: skip
    return lines


def _timed_sync(places: dict[str, Any], calls: int) -> list[float]:
    took_s = []
    with EdgeHttpClient("us1", EDGES, connect_to=places, connect_timeout=CONNECT_S, trust_env=False) as ours:
        account = _library(ours).api.accounts(SID)
        for _ in range(calls + 1):
            begun_s = time.perf_counter()
            account.fetch()
            took_s.append(time.perf_counter() - begun_s)
    return took_s


def _timed_async(places: dict[str, Any], calls: int) -> list[float]:
    async def run() -> list[float]:
        options: dict[str, Any] = {"connect_to": places, "connect_timeout": CONNECT_S, "trust_env": False}
        async with AsyncEdgeHttpClient("us1", EDGES, **options) as ours:
            account, took_s = _library(ours).api.accounts(SID), []
            for _ in range(calls + 1):
                begun_s = time.perf_counter()
                await account.fetch_async()
                took_s.append(time.perf_counter() - begun_s)
            return took_s

    return asyncio.run(run())


def _outage(seconds: float) -> list[Line]:
    """The share that succeeds when the first edge dies after a third of the time; every fifth call is a write."""
    lines = []
    for name, asking in (("sync", _asked_sync), ("async", _asked_async)):
        shares = {}
        for who in ("ours", "theirs"):
            with ExitStack() as open_:
                process, told = open_.enter_context(running(["-m", "bench.peers.rest_answerer"], other_core()))
                second, _ = open_.enter_context(_server(tls=False))
                kill = threading.Timer(seconds / 3, process.kill)
                kill.start()
                places = {HOSTS[0]: _plain(told["port"]), HOSTS[1]: _plain(second)}
                shares[who] = asking(places if who == "ours" else None, told["port"], seconds)
                kill.join()
        (good, all_of_them), (their_good, theirs) = shares["ours"], shares["theirs"]
        lines.append(
            Line(
                f"{name}: calls that succeed through an edge's outage", 100 * good / all_of_them, "%",
                Peer(LIBRARY, 100 * their_good / theirs), at_least=99.9,
                note=f"{good:,} of {all_of_them:,}; the library {their_good:,} of {theirs:,}; {THREADS} callers with "
                f"{PACE_S * 1000:.0f} ms between calls; what fails is a write that was on its way when the edge died",
            )
        )  # fmt: skip
    return lines


PACE_S = 0.002
"""Between calls: a client that fails at once would else make more calls than one that succeeds."""


def _asked_sync(places: dict[str, Any] | None, port: int, seconds: float) -> tuple[int, int]:
    if places is None:
        http = TwilioHttpClient(timeout=2)
        http.session.trust_env = False
        client = _library(http, port, None)
    else:
        client = _library(EdgeHttpClient("us1", EDGES, connect_to=places, trust_env=False))
    tally = [0, 0]
    lock = threading.Lock()

    def hand() -> None:
        account, end_s, number = client.api.accounts(SID), time.monotonic() + seconds, 0
        while time.monotonic() < end_s:
            number += 1
            good = _succeeds(account.fetch if number % 5 else lambda: account.update(friendly_name="bench"))
            with lock:
                tally[0] += good
                tally[1] += 1
            time.sleep(PACE_S)

    hands = [threading.Thread(target=hand) for _ in range(THREADS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()
    return tally[0], tally[1]


def _succeeds(call: Callable[[], Any]) -> bool:
    try:
        call()
    except Exception:
        return False
    return True


def _asked_async(places: dict[str, Any] | None, port: int, seconds: float) -> tuple[int, int]:
    async def run() -> tuple[int, int]:
        tally = [0, 0]
        http: Any
        if places is None:
            http = AsyncTwilioHttpClient()
            client = _library(http, port, None)
        else:
            http = AsyncEdgeHttpClient("us1", EDGES, connect_to=places, trust_env=False)
            client = _library(http)

        async def hand() -> None:
            account, end_s, number = client.api.accounts(SID), time.monotonic() + seconds, 0
            while time.monotonic() < end_s:
                number += 1
                call: Awaitable[Any]
                call = account.fetch_async() if number % 5 else account.update_async(friendly_name="bench")
                try:
                    await asyncio.wait_for(call, 10)
                    tally[0] += 1
                except Exception:
                    pass
                tally[1] += 1
                await asyncio.sleep(PACE_S)

        await asyncio.gather(*(hand() for _ in range(THREADS)))
        await http.close()
        return tally[0], tally[1]

    return asyncio.run(run())


def _library(http: Any, port: int | None = None, ca_file: str | None = None) -> Client:
    """The library with an HTTP client; with a port, it asks that server instead of the provider's names."""
    client = Client(SID, "secret", http_client=http, environment={"NOTHING": ""})
    if port is not None:
        client.api.base_url = f"https://localhost:{port}" if ca_file else _plain(port)
    return client


def _places(port: int, ca_file: str | None) -> dict[str, Any]:
    return dict.fromkeys(HOSTS, ("127.0.0.1", port) if ca_file else _plain(port))


def _plain(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@contextmanager
def _server(tls: bool) -> Iterator[tuple[int, str | None]]:
    """A server on the other core; its port, and the file to trust if it speaks TLS."""
    with tempfile.TemporaryDirectory() as directory:
        files = certificate(Path(directory), ["localhost", *HOSTS]) if tls else ()
        with running(["-m", "bench.peers.rest_answerer", *files], other_core()) as (_, told):
            yield told["port"], files[0] if files else None


@contextmanager
def _black_hole() -> Iterator[int]:
    """A port that takes no connection and says nothing: its queue is full."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        for _ in range(4):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(address)
        time.sleep(0.05)
        yield address[1]


def _medians(paces: Sequence[Pace]) -> Pace:
    return Pace(median(one.per_second for one in paces), median(one.cost_us for one in paces))

"""REST requests per second of the twin on one core, beside a bare handler on the same server, and beside Prism.

The twin's process has one core to itself, the client the other one. The bare handler answers as many bytes as the twin
did, so it is the ceiling that the server sets. Prism serves the provider's own OpenAPI document of the operation on
the same core and is warmed up before. The three take turns, and the median of the rounds counts. With Prism it is
processor time that is compared: two programs of different makers, at different times, on a machine that others share.
"""

from __future__ import annotations

import json
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.request import Request, urlopen

from bench.accounts import account, numbers
from bench.figure import Line, Peer
from bench.hammer import Hits, hammer, request
from bench.peers.prism import PRISM, NoPrism, prism
from bench.processes import TwinProcess, bare_server, measured_core, on_core, other_core, processor_s, twin

NUMBERS = 1000
TARGET_PER_SECOND = 3000.0
TARGET_TIMES_PRISM = 10.0
PAGE_SIZE = 50
WARM_UP_S_MAX = 15.0


@dataclass(frozen=True)
class Asked:
    """An operation, as requests, and the provider's document that has it."""

    what: str
    document: str
    requests: list[bytes]


def measure(quick: bool) -> Sequence[Line]:
    """A handful of operations."""
    rounds, seconds, warm_s = (1, 0.7, 0.7) if quick else (3, 1.0, 3.0)
    lines, beside_prism = [], []
    costs: list[tuple[float, float]] = []
    with ExitStack() as open_:
        directory = open_.enter_context(tempfile.TemporaryDirectory())
        bare_port = open_.enter_context(bare_server(measured_core()))
        # The limit of routing is the provider's; here it is measured what the twin could do without it.
        settings = {"propagation_s": [0, 0], "route_requests_per_second": 0}
        made = account(numbers(NUMBERS), "http://127.0.0.1:9/voice", **settings)
        served = open_.enter_context(twin(Path(directory), made))
        asked = _asked(served)
        prisms, missing = _prisms(open_, {one.document for one in asked})
        open_.enter_context(on_core(other_core()))
        for one in asked:
            ours, bare, our_s, their_s = [], [], [], []
            if prisms:
                _warm_up(*prisms[one.document], one.requests, warm_s)
            for _ in range(rounds):
                hits, cost_s = _cost_s(served.port, served.pid, one.requests, seconds)
                ours.append(hits.per_second)
                our_s.append(cost_s)
                size = round(hits.bytes_of_body / hits.answered)
                bare.append(hammer(bare_port, _bare(one.requests, size), seconds).per_second)
                if prisms:
                    their_s.append(_cost_s(*prisms[one.document], one.requests, seconds)[1])
            peer = Peer(f"bare handler, {size:,} bytes", median(bare))
            lines.append(Line(one.what, median(ours), "requests/s", peer, at_least=TARGET_PER_SECOND))
            if prisms:
                costs.append((median(our_s), median(their_s)))
                beside_prism.append(_beside(one.what, one.document, *costs[-1]))
    if costs:
        mean = [sum(column) / len(costs) for column in zip(*costs, strict=True)]
        least = TARGET_TIMES_PRISM / mean[1]
        beside_prism.append(replace(_beside("all five in turn", "both", mean[0], mean[1]), at_least=least))
    else:
        beside_prism.append(Line("operations compared with Prism", 0, "of 5", note=missing))
    return [*lines, *beside_prism]


def _warm_up(port: int, pid: int, requests: Sequence[bytes], warm_s: float) -> None:
    """Let a program compile what it runs, for so much processor time, but not for ever."""
    enough_s, until = processor_s(pid) + warm_s, time.monotonic() + WARM_UP_S_MAX
    while processor_s(pid) < enough_s and time.monotonic() < until:
        hammer(port, requests, min(1.0, warm_s))


def _cost_s(port: int, pid: int, requests: Sequence[bytes], seconds: float) -> tuple[Hits, float]:
    """What came back, and the processor time of one request."""
    before_s = processor_s(pid)
    hits = hammer(port, requests, seconds)
    return hits, (processor_s(pid) - before_s) / hits.answered


def _beside(what: str, document: str, our_s: float, their_s: float) -> Line:
    peer = Peer(f"{PRISM} serving {document}", 1 / their_s)
    return Line(f"{what}, in a second of processor time", 1 / our_s, "requests", peer)


def _prisms(open_: ExitStack, documents: Iterable[str]) -> tuple[dict[str, tuple[int, int]], str]:
    """A Prism for each document, by its port and process id; or why there is none."""
    try:
        return {document: open_.enter_context(prism(document, measured_core())) for document in documents}, ""
    except NoPrism as no_prism:
        return {}, str(no_prism)


def _asked(served: TwinProcess) -> list[Asked]:
    key = served.told["credentials"]["ie1"]
    basic = b64encode(f"{key['api_key']}:{key['api_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Accept": "application/json", "User-Agent": "bench"}
    routes, api = "routes.dublin.ie1.twilio.com", "api.dublin.ie1.twilio.com"
    paths = [f"/v2/PhoneNumbers/%2B{number[1:]}" for number in numbers(NUMBERS)]
    of_account = f"/2010-04-01/Accounts/{served.told['account_sid']}/IncomingPhoneNumbers"
    page = f"{of_account}.json?PageSize={PAGE_SIZE}"
    listed = json.load(urlopen(Request(served.told["http"] + page, headers=headers | {"Host": api}), timeout=10))
    one_number = [f"{of_account}/{number['sid']}.json" for number in listed["incoming_phone_numbers"]]
    return [
        Asked("route GET", "routes_v2", [request("GET", path, routes, headers) for path in paths]),
        Asked(
            "route POST", "routes_v2", [request("POST", path, routes, headers, b"VoiceRegion=ie1") for path in paths]
        ),
        Asked("number GET", "api_v2010", [request("GET", path, api, headers) for path in one_number]),
        Asked(
            "number POST", "api_v2010", [request("POST", path, api, headers, b"FriendlyName=A") for path in one_number]
        ),
        Asked(f"numbers, page of {PAGE_SIZE}", "api_v2010", [request("GET", page, api, headers)]),
    ]


def _bare(requests: Sequence[bytes], size: int) -> list[bytes]:
    """The same requests, for another path."""
    method, _, rest = requests[0].partition(b" ")
    return [method + f" /bytes/{size} ".encode() + rest.partition(b" ")[2]]

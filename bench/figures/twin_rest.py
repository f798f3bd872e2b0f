"""REST requests per second of the twin on one core, beside a bare handler on the same server.

The twin's process has one core to itself, the client the other one. The bare handler answers as many bytes as the twin
did, so it is the ceiling that the server sets. Twin and ceiling take turns; the median of the rounds counts.
"""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.accounts import account, numbers
from bench.figure import Line, Peer
from bench.hammer import hammer, request
from bench.processes import TwinProcess, bare_server, measured_core, on_core, other_core, twin

NUMBERS = 1000
TARGET_PER_SECOND = 3000.0
PAGE_SIZE = 50


def measure(quick: bool) -> Sequence[Line]:
    """Three kinds of requests."""
    rounds, seconds = (1, 0.7) if quick else (3, 2.0)
    lines = []
    with tempfile.TemporaryDirectory() as directory, bare_server(measured_core()) as bare_port:
        made = account(numbers(NUMBERS), "http://127.0.0.1:9/voice", propagation_s=[0, 0])
        with twin(Path(directory), made) as served, on_core(other_core()):
            for what, requests in _requests(served).items():
                ours, bare = [], []
                for _ in range(rounds):
                    hits = hammer(served.port, requests, seconds)
                    ours.append(hits.per_second)
                    size = round(hits.bytes_of_body / hits.answered)
                    bare.append(hammer(bare_port, _bare(requests, size), seconds).per_second)
                peer = Peer(f"bare handler, {size:,} bytes", median(bare))
                lines.append(Line(what, median(ours), "requests/s", peer, at_least=TARGET_PER_SECOND))
    return lines


def _requests(served: TwinProcess) -> dict[str, list[bytes]]:
    key = served.told["credentials"]["ie1"]
    basic = b64encode(f"{key['api_key']}:{key['api_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Accept": "application/json", "User-Agent": "bench"}
    routes, api = "routes.dublin.ie1.twilio.com", "api.dublin.ie1.twilio.com"
    paths = [f"/v2/PhoneNumbers/%2B{number[1:]}" for number in numbers(NUMBERS)]
    listed = f"/2010-04-01/Accounts/{served.told['account_sid']}/IncomingPhoneNumbers.json?PageSize={PAGE_SIZE}"
    return {
        "route GET": [request("GET", path, routes, headers) for path in paths],
        "route POST": [request("POST", path, routes, headers, b"VoiceRegion=ie1") for path in paths],
        f"numbers, page of {PAGE_SIZE}": [request("GET", listed, api, headers)],
    }


def _bare(requests: Sequence[bytes], size: int) -> list[bytes]:
    """The same requests, for another path."""
    method, _, rest = requests[0].partition(b" ")
    return [method + f" /bytes/{size} ".encode() + rest.partition(b" ")[2]]

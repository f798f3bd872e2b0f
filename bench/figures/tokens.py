"""Access tokens per second of the token service on one core, beside the official library in the smallest app.

Both are served by the same server on the same core, in turn; the median of the rounds counts. Ours also checks the
caller's secret, holds each identity to its pace and looks at the context document for every token.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import msgspec

from bench.figure import Line, Peer
from bench.hammer import hammer, request
from bench.processes import measured_core, on_core, other_core, running

IDENTITIES = 2000
TARGET_PER_SECOND = 2000.0


def measure(quick: bool) -> Sequence[Line]:
    """Tokens for two thousand people in turn."""
    rounds, seconds = (1, 0.7) if quick else (5, 2.0)
    asked = [_request(f"person{number}") for number in range(IDENTITIES)]
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        settings = _settings(folder)
        words = ["-m", "voicedr.cli.main", "tokens", "serve", str(settings), "--port", "0"]
        _, ours_told = open_.enter_context(running(words, measured_core()))
        _, theirs_told = open_.enter_context(running(["-m", "bench.peers.library_tokens"], measured_core()))
        open_.enter_context(on_core(other_core()))
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(hammer(_port(ours_told), asked, seconds).per_second)
            theirs.append(hammer(_port(theirs_told), asked, seconds).per_second)
    peer = Peer("the official library's AccessToken in bare Starlette", median(theirs))
    return [Line("tokens minted over HTTP on one core", median(ours), "tokens/s", peer, at_least=TARGET_PER_SECOND)]


def _request(identity: str) -> bytes:
    body = msgspec.json.encode({"identity": identity})
    return request("POST", "/token", "tokens.example", {"Authorization": "Bearer c" + "0" * 31}, body)


def _port(told: dict[str, str]) -> int:
    return int(told["url"].rpartition(":")[2])


def _settings(folder: Path) -> Path:
    for name in ("caller", "us1", "ie1"):
        (folder / name).write_text(name[0] + "0" * 31)
    (folder / "context.json").write_text('{"region": "us1", "epoch": 1}')
    regions = {
        region: {
            "application": "AP" + "0" * 31 + str(n),
            "edges": [edge],
            "keys": [{"sid": "SK" + "0" * 31 + str(n), "secret": f"file:{folder / region}"}],
        }
        for n, (region, edge) in enumerate({"us1": "ashburn", "ie1": "dublin"}.items())
    }
    settings = {
        "account": "AC" + "0" * 32,
        "region": "us1",
        "context": str(folder / "context.json"),
        "per_minute": 6000,
        "callers": [{"name": "backend", "secret": f"file:{folder / 'caller'}"}],
        "regions": regions,
    }
    path = folder / "tokens.yaml"
    path.write_bytes(msgspec.json.encode(settings))
    return path

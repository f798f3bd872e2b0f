"""Webhooks per second that the fallback answers on one core, signatures checked, beside the same written by hand.

A Region's failure sends every call of it to the fallback at once. The fallback's process has one core, the client the
other. First a pace of 1,000 a second is kept, and answers are timed from when their request was due; then as many as
there are room for. Each request is another call with its own signature by the second of two Auth Tokens; each answer
is logged, counted, and looked at for an alert. By hand: Starlette with the official library's validator and one token,
which neither logs nor counts; and Starlette alone, without a check: the ceiling that the server sets.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from bench.figure import Line, Peer
from bench.hammer import hammer, request
from bench.paced import Paced, paced
from bench.processes import measured_core, on_core, other_core, processor_s, running
from voicedr.wire.signatures import sign

CALLS = 2000
PACE = 1000.0
P99_MS_MAX = 50.0
TOKEN = "1f3a9c" * 5
BASE = "https://fallback.example"

POLICY = """\
fallback: 1
auth_tokens: {{us1: "file:{other}", ie1: "file:{token}"}}
languages: {{numbers: {{"+4930*": de-DE}}, countries: {{DE: de-DE}}}}
routes:
  - name: support
    when: {{called: ["+14155550100..+14155550199"], errors: [connection, http]}}
    do: voicemail
    say: {{en-US: Leave a message., de-DE: Bitte sprechen.}}
  - name: rest
    when: {{errors: [tls, twiml]}}
    do: message
    say: {{en-US: Please call again., de-DE: Bitte später.}}
default: {{do: message, say: {{en-US: Please call again., de-DE: Bitte später.}}}}
"""


def measure(quick: bool) -> Sequence[Line]:
    """At the pace, and as fast as it goes. The three take turns, and the median of the rounds counts."""
    rounds, seconds = (1, 1.0) if quick else (5, 3.0)
    requests = list(_requests())
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        ours = opened.enter_context(_fallback(folder))
        servers = [ours, *(opened.enter_context(_by_hand(how)) for how in ("checked", "bare"))]
        opened.enter_context(on_core(other_core()))
        for port, _ in servers:
            hammer(port, requests, 0.5)
        paces: list[Paced] = []
        rates: list[list[float]] = [[], [], []]
        costs_ms: list[list[float]] = [[], [], []]
        for _ in range(rounds):
            paces.append(paced(ours[0], requests, PACE, seconds))
            for at, (port, pid) in enumerate(servers):
                used_s = processor_s(pid)
                hits = hammer(port, requests, seconds)
                rates[at].append(hits.per_second)
                costs_ms[at].append((processor_s(pid) - used_s) / hits.answered * 1000)
    most, checked, bare = (median(one) for one in rates)
    our_ms, checked_ms, _ = (median(one) for one in costs_ms)
    p99s_ms = [one.percentile_ms(0.99) for one in paces]
    by_hand = "Starlette with the official validator"
    return [
        Line("answers at a pace of 1,000 a second: 99 % within", median(p99s_ms), "ms", at_most=P99_MS_MAX,
             note=f"half within {median(one.percentile_ms(0.5) for one in paces):.2g} ms; the worst of {rounds} rounds"
             f" had 99 % within {max(p99s_ms):.3g} ms"),
        Line("answers, as many as it can", most, "requests/s", Peer(by_hand, checked), at_least=PACE),
        Line("of what the server allows", most, "requests/s", Peer("Starlette without a check", bare)),
        Line("processor time of an answer", our_ms, "ms", Peer(f"{by_hand}, ms", checked_ms)),
    ]  # fmt: skip


def _requests() -> Iterator[bytes]:
    url = f"{BASE}/voice"
    for at in range(CALLS):
        fields = {
            "AccountSid": "AC" + "7" * 32, "ApiVersion": "2010-04-01", "CallSid": f"CA{at:032x}",
            "CallStatus": "ringing", "Called": f"+141555501{at % 100:02}", "CalledCity": "SAN FRANCISCO",
            "CalledCountry": "US", "CalledState": "CA", "CalledZip": "94103", "Caller": f"+1646555{at:04}",
            "CallerCity": "NEW YORK", "CallerCountry": "US", "CallerState": "NY", "CallerZip": "10001",
            "Direction": "inbound", "ErrorCode": "11205", "ErrorUrl": "https://primary.example/voice?line=support",
            "From": f"+1646555{at:04}", "FromCountry": "US", "To": f"+141555501{at % 100:02}", "ToCountry": "US",
        }  # fmt: skip
        headers = {"X-Twilio-Signature": sign(TOKEN, url, fields.items())}
        yield request("POST", "/voice", "fallback.example", headers, urlencode(fields).encode())


@contextmanager
def _fallback(folder: Path) -> Iterator[tuple[int, int]]:
    """Port and process id."""
    for name, token in (("token", TOKEN), ("other", "0" * 32)):
        (folder / name).write_text(token)
    policy = folder / "fallback.yaml"
    policy.write_text(POLICY.format(token=folder / "token", other=folder / "other"))
    arguments = ["-m", "voicedr.cli.fallback", "serve", "--policy", str(policy), "--port", "0", "--public-url", BASE]
    with running(arguments, measured_core()) as (process, told):
        out = process.stdout
        assert out is not None
        # Somebody reads its log, as elsewhere; cat does not take our client's time.
        with subprocess.Popen(["cat"], stdin=out, stdout=subprocess.DEVNULL) as reading:
            yield int(told["url"].rpartition(":")[2]), process.pid
            process.terminate()
            reading.wait(20)


@contextmanager
def _by_hand(how: str) -> Iterator[tuple[int, int]]:
    """Port and process id."""
    arguments = ["-m", "bench.peers.official_fallback", how, TOKEN, f"{BASE}/voice"]
    with running(arguments, measured_core()) as (process, told):
        yield int(told["port"]), process.pid

"""Records verified per second of an evidence file of a 10,000-number run, beside reading the same lines as JSON.

Verifying recomputes every hash, decodes every event, folds them, and compares every line with what it should be.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from bench.accounts import numbers, plan
from bench.figure import Line, Peer
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.file import verify, write_evidence
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import action_id, name_of
from voicedr.program.execution.plan import Plan, canonical, plan_hash
from voicedr.program.vocabulary import E164, IE1, Kind

NOW = datetime(2026, 1, 1, tzinfo=UTC)
T = TypeVar("T")
SID = "CA" + "0" * 32


def measure(quick: bool) -> Sequence[Line]:
    """Verified, written, and read as JSON."""
    count = 1_000 if quick else 10_000
    planned = plan({"all": numbers(count)}, requests_per_second=100, calls_per_second=1, propagation_s_max=300)
    digest, rows, previous = plan_hash(planned), [], GENESIS
    for seq, event in enumerate(run_of(planned, digest), start=1):
        body = encode(event)
        hashed = link("x", seq, 1, previous, body)
        rows.append((seq, 1, previous, hashed, body))
        previous = hashed
    written_s, evidence = _timed(lambda: write_evidence("x", planned.flow, digest, rows))
    verified_s, verdict = _timed(lambda: verify(evidence))
    if not verdict.whole:
        raise RuntimeError(f"the file that was just written does not verify: {verdict.what}")
    read_s, _ = _timed(lambda: [json.loads(line) for line in evidence.splitlines()])
    peer = Peer("json.loads of the same lines", len(rows) / read_s)
    return [
        Line(f"verified, {len(rows):,} records", len(rows) / verified_s, "records/s", peer, at_least=100_000),
        Line("the evidence file of the run written", written_s, "s", at_most=10.0),
    ]


def run_of(planned: Plan, digest: str) -> Iterator[ev.Event]:
    """A run in which everything goes well, as far as to its last proof."""
    yield ev.Opened(at=NOW, execution="x", plan=canonical(planned), plan_hash=digest, kind=Kind.DRY_RUN, by="bench")
    yield ev.RunnerStarted(at=NOW, holder="bench", term=1)
    for action in planned.actions:
        name, number = action_id(action), E164(name_of(action))
        yield ev.Intended(at=NOW, action=name, attempt=1)
        yield ev.Answered(at=NOW, action=name, region=IE1, source="the answer of ie1's routes host")
        yield ev.TestCallPlaced(at=NOW, number=number, call_sid=SID)
        yield ev.Proved(at=NOW, number=number, call_sid=SID, region=IE1, synthetic=True)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result

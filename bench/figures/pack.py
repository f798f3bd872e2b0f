"""Seconds to write the evidence pack of a 10,000-number run, and to verify it.

Telling reads nothing twice: the records are in memory, and the report on paper is bounded whatever the size of the run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.accounts import numbers, plan
from bench.figure import Line
from bench.figures.verify import run_of
from voicedr.adapters.pdf import paged_pdf
from voicedr.ports.journal import Record
from voicedr.program.evidence.chain import GENESIS, encode, link
from voicedr.program.evidence.file import verify
from voicedr.program.evidence.pack import EVIDENCE, MANIFEST, differences, read_manifest
from voicedr.program.execution.plan import plan_hash
from voicedr.usecases.tell_execution import Told, story_of
from voicedr.usecases.write_pack import Beside, disagreements, pack_files
from voicedr.usecases.write_report import report_html

T = TypeVar("T")


def measure(quick: bool) -> Sequence[Line]:
    """Told and written without paper, the paper alone, and verified."""
    count = 1_000 if quick else 10_000
    planned = plan({"all": numbers(count)}, requests_per_second=100, calls_per_second=1, propagation_s_max=300)
    records: list[Record] = []
    previous = GENESIS
    for seq, event in enumerate(run_of(planned, plan_hash(planned)), start=1):
        body = encode(event)
        hashed = link("x", seq, 1, previous, body)
        records.append(Record(seq, 1, event, body, previous, hashed))
        previous = hashed
    written_s, (told, files) = _timed(lambda: _written(records))
    paper_s, _ = _timed(lambda: paged_pdf(report_html(told.story, paper=True)))
    verified_s, _ = _timed(lambda: _verified(files))
    size_mb = sum(map(len, files.values())) / 1e6
    return [
        Line(f"pack of {len(records):,} records, with paper", written_s + paper_s, "s", at_most=10.0),
        Line("of that, the report on paper", paper_s, "s", note=f"{size_mb:.0f} MB in {len(files)} files beside it"),
        Line("the pack verified", verified_s, "s", at_most=10.0),
    ]


def _written(records: Sequence[Record]) -> tuple[Told, dict[str, bytes]]:
    told = Told(story_of(records), records)
    return told, pack_files(told, None, Beside())


def _verified(files: dict[str, bytes]) -> None:
    held = {name: body for name, body in files.items() if name != MANIFEST}
    wrong = [*differences(read_manifest(files[MANIFEST]), held), *disagreements(held)]
    if wrong or not verify(held[EVIDENCE]).whole:
        raise RuntimeError(f"the pack that was just written does not verify: {wrong}")


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result

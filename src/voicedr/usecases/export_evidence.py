"""An execution's journal as an evidence file, and a checkpoint of how long it is now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from voicedr.ports.journal import Journal
from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.file import Checkpoint, checkpoint_words, write_evidence
from voicedr.program.execution.events import Opened


def export_evidence(journal: Journal, execution: str) -> bytes:
    """The evidence file of an execution, finished or not.

    Raises:
        NoSuchExecution: If there is none.
        JournalBroken: If the journal itself does not hold. Nothing was written.
    """
    records = journal.read(execution)
    opened = records[0].event if records else None
    flow, digest = (opened.plan.flow, opened.plan_hash) if isinstance(opened, Opened) else ("", "")
    rows = ((one.seq, one.term, one.previous, one.hash, one.body) for one in records)
    return write_evidence(execution, flow, digest, rows)


def make_checkpoint(
    journal: Journal, execution: str, now: datetime, sign: Callable[[bytes], bytes] | None = None
) -> Checkpoint:
    """How long the journal is now, and its head; signed if there is a key. Keep it somewhere else.

    Raises:
        NoSuchExecution, JournalBroken: As above.
    """
    records = journal.read(execution)
    size, head = (records[-1].seq, records[-1].hash) if records else (0, GENESIS)
    signature = sign(checkpoint_words(execution, size, head, now)).hex() if sign is not None else ""
    return Checkpoint(execution, size, head, now, signature)

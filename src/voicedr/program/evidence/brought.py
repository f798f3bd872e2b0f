"""An execution that ran elsewhere, from a bag on a laptop, as the team's journal can take it: its chain as it is."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from voicedr.program.evidence.chain import decode
from voicedr.program.evidence.file import EvidenceBroken, Line, execution_of, verify
from voicedr.program.execution.events import Event, Finished, Opened


class Brought(msgspec.Struct, frozen=True):
    """A whole execution, as its evidence file has it."""

    opened: Opened
    outcome: str
    lines: tuple[Line, ...]

    @property
    def head(self) -> str:
        """The hash of its last record."""
        return self.lines[-1].hash


class NotBroughtIn(Exception):
    """It was not brought in: why, and the next step. Nothing was changed."""


def read_brought(evidence: bytes) -> Brought:
    """The execution in an evidence file.

    Raises:
        NotBroughtIn: If the file is not whole, or the execution is not finished. Nothing was changed.
    """
    try:
        execution = execution_of(evidence)
        verdict = verify(evidence)
    except EvidenceBroken as exc:
        raise NotBroughtIn(f"it is no evidence file ({exc}). On the laptop: voicedr export EXECUTION.") from exc
    if not verdict.whole:
        raise NotBroughtIn(f"{execution} is not whole: {verdict.what}. Have it exported again on the laptop.")
    lines = tuple(msgspec.json.decode(raw, type=Line) for raw in evidence.splitlines()[1:-1])
    events: Sequence[Event] = [decode(bytes(line.body)) for line in lines]
    opened = next((one for one in events if isinstance(one, Opened)), None)
    finished = next((one for one in events if isinstance(one, Finished)), None)
    if opened is None or finished is None:
        raise NotBroughtIn(
            f"{execution} is not finished, and two journals must not hold one run. Finish it on the laptop (voicedr"
            f" resume, or voicedr abort and voicedr resume), then: voicedr export."
        )
    return Brought(opened, finished.outcome, lines)

"""On which line of the workbook each flow begins, for whoever shows a finding beside the text."""

from __future__ import annotations

from voicedr.program.scope.positions import read_positions
from voicedr.program.scope.problems import Findings


def flow_lines(text: str, path: str) -> dict[str, int]:
    """Lines by the flows' ids, counted from 1.

    Raises:
        WorkbookBroken: If it cannot be read to its end.
    """
    flows = read_positions(text, Findings(path)).get("flows")
    return {entry.key: entry.place.line for entry in flows.entries}

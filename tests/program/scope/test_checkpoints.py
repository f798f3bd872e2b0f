"""What the workbook says of checkpoints, as values."""

from __future__ import annotations

import pytest

from program.scope.support_line import GOOD, with_line
from voicedr.program.scope.checkpoints import EVERY_S, CheckpointPlaceRule, Checkpoints
from voicedr.program.scope.read import read_workbook


def checkpoints(lines: str) -> Checkpoints:
    """Those of the good workbook with these lines before its people."""
    text = with_line("people:\n", lines + "people:\n", GOOD)
    return read_workbook(text, "support-line.yaml").checkpoints


def test_left_out_there_are_none() -> None:
    """Workbooks of earlier releases mean what they meant."""
    assert checkpoints("") == Checkpoints()
    assert not checkpoints("").places


@pytest.mark.parametrize(
    ("every", "seconds", "records"),
    [("", EVERY_S, None), (", every: 90s", 90.0, None), (", every: 200 records", None, 200)],
)
def test_places_and_how_often(every: str, seconds: float | None, records: int | None) -> None:
    """By time unless records are said; a place has its token."""
    found = checkpoints(
        "checkpoints: {places: [{at: 'git:/srv/evidence?remote=origin'},"
        f" {{at: 'https://evidence.example/x', token: env:T}}]{every}}}\n"
    )
    assert found.places == (
        CheckpointPlaceRule("git:/srv/evidence?remote=origin"),
        CheckpointPlaceRule("https://evidence.example/x", "env:T"),
    )
    assert (found.every_s, found.every_records) == (seconds, records)

"""A plan's file: whole or not at all, for its owner only, and a place that cannot have it is told in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.sync_plan_file import KeptPlans, Words, keep_plans, kept_plans

KEPT = KeptPlans(Words(("sales",)), ())


def test_what_is_kept_is_read_back_by_its_owner(tmp_path: Path) -> None:
    """A second plan takes the first one's place, nobody else may read it, and nothing is left beside it."""
    path = tmp_path / "plan.json"
    keep_plans(path, KeptPlans(Words(), ()))
    keep_plans(path, KEPT)
    assert kept_plans(str(path)) == KEPT
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["missing/plan.json", "folder", "file/plan.json", "/dev/full", "/proc/plan.json"])
def test_a_place_that_cannot_have_it(tmp_path: Path, place: str) -> None:
    """It is named with the way on, exit 2, and what was there is as it was."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(Stop, match=r"The plan was not kept\. Name another.*: --out FILE") as refused:
        keep_plans(tmp_path / place, KEPT)
    assert refused.value.code == WRONG_USE
    assert str(tmp_path / place) in str(refused.value)
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text() == "kept"

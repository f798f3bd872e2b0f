"""``python -m bench`` measures what it is asked to, and says so in words and in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_two_quick_figures_come_with_machine_table_and_json(tmp_path: Path) -> None:
    """Each line has a value, most have a ratio, and the head names machine, Python and date."""
    done = bench("gates", "journal", "--quick", "--json", str(tmp_path / "figures.json"))
    assert done.returncode == 0, done.stderr
    assert "cores: " in done.stdout
    assert "date: " in done.stdout
    assert "| figure | what | measured |" in done.stdout
    told = json.loads((tmp_path / "figures.json").read_text())
    assert {row["figure"] for row in told["measured"]} == {"gates", "journal"}
    assert all(row["value"] >= 0 for row in told["measured"])
    assert next(row for row in told["measured"] if row["figure"] == "journal")["ratio"] > 1


def test_a_figure_that_there_is_not_is_named() -> None:
    """A wrong name gives exit code 2 and the names that there are."""
    done = bench("no-such-figure")
    assert done.returncode == 2
    assert "no-such-figure" in done.stderr
    assert "twin_rest" in done.stderr

"""Write docs/reference/execution.md from the tables in program/execution."""

from pathlib import Path

from voicedr.program.execution.reference import execution_reference

page = Path(__file__).parents[1] / "docs" / "reference" / "execution.md"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(execution_reference(), encoding="utf-8")

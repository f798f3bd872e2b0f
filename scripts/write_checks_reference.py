"""Write docs/reference/checks.md from the check files."""

from pathlib import Path

from voicedr.program.readiness.reference import checks_reference

page = Path(__file__).parents[1] / "docs" / "reference" / "checks.md"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(checks_reference(), encoding="utf-8")

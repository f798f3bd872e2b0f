"""Write docs/reference/report.md from the figures and the requirements in the code."""

from pathlib import Path

from voicedr.usecases.report_reference import report_reference

page = Path(__file__).parents[1] / "docs" / "reference" / "report.md"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(report_reference(), encoding="utf-8")

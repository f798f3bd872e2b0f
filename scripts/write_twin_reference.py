"""Write docs/reference/faults.md, scenarios.md and control_api.md from the twin."""

from pathlib import Path

from voicedr.twin.reference import control_reference, faults_reference, scenarios_reference
from voicedr.twin.twiml_reference import twiml_reference

pages = Path(__file__).parents[1] / "docs" / "reference"
pages.mkdir(parents=True, exist_ok=True)
(pages / "faults.md").write_text(faults_reference(), encoding="utf-8")
(pages / "twiml_coverage.md").write_text(twiml_reference(), encoding="utf-8")
(pages / "control_api.md").write_text(control_reference(), encoding="utf-8")
(pages / "scenarios.md").write_text(scenarios_reference(), encoding="utf-8")

"""Write workbook.schema.json and docs/reference/workbook.md from the schema in program/scope."""

from pathlib import Path

from voicedr.program.scope.reference import workbook_reference
from voicedr.program.scope.schema import schema_text

root = Path(__file__).parents[1]
(root / "src/voicedr/program/scope/workbook.schema.json").write_text(schema_text(), encoding="utf-8")
page = root / "docs" / "reference" / "workbook.md"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(workbook_reference(), encoding="utf-8")

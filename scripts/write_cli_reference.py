"""Write docs/reference/cli.md from the commands."""

from pathlib import Path

from voicedr.cli.reference import cli_reference

page = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
page.parent.mkdir(parents=True, exist_ok=True)
page.write_text(cli_reference(), encoding="utf-8")

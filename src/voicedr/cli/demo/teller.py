"""How the demo speaks: acts and lines on a terminal or in a log, one object per line for machines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from voicedr.cli.options import out, say_json


class Teller:
    """One thing said at a time, with the seconds since the demo began."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self.began_at = datetime.now(UTC)

    def act(self, name: str, title: str) -> None:
        """A new act begins."""
        if self.as_json:
            say_json({"act": name, "at_s": self._elapsed_s(), "title": title})
        else:
            out.print(f"\n[bold]{self._stamp()}  {title}[/bold]")

    def line(self, words: str, **facts: Any) -> None:
        """A fact."""
        if self.as_json:
            say_json({"said": words, "at_s": self._elapsed_s(), **facts})
        else:
            stamp = Text(f"{self._stamp()}    ")
            for line in Text(words).wrap(out, out.width - len(stamp)):
                out.print(Text.assemble(stamp, line))
                stamp = Text(" " * len(stamp))

    def table(self, rows: list[tuple[str, str]]) -> None:
        """Facts side by side; machines get them elsewhere."""
        if not self.as_json:
            width = max(len(name) for name, _ in rows)
            for name, value in rows:
                out.print(f"  {name:<{width}}  {value}", markup=False)

    def _elapsed_s(self) -> float:
        return round((datetime.now(UTC) - self.began_at).total_seconds(), 1)

    def _stamp(self) -> str:
        seconds = int(self._elapsed_s())
        return f"{seconds // 60:02d}:{seconds % 60:02d}"

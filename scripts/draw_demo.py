"""Draw docs/images/demo.svg from what a real demo put on a terminal 100 columns wide.

tmux new-session -d -s demo -x 100 -y 200 'make demo; sleep 600'
tmux capture-pane -t demo -e -p > during.ansi      # while it moves
tmux capture-pane -t demo -e -p > end.ansi         # when it is done
.venv/bin/python scripts/draw_demo.py during.ansi end.ansi
"""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 100
PAGE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"


def main() -> None:
    """From the death of us1 to the running failover, then what the demo says at its end."""
    during, end = (Path(name).read_text(encoding="utf-8").rstrip("\n").split("\n") for name in sys.argv[1:3])
    lines = [*_from(during, "us1 dies"), "", "…", "", *_from(end, "What happened")]
    lines = [line for line in lines if "file:///" not in line]
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="truecolor")
    # All at once: a colour of tmux's goes on over the end of a line.
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    svg = console.export_svg(title="make demo")
    svg = re.sub(r"@font-face\s*{[^}]*}", "", svg)
    svg = re.sub(r"<!--.*?-->", "", svg)
    svg = re.sub(r"font-family:\s*[^;]+;", "font-family: monospace;", svg)
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(svg, encoding="utf-8")


def _from(lines: list[str], words: str) -> list[str]:
    first = next(at for at, line in enumerate(lines) if words in line)
    return [line.rstrip() for line in lines[first:]]


main()

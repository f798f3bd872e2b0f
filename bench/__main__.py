"""``python -m bench [names…] [--json FILE] [--quick]``: measure, print, and say what was missed.

Exit codes: 0 all was measured, whether targets were reached or not; 1 a figure could not be measured; 2 no such figure.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
import time
import traceback
from dataclasses import asdict
from pathlib import Path

from bench import figures as figures_package
from bench.figure import Figure, Line, spoken, table
from bench.machine import facts


def found() -> dict[str, Figure]:
    """Every figure there is, by name."""
    all_of_them = {}
    for module in pkgutil.iter_modules(figures_package.__path__):
        loaded = importlib.import_module(f"{figures_package.__name__}.{module.name}")
        title = (loaded.__doc__ or module.name).splitlines()[0]
        all_of_them[module.name] = Figure(module.name, title, loaded.measure)
    return all_of_them


def main() -> int:
    """Measure what was asked for."""
    figures = found()
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure, each beside a named peer.")
    parser.add_argument("names", nargs="*", help=f"figures; all if none is named: {', '.join(figures)}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured as JSON too")
    parser.add_argument("--quick", action="store_true", help="smaller counts: to see that it runs, not to publish")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in figures]:
        print(f"bench: there is no figure {', '.join(unknown)}; there are {', '.join(figures)}", file=sys.stderr)
        return 2
    machine = facts()
    print("\n".join(f"{name}: {value}" for name, value in machine.items()))
    if asked.quick:
        print("quick: counts are small; do not publish these")
    measured: list[tuple[str, Line]] = []
    broken = []
    for name in asked.names or figures:
        print(f"\n{name}: {figures[name].title}", flush=True)
        begun_s = time.monotonic()
        try:
            lines = figures[name].measure(asked.quick)
        except Exception:
            traceback.print_exc()
            broken.append(name)
            continue
        for line in lines:
            print(spoken(line))
            measured.append((name, line))
        print(f"  ({time.monotonic() - begun_s:.0f} s)", flush=True)
    print(f"\n{table(measured)}")
    if asked.json is not None:
        rows = [{"figure": name, **asdict(line), "ratio": line.ratio} for name, line in measured]
        asked.json.write_text(json.dumps({"machine": machine, "quick": asked.quick, "measured": rows}, indent=2))
    if broken:
        print(f"\nbench: could not be measured: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())

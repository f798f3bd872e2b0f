"""Scenarios in files: those that come with the twin, by name, and anybody's, by path."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from voicedr.twin.scenarios.scenario import Scenario, read_scenario
from voicedr.twin.world.account_text import line_of, parse_account
from voicedr.twin.world.findings import Mistake, Mistakes


def shipped() -> dict[str, str]:
    """The text of each scenario that comes with the twin, by name."""
    there = files("voicedr.twin.scenarios") / "shipped"
    found = {file.name.removesuffix(".yaml"): file for file in there.iterdir() if file.name.endswith(".yaml")}
    return {name: found[name].read_text(encoding="utf-8") for name in sorted(found)}


def read_text(text: str) -> Scenario:
    """The scenario that a text describes, YAML or JSON.

    Raises:
        Mistakes: If it cannot be parsed or understood; each with its line if it is YAML.
    """
    document = parse_account(text)
    try:
        return read_scenario(document)
    except Mistakes as exc:
        raise Mistakes([Mistake(m.path, m.what, line_of(document, m.path)) for m in exc.found]) from exc


def read_named(name: str) -> Scenario:
    """The scenario in this file, or the one of this name that comes with the twin.

    Raises:
        OSError: If there is neither, or the file cannot be read.
        Mistakes: If it cannot be understood.
    """
    path = Path(name)
    if not path.exists():
        known = shipped()
        if name in known:
            return read_text(known[name])
        raise FileNotFoundError(f"there is no file {name} and no scenario of that name; there are {', '.join(known)}")
    return read_text(path.read_text(encoding="utf-8"))

"""Write docs/reference/twin_rules.md from the table of the provider's rules in tests/twin/rules."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = ROOT / "tests" / "twin" / "rules"
PAGE = ROOT / "docs" / "reference" / "twin_rules.md"

NOT_YET = "not yet"
ASSUMPTION = "assumption"

_HEAD = """\
# The provider's rules that the twin obeys

This page is made from `tests/twin/rules/*.toml`; change those, then run `.venv/bin/python scripts/write_twin_rules.py`.

**{rules} rules: {proved} proved, {not_yet} not yet, {assumptions} assumptions** ({held} of these are held by a test).

A rule is what one of the provider's public pages says, in our own words; we read them in November 2026, some of them
in older copies. *Proved* means that the tests named here fail when the twin breaks the rule. *Not yet* means that
no test proves it: the twin may not do it. *Assumption* means that the pages are silent, or contradict each other, and
this is what the twin does; the page named is the one on which we looked. No rule here was compared with a live account.

| area | rules | proved | not yet | assumptions |
| --- | ---: | ---: | ---: | ---: |
"""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the provider.

    Attributes:
        id: Its name, e.g. ``fetch-default-retry``; one rule has it.
        page: The address of the provider's page.
        text: The rule in one sentence.
        proved_by: pytest node ids of test functions, relative to ``tests``.
        status: Empty, ``not yet`` or ``assumption``.
    """

    id: str
    page: str
    text: str
    proved_by: tuple[str, ...]
    status: str

    @property
    def proved(self) -> bool:
        """Whether a test proves what a page says."""
        return bool(self.proved_by) and not self.status


@dataclass(frozen=True, slots=True)
class Area:
    """The rules of one file, in its order."""

    title: str
    place: int
    rules: tuple[Rule, ...]


def read_areas(folder: Path = TABLE) -> list[Area]:
    """Every area of the table, in the order of their places.

    Raises:
        ValueError: If a file has a key that means nothing, or lacks one. The message names the file and the rule.
    """
    areas = [_read_area(file) for file in sorted(folder.glob("*.toml"))]
    return sorted(areas, key=lambda area: area.place)


def page_text(areas: Iterable[Area]) -> str:
    """The page ``docs/reference/twin_rules.md``."""
    areas = list(areas)
    every = [rule for area in areas for rule in area.rules]
    parts = [
        _HEAD.format(
            rules=len(every),
            proved=sum(rule.proved for rule in every),
            not_yet=sum(rule.status == NOT_YET for rule in every),
            assumptions=sum(rule.status == ASSUMPTION for rule in every),
            held=sum(rule.status == ASSUMPTION and bool(rule.proved_by) for rule in every),
        )
    ]
    for area in areas:
        anchor = "".join(sign for sign in area.title.lower() if sign.isalnum() or sign in " -").replace(" ", "-")
        counts = (
            len(area.rules),
            sum(rule.proved for rule in area.rules),
            sum(rule.status == NOT_YET for rule in area.rules),
            sum(rule.status == ASSUMPTION for rule in area.rules),
        )
        parts.append(f"| [{area.title}](#{anchor}) | {' | '.join(map(str, counts))} |\n")
    for area in areas:
        parts.append(f"\n## {area.title}\n\n| rule | page | proved by |\n| --- | --- | --- |\n")
        parts += [_row(rule) for rule in area.rules]
    return "".join(parts)


def _read_area(file: Path) -> Area:
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    if strange := set(told) - {"title", "place", "rule"}:
        raise ValueError(f"{file.name}: {sorted(strange)} means nothing; give title, place and [[rule]]s")
    return Area(told["title"], told["place"], tuple(_read_rule(file, entry) for entry in told["rule"]))


def _read_rule(file: Path, entry: dict[str, object]) -> Rule:
    where = f"{file.name}: rule {entry.get('id', '?')}"
    if strange := set(entry) - {"id", "page", "rule", "proved_by", "status"}:
        raise ValueError(f"{where}: {sorted(strange)} means nothing; give id, page, rule, proved_by and status")
    if missing := {"id", "page", "rule"} - set(entry):
        raise ValueError(f"{where}: {sorted(missing)} is missing")
    proved_by = entry.get("proved_by", [])
    if not isinstance(proved_by, list):
        raise ValueError(f"{where}: proved_by is {proved_by!r}; give a list of test functions")
    status = str(entry.get("status", ""))
    if status not in ("", NOT_YET, ASSUMPTION):
        raise ValueError(f"{where}: status is {status!r}; give {NOT_YET!r} or {ASSUMPTION!r}, or leave it out")
    if bool(proved_by) == (status == NOT_YET) and status != ASSUMPTION:
        raise ValueError(f"{where}: give the tests that prove it, or the status {NOT_YET!r}, and not both")
    return Rule(str(entry["id"]), str(entry["page"]), str(entry["rule"]), tuple(map(str, proved_by)), status)


def _row(rule: Rule) -> str:
    shown = rule.page.removeprefix("https://www.twilio.com/").removeprefix("docs/")
    proofs = ", ".join(_link(test) for test in rule.proved_by)
    if rule.status == ASSUMPTION:
        proofs = f"assumption, held by {proofs}" if proofs else "assumption"
    text = rule.text.replace("|", "\\|")
    return f"| {text} | [{shown}]({rule.page}) | {proofs or NOT_YET} |\n"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[`{name.rpartition('::')[2]}`](../../tests/{path})"


def main() -> None:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page_text(read_areas()), encoding="utf-8")


if __name__ == "__main__":
    main()

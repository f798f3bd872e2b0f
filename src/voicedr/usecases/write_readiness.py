"""The readiness package as one HTML page, and as a folder with every form of it and a list of what is in it.

The page needs no script and loads nothing: it opens from disk, in an archive, on paper. A script filters its tables
where one may run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from voicedr.program.readiness import telling
from voicedr.program.readiness.achievability import minutes
from voicedr.program.readiness.check import ClosedBy, Outcome
from voicedr.program.readiness.package import FlowPackage, Package, worst_findings
from voicedr.program.readiness.resource_map import Line, Verdict
from voicedr.usecases.readiness_csv import checklist_csv, findings_csv, gaps_csv, map_csv
from voicedr.usecases.readiness_json import readiness_json
from voicedr.usecases.readiness_junit import readiness_junit
from voicedr.usecases.readiness_markdown import readiness_markdown
from voicedr.usecases.readiness_sarif import readiness_sarif

ROWS_MAX = 300
"""So many rows of a flow's map are on the page, what is not the same before what is. All are in the CSV and JSON."""

WORST_MAX = 3
"""So many findings are on the first screen."""

SUBJECTS_MAX = 12
"""So many names are in a row."""

PAGE, JSON, MARKDOWN, JUNIT, SARIF = (
    "readiness.html",
    "readiness.json",
    "readiness.md",
    "readiness.junit.xml",
    "readiness.sarif",
)


def readiness_html(package: Package) -> str:
    """The page."""
    return _page().render(
        package=package,
        said=telling,
        minutes=minutes,
        flows=package.flows,
        rows_max=ROWS_MAX,
        map_rows=_map_rows,
        Outcome=Outcome,
        Verdict=Verdict,
        ClosedBy=ClosedBy,
        subjects_max=SUBJECTS_MAX,
        worst=[(flow.readiness.flow, one) for flow, one in worst_findings(package.flows)[:WORST_MAX]],
        mark_class={Outcome.PASS: "good", Outcome.FAIL: "bad", Outcome.UNKNOWN: "warn"},
        verdict_class={
            Verdict.SAME: "good",
            Verdict.BY_RULE: "good",
            Verdict.DIFFERS: "bad",
            Verdict.MISSING: "bad",
            Verdict.UNKNOWN: "warn",
        },
    )


def readiness_files(package: Package, workbook: str, lines: Mapping[str, int]) -> dict[str, str]:
    """Every form by its file name, and what is in them as ``index.md``.

    Args:
        package: The package, with the maps.
        workbook, lines: See ``readiness_sarif``.
    """
    made: dict[str, tuple[str, Callable[[], str]]] = {
        PAGE: ("everything, to read and to print", lambda: readiness_html(package)),
        JSON: ("everything, for machines", lambda: readiness_json(package)),
        MARKDOWN: ("everything, for a ticket", lambda: readiness_markdown(package)),
        "findings.csv": ("what was found, with its evidence", lambda: findings_csv(package)),
        "checklist.csv": ("the checklist by area", lambda: checklist_csv(package)),
        "gaps.csv": ("the gap list", lambda: gaps_csv(package)),
        "map.csv": ("the regional resource map, thing by thing and field by field", lambda: map_csv(package)),
        JUNIT: ("a test suite for each flow, for a CI server", lambda: readiness_junit(package)),
        SARIF: ("for code scanning", lambda: readiness_sarif(package, workbook, lines)),
    }
    files = {name: make() for name, (_, make) in made.items()}
    index = ["# Readiness package", "", telling.summary_text(package) + ".", ""]
    index += [f"Read {telling.time_text(package.report.taken_at)}, made {telling.time_text(package.made_at)}.", ""]
    index += ["| file | what is in it |", "| --- | --- |"]
    index += [f"| [{name}]({name}) | {what} |" for name, (what, _) in made.items()]
    files["index.md"] = "\n".join(index) + "\n"
    return files


def _map_rows(flow: FlowPackage) -> list[Line]:
    """The worst first, and within that in the map's order."""
    if flow.map is None:
        return []
    order = list(Verdict)
    return sorted(flow.map.lines, key=lambda line: order.index(line.verdict))[:ROWS_MAX]


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("voicedr.usecases", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = telling.clean
    environment.filters["time"] = telling.time_text
    return environment.get_template("readiness.html")

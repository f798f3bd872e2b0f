"""The readiness package in every form: the same facts, read back by programs that we did not write."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from node_packages import installed
from readiness_package_scene import HOSTILE, WAIVED, a_package
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.gaps import gap_id
from voicedr.program.readiness.judge import ReadinessReport
from voicedr.program.readiness.package import Package, alone
from voicedr.program.readiness.resource_map import Verdict
from voicedr.program.scope.flow_lines import flow_lines
from voicedr.usecases.readiness_csv import safe
from voicedr.usecases.write_readiness import readiness_files, readiness_html

LINES = {"support-line": 12, "sales": 40}
SCHEMA_PACKAGE, SCHEMA_VERSION = "@microsoft/jest-sarif", "1.0.0-beta.0"


@pytest.fixture(scope="module")
def whole() -> Package:
    return a_package()


@pytest.fixture(scope="module")
def files(whole: Package) -> dict[str, str]:
    return readiness_files(whole, "ops/dr workbook.yaml", LINES)


def test_every_form_is_there_and_listed(files: dict[str, str]) -> None:
    """The folder has an index that names each file in it."""
    others = set(files) - {"index.md"}
    assert others == set(re.findall(r"\[([a-z.]+)\]\(", files["index.md"]))
    assert {"readiness.html", "readiness.sarif", "readiness.junit.xml", "map.csv", "gaps.csv"} <= others
    assert not [name for name, text in files.items() if "\x1b" in text]


class Outline(HTMLParser):
    """What a browser would make of a page: its elements, its ids, its text."""

    VOID = ("meta", "link", "input", "br")

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.words = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        self.addresses += [str(given[name]) for name in ("src", "href") if name in given]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """What ends was open."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text outside of style and script."""
        if not {"style", "script"} & set(self.open):
            self.words += data


def outlined(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    assert not outline.open
    return outline


def test_the_page_loads_nothing_and_hostile_names_stay_text(files: dict[str, str]) -> None:
    """One file, one script of ours, every id once, links only to rules and to itself."""
    page = outlined(files["readiness.html"])
    assert page.tags.count("script") == 1
    assert len(page.ids) == len(set(page.ids))
    assert all(re.match(r"https://|#", address) for address in page.addresses)
    assert {address[1:] for address in page.addresses if address.startswith("#")} <= set(page.ids)
    assert "<script>alert(1)</script>" in page.words
    assert "\x1b" not in files["readiness.html"]


def test_the_first_screen_answers_the_two_questions(whole: Package, files: dict[str, str]) -> None:
    """Can we do it today, and what is next with its command; then each flow's stages, gaps and recovery time."""
    words = " ".join(outlined(files["readiness.html"]).words.split())
    first = words[: words.index("Regional resource map")]
    assert "Can we do it today? " in first
    assert "What to do next support-line, +1415555010{0..7}: Give the number a VoiceUrl" in first
    assert "voicedr sync plan support-line" in first
    assert "in-region resilience" in first
    assert "callers reach nobody" in first
    for flow in whole.flows:
        assert flow.readiness.achievability.sentence in first
        assert f"was {flow.trend.was}" in first
    assert "waived: bo answers for it until 2026-12-10" in words
    assert "overdue" in words
    assert "checks do not apply to this flow" in words


def test_a_page_without_flows_is_a_page(whole: Package) -> None:
    """An empty workbook says what to do."""
    nothing = ReadinessReport("AC0", datetime(2026, 11, 21, tzinfo=UTC), Outcome.UNKNOWN, ())
    assert "name the flows to look at" in outlined(readiness_html(alone(nothing))).words


def test_json_has_the_report_and_the_package(whole: Package, files: dict[str, str]) -> None:
    """The report's own fields as ever; beside them the list, the trend, the waivers and the map."""
    data = json.loads(files["readiness.json"])
    assert data["flows"][0]["findings"]
    mine = data["package"]["support-line"]
    assert [one["check"] for one in mine["waived"]] == [WAIVED]
    assert mine["waived"][0]["waiver"]["owner"] == "bo"
    gap = next(one for one in mine["gap_list"] if one["check"] == "number_has_handler")
    assert (gap["owner"], gap["id"]) == ("ann", gap_id("support-line", "number_has_handler", gap["region"]))
    assert len(mine["trend"]["gaps"]) == 4
    assert mine["map"]["primary"] == "us1"
    assert data["answered_outcome"] == "fail"


def test_csv_is_no_formula_and_has_every_row(whole: Package, files: dict[str, str]) -> None:
    """No cell of any table begins as a spreadsheet's formula; numbers keep their digits behind an apostrophe."""
    for name in ("findings.csv", "gaps.csv", "map.csv", "checklist.csv"):
        rows = list(csv.reader(io.StringIO(files[name])))
        assert len({len(row) for row in rows}) == 1, name
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))], name
    found = list(csv.DictReader(io.StringIO(files["findings.csv"])))
    assert len(found) == sum(len(flow.readiness.findings) + len(flow.readiness.unproven) for flow in whole.flows)
    assert found[0]["subjects"] == "'+1415555010{0..7}"
    gaps = list(csv.DictReader(io.StringIO(files["gaps.csv"])))
    late = next(row for row in gaps if row["check"] == "number_has_handler" and row["flow"] == "support-line")
    assert (late["owner"], late["overdue"]) == ("ann", "yes")


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@a", "\ta", "\ra"])
def test_what_a_spreadsheet_would_run_is_text(start: str) -> None:
    """Each sign that begins a formula is kept from beginning one."""
    assert safe(start)[0] in "'�"


def test_junit_is_read_by_a_reader_of_ci_servers(whole: Package, files: dict[str, str], tmp_path: Path) -> None:
    """A suite a flow, a case a check; failed, not looked at, answered for and not applicable are told apart."""
    junitparser = pytest.importorskip("junitparser")
    path = tmp_path / "readiness.xml"
    path.write_text(files["readiness.junit.xml"], encoding="utf-8")
    read = junitparser.JUnitXml.fromfile(str(path))
    assert [suite.name for suite in read] == [flow.readiness.flow for flow in whole.flows]
    for suite, flow in zip(read, whole.flows, strict=True):
        cases = {case.name: case for case in suite}
        assert len(cases) == suite.tests == len(flow.readiness.checks) == len(all_checks())
        kinds: dict[str, list[str]] = {}
        for name, case in cases.items():
            for result in case.result:
                kinds.setdefault(type(result).__name__, []).append(name)
        assert (len(kinds["Failure"]), len(kinds["Error"])) == (suite.failures, suite.errors)
        assert len(kinds.get("Skipped", [])) == suite.skipped
        assert set(kinds["Failure"]) == {finding.check for finding in flow.failing}
        assert set(kinds["Error"]) >= {one.check for one in flow.unknown} - set(kinds["Failure"]) - {
            one.finding.check for one in flow.waived
        }
    mine = next(suite for suite in read if suite.name == "support-line")
    waived = next(case for case in mine if case.name == WAIVED).result
    assert "bo answers for it until 2026-12-10" in waived[0].message
    passed = next(case for case in mine if not case.result)
    assert passed.classname.startswith("support-line.")


def test_sarif_is_valid_by_its_own_schema(whole: Package, files: dict[str, str]) -> None:
    """Rules with help, results with a level, a place in the workbook, the gap's id, and waivers as suppressions."""
    log = json.loads(files["readiness.sarif"])
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(all_checks())
    assert all(rule["helpUri"].startswith("https://") for rule in rules)
    results = run["results"]
    assert len(results) == sum(len(flow.failing) + len(flow.unknown) + len(flow.waived) for flow in whole.flows)
    for result in results:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert (result["kind"], result["level"]) in (("fail", "error"), ("fail", "warning"), ("open", "none"))
        place = result["locations"][0]
        flow = place["logicalLocations"][0]["name"]
        assert place["physicalLocation"] == {
            "artifactLocation": {"uri": "ops/dr%20workbook.yaml"},
            "region": {"startLine": LINES[flow]},
        }
    first = next(one for one in results if one["ruleId"] == "number_has_handler")
    assert first["partialFingerprints"] == {"voicedrGap/v1": gap_id(*_place(first), "ie1")}  # type: ignore[arg-type]
    waived = [one for one in results if one.get("suppressions")]
    assert {one["ruleId"] for one in waived} == {WAIVED}
    assert "bo answers for it" in waived[0]["suppressions"][0]["justification"]


def _place(result: dict[str, Any]) -> tuple[str, str]:
    return result["locations"][0]["logicalLocations"][0]["name"], result["ruleId"]


@pytest.mark.slow
def test_sarif_keeps_the_published_schema(files: dict[str, str]) -> None:
    """The schema that code scanning uses has nothing to say against it."""
    folder = installed(SCHEMA_PACKAGE, SCHEMA_VERSION)
    schema = next((folder / "node_modules" / SCHEMA_PACKAGE).glob("lib/schemas/*.json"))
    checker = Draft7Validator(json.loads(schema.read_text(encoding="utf-8")))
    found = [error.message for error in checker.iter_errors(json.loads(files["readiness.sarif"]))]
    assert not found, found[:3]
    broken = json.loads(files["readiness.sarif"])
    broken["runs"][0]["results"][0]["level"] = "dreadful"
    assert list(checker.iter_errors(broken))


def test_the_map_tells_what_the_standby_lacks(whole: Package) -> None:
    """Eight numbers differ, field by field; what is alike is the same; the keys are each Region's own."""
    found = whole.flows[0].map
    assert found is not None
    verdicts = {(line.kind, line.name): line for line in found.lines}
    assert verdicts["keys", "API key"].verdict is Verdict.BY_RULE
    assert verdicts["routes", "route of trunk acme.pstn.twilio.com"].verdict is Verdict.SAME
    assert {line.kind for line in found.lines} >= {"numbers", "TwiML Apps", "trunks", "SIP domains", "origination URIs"}
    assert sum(found.count(verdict) for verdict in Verdict) == len(found.lines)


def test_hostile_text_is_text_in_markdown(files: dict[str, str]) -> None:
    """No cell ends early, and no element begins."""
    page = files["readiness.md"]
    assert "<script>" not in page.replace("\\<script\\>", "")
    tables = [line for line in page.splitlines() if line.startswith("| ")]
    assert tables
    assert HOSTILE not in page


def test_a_flow_is_found_in_the_workbook_by_its_line() -> None:
    """Counted from one, whatever is quoted."""
    text = 'voicedr: 1\nflows:\n  # the first\n  support-line: {title: x}\n  "sales":\n    title: y\n'
    assert flow_lines(text, "dr.yaml") == {"support-line": 4, "sales": 5}

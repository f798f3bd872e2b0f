"""The readiness package as SARIF 2.1.0, for code scanning: rules are checks, results what fails and what is unknown.

Source of the form: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html (read 2026-11-22). What nobody
could look at has the kind ``open`` (§3.27.9: the result is not settled), which allows no other level than ``none``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from voicedr import __version__
from voicedr.program.readiness.check import Check, Outcome, Severity
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.gaps import Waiver, gap_id
from voicedr.program.readiness.package import FlowPackage, Package
from voicedr.program.readiness.telling import clean, evidence_text, share_text, waiver_text

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

FINGERPRINT = "voicedrGap/v1"

WARNINGS = frozenset({Severity.ONE_FAILURE_AWAY, Severity.DRIFT})
"""A failure of these hurts nobody yet."""


def readiness_sarif(package: Package, workbook: str, lines: Mapping[str, int]) -> str:
    """The log.

    Args:
        package: The package.
        workbook: The workbook's path, as it is found from the root of the repository.
        lines: The line on which each flow begins.
    """
    rules = list(all_checks())
    results = [result for flow in package.flows for result in _results(flow, rules, workbook, lines)]
    log = {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {"driver": {**_DRIVER, "rules": [_rule(id_, all_checks()[id_]) for id_ in rules]}},
                "invocations": [
                    {"executionSuccessful": True, "endTimeUtc": f"{package.report.taken_at:%Y-%m-%dT%H:%M:%SZ}"}
                ],
                "results": results,
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode()


_DRIVER = {"name": "voicedr", "semanticVersion": __version__, "version": __version__}


def _rule(id_: str, check: Check[Any]) -> dict[str, object]:
    return {
        "id": id_,
        "name": "".join(word[:1].upper() + word[1:] for word in id_.split("_")),
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": f"{check.fix}\n\n{check.source}"},
        "helpUri": check.source,
        "defaultConfiguration": {"level": _level(check.severity)},
        "properties": {"tags": [check.area.value, f"stage {int(check.stage)}", check.severity.value]},
    }


def _level(severity: Severity) -> str:
    return "warning" if severity in WARNINGS else "error"


def _results(
    flow: FlowPackage, rules: list[str], workbook: str, lines: Mapping[str, int]
) -> Iterator[dict[str, object]]:
    for finding in (*flow.failing, *flow.unknown):
        yield _result(flow, finding, rules, workbook, lines, None)
    for one in flow.waived:
        yield _result(flow, one.finding, rules, workbook, lines, one.waiver)


def _result(
    flow: FlowPackage,
    finding: Finding,
    rules: list[str],
    workbook: str,
    lines: Mapping[str, int],
    waiver: Waiver | None,
) -> dict[str, object]:
    fails = finding.outcome is Outcome.FAIL
    names = ", ".join(finding.subjects)
    do = f" Do: {finding.fix}" if finding.fix else ""
    words = f"{flow.readiness.flow}: {names}: {finding.detail} ({share_text(finding)}; {evidence_text(finding)}).{do}"
    place: dict[str, object] = {"artifactLocation": {"uri": quote(workbook)}}
    if flow.readiness.flow in lines:
        place["region"] = {"startLine": lines[flow.readiness.flow]}
    result: dict[str, object] = {
        "ruleId": finding.check,
        "ruleIndex": rules.index(finding.check),
        "kind": "fail" if fails else "open",
        "level": _level(finding.severity) if fails else "none",
        "message": {"text": clean(words)},
        "locations": [
            {
                "physicalLocation": place,
                "logicalLocations": [{"name": clean(flow.readiness.flow), "kind": "module"}],
            }
        ],
        "partialFingerprints": {FINGERPRINT: gap_id(flow.readiness.flow, finding.check, finding.region)},
    }
    if waiver is not None:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": clean(waiver_text(waiver))}
        ]
    return result

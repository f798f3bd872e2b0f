"""The readiness package as JSON: every fact and every subject. Fields are added, never renamed."""

from __future__ import annotations

import msgspec

from voicedr.program.readiness.package import FlowPackage, Package

SCHEMA = 1


def readiness_json(package: Package) -> str:
    """The report, and beside it each flow's gaps, waivers, trend, checklist and resource map by the flow's id."""
    report = msgspec.to_builtins(package.report)
    return msgspec.json.format(
        msgspec.json.encode(
            {
                "schema": SCHEMA,
                "next": package.next,
                "answered_outcome": package.outcome,
                **report,
                "package": {flow.readiness.flow: _flow(flow) for flow in package.flows},
                "made_at": package.made_at,
            }
        ),
        indent=2,
    ).decode()


def _flow(flow: FlowPackage) -> dict[str, object]:
    found = flow.readiness.achievability
    return {
        "answered_outcome": flow.outcome,
        "failing": [one.check for one in flow.failing],
        "waived": [{"check": one.finding.check, "waiver": one.waiver} for one in flow.waived],
        "gap_list": flow.gaps,
        "trend": {"gaps": flow.trend.gaps, "was": flow.trend.was},
        "rto": {"sentence": found.sentence, "kept": found.kept},
        "checklist": [
            {"area": area.area, "checks": [one.result.check for one in area.checked]} for area in flow.checklist
        ],
        "not_applicable": [one.check for one in flow.not_applicable],
        "map": flow.map,
    }

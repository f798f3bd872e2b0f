"""The healthy account's workbook, as the document that a person would write: everything is declared.

It is read by the product's own reader at every reading, so that what is declared has the form that the checks expect.
"""

from __future__ import annotations

from typing import Any

from bench.readiness import estate as has
from bench.readiness.estate import Direction

FLOW = "support-line"
CONTEXT = "/var/lib/acme/context.json"
FIREWALL, SBC, SOURCE = "exports/firewall.txt", "exports/dispatcher.list", "src/calls.py"
PUSH = {"us1": "CR" + "1" * 32, "ie1": "CR" + "2" * 32}
PEOPLE = ("ann", "bo", "cy", "di")
TOKEN_LIFE_S = 900


def workbook(way: Direction) -> dict[str, Any]:
    """The document."""
    number_list = list(has.NUMBERS)
    return {
        "voicedr": 1,
        "account": {
            "sid": "AC" + "0123456789abcdef" * 2,
            "regions": {
                region: {
                    "edge": edge,
                    "api_key": f"env:KEY_{region.upper()}",
                    "api_secret": f"env:SECRET_{region.upper()}",
                    "auth_token": f"env:TOKEN_{region.upper()}",
                }
                for region, edge in has.EDGES.items()
            },
            "limits": {"requests_per_second": 200, "calls_per_second": 20, "propagation_max": "5m"},
        },
        "people": [
            {"id": "ann", "name": "Ann Ruiz", "roles": ["noc", "lead"], "contact": "+15005550006"},
            {"id": "bo", "name": "Bo Lin", "roles": ["tel", "lead"], "contact": "+15005550007"},
            {"id": "cy", "name": "Cy Ode", "roles": ["noc", "biz"], "contact": "+15005550008"},
            {"id": "di", "name": "Di Roy", "roles": ["tel", "biz"], "contact": "+15005550009"},
        ],
        "declared": [
            {"about": about, "value": value, "owner": "ann", "on": "2026-10-01", "until": "2027-03-31"}
            for about, value in _said(way).items()
        ],
        "flows": {
            FLOW: {
                "title": "Support line",
                "tier": 1,
                "primary": way.primary,
                "standby": way.standby,
                "rto": "1h",
                "must_survive": ["A caller reaches a person"],
                "can_degrade": ["Queue music"],
                "can_wait": ["Reports"],
                "out_of_scope": ["Surveys"],
                "success": ["19 of 20 callers are greeted"],
                "residency": ["us1", "ie1"],
                "entry_points": {
                    "numbers": [*number_list, has.TRICKLE], "trunks": [has.TRUNK], "sip_domains": [has.SIP_DOMAIN],
                },
                "trickle": {"numbers": [has.TRICKLE]},
                "cohorts": [
                    {"name": "canary", "numbers": number_list[:2]},
                    {"name": "rest", "rest": True, "switch_context": True},
                ],
                "roles": {
                    "detection": "noc",
                    "technical_assessment": "tel",
                    "business_impact": "biz",
                    "approval": {"roles": ["lead"], "approvals": 2},
                },
                "failback": {"criteria": ["The provider has closed its incident"]},
                "application": {
                    "name": "support",
                    "context": f"file:{CONTEXT}",
                    "confirm": [f"https://{host}/health" for host in has.INSTANCES],
                },
                "test_caller": has.TEST_CALLER,
                "decision_targets": {"declared": "2m", "assessed": "5m", "approved": "10m"},
            }
        },
    }  # fmt: skip


def _said(way: Direction) -> dict[str, Any]:
    both = tuple(has.EDGES)
    figures = {"calls_per_second": 5, "concurrent_calls": 200, "trunk_calls_per_second": 5}
    said: dict[str, Any] = {
        "firewall-export": [FIREWALL],
        "sbc-config": [SBC],
        "sbc-places": {has.SBCS[0]: "hall Ashburn", has.SBCS[1]: "hall Dublin"},
        "device-edges": ["dublin", "frankfurt"],
        "exchange-locations": {"ashburn": "North America", "frankfurt": "Europe"},
        "application-instances": {
            f"https://{host}/health": f"aws us-east-1 {host[0]}" for host in has.INSTANCES
        },
        "balancer": "an ALB over three zones",
        "dependencies": {"postgres": {"instances": 2, "places": ["us-east-1 a", "us-east-1 b"]}},
        "host-places": {
            has.APP["us1"]: "aws us-east-1", has.APP["ie1"]: "aws eu-west-1",
            has.FALLBACK: "gcp europe-west4", has.RECOVERY: "gcp europe-west4",
            has.TOKENS[0]: "aws us-east-1", has.TOKENS[1]: "gcp europe-west4",
        },
        "token-services": [f"https://{has.TOKENS[0]}/token", {"url": f"https://{has.TOKENS[1]}/token",
                                                             "bearer": "env:BEARER"}],
        "token-ttl": TOKEN_LIFE_S,
        "client-edges": {region: [has.EDGES[region], has.OTHER_EDGE[region]] for region in both},
        "client-versions": {"js": "2.11.0", "ios": "6.5.0", "android": "6.2.0"},
        "rest-clients": [SOURCE],
        "push-credentials": {region: [PUSH[region]] for region in both},
        "capacity": dict.fromkeys(both, figures),
        "need": {"calls_per_second": 2, "concurrent_calls": 100},
        "regional-secrets": {region: {"where": f"vault voice/{region}", "expires": "2027-11-01"} for region in both},
        "regulatory": "the bundles are for any place",
        "release-process": "https://ci.acme.example/standby runs voicedr sync --check",
        "second-way": "the carrier reroutes within ten minutes",
        "people-reached": dict.fromkeys(PEOPLE, "2026-10-30"),
        "outbound-caller-ids": [has.NUMBERS[0]],
        "outbound-countries": ["US", "IE"],
        "served-by-hand": "the night desk answers from the paper list",
    }  # fmt: skip
    pages = ("dashboards", "alerts", "apm", "support-tooling", "analytics")
    said |= {about: {region: [f"https://{has.BOARDS}/{region}/{about}"] for region in both} for about in pages}
    return said

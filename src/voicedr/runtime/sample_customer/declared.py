"""What Acme Clinics says about what no program can read, as a section of its workbook.

The firewall before its SBCs and the SBCs' configuration are declared by nobody: that is one of the gaps it has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta

from voicedr.runtime.sample_customer.estate import CustomerUrls

VALID_FOR = timedelta(days=180)


def declared_section(urls: CustomerUrls, people: tuple[str, ...], today: date) -> str:
    """The section, said today by those who answer for it.

    Args:
        urls: The application's processes.
        people: Everybody in the workbook, by id; all of them answered a test call today.
        today: The day it is said.
    """
    said: dict[str, tuple[str, object]] = {
        "application-instances": ("okafor", {f"{urls.primary}/health": "Ashburn", f"{urls.standby}/health": "Dublin"}),
        "balancer": ("okafor", "none needed: each Region's webhooks go to its own instance"),
        "dependencies": ("okafor", {}),
        "host-places": ("okafor", {"127.0.0.1": "Ashburn", "127.0.0.2": "Dublin", "127.0.0.3": "another cloud"}),
        "client-versions": ("okafor", {}),
        "push-credentials": ("okafor", {}),
        "client-edges": ("okafor", {}),
        "rest-clients": ("okafor", []),
        "outbound-caller-ids": ("okafor", []),
        "outbound-countries": ("okafor", []),
        "need": ("patel", {"calls_per_second": 1, "concurrent_calls": 40}),
        "capacity": ("okafor", _each({"calls_per_second": 1, "concurrent_calls": 100, "trunk_calls_per_second": 1})),
        "regional-secrets": (
            "okafor",
            {region: {"where": f"secret store, {region}", "expires": "never"} for region in ("us1", "ie1")},
        ),
        "dashboards": ("okafor", {"us1": [f"{urls.primary}/stats"], "ie1": [f"{urls.standby}/stats"]}),
        "alerts": ("ruiz", _named("pager: failed calls")),
        "apm": ("okafor", _named("traces of the support app")),
        "support-tooling": ("patel", _named("call search")),
        "analytics": ("patel", _named("daily call statistics")),
        "regulatory": ("patel", "US numbers: no bundle is needed, and callers are told in both Regions"),
        "release-process": ("okafor", "the release runs voicedr sync check before it ends"),
        "second-way": ("ruiz", "the carrier sends the main number to the clinics' mobile phones on a call"),
        "people-reached": ("ruiz", {person: today.isoformat() for person in people}),
    }
    lines = ["# What no program can read: who says it, since when, until when.", "declared:"]
    for about, (owner, value) in said.items():
        lines += [
            f"  - about: {about}",
            f"    value: {json.dumps(value, ensure_ascii=False)}",
            f"    owner: {owner}",
            f"    on: {today.isoformat()}",
            f"    until: {(today + VALID_FOR).isoformat()}",
        ]
    return "\n".join(lines) + "\n"


def _each(value: Mapping[str, object]) -> dict[str, object]:
    return {"us1": value, "ie1": value}


def _named(what: str) -> dict[str, list[str]]:
    return {region: [f"{what} of {region}"] for region in ("us1", "ie1")}

"""What is seen of webhooks, hosts and an application that are ready. Tests spoil one thing at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.outside.web import (
    Alerted,
    CertificateSeen,
    ContextSeen,
    InstanceSaid,
    Reached,
    RestSource,
    WebFacts,
)
from voicedr.program.readiness.resources import WebhookAnswer
from voicedr.program.scope.workbook import ApplicationContext
from voicedr.program.vocabulary import IE1, US1

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
EDGES = "#e=dublin,frankfurt&rc=1&rp=ct,5xx&ct=3000"
URL, FALLBACK, RECOVERY = (
    f"https://app.acme.example/voice{EDGES}",
    f"https://dr.other.example/voice{EDGES}",
    f"https://dr.other.example/dr{EDGES}",
)
STATUS = "https://app.acme.example/status"
MESSAGES, MESSAGES_FALLBACK = "https://app.acme.example/messages", "https://dr.other.example/messages"
HOSTED = "https://late-1234.dublin.ie1.twil.io/voice"
"""A fallback that the provider itself runs, in the standby."""

HOSTS = {
    "app.acme.example": ("8.8.8.8", "8.8.4.4"),
    "dr.other.example": ("1.1.1.1",),
    "late-1234.dublin.ie1.twil.io": ("9.9.9.9",),
}
INSTANCES = {"https://a.acme.example/health": "aws us-east-1 a", "https://b.acme.example/health": "aws us-east-1 b"}
CONFIRM = ("https://a.acme.example/health", "https://b.acme.example/health")
APPLICATION_CONTEXT = ApplicationContext("support", "context.json", CONFIRM)
SOURCE = "src/calls.py"


def _seen(value: Any) -> Any:
    return Observed(value, AT, "test")


def answer(url: str, **changes: Any) -> WebhookAnswer:
    """What a webhook says when all is well."""
    values: dict[str, Any] = {"status": 200, "seconds": 0.2, "verbs": ("Say", "Dial", "Dial/Number")} | changes
    values.setdefault("told", url in (FALLBACK, HOSTED))
    return WebhookAnswer(url, **values)


def web_facts(**changes: Any) -> WebFacts:
    """Everything as it should be; ``changes`` replace single facts of a table: ``addresses={"host": fact}``."""
    asked = (URL, FALLBACK, RECOVERY)
    tables: dict[str, dict[str, Any]] = {
        "addresses": {host: _seen(found) for host, found in HOSTS.items()},
        "certificates": {
            f"{host}:443": _seen(CertificateSeen(AT + timedelta(days=60), None, "TLSv1.3")) for host in HOSTS
        },
        "reached": {STATUS: _seen(Reached(405, 0.1))},
        "signed": {f"{region} {url}": _seen(answer(url, signed_as=region)) for region in (US1, IE1) for url in asked},
        "told": {},
        "untold": {},
        "forged": {url: _seen(answer(url, status=403, problem="answered 403", verbs=())) for url in asked},
        "instances": {url: _seen(Reached(200, 0.1)) for url in INSTANCES},
        "confirms": {url: _seen(InstanceSaid(US1, 7)) for url in CONFIRM},
        "contexts": {APPLICATION_CONTEXT.context: _seen(ContextSeen(US1, 7))},
        "edges": {f"{edge}.us1": _seen(Reached(200, 0.1)) for edge in ("ashburn", "umatilla", "sydney")},
        "sources": {SOURCE: _seen(RestSource(True, (), ("ashburn", "umatilla"), True))},
        "alerts": {region: _seen(Alerted(AT - timedelta(days=1), ())) for region in (US1, IE1)},
    }
    return WebFacts(**{name: table | changes.get(name, {}) for name, table in tables.items()})


WEB_PLACES = {"app.acme.example": "aws us-east-1", "dr.other.example": "gcp europe-west1"}
"""Where the hosts of webhooks are; added to what is declared of hosts."""

WEB_SAID: dict[About, Any] = {
    About.APPLICATION_INSTANCES: INSTANCES,
    About.BALANCER: "an ALB over three zones",
    About.DEPENDENCIES: {"postgres": {"instances": 2, "places": ["us-east-1 a", "us-east-1 b"]}},
    About.REST_CLIENTS: [SOURCE],
}
"""What people say about it."""

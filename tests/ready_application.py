"""What makes a flow ready beside its routes and webhooks: an estate alike in both Regions, people, and their word."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from ready_web import WEB_PLACES, WEB_SAID
from sip_readiness_scene import SIP_SAID
from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.facts import Fact, Observed
from voicedr.program.readiness.kinds import Resource, Value
from voicedr.program.readiness.outside.access_token import AccessToken, read_access_token
from voicedr.program.readiness.outside.application import (
    EYES,
    ApplicationFacts,
    Credentials,
    Page,
    TokenAnswer,
    eye_key,
    token_key,
)
from voicedr.program.scope.workbook import Person
from voicedr.program.vocabulary import IE1, US1, Region

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
ACCOUNT = "AC" + "0" * 32
KEY, SECRET = "SK" + "2" * 32, "ofIreland" * 4
PUSH = "CR" + "2" * 32
TOKENS = ("https://tokens.acme.example/token", "https://tokens.other.example/token")
BOARD = "https://boards.acme.example/ie1"

PEOPLE = (
    Person("ann", "Ann Ruiz", ("noc", "lead"), "+15005550006"),
    Person("bo", "Bo Lin", ("tel", "lead"), "+15005550007"),
    Person("cy", "Cy Ode", ("noc", "biz"), "+15005550008"),
    Person("di", "Di Roy", ("tel", "biz"), "+15005550009"),
)

SAID: dict[About, Any] = {
    **SIP_SAID,
    About.REGULATORY: "the bundles are for any place",
    About.SECOND_WAY: "the carrier reroutes within ten minutes",
    About.RELEASE_PROCESS: "https://ci.acme.example/standby runs voicedr sync --check",
    About.REGIONAL_SECRETS: {
        "ie1": {"where": "vault voice/ie1", "expires": "2027-11-01"},
        "us1": {"where": "vault voice/us1", "expires": "2027-11-01"},
    },
    About.TOKEN_SERVICES: list(TOKENS),
    About.TOKEN_TTL: 900,
    About.CLIENT_EDGES: {"ie1": ["dublin", "frankfurt"], "us1": ["ashburn", "umatilla"]},
    About.CLIENT_VERSIONS: {"js": "2.11.0", "ios": "6.5.0", "android": "6.2.0"},
    About.PUSH_CREDENTIALS: {"ie1": [PUSH], "us1": ["CR" + "1" * 32]},
    About.OUTBOUND_COUNTRIES: ["US", "IE"],
    About.OUTBOUND_CALLER_IDS: ["+14155550100"],
    About.NEED: {"calls_per_second": 2, "concurrent_calls": 100},
    About.CAPACITY: {
        "ie1": {"calls_per_second": 5, "concurrent_calls": 200, "trunk_calls_per_second": 5},
        "us1": {"calls_per_second": 5, "concurrent_calls": 200, "trunk_calls_per_second": 5},
    },
    About.DASHBOARDS: {"ie1": [BOARD], "us1": ["https://boards.acme.example/us1"]},
    About.ALERTS: {"ie1": ["calls fail in ie1, to the pager"], "us1": ["calls fail in us1, to the pager"]},
    About.APM: {"ie1": [BOARD]},
    About.SUPPORT_TOOLING: {"ie1": [BOARD]},
    About.ANALYTICS: {"ie1": [BOARD]},
    About.PEOPLE_REACHED: {person.id: "2026-10-30" for person in PEOPLE},
}
"""What was declared. Others may add to it; a test changes one thing with ``declaring``."""

PLACES = {"tokens.acme.example": "aws eu-west-1", "tokens.other.example": "gcp europe-west4"}
"""Where the hosts of token services are; added to what is declared of hosts."""


def declaring(changes: Mapping[About, Any] | None = None, *without: About) -> Declarations:
    """Everything that was declared, but for the changes."""
    said = {**SAID, **WEB_SAID, About.HOST_PLACES: {**PLACES, **WEB_PLACES}} | dict(changes or {})
    return Declarations(
        tuple(
            Declaration(about, value, "ann", date(2026, 10, 1), date(2027, 3, 31))
            for about, value in said.items()
            if about not in without
        )
    )


def resource(kind: str, sid: str, parent_sid: str | None = None, **fields: Value) -> Resource:
    """Something of a Region."""
    return Resource(kind, sid, parent_sid, dict(fields))


def dialing(iso: str, **changes: Value) -> Resource:
    """A country that ordinary numbers may be called in."""
    fields: dict[str, Value] = {
        "iso_code": iso,
        "name": iso,
        "low_risk_numbers_enabled": True,
        "high_risk_special_numbers_enabled": False,
        "high_risk_tollfraud_numbers_enabled": False,
    }
    return Resource("dialing-country", iso, None, fields | changes)


def token_text(region: str = "ie1", secret: str = SECRET, **claims: Any) -> str:
    """A Voice SDK access token, made here so that the reading of it is not held to our own making."""
    now = int(AT.timestamp())
    header = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1", "twr": region}
    voice = {"incoming": {"allow": True}, "outgoing": {"application_sid": "AP" + "1" * 32}, "push_credential_sid": PUSH}
    body = {
        "jti": f"{KEY}-{now}", "iss": KEY, "sub": ACCOUNT, "nbf": now, "exp": now + 900,
        "grants": {"identity": "voicedr-readiness", "voice": voice},
    } | claims  # fmt: skip
    signed = ".".join(_part(msgspec.json.encode(one)) for one in (header, body))
    return f"{signed}.{_part(hmac.digest(secret.encode(), signed.encode(), 'sha256'))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def a_token(**changes: Any) -> AccessToken:
    """The same, read."""
    return msgspec.structs.replace(read_access_token(token_text(), {IE1: (KEY, SECRET)}), **changes)


def seen(value: Any, source: str = "test") -> Any:
    """An observation of now."""
    return Observed(value, AT, source)


def application_facts(**changes: Any) -> ApplicationFacts:
    """What the customer's own parts say when all is well. A mapping among the changes is laid over what is there."""
    had = Credentials(("api_key", "api_secret", "auth_token"), {}, {})
    clocks: dict[Region, Fact[float]] = {IE1: seen(0.0), US1: seen(0.0)}
    credentials: dict[Region, Fact[Credentials]] = {IE1: seen(had), US1: seen(had)}
    facts = ApplicationFacts(
        clocks=clocks,
        tokens={
            token_key(region, url): seen(TokenAnswer(200, 0.1, a_token(region=region)))
            for region in (IE1, US1)
            for url in TOKENS
        },
        pages={BOARD: seen(Page(200))},
        credentials=credentials,
        eyes={eye_key(IE1, eye): seen(1) for eye in EYES},
    )
    return msgspec.structs.replace(facts, **{name: {**getattr(facts, name), **over} for name, over in changes.items()})

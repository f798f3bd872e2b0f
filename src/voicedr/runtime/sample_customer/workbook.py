"""Acme Clinics' workbook: the DR program of its four flows, as the YAML that a person would write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from voicedr.runtime.sample_customer.declared import declared_section
from voicedr.runtime.sample_customer.estate import (
    CANARY,
    DISPATCH,
    DISPATCH_TRUNK,
    LOBBY,
    LOBBY_DOMAIN,
    LOW_RISK,
    PRIORITY,
    REST,
    SALES,
    SUPPORT_LINE,
    TEST_CALLER,
    YARD_TRUNK,
    CustomerUrls,
)

_EDGES = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}


@dataclass(frozen=True, slots=True)
class KeyReference:
    """A Region's API key as a workbook holds it: references such as ``env:NAME`` or ``file:/path``, never a secret.

    ``auth_token`` lets readiness sign its test requests; None leaves them unsigned.
    """

    api_key: str
    api_secret: str
    auth_token: str | None = None


@dataclass(frozen=True, slots=True)
class GateOptions:
    """The gate of the support line. The defaults are the workbook format's own."""

    bad_share_ok: float = 0.01
    bad_share_bad: float = 0.10
    false_stop: float = 0.01
    missed_bad: float = 0.05
    calls_max: int = 150
    numbers_min: int = 2
    on_go: str = "continue"
    on_no_go: str = "pause"
    wait_max: str = "30m"


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """The provider's limits. The defaults are the cautious documented ones."""

    requests_per_second: float = 20
    calls_per_second: float = 1
    propagation_max: str = "5m"


ENVIRONMENT_KEYS: Mapping[str, KeyReference] = {
    region: KeyReference(f"env:TWILIO_API_KEY_{region.upper()}", f"env:TWILIO_API_SECRET_{region.upper()}")
    for region in ("us1", "ie1")
}
"""Keys from the environment, where nobody says otherwise."""

_GATE = GateOptions()
_LIMITS = LimitOptions()


def example_workbook(
    account_sid: str,
    *,
    urls: CustomerUrls,
    context_path: Path,
    address: str | None = None,
    keys: Mapping[str, KeyReference] = ENVIRONMENT_KEYS,
    gate: GateOptions = _GATE,
    limits: LimitOptions = _LIMITS,
    today: date | None = None,
) -> str:
    """The workbook as text.

    Args:
        account_sid: The account the flows are in.
        urls: The application's processes. The primary's and the standby's ``/health`` confirm a switch of context.
        context_path: The support line's context document.
        address: Where every provider request goes, e.g. a twin's ``http://127.0.0.1:8080``; None: the provider.
        keys: The API key of each Region.
        gate: The support line's gate.
        limits: What the account may do.
        today: The day on which people declare what no program can read; None: they declare nothing.
    """
    return "\n".join(
        (
            _account(account_sid, address, keys, limits),
            _PEOPLE,
            *(() if today is None else (declared_section(urls, _PERSONS, today),)),
            "flows:",
            _support_line(urls, context_path, gate),
            _sales(),
            _dispatch(),
            _lobby(),
        )
    )


def _account(account_sid: str, address: str | None, keys: Mapping[str, KeyReference], limits: LimitOptions) -> str:
    lines = [
        "# The voice disaster recovery program of Acme Clinics.",
        "voicedr: 1",
        "",
        "account:",
        f"  sid: {_quoted(account_sid)}",
    ]
    if address is not None:
        lines += [
            "  # A twin or a test: every request goes here, with the provider's host name kept.",
            f"  address: {_quoted(address)}",
        ]
    lines.append("  regions:")
    for region, reference in keys.items():
        lines += [
            f"    {region}:",
            f"      edge: {_EDGES[region]}",
            f"      api_key: {_quoted(reference.api_key)}",
            f"      api_secret: {_quoted(reference.api_secret)}",
            *([f"      auth_token: {_quoted(reference.auth_token)}"] if reference.auth_token else []),
        ]
    lines += [
        "  limits:",
        f"    requests_per_second: {limits.requests_per_second:g}",
        f"    calls_per_second: {limits.calls_per_second:g}",
        f"    propagation_max: {limits.propagation_max}",
        "",
    ]
    return "\n".join(lines)


_PEOPLE = """\
people:
  - {id: ruiz, name: A. Ruiz, roles: [on-call lead], contact: "+14155558001"}
  - {id: chen, name: M. Chen, roles: [operations director], contact: "+14155558002"}
  - {id: okafor, name: J. Okafor, roles: [telephony engineer], contact: "+14155558003"}
  - {id: patel, name: S. Patel, roles: [business owner], contact: "+14155558004"}
"""

_PERSONS = ("ruiz", "chen", "okafor", "patel")

_ROLES = """\
    roles:
      detection: on-call lead
      technical_assessment: telephony engineer
      business_impact: business owner
      approval:
        roles: [on-call lead, operations director]
        approvals: 2
"""


def _support_line(urls: CustomerUrls, context_path: Path, gate: GateOptions) -> str:
    return f"""\
  support-line:
    title: Patient support line
    tier: 1
    primary: us1
    standby: ie1
    rto: 15m
    must_survive:
      - A patient who calls reaches the nurses' queue
      - A patient who cannot wait can leave a message
    can_degrade:
      - Messages are not transcribed
      - Patients hear their place in the queue and no music
    can_wait:
      - Call recordings in the archive
      - The weekly call statistics
    out_of_scope:
      - Outgoing reminder calls
    success:
      - 19 of 20 callers hear the greeting within 5 s
      - Nurses take calls from the queue
      - Priority clinics' numbers are reached by their test calls
    residency: [us1, ie1]
    entry_points:
      numbers: [{_span(SUPPORT_LINE)}]
    gate:
      bad_share_ok: {gate.bad_share_ok:g}
      bad_share_bad: {gate.bad_share_bad:g}
      false_stop: {gate.false_stop:g}
      missed_bad: {gate.missed_bad:g}
      calls_max: {gate.calls_max}
      numbers_min: {gate.numbers_min}
      on_go: {gate.on_go}
      on_no_go: {gate.on_no_go}
      wait_max: {gate.wait_max}
    cohorts:
      - name: canary # test lines that no patient has been told of
        numbers: [{_span(CANARY)}]
      - name: low-risk
        numbers: [{_span(LOW_RISK)}]
      - name: priority # the clinics with acute patients
        numbers: [{_span(PRIORITY)}]
        switch_context: true
      - name: rest
        numbers: [{_span(REST)}]
    signals:
      - {{name: call-completes}}
      - {{name: no-alert}}
{_ROLES}\
    failback:
      primary_healthy_for: 30m
      criteria:
        - The provider has closed its incident
        - Messages left in ie1 have been fetched
    application:
      name: support-app
      context: {_quoted(f"file:{context_path}")}
      confirm:
        - {_quoted(f"{urls.primary}/health")}
        - {_quoted(f"{urls.standby}/health")}
    test_caller: {_quoted(TEST_CALLER)}
"""


def _sales() -> str:
    return f"""\
  sales:
    title: Sales line
    tier: 2
    primary: us1
    standby: ie1
    rto: 1h
    must_survive: [A caller reaches the sales desk or can leave a message]
    can_degrade: [Messages are not transcribed]
    out_of_scope: [Outgoing campaigns]
    success: [Calls to the sales desk are answered as often as in the week before]
    residency: [us1, ie1]
    entry_points:
      numbers: [{_span(SALES)}]
    cohorts:
      - name: canary
        numbers: [{_span(SALES[:2])}]
      - name: rest
        rest: true
{_ROLES}\
    test_caller: {_quoted(TEST_CALLER)}
"""


def _dispatch() -> str:
    return f"""\
  dispatch:
    title: Dispatch of nurses
    tier: 2
    primary: us1
    standby: ie1
    rto: 30m
    must_survive: [A nurse on the road reaches the dispatcher]
    can_degrade: [The duty dispatcher's mobile rings in place of the dispatch centre]
    success: [Every session border controller takes calls from ie1]
    residency: [us1, ie1]
    entry_points:
      numbers: [{_span(DISPATCH)}]
      trunks: [{DISPATCH_TRUNK}, {YARD_TRUNK}]
    cohorts:
      - name: canary
        numbers: [{_span(DISPATCH[:2])}]
      - name: centre
        numbers: [{_span(DISPATCH[2:20])}]
        trunks: [{DISPATCH_TRUNK}]
      - name: yard
        rest: true
{_ROLES}\
    test_caller: {_quoted(TEST_CALLER)}
"""


def _lobby() -> str:
    return f"""\
  lobby:
    title: Lobby telephones
    tier: 3
    primary: us1
    standby: ie1
    rto: 4h
    must_survive: [A visitor reaches reception]
    can_wait: [In-house handsets]
    success: [The lobby's handset rings reception]
    residency: [us1, ie1]
    entry_points:
      numbers: [{_span(LOBBY)}]
      sip_domains: [{LOBBY_DOMAIN}]
    cohorts:
      - name: desks
        numbers: [{_span(LOBBY[:2])}]
      - name: rest
        rest: true
{_ROLES}\
    test_caller: {_quoted(SALES[-1])}
"""


def _span(block: tuple[str, ...]) -> str:
    """A block of numbers as the workbook writes it: the first and the last, in quotes."""
    return _quoted(block[0] if len(block) == 1 else f"{block[0]}..{block[-1]}")


def _quoted(text: str) -> str:
    """Text as a double-quoted YAML scalar; JSON's strings are such."""
    return json.dumps(text, ensure_ascii=False)

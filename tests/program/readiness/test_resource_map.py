"""The regional resource map: what the flow uses, and what each Region has of it, in one word a line."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_scene import (
    A_TRUNK,
    AT,
    NUMBERS,
    TRICKLE,
    a_flow,
    an_account,
    an_estate,
    nothing_seen,
    number_resource,
    seen,
    snapshot,
)
from ready_application import resource
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.resource_map import FlowMap, Line, Verdict, resource_maps
from voicedr.program.readiness.resources import Route
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.standby_copy import Sync, UrlRule
from voicedr.program.vocabulary import IE1, US1, Region

ONE = "+14155550100"


def numbers(region: Region, **changes: Any) -> tuple[Resource, ...]:
    """Every number with an id of its own; the first with changes."""
    return tuple(
        Resource(one.kind, f"PN{at:032d}", None, one.fields)
        for at, one in enumerate(number_resource(n, **(changes if n == ONE else {})) for n in NUMBERS)
    )


def looked(
    here: dict[str, Any] | None = None,
    there: dict[str, Any] | None = None,
    sync: Sync | None = None,
    **estate: Any,
) -> FlowMap:
    """The map of the flow whose first number is so in the primary and so in the standby."""
    facts = snapshot(
        primary={"estate": observed(number=numbers(US1, **(here or {})))},
        standby={"estate": observed(**{"number": numbers(IE1, **(there or {})), **estate})},
    )
    return mapped(facts, sync)


def observed(**changes: Any) -> dict[str, Any]:
    """An estate as facts; a change may be a fact itself."""
    estate: dict[str, Any] = {kind: seen(found) for kind, found in an_estate().items()}
    for kind, found in changes.items():
        estate[kind.replace("_", "-")] = found if isinstance(found, Unobserved) else seen(found)
    return estate


def mapped(facts: Snapshot, sync: Sync | None = None) -> FlowMap:
    """The map of the flow."""
    return resource_maps([a_flow()], an_account(), facts, sync or Sync())["support-line"]


def line_of(found: FlowMap, kind: str, name: str) -> Line:
    """One line."""
    return next(line for line in found.lines if (line.kind, line.name) == (kind, name))


RULES = Sync(urls=(UrlRule("https://app.acme.example", "https://app.{region}.acme.example"),))
VOICE = "https://app.acme.example/voice"


@pytest.mark.parametrize(
    ("here", "there", "sync", "verdict", "note"),
    [
        ({}, {}, None, Verdict.SAME, ""),
        ({"voice_url": VOICE}, {"voice_url": VOICE + "/b"}, None, Verdict.DIFFERS, f"should be {VOICE}"),
        ({"voice_url": VOICE}, {"voice_url": None}, None, Verdict.DIFFERS, f"should be {VOICE}"),
        (
            {"voice_url": VOICE}, {"voice_url": "https://app.ie1.acme.example/voice"}, RULES, Verdict.BY_RULE,
            "sync.urls: https://app.acme.example -> https://app.{region}.acme.example",
        ),
        ({"voice_url": VOICE}, {"voice_url": VOICE}, RULES, Verdict.DIFFERS, "https://app.ie1.acme.example/voice"),
        ({}, {"friendly_name": "other"}, None, Verdict.DIFFERS, "should be nothing"),
    ],
)  # fmt: skip
def test_a_field_is_judged_as_the_copy_would_make_it(
    here: dict[str, Any], there: dict[str, Any], sync: Sync | None, verdict: Verdict, note: str
) -> None:
    """The same, otherwise by a rule, or not as it should be; and then what it should be."""
    base = {"sms_url": None, "sms_fallback_url": None, "voice_fallback_url": None}
    line = line_of(looked({**base, **here}, {**base, **there}, sync), "numbers", ONE)
    assert line.verdict is verdict
    assert any(note in field.note for field in line.fields if field.verdict is verdict) or not note


def test_what_the_standby_does_not_have_is_missing() -> None:
    """A trunk that is not there, and what belongs to it; the evidence of both sides is told."""
    found = looked(trunk=())
    line = line_of(found, "trunks", "acme.pstn.twilio.com")
    assert (line.verdict, line.note) == (Verdict.MISSING, "ie1 has none such")
    assert (line.cells[0].value, line.cells[1].value) == (A_TRUNK.sid, None)
    assert line.cells[1].seen_at == f"{AT:%Y-%m-%d %H:%M:%SZ}"


def test_what_could_not_be_read_is_unknown_and_never_missing() -> None:
    """In the standby, and in the primary."""
    line = line_of(looked(trunk=Unobserved("403 Forbidden")), "trunks", "acme.pstn.twilio.com")
    assert (line.verdict, line.note, line.cells[1].unseen) == (Verdict.UNKNOWN, "403 Forbidden", "403 Forbidden")
    dark = mapped(nothing_seen())
    assert {line.verdict for line in dark.lines} == {Verdict.UNKNOWN}
    assert len(dark.lines) > len(NUMBERS)
    assert dark.unread


def test_a_number_that_the_primary_lacks_is_missing() -> None:
    """The workbook names it, and nobody has it."""
    facts = snapshot(primary={"estate": observed(number=numbers(US1)[1:])}, standby={"estate": observed()})
    line = line_of(mapped(facts), "numbers", ONE)
    assert (line.verdict, line.cells[0].value) == (Verdict.MISSING, None)


def test_a_route_is_where_the_workbook_says_or_differs() -> None:
    """The trickle belongs to the standby; a number that is there on an ordinary day does not."""
    facts = snapshot(routes={a_flow().subjects[0]: seen(Route(a_flow().subjects[0], IE1))})
    found = mapped(facts)
    assert line_of(found, "routes", f"route of number {TRICKLE.name}").verdict is Verdict.SAME
    line = line_of(found, "routes", f"route of number {ONE}")
    assert (line.verdict, line.note) == (Verdict.DIFFERS, "calls go to ie1, and by the workbook to us1")
    assert [cell.value for cell in line.cells] == [None, "calls go here"]


@pytest.mark.parametrize(
    "address", ["https://ops:hunter2@app.acme.example/voice", "sip:ops:hunter2@sbc1.acme.example;transport=tls"]
)
def test_no_password_is_in_a_cell(address: str) -> None:
    """Neither of a webhook nor of a SIP URI."""
    uri = resource("origination-url", "OU9", A_TRUNK.sid, sip_url=address, priority=10, weight=10, enabled=True)
    facts = snapshot(
        primary={"estate": observed(number=numbers(US1, voice_url=address), origination_url=(uri,))},
        standby={"estate": observed(number=numbers(IE1))},
    )
    told = repr(mapped(facts))
    assert "hunter2" not in told
    assert "ops" in told


def test_two_of_one_name_are_unknown() -> None:
    """Nobody can tell which of them counts."""
    double = (resource("trunk", "TK8", domain_name="acme.pstn.twilio.com"),)
    found = looked(trunk=(*an_estate()["trunk"], *double))
    line = line_of(found, "trunks", "acme.pstn.twilio.com")
    assert line.verdict is Verdict.UNKNOWN
    assert "TK8" in str(line.cells[1].value)

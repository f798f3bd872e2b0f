"""What is otherwise between two snapshots: changes, additions, losses, and sight, each told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.outside.web import Alerted, CertificateSeen, WebFacts
from voicedr.program.readiness.resources import Routable, Route, WebhookAnswer
from voicedr.program.readiness.snapshot import UNSERVED, RegionFacts, Snapshot
from voicedr.program.readiness.snapshot_diff import Change, Difference, diff
from voicedr.program.vocabulary import IE1, US1, Region

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
NUMBER = Resource("number", "PN1", None, {"phone_number": "+14155550100", "voice_url": "https://a.example/"})
TRUNK = Resource("trunk", "TK1", None, {"domain_name": "acme.pstn.twilio.com"})
SBC = Resource("origination-url", "OU1", "TK1", {"sip_url": "sip:sbc.example", "priority": 1})
SUBJECT = Routable("number", "+14155550100")


def seen(value: Any) -> Observed[Any]:
    """Seen just now."""
    return Observed(value, AT, "somewhere")


NO: Unobserved = Unobserved("it may not be read", refused=True)


def a_snapshot(region: Region = IE1, **more: Any) -> Snapshot:
    """One Region with a number and a trunk; kinds, routes, webhooks and web facts may be told otherwise."""
    estate: dict[str, Fact[Any]] = {
        "number": seen((NUMBER,)), "trunk": seen((TRUNK,)), "origination-url": seen((SBC,)),
        "caller-id": Unobserved(UNSERVED),
    }  # fmt: skip
    estate |= {kind.replace("_", "-"): fact for kind, fact in more.pop("estate", {}).items()}
    credential = more.pop("credential", seen("asked"))
    facts = RegionFacts(credential, NO, NO, NO, NO, NO, estate)
    routes = {SUBJECT.key: seen(Route(SUBJECT, US1))}
    given: dict[str, Any] = {"regions": {region: facts}, "routes": routes, "webhooks": {}, **more}
    return Snapshot(taken_at=AT, account_sid="AC1", **given)


def differ(before: dict[str, Any], after: dict[str, Any]) -> tuple[Difference, ...]:
    """The differences between two snapshots made with these."""
    return diff(a_snapshot(**before), a_snapshot(**after)).differences


def test_the_same_is_no_difference_and_later_is_no_difference() -> None:
    """When a thing was seen, and how long it took, is nobody's doing."""
    assert differ({}, {}) == ()
    late = msgspec.structs.replace(a_snapshot(), taken_at=datetime(2027, 1, 1, tzinfo=UTC))
    assert diff(a_snapshot(), late).differences == ()
    quick = {"webhooks": {"https://a.example/": seen(WebhookAnswer("https://a.example/", 200, 0.1, ("Say",)))}}
    slow = {"webhooks": {"https://a.example/": seen(WebhookAnswer("https://a.example/", 200, 4.2, ("Say",)))}}
    assert differ(quick, slow) == ()
    took = [
        {"webhooks": {"u": seen(WebhookAnswer("u", None, 1.0, problem=f"did not answer: timed-out after {s} s"))}}
        for s in ("1.0", "2.3")
    ]
    assert differ(*took) == ()


OTHER = msgspec.structs.replace(NUMBER, sid="PN2", fields={**NUMBER.fields, "phone_number": "+14155550101"})
CASES: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str, str, str, Change, Any, Any]]] = [
    (
        "a field",
        {},
        {"estate": {"number": seen((msgspec.structs.replace(NUMBER, fields={**NUMBER.fields, "voice_url": None}),))}},
        ("ie1", "numbers", "+14155550100", "voice_url", Change.CHANGED, "https://a.example/", None),
    ),
    (
        "one more",
        {},
        {"estate": {"number": seen((NUMBER, OTHER))}},
        ("ie1", "numbers", "+14155550101", "", Change.ADDED, None, None),
    ),
    (
        "one less",
        {"estate": {"number": seen((NUMBER, OTHER))}},
        {},
        ("ie1", "numbers", "+14155550101", "", Change.GONE, None, None),
    ),
    (
        "of a parent",
        {},
        {"estate": {"origination_url": seen((msgspec.structs.replace(SBC, fields={**SBC.fields, "priority": 2}),))}},
        ("ie1", "origination URIs", "sip:sbc.example of acme.pstn.twilio.com", "priority", Change.CHANGED, "1", "2"),
    ),
    (
        "a lost permission",
        {},
        {"estate": {"number": NO}},
        ("ie1", "numbers", "", "", Change.SIGHT_LOST, None, "it may not be read"),
    ),
    (
        "a new permission",
        {"estate": {"number": NO}},
        {},
        ("ie1", "numbers", "", "", Change.SIGHT_GAINED, "it may not be read", None),
    ),
    (
        "a key",
        {},
        {"credential": NO},
        ("ie1", "keys", "", "", Change.SIGHT_LOST, None, "it may not be read"),
    ),
    (
        "a route",
        {"routes": {SUBJECT.key: seen(None)}},
        {"routes": {SUBJECT.key: seen(Route(SUBJECT, IE1))}},
        ("", "routes", SUBJECT.key, "", Change.CHANGED, "us1 (never set)", "ie1"),
    ),
    (
        "a route set to where it was by rule",
        {"routes": {SUBJECT.key: seen(None)}},
        {},
        ("", "routes", SUBJECT.key, "", Change.CHANGED, "us1 (never set)", "us1"),
    ),
    (
        "a webhook",
        {"webhooks": {"https://u:pw@a.example/": seen(WebhookAnswer("https://u:pw@a.example/", 200, 0.1))}},
        {"webhooks": {"https://u:pw@a.example/": seen(WebhookAnswer("https://u:pw@a.example/", 500, 0.1))}},
        ("", "webhooks", "https://u:***@a.example/", "status", Change.CHANGED, "200", "500"),
    ),
    (
        "a certificate",
        {"web": WebFacts(certificates={"a.example:443": seen(CertificateSeen(AT))})},
        {"web": WebFacts(certificates={"a.example:443": seen(CertificateSeen(AT, "expired"))})},
        ("", "web certificates", "a.example:443", "problem", Change.CHANGED, None, "expired"),
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), [case[1:] for case in CASES], ids=[one[0] for one in CASES])
def test_each_difference_is_told_alone(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    """With where, what, which, which field, and both values."""
    assert [msgspec.structs.astuple(one) for one in differ(before, after)] == [expected]


@pytest.mark.parametrize(
    ("was", "is_"),
    [
        ("https://u:hunter2@a.example/x", "https://u:hunter3@a.example/x"),
        ("sip:u:hunter2@sbc.example;edge=dublin", "sip:u:hunter3@sbc.example;edge=dublin"),
    ],
)
def test_a_password_is_never_shown_but_that_it_changed_is(was: str, is_: str) -> None:
    """In a value, and in a name."""
    first, second = (msgspec.structs.replace(SBC, fields={"sip_url": url}) for url in (was, is_))
    found = differ({"estate": {"origination_url": seen((first,))}}, {"estate": {"origination_url": seen((second,))}})
    assert "hunter" not in str(found)
    assert found[0].after == f"{found[0].before} (another password)"


def test_what_was_seen_neither_time_is_said_and_never_called_the_same() -> None:
    """But what a Region does not serve is no gap in sight; nor are other flows a change."""
    found = diff(a_snapshot(estate={"queue": NO}), a_snapshot(estate={"queue": NO}))
    assert found.differences == ()
    assert "queues of ie1: it may not be read" in found.not_compared
    assert not any("caller" in why for why in found.not_compared)
    found = diff(a_snapshot(), a_snapshot(routes={}))
    assert found.differences == ()
    assert "routes: 1 were looked at only one of the times" in found.not_compared
    found = diff(a_snapshot(), a_snapshot(US1))
    assert found.differences == ()
    assert set(found.not_compared) == {"ie1: it was read only before", "us1: it was read only after"}


def test_what_passes_by_is_no_difference() -> None:
    """Alerts come and go; the rest of what was seen outside counts."""
    days = (AT, datetime(2026, 11, 22, tzinfo=UTC))
    one, two = ({"web": WebFacts(alerts={"ie1": seen(Alerted(since=day, counts=()))})} for day in days)
    assert differ(one, two) == ()
    lost = diff(a_snapshot(), a_snapshot(estate={"number": NO}))
    assert (len(lost.changes), len(lost.lost)) == (0, 1)

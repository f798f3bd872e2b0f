"""Dialing permissions, audit events, call summaries and the newer keys, seen through the official library."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from asking_the_twin import N0, N1, T0, Client, small_world
from library_in_process import official, refused
from voicedr.twin.world.countries import countries, may_be_called
from voicedr.twin.world.model import Call, World
from voicedr.twin.world.state import as_json, from_json


def _call(world: World, region: str, number: int, ended_ago_s: float, **more: Any) -> Call:
    at = T0 + 60 - ended_ago_s
    fields = {"direction": "inbound", "status": "completed", "to": N0} | more
    call = Call(
        f"CA{number:032x}", "+16465550123", fields.pop("to"), fields.pop("direction"), fields.pop("status"), at - 30,
        at - 30, at, at - 20, **fields,
    )  # fmt: skip
    world.regions[region].calls[call.sid] = call
    return call


def test_dialing_permissions_are_the_accounts() -> None:
    """A bulk update through one Region is seen through all, and changes everything or nothing
    (https://www.twilio.com/docs/voice/api/dialing-permissions-resources)."""
    world = small_world()
    us1, ie1 = official(world, "us1"), official(world, "ie1")
    germany = us1.voice.v1.dialing_permissions.countries("DE").fetch()
    assert (germany.country_codes, germany.low_risk_numbers_enabled, germany.continent) == (["+49"], True, "EUROPE")
    wanted = [
        {"iso_code": "DE", "low_risk_numbers_enabled": "false", "high_risk_special_numbers_enabled": "true"},
        {"iso_code": "FR", "low_risk_numbers_enabled": False},
    ]
    made = us1.voice.v1.dialing_permissions.bulk_country_updates.create(update_request=json.dumps(wanted))
    assert (made.update_count, json.loads(made.update_request)) == (2, wanted)
    there = ie1.voice.v1.dialing_permissions.countries
    assert there("DE").fetch().high_risk_special_numbers_enabled is True
    assert {one.iso_code for one in there.list(low_risk_numbers_enabled=False)} == {"DE", "FR"}
    assert [one.iso_code for one in there.list(country_code="+1", continent="NORTH_AMERICA")] == ["CA", "US"]
    bad = json.dumps([{"iso_code": "ES", "low_risk_numbers_enabled": "false"}, {"iso_code": "ZZ"}])
    updates = us1.voice.v1.dialing_permissions.bulk_country_updates
    assert refused(lambda: updates.create(update_request=bad)) == (400, 20001)
    assert refused(lambda: updates.create(update_request="nonsense")) == (400, 20001)
    assert there("ES").fetch().low_risk_numbers_enabled is True
    assert refused(there("ZZ").fetch) == (404, 20404)
    assert from_json(as_json(world)) == world


def test_a_country_that_is_not_enabled_cannot_be_called() -> None:
    """A call there is refused with 21215; North America's shared code is open while one of its countries is
    (https://www.twilio.com/docs/api/errors/21215)."""
    world = small_world()
    client = official(world, "ie1")
    close = [{"iso_code": code, "low_risk_numbers_enabled": "false"} for code in ("DE", "US", "JM")]
    client.voice.v1.dialing_permissions.bulk_country_updates.create(update_request=json.dumps(close))
    place = client.calls.create
    assert refused(lambda: place(to="+4930123456", from_=N0, twiml="<Response/>")) == (400, 21215)
    assert place(to="+353155501234", from_=N0, twiml="<Response/>").status == "queued"
    assert may_be_called(world, "+12125550123")
    assert not may_be_called(world, "+18765550123")
    assert may_be_called(world, "sip:a@b.example")
    assert world.regions["ie1"].calls.keys() == {call.sid for call in client.calls.list()}


def test_every_country_has_a_code_and_a_continent() -> None:
    """The table of countries is whole: two letters, a continent, calling codes of digits."""
    found = countries()
    assert len(found) > 220
    assert list(found) == sorted(found)
    for country in found.values():
        assert len(country.iso_code) == 2
        assert country.iso_code.isupper()
        assert country.continent.replace("_", "").isalpha()
        assert all(code[0] == "+" and code[1:].isdigit() for code in country.country_codes)


def test_inheritance_of_permissions_answers_202() -> None:
    """POST Settings is accepted, not made."""
    world = small_world()
    client = Client(world, "us1")
    status, body = client.post("voice", "v1/Settings", {"DialingPermissionsInheritance": "true"})
    assert (status, body["dialing_permissions_inheritance"]) == (202, True)
    assert (
        official(world, "au1").voice.v1.dialing_permissions.settings().fetch().dialing_permissions_inheritance is True
    )


def test_what_was_changed_is_in_the_audit_trail() -> None:
    """Every change through a Region's host is an event there, newest first; reads, refusals and calls are none
    (https://www.twilio.com/docs/usage/monitor-events)."""
    world = small_world()
    us1, ie1 = official(world, "us1"), official(world, "ie1")
    number = ie1.incoming_phone_numbers.list(phone_number=N0)[0]
    number.update(voice_url="https://x.example/")
    refused(lambda: number.update(voice_url="nonsense"))
    application = ie1.applications.create(friendly_name="New")
    application.delete()
    ie1.calls.create(to=N1, from_=N0, twiml="<Response/>")
    ie1.routes.v2.phone_numbers(N0).update(voice_region="ie1")
    events = ie1.monitor.v1.events.list()
    assert [one.event_type for one in events] == [
        "inbound-processing-region.updated", "application.deleted", "application.created", "phone-number.updated",
    ]  # fmt: skip
    assert [one.resource_sid for one in events[1:]] == [application.sid, application.sid, number.sid]
    assert events[0].resource_sid[:2] == "QQ"
    assert [one.sid for one in ie1.monitor.v1.events.list(event_type="phone-number.updated")] == [events[3].sid]
    assert ie1.monitor.v1.events(events[3].sid).fetch().event_data == {
        "credential_sid": next(iter(world.regions["ie1"].keys))
    }
    assert us1.monitor.v1.events.list() == []
    assert ie1.monitor.v1.events.list(end_date=datetime.fromtimestamp(T0, UTC)) == []


def test_the_audit_trail_moves_no_chance() -> None:
    """Keeping the trail draws nothing: ids and chance go on as without it."""
    world = small_world()
    drawn = world.drawn
    Client(world, "us1").post("api", f"A/IncomingPhoneNumbers/{world.numbers[N0].sid}.json", {"VoiceUrl": ""})
    assert (world.drawn, len(world.regions["us1"].audit)) == (drawn, 1)


def test_a_summary_says_which_region_took_a_call() -> None:
    """``carrier_edge.properties`` has the signalling and the media Region; the other Region does not know the call
    (https://www.twilio.com/docs/voice/voice-insights/api/call/call-summary-resource)."""
    world = small_world()
    call = _call(world, "ie1", 1, 3600)
    summary = official(world, "ie1").insights.v1.calls(call.sid).summary().fetch()
    assert summary.carrier_edge["properties"]["signaling_region"] == "ie1"
    assert summary.carrier_edge["properties"]["media_region"] == "ie1"
    assert (summary.call_type, summary.call_state, summary.processing_state) == ("carrier", "completed", "complete")
    assert (summary.duration, summary.connect_duration, summary._from["caller"]) == (30, 20, "+16465550123")
    assert refused(official(world, "us1").insights.v1.calls(call.sid).summary().fetch) == (404, 20404)


@pytest.mark.parametrize(
    ("ended_ago_s", "asked", "told"),
    [
        (60, None, "partial"),
        (60, "partial", "partial"),
        (60, "complete", 17001),
        (1800, None, "complete"),
        (1800, "complete", "complete"),
        (30 * 86_400, None, 17002),
    ],
)
def test_when_a_summary_is_ready(ended_ago_s: float, asked: str | None, told: str | int) -> None:
    """Partial at the end, complete after half an hour (17001 before), gone after 30 days (17002)."""
    world = small_world()
    call = _call(world, "us1", 1, ended_ago_s)
    fields = {"ProcessingState": asked} if asked else None
    body = Client(world, "us1").get("insights", f"v1/Voice/{call.sid}/Summary", fields)[1]
    assert body.get("code", body.get("processing_state")) == told


def test_summaries_are_found_by_what_is_asked() -> None:
    """Four hours by default and complete ones; by type, state and relative time; 25 a page at most
    (https://www.twilio.com/docs/voice/voice-insights/api/call/call-summaries-resource)."""
    world = small_world()
    for number in range(30):
        _call(world, "us1", number, 3600 + number)
    _call(world, "us1", 50, 60, status="no-answer")
    _call(world, "us1", 51, 2 * 86_400, to="sip:desk@acme.example", direction="outbound-dial")
    client = official(world, "us1")
    page = Client(world, "us1").get("insights", "v1/Voice/Summaries", {"PageSize": "100"})[1]
    assert (len(page["call_summaries"]), page["meta"]["page_size"]) == (25, 25)
    summaries = client.insights.v1.call_summaries
    assert len(summaries.list()) == 30
    assert [one.call_state for one in summaries.list(processing_state="partial")] == ["noanswer"]
    assert len(summaries.list(processing_state="all")) == 31
    assert [one.call_type for one in summaries.list(start_time="3d", direction="outbound_dial")] == ["sip"]
    assert summaries.list(start_time="30m") == []
    assert refused(lambda: summaries.list(processing_state="ready")) == (400, None)


def test_without_advanced_features_nothing_is_shown() -> None:
    """With Advanced Features off summaries are refused with 17007, in this Region."""
    world = small_world()
    call = _call(world, "us1", 1, 3600)
    client = official(world, "us1")
    assert client.insights.v1.settings().update(advanced_features=False).advanced_features is False
    assert refused(client.insights.v1.calls(call.sid).summary().fetch) == (403, 17007)
    assert official(world, "ie1").insights.v1.settings().fetch().advanced_features is True


def test_keys_under_their_other_names() -> None:
    """SigningKeys and iam Keys show the keys of the Region; iam wants the account and keeps a policy
    (https://www.twilio.com/docs/iam/api-keys/key-resource-v1)."""
    world = small_world()
    client = official(world, "ie1", token=True)
    made = client.iam.v1.new_api_key.create(
        account_sid=world.account_sid, friendly_name="runner", key_type="restricted", policy={"allow": ["/x"]}
    )
    assert made.secret.isalnum()
    assert made.policy == {"allow": ["/x"]}
    listed = {one.sid: one.flags for one in client.iam.v1.get_api_keys.list(account_sid=world.account_sid)}
    assert listed[made.sid] == ["restricted"]
    assert made.sid in {one.sid for one in client.signing_keys.list()}
    assert client.iam.v1.api_key(made.sid).update(friendly_name="other").friendly_name == "other"
    assert client.signing_keys(made.sid).fetch().friendly_name == "other"
    assert client.iam.v1.api_key(made.sid).delete()
    assert refused(client.keys(made.sid).fetch) == (404, 20404)
    assert refused(lambda: official(world, "ie1").signing_keys.list()) == (401, None)
    wrong = Client(world, "ie1", token=True)
    assert wrong.post("iam", "v1/Keys")[1]["code"] == 20001
    assert wrong.post("iam", "v1/Keys", {"AccountSid": world.account_sid, "KeyType": "restricted"})[0] == 400


def test_a_call_is_annotated_in_us1() -> None:
    """What is said of a call stays until it is said otherwise; a word that is none is 17400
    (https://www.twilio.com/docs/voice/voice-insights/api/call/call-annotation-resource)."""
    world = small_world()
    call = _call(world, "us1", 1, 3600)
    annotation = official(world, "us1").insights.v1.calls(call.sid).annotation()
    assert annotation.fetch().answered_by == "unknown_answered_by"
    annotation.update(call_score=4, quality_issues="echo,latency")
    said = annotation.update(comment="failover drill")
    assert (said.call_score, said.quality_issues, said.comment) == (4, ["echo", "latency"], "failover drill")
    assert refused(lambda: annotation.update(call_score=6)) == (400, 17400)
    assert refused(lambda: annotation.update(quality_issues="awful")) == (400, 17400)
    assert refused(lambda: annotation.update(comment="x" * 101)) == (400, 17400)
    assert from_json(as_json(world)) == world

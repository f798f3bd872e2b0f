"""Numbers, applications, calls, keys, trunks, SIP domains and alerts as the REST API shows and changes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from asking_the_twin import N0, N1, N2, T0, Client, small_world
from voicedr.twin.api.ask import ModifyCall, PlaceCall
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.world.model import Alert, Call


def _number(client: Client, e164: str) -> dict[str, object]:
    return dict(client.get("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": e164})[1]["incoming_phone_numbers"][0])


def test_a_number_is_global_and_its_voice_is_not() -> None:
    """A number has one SID everywhere and its own configuration in each Region."""
    world = small_world()
    us1, ie1 = Client(world, "us1"), Client(world, "ie1")
    there, here = _number(us1, N0), _number(ie1, N0)
    assert there["sid"] == here["sid"]
    assert (there["voice_url"], here["voice_url"]) == ("https://app.example/voice", "")
    path = f"A/IncomingPhoneNumbers/{here['sid']}.json"
    assert ie1.post("api", path, {"VoiceUrl": "https://ie1.example/v", "VoiceMethod": "GET"})[0] == 200
    assert _number(ie1, N0)["voice_url"] == "https://ie1.example/v"
    assert _number(us1, N0)["voice_url"] == "https://app.example/voice"
    assert ie1.post("api", path, {"VoiceUrl": ""})[1]["voice_url"] == ""


def test_an_update_is_partial_and_trunk_and_application_exclude_each_other() -> None:
    """Fields that are not sent stay; setting a trunk clears the application, and the other way round."""
    world = small_world()
    client = Client(world, "us1")
    application = next(iter(world.regions["us1"].applications))
    trunk = next(iter(world.regions["us1"].trunks))
    path = f"A/IncomingPhoneNumbers/{world.numbers[N0].sid}.json"
    body = client.post("api", path, {"TrunkSid": trunk})[1]
    assert (body["trunk_sid"], body["voice_url"]) == (trunk, "https://app.example/voice")
    body = client.post("api", path, {"VoiceApplicationSid": application})[1]
    assert (body["trunk_sid"], body["voice_application_sid"]) == (None, application)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"VoiceUrl": "nonsense"}, 21402),
        ({"VoiceUrl": "ftp://x.example/"}, 21402),
        ({"VoiceMethod": "PUT"}, 21403),
        ({"VoiceUrl": "", "VoiceFallbackUrl": "https://f.example/"}, 21405),
        ({"SmsFallbackUrl": "https://f.example/"}, 21406),
        ({"VoiceApplicationSid": "AP" + "0" * 32}, 21420),
    ],
)
def test_what_a_number_cannot_have(fields: dict[str, str], code: int) -> None:
    """A bad field is refused with its code, and nothing of the request is done."""
    world = small_world()
    client = Client(world, "us1")
    before = _number(client, N0)
    status, body = client.post("api", f"A/IncomingPhoneNumbers/{world.numbers[N0].sid}.json", fields)
    assert (status, body["code"]) == (400, code)
    assert _number(client, N0) == before


def test_numbers_are_bought_and_released_in_us1_only() -> None:
    """POST and DELETE of a number are 405 elsewhere."""
    world = small_world()
    us1, ie1 = Client(world, "us1"), Client(world, "ie1")
    assert ie1.post("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": "+14155550199"})[0] == 405
    status, body = us1.post("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": "+14155550199"})
    assert status == 201
    assert ie1.delete("api", f"A/IncomingPhoneNumbers/{body['sid']}.json") == 405
    assert us1.delete("api", f"A/IncomingPhoneNumbers/{body['sid']}.json") == 204
    assert us1.get("api", f"A/IncomingPhoneNumbers/{body['sid']}.json")[0] == 404


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"PhoneNumber": N1}, [N1]),
        ({"PhoneNumber": "0100"}, [N0]),
        ({"PhoneNumber": "415555010*"}, [N0, N1, N2]),
        ({"FriendlyName": "Line 2"}, [N2]),
        ({"FriendlyName": "none"}, []),
    ],
)
def test_number_filters(fields: dict[str, str], found: list[str]) -> None:
    """PhoneNumber may be part of one, with * for a digit; FriendlyName is exact."""
    page = Client(small_world(), "us1").get("api", "A/IncomingPhoneNumbers.json", fields)[1]
    assert [number["phone_number"] for number in page["incoming_phone_numbers"]] == found


def test_pages_of_the_2010_api() -> None:
    """Eight paging keys and one list; the token leads on, and back."""
    client = Client(small_world(), "ie1")
    page = client.get("api", "A/IncomingPhoneNumbers.json", {"PageSize": 2})[1]
    assert set(page) == {
        "first_page_uri", "end", "previous_page_uri", "incoming_phone_numbers", "page", "page_size", "start",
        "next_page_uri", "uri",
    }  # fmt: skip
    assert (page["start"], page["end"], page["page"], page["page_size"]) == (0, 1, 0, 2)
    assert page["previous_page_uri"] is None
    second = client.get("api", page["next_page_uri"][1:])[1]
    assert [n["phone_number"] for n in second["incoming_phone_numbers"]] == [N2]
    assert (second["start"], second["end"], second["next_page_uri"]) == (2, 2, None)
    back = client.get("api", second["previous_page_uri"][1:])[1]
    assert [n["phone_number"] for n in back["incoming_phone_numbers"]] == [N0, N1]
    assert client.get("api", "A/IncomingPhoneNumbers.json", {"PageToken": "nonsense"})[0] == 400
    assert client.get("api", "A/IncomingPhoneNumbers.json", {"PageSize": "0"})[0] == 400


def test_pages_of_a_product() -> None:
    """``meta`` names the list; its addresses have the provider's host and https."""
    world = small_world()
    client = Client(world, "ie1")
    client.post("trunking", "v1/Trunks", {"FriendlyName": "Second"})
    page = client.get("trunking", "v1/Trunks", {"PageSize": 1})[1]
    assert set(page) == {"meta", "trunks"}
    assert page["meta"]["key"] == "trunks"
    assert page["meta"]["next_page_url"].startswith(
        "https://trunking.dublin.ie1.twilio.com/v1/Trunks?PageSize=1&Page=1"
    )
    path = page["meta"]["next_page_url"].partition(".com/")[2]
    last = client.get("trunking", path)[1]
    assert [trunk["friendly_name"] for trunk in last["trunks"]] == ["Second"]
    assert last["meta"]["next_page_url"] is None


def test_applications_are_regional() -> None:
    """What is made in one Region is not found in another, and 404 does not say that it exists."""
    world = small_world()
    us1, ie1 = Client(world, "us1"), Client(world, "ie1")
    status, made = ie1.post("api", "A/Applications.json", {"FriendlyName": "New", "VoiceUrl": "https://x.example/"})
    assert status == 201
    assert us1.get("api", f"A/Applications/{made['sid']}.json")[1]["code"] == 20404
    assert ie1.post("api", f"A/Applications/{made['sid']}.json", {"FriendlyName": "Newer"})[1]["voice_url"] == (
        "https://x.example/"
    )
    names = ie1.get("api", "A/Applications.json", {"FriendlyName": "Newer"})[1]["applications"]
    assert [entry["sid"] for entry in names] == [made["sid"]]
    assert ie1.delete("api", f"A/Applications/{made['sid']}.json") == 204


def test_a_key_works_in_its_region_only() -> None:
    """A key of another Region, a revoked one and none at all get 401 with 20003."""
    world = small_world()
    assert Client(world, "ie1", key_of="us1").get("api", "A/Applications.json")[1]["code"] == 20003
    token = Client(world, "ie1", token=True)
    status, key = token.post("api", "A/Keys.json", {"FriendlyName": "runner"})
    assert (status, len(key["secret"]), key["secret"].isalnum()) == (201, 32, True)
    assert "secret" not in token.get("api", f"A/Keys/{key['sid']}.json")[1]
    first = next(iter(world.regions["ie1"].keys))
    assert token.delete("api", f"A/Keys/{first}.json") == 204
    assert Client(world, "us1", key_of="us1").get("api", "A/Applications.json")[0] == 200


def test_keys_and_accounts_want_the_auth_token() -> None:
    """A Standard key may not use Keys and Accounts."""
    world = small_world()
    assert Client(world, "us1").get("api", "A/Keys.json")[0] == 401
    assert Client(world, "us1").get("api", f"2010-04-01/Accounts/{world.account_sid}.json")[0] == 401
    account = Client(world, "ie1", token=True).get("api", f"2010-04-01/Accounts/{world.account_sid}.json")[1]
    assert (account["status"], account["auth_token"]) == ("active", world.regions["ie1"].auth_token)


def test_headers_tell_the_region() -> None:
    """Every answer has a request id, the concurrency and the Region that answered."""
    client = Client(small_world(), "ie1")
    response = client.answer("GET", "api", "A/Applications.json").response
    headers = dict(response.headers)  # type: ignore[union-attr]
    assert headers["X-Home-Region"] == "ie1"
    assert len(headers["Twilio-Request-Id"]) == 34
    assert headers["Twilio-Concurrent-Requests"] == "1"


def test_too_many_requests() -> None:
    """Over the limit at once, or in one second, is 429 with 20429, and nothing is executed."""
    world = small_world(requests_at_once=5, requests_per_second=2)
    client = Client(world, "ie1")
    client.traffic = Traffic(at_once=6)
    assert client.post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"})[1]["code"] == 20429
    client.traffic.at_once = 1
    statuses = [client.get("routes", f"v2/PhoneNumbers/{N0}")[0] for _ in range(3)]
    assert statuses == [200, 200, 429]
    client.now += 1
    assert client.get("routes", f"v2/PhoneNumbers/{N0}")[1]["voice_region"] == "us1"


def test_json_only() -> None:
    """A 2010 path needs .json, and another account's path is not found."""
    client = Client(small_world(), "us1")
    assert "add .json" in client.get("api", "A/Applications")[1]["message"]
    assert client.get("api", f"2010-04-01/Accounts/AC{'0' * 32}/Applications.json")[0] == 404
    assert client.get("lookups", "v2/PhoneNumbers")[0] == 404


def _log(client: Client) -> None:
    calls = client.world.regions["us1"].calls
    for index, status in enumerate(["completed", "busy", "completed"]):
        at = T0 + 3600 * index
        calls[f"CA{index}"] = Call(f"CA{index}", "+16465550123", N0 if index else N1, "inbound", status, at, at, at + 9)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, ["CA2", "CA1", "CA0"]),
        ({"To": N0}, ["CA2", "CA1"]),
        ({"Status": "completed"}, ["CA2", "CA0"]),
        ({"StartTime>": "{1}"}, ["CA2", "CA1"]),
        ({"StartTime<": "{1}"}, ["CA1", "CA0"]),
        ({"StartTime>": "{1}", "StartTime<": "{1}"}, ["CA1"]),
        ({"StartTime": "{day}"}, ["CA2", "CA1", "CA0"]),
        ({"ParentCallSid": "CA9"}, []),
    ],
)
def test_call_filters(fields: dict[str, str], found: list[str]) -> None:
    """Newest first; To, From, Status, ParentCallSid and inclusive times narrow it."""
    client = Client(small_world(), "us1")
    _log(client)
    instants = {
        "{1}": datetime.fromtimestamp(T0 + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "{day}": datetime.fromtimestamp(T0, UTC).strftime("%Y-%m-%d"),
    }
    page = client.get("api", "A/Calls.json", {name: instants.get(value, value) for name, value in fields.items()})[1]
    assert [call["sid"] for call in page["calls"]] == found


def test_a_call_is_placed_by_an_order() -> None:
    """POST Calls makes a queued call in this Region and an order to ring; another Region does not know it."""
    world = small_world()
    client = Client(world, "ie1")
    fields = {
        "To": "+16465550123", "From": N0, "Url": "https://app.example/v", "StatusCallback": "https://app.example/s",
        "StatusCallbackEvent": ["initiated", "completed"], "Timeout": "20", "SipAuthUsername": "pbx",
        "SipAuthPassword": "Correct-Horse-1",
    }  # fmt: skip
    answer = client.answer("POST", "api", "A/Calls.json", fields)
    assert answer.response.status == 201  # type: ignore[union-attr]
    (order,) = answer.orders
    assert isinstance(order, PlaceCall)
    assert (order.region, order.instructions.url, order.instructions.timeout_s) == ("ie1", fields["Url"], 20.0)
    assert order.instructions.status_callback_events == ("initiated", "completed")
    assert order.instructions.sip_login == ("pbx", "Correct-Horse-1")
    assert "Correct-Horse-1" not in repr(order)
    shown = client.get("api", f"A/Calls/{order.call_sid}.json")[1]
    assert (shown["status"], shown["direction"], shown["price_unit"]) == ("queued", "outbound-api", None)
    assert Client(world, "us1").get("api", f"A/Calls/{order.call_sid}.json")[0] == 404
    (change,) = client.answer("POST", "api", f"A/Calls/{order.call_sid}.json", {"Status": "completed"}).orders
    assert isinstance(change, ModifyCall)
    assert change.change.status == "completed"
    world.regions["ie1"].calls[order.call_sid].status = "completed"
    assert client.post("api", f"A/Calls/{order.call_sid}.json", {"Status": "completed"})[1]["code"] == 21220


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"From": N0, "Url": "https://x.example/"}, 21201),
        ({"To": "nobody", "From": N0, "Url": "https://x.example/"}, 21211),
        ({"To": N0, "From": "+19995550100", "Url": "https://x.example/"}, 21210),
        ({"To": N0, "From": "12", "Url": "https://x.example/"}, 21212),
        ({"To": N0, "From": N1}, 21205),
        ({"To": N0, "From": N1, "ApplicationSid": "AP0"}, 21218),
        ({"To": N0, "From": N1, "Twiml": "<Response/>", "Timeout": "0"}, 21208),
    ],
)
def test_calls_that_cannot_be_placed(fields: dict[str, str], code: int) -> None:
    """A call that cannot be placed is refused with its code and leaves no line in the log."""
    world = small_world()
    answer = Client(world, "us1").post("api", "A/Calls.json", fields)
    assert (answer[0], answer[1]["code"]) == (400, code)
    assert world.regions["us1"].calls == {}


def test_origination_urls_need_all_five_and_are_ten_at_most() -> None:
    """A missing field is refused by name; the eleventh URL is 21249."""
    world = small_world()
    client = Client(world, "us1")
    trunk = client.get("trunking", "v1/Trunks")[1]["trunks"][0]
    path = f"v1/Trunks/{trunk['sid']}/OriginationUrls"
    fields = {"Weight": "10", "Priority": "10", "Enabled": "true", "FriendlyName": "x", "SipUrl": "sip:a.example"}
    for name in fields:
        status, body = client.post("trunking", path, {k: v for k, v in fields.items() if k != name})
        assert (status, name in body["message"]) == (400, True)
    statuses = [client.post("trunking", path, fields)[0] for _ in range(9)]
    assert statuses == [201] * 9
    assert client.post("trunking", path, fields)[1]["code"] == 21249
    url = client.get("trunking", path)[1]["origination_urls"][0]
    changed = client.post("trunking", f"{path}/{url['sid']}", {"Enabled": "false", "Weight": "1"})[1]
    assert (changed["enabled"], changed["weight"], changed["sip_url"]) == (False, 1, "sip:sbc1.acme.example")
    assert client.delete("trunking", f"{path}/{url['sid']}") == 204


def test_trunks() -> None:
    """A trunk is changed by the fields that are sent; its numbers are listed in us1 and refused elsewhere."""
    world = small_world()
    us1, ie1 = Client(world, "us1"), Client(world, "ie1")
    sid = next(iter(world.regions["us1"].trunks))
    changed = us1.post("trunking", f"v1/Trunks/{sid}", {"DisasterRecoveryUrl": "https://dr.example/"})[1]
    assert (changed["disaster_recovery_url"], changed["domain_name"]) == ("https://dr.example/", "yard.pstn.twilio.com")
    numbers = us1.get("trunking", f"v1/Trunks/{sid}/PhoneNumbers")[1]["phone_numbers"]
    assert [number["phone_number"] for number in numbers] == [N2]
    other = next(iter(world.regions["ie1"].trunks))
    assert "realm 'ie1'" in ie1.get("trunking", f"v1/Trunks/{other}/PhoneNumbers")[1]["message"]
    assert us1.post("trunking", "v1/Trunks", {"DomainName": "yard.pstn.twilio.com"})[1]["code"] == 21248


def test_sip_domains() -> None:
    """The same domain name may stand in two Regions, and once in each."""
    client = Client(small_world(), "ie1")
    assert client.post("api", "A/SIP/Domains.json", {"DomainName": "lobby.sip.twilio.com"})[1]["code"] == 21232
    assert client.post("api", "A/SIP/Domains.json", {"DomainName": "x.example"})[1]["code"] == 21231
    status, made = client.post("api", "A/SIP/Domains.json", {"DomainName": "desk.sip.twilio.com"})
    assert (status, made["auth_type"]) == (201, "")
    changed = client.post(
        "api", f"A/SIP/Domains/{made['sid']}.json", {"VoiceStatusCallbackUrl": "https://s.example/", "Secure": "true"}
    )[1]
    assert (changed["voice_status_callback_url"], changed["secure"]) == ("https://s.example/", True)


def test_alerts_are_newest_first_and_filtered() -> None:
    """A Region's alerts by level and time; the bodies are shown one at a time."""
    world = small_world()
    alerts = world.regions["us1"].alerts
    for index, level in enumerate(("error", "warning")):
        alerts.append(
            Alert(f"NO{index}", "11200", level, "CA1", "https://x.example/", "POST", "text", T0 + index, "a=b")  # type: ignore[arg-type]
        )
    client = Client(world, "us1")
    assert [a["sid"] for a in client.get("monitor", "v1/Alerts")[1]["alerts"]] == ["NO1", "NO0"]
    assert [a["sid"] for a in client.get("monitor", "v1/Alerts", {"LogLevel": "error"})[1]["alerts"]] == ["NO0"]
    shown = client.get("monitor", "v1/Alerts/NO0")[1]
    assert (shown["request_variables"], shown["error_code"]) == ("a=b", "11200")
    assert Client(world, "ie1").get("monitor", "v1/Alerts")[1]["alerts"] == []
    assert client.get("monitor", "v1/Alerts", {"LogLevel": "loud"})[0] == 400

"""Rules of the REST API that no other test states: pages, dates, ids, ranges of fields.

The rules and their pages are in the table beside this file.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from asking_the_twin import N0, N1, N2, T0, Client, small_world
from voicedr.twin.world.model import Alert
from voicedr.twin.world.routes import effective_region


def test_a_page_has_fifty_and_at_most_a_thousand() -> None:
    """Without PageSize 50 entries; with more than 1,000 asked for, 1,000."""
    client = Client(small_world(), "ie1")
    for n in range(60):
        client.post("api", "A/Applications.json", {"FriendlyName": f"{n}"})
    page = client.get("api", "A/Applications.json")[1]
    assert (page["page_size"], len(page["applications"])) == (50, 50)
    assert client.get("api", "A/Applications.json", {"PageSize": "5000"})[1]["page_size"] == 1000
    assert client.get("trunking", "v1/Trunks")[1]["meta"]["page_size"] == 50


def test_dates_of_the_2010_api() -> None:
    """RFC 2822 in GMT, with +0000."""
    made = Client(small_world(), "us1").get("api", "A/Applications.json")[1]["applications"][0]["date_created"]
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", made)
    assert parsedate_to_datetime(made).timestamp() == T0


def test_ids_have_the_prefix_of_their_kind() -> None:
    """Two letters that tell the kind, then 32 hexadecimal digits."""
    client = Client(small_world(), "us1")
    route = client.get("routes", f"v2/PhoneNumbers/{N0}")[1]["sid"]
    number = client.get("api", "A/IncomingPhoneNumbers.json")[1]["incoming_phone_numbers"][0]["sid"]
    trunk = client.get("trunking", "v1/Trunks")[1]["trunks"][0]["sid"]
    target = client.get("trunking", f"v1/Trunks/{trunk}/OriginationUrls")[1]["origination_urls"][0]["sid"]
    application = client.get("api", "A/Applications.json")[1]["applications"][0]["sid"]
    domain = client.get("api", "A/SIP/Domains.json")[1]["domains"][0]["sid"]
    call = client.post("api", "A/Calls.json", {"To": "+16465550123", "From": N0, "Twiml": "<Response/>"})[1]["sid"]
    key = Client(client.world, "us1", token=True).get("api", "A/Keys.json")[1]["keys"][0]["sid"]
    sids = {
        "QQ": route,
        "PN": number,
        "TK": trunk,
        "OU": target,
        "AP": application,
        "SD": domain,
        "CA": call,
        "SK": key,
    }
    assert [kind for kind, sid in sids.items() if not re.fullmatch(kind + "[0-9a-f]{32}", sid)] == []


def test_a_repeated_route_write_is_harmless() -> None:
    """Writing a route twice leaves it as once, and the same id."""
    world = small_world()
    client = Client(world, "ie1")
    first = client.post("routes", f"v2/PhoneNumbers/{N1}", {"VoiceRegion": "ie1"})[1]
    client.now += 1
    second = client.post("routes", f"v2/PhoneNumbers/{N1}", {"VoiceRegion": "ie1"})
    assert (second[0], second[1]["sid"], second[1]["voice_region"]) == (200, first["sid"], "ie1")
    assert effective_region(world, "PhoneNumbers", N1, client.now + 10) == "ie1"


def test_v3_has_numbers_only() -> None:
    """Trunks and SIP domains are routed by v2."""
    client = Client(small_world(), "us1")
    assert client.get("routes", f"v3/PhoneNumbers/{N0}")[0] == 200
    assert client.get("routes", "v3/Trunks/yard.pstn.twilio.com")[0] == 404
    assert client.get("routes", "v3/SipDomains/lobby.sip.twilio.com")[0] == 404


@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({"Priority": "0"}, True),
        ({"Priority": "65535"}, True),
        ({"Priority": "65536"}, False),
        ({"Priority": "-1"}, False),
        ({"Weight": "1"}, True),
        ({"Weight": "65535"}, True),
        ({"Weight": "0"}, False),
        ({"Weight": "65536"}, False),
        ({"FriendlyName": "x" * 64}, True),
        ({"FriendlyName": "x" * 65}, False),
        ({"SipUrl": "sips:a.example"}, False),
        ({"SipUrl": "https://a.example"}, False),
    ],
)
def test_ranges_of_an_origination_url(fields: dict[str, str], taken: bool) -> None:
    """Priority 0 to 65535, Weight 1 to 65535, a name of 64 characters, a sip: address."""
    client = Client(small_world(), "us1")
    trunk = client.get("trunking", "v1/Trunks")[1]["trunks"][0]["sid"]
    good = {"Weight": "10", "Priority": "10", "Enabled": "true", "FriendlyName": "x", "SipUrl": "sip:a.example"}
    assert client.post("trunking", f"v1/Trunks/{trunk}/OriginationUrls", good | fields)[0] == (201 if taken else 400)


@pytest.mark.parametrize("name", ["yard.example", "pstn.twilio.com", "a_b.pstn.twilio.com", "a b.pstn.twilio.com"])
def test_names_that_no_trunk_can_have(name: str) -> None:
    """A trunk's domain name ends in pstn.twilio.com and has letters, digits and dashes."""
    status, body = Client(small_world(), "us1").post("trunking", "v1/Trunks", {"DomainName": name})
    assert (status, body["code"]) == (400, 21245)


def test_a_trunk_is_found_in_its_region_only() -> None:
    """Another Region's trunk is not found."""
    world = small_world()
    sid = Client(world, "us1").get("trunking", "v1/Trunks")[1]["trunks"][0]["sid"]
    assert Client(world, "us1").get("trunking", f"v1/Trunks/{sid}")[0] == 200
    assert Client(world, "ie1").get("trunking", f"v1/Trunks/{sid}")[1]["code"] == 20404


def test_a_number_cannot_use_another_regions_trunk_or_application() -> None:
    """What is given to a number in a Region must be of that Region."""
    world = small_world()
    us1, ie1 = world.regions["us1"], Client(world, "ie1")
    path = f"A/IncomingPhoneNumbers/{world.numbers[N2].sid}.json"
    assert ie1.post("api", path, {"TrunkSid": next(iter(us1.trunks))})[0] in {400, 404}
    assert ie1.post("api", path, {"VoiceApplicationSid": next(iter(us1.applications))})[1]["code"] == 21420


def test_alerts_by_date_and_for_thirty_days() -> None:
    """StartDate and EndDate narrow the alerts; those older than 30 days are not shown."""
    world = small_world()
    client = Client(world, "us1")
    for number, days in enumerate((0, 10, 31)):
        at = client.now - days * 86_400
        world.regions["us1"].alerts.append(Alert(f"NO{number}", "11200", "error", "CA1", "", "", "t", at))

    def found(**fields: float) -> list[str]:
        dates = {
            name: datetime.fromtimestamp(client.now - ago * 86_400, UTC).strftime("%Y-%m-%d")
            for name, ago in fields.items()
        }
        return [alert["sid"] for alert in client.get("monitor", "v1/Alerts", dates)[1]["alerts"]]

    assert found() == ["NO1", "NO0"]
    assert found(StartDate=5) == ["NO0"]
    assert found(EndDate=5) == ["NO1"]
    assert "NO2" not in found(StartDate=40)


def test_validating_a_caller_id_answers_200() -> None:
    """The request is no resource that is made: 200, and not 201."""
    status, body = Client(small_world(), "us1").post("api", "A/OutgoingCallerIds.json", {"PhoneNumber": "+16465550123"})
    assert status == 200
    assert body["validation_code"]


def test_a_trunk_takes_the_place_of_an_application() -> None:
    """A number that had an application has none once it is given a trunk."""
    world = small_world()
    client = Client(world, "us1")
    path = f"A/IncomingPhoneNumbers/{world.numbers[N1].sid}.json"
    assert client.get("api", path)[1]["voice_application_sid"]
    body = client.post("api", path, {"TrunkSid": next(iter(world.regions["us1"].trunks))})[1]
    assert body["trunk_sid"]
    assert not body["voice_application_sid"]

"""What a Region does not have, told as that Region tells it; and the codes with which bad requests are refused."""

from __future__ import annotations

import pytest

from asking_the_twin import N0, N1, Client, failure, small_world

_TRUNK = "v1/Trunks/{trunk}"


@pytest.mark.parametrize("region", ["ie1", "au1"])
@pytest.mark.parametrize(
    ("product", "method", "path", "token"),
    [
        ("trunking", "GET", "v1/Trunks/TK0/PhoneNumbers", False),
        ("trunking", "POST", "v1/Trunks/TK0/PhoneNumbers", False),
        ("api", "GET", "A/OutgoingCallerIds.json", False),
        ("api", "POST", "A/OutgoingCallerIds.json", False),
        ("api", "GET", "A/Balance.json", False),
        ("api", "GET", "A/Usage/Records.json", False),
        ("api", "GET", "A/Usage/Records/Today.json", False),
        ("api", "GET", "2010-04-01/Accounts.json", True),
        ("insights", "GET", "v1/Voice/CA0/Annotation", False),
        ("insights", "POST", "v1/Voice/CA0/Annotation", False),
        ("routes", "GET", f"v3/PhoneNumbers/{N0}", False),
    ],
)
def test_endpoints_of_us1_alone(region: str, product: str, method: str, path: str, token: bool) -> None:
    """An endpoint that a Region does not have is 404 and says for which realm
    (https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability)."""
    client = Client(small_world(), region, token=token)
    status, body = (client.get if method == "GET" else client.post)(product, path)
    assert (status, body["message"]) == (404, f"Endpoint is not supported in realm '{region}'")


@pytest.mark.parametrize("region", ["ie1", "au1"])
def test_buying_and_releasing_is_not_allowed_elsewhere(region: str) -> None:
    """Numbers are bought and released in us1; elsewhere the method is not allowed, and reading is."""
    world = small_world()
    client = Client(world, region)
    number = world.numbers[N0].sid
    bought = client.post("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": "+14155550190"})
    assert (bought[0], bought[1]["code"]) == (405, 20004)
    assert client.delete("api", f"A/IncomingPhoneNumbers/{number}.json") == 405
    assert client.get("api", f"A/IncomingPhoneNumbers/{number}.json")[0] == 200


@pytest.mark.parametrize(
    ("product", "regions"),
    [
        ("api", ("us1", "ie1", "au1")),
        ("voice", ("us1", "ie1", "au1")),
        ("insights", ("us1", "ie1", "au1")),
        ("studio", ("us1", "ie1")),
        ("messaging", ("us1", "ie1")),
        ("lookups", ("us1", "ie1")),
        ("conversations", ("us1", "ie1")),
        ("taskrouter", ("us1", "ie1")),
        ("sync", ()),
    ],
)
def test_a_product_has_a_name_only_where_it_is(product: str, regions: tuple[str, ...]) -> None:
    """The name of a product that a Region does not have cannot be resolved
    (https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability)."""
    world = small_world()
    for region in ("us1", "ie1", "au1"):
        answer = Client(world, region).answer("GET", product, "v1/Nothing")
        if region in regions:
            assert answer.response.status == 404  # type: ignore[union-attr]
        else:
            assert failure(answer) == "name-not-found"


@pytest.mark.parametrize(
    ("product", "path", "fields", "status", "code"),
    [
        ("api", "A/Applications.json", {"VoiceUrl": "nonsense"}, 400, 21402),
        ("api", "A/Applications.json", {"VoiceMethod": "HEAD"}, 400, 21403),
        ("api", "A/Applications.json", {"VoiceFallbackUrl": "https://f.example/"}, 400, 21405),
        ("api", "A/Applications.json", {"FriendlyName": "x" * 65}, 400, 20001),
        ("api", "A/IncomingPhoneNumbers/{number}.json", {"TrunkSid": "TK0"}, 400, 20001),
        ("api", "A/IncomingPhoneNumbers/{number}.json", {"FriendlyName": "x" * 65}, 400, 20001),
        ("api", "A/IncomingPhoneNumbers/{number}.json", {"VoiceApplicationSid": "AP0"}, 400, 21420),
        ("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": "12"}, 400, 21421),
        ("api", "A/IncomingPhoneNumbers.json", {"PhoneNumber": N0}, 400, 21422),
        ("api", "A/Calls.json", {"From": N0, "Twiml": "<Response/>"}, 400, 21201),
        ("api", "A/Calls.json", {"To": N1, "Twiml": "<Response/>"}, 400, 21213),
        ("api", "A/Calls.json", {"To": N1, "From": N0, "Url": "x"}, 400, 21205),
        ("api", "A/Calls.json", {"To": N1, "From": N0, "Twiml": "<Response/>", "Method": "PUT"}, 400, 21403),
        ("api", "A/Calls/CA0.json", {"Status": "completed"}, 404, 20404),
        ("api", "A/SIP/Domains.json", {"DomainName": "lobby.sip.twilio.com"}, 400, 21232),
        ("api", "A/SIP/Domains.json", {"DomainName": "lobby.example"}, 400, 21231),
        ("api", "A/SIP/Domains.json", {"DomainName": "a_b.sip.twilio.com"}, 400, 21231),
        ("api", "A/SIP/IpAccessControlLists.json", {}, 400, 21235),
        ("api", "A/SIP/CredentialLists.json", {}, 400, 21240),
        ("api", "A/SIP/CredentialLists.json", {"FriendlyName": "x" * 65}, 400, 21240),
        ("api", "A/OutgoingCallerIds.json", {}, 400, 21401),
        ("api", "A/OutgoingCallerIds.json", {"PhoneNumber": "12"}, 400, 21401),
        ("api", "A/Queues.json", {}, 400, 20001),
        ("api", "A/Queues.json", {"FriendlyName": "q", "MaxSize": "0"}, 400, 20001),
        ("trunking", "v1/Trunks", {"DomainName": "yard.example"}, 400, 21245),
        ("trunking", "v1/Trunks", {"DomainName": "yard.pstn.twilio.com"}, 400, 21248),
        ("trunking", "v1/Trunks", {"DisasterRecoveryUrl": "x"}, 400, 21402),
        ("trunking", "v1/Trunks", {"TransferMode": "maybe"}, 400, 21245),
        ("trunking", "v1/Trunks", {"FriendlyName": "x" * 65}, 400, 21245),
        ("trunking", _TRUNK + "/OriginationUrls", {"SipUrl": "sip:a.example"}, 400, 20001),
        ("trunking", _TRUNK + "/Recording", {"Mode": "always"}, 400, 20001),
        ("trunking", _TRUNK + "/CredentialLists", {}, 400, 20001),
        ("trunking", _TRUNK + "/CredentialLists", {"CredentialListSid": "CL0"}, 404, 20404),
        ("trunking", _TRUNK + "/PhoneNumbers", {"PhoneNumberSid": "PN0"}, 404, 20404),
        ("trunking", "v1/Trunks/TK0", {}, 404, 20404),
        ("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "mars"}, 400, 20001),
        ("routes", "v2/PhoneNumbers/+14155550999", {"VoiceRegion": "ie1"}, 404, 20404),
        ("routes", f"v2/PhoneNumber/{N0}", {"VoiceRegion": "ie1"}, 404, 20404),
        ("voice", "v1/DialingPermissions/BulkCountryUpdates", {}, 400, 20001),
        ("monitor", "v1/Alerts", {}, 405, 20004),
    ],
)
def test_a_bad_request_has_its_code(product: str, path: str, fields: dict[str, str], status: int, code: int) -> None:
    """Each mistake is refused with the provider's code, its page and what is wrong
    (https://www.twilio.com/docs/api/errors)."""
    world = small_world()
    store = world.regions["us1"]
    path = path.replace("{number}", world.numbers[N0].sid).replace("{trunk}", next(iter(store.trunks)))
    told, body = Client(world, "us1").post(product, path, fields)
    assert (told, body["code"]) == (status, code)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert body["status"] == status
    assert body["message"]

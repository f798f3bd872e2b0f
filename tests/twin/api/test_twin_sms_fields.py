"""Who is asked about messages, by REST: on a number, on an application, and the one before the other."""

from __future__ import annotations

from asking_the_twin import N0, Client, small_world


def test_a_number_names_an_application_for_messages() -> None:
    """SmsApplicationSid is kept and shown, an empty one clears it, and one of another Region is 21420."""
    world = small_world()
    us1 = Client(world, "us1")
    path = f"A/IncomingPhoneNumbers/{world.numbers[N0].sid}.json"
    (application,) = world.regions["us1"].applications
    (elsewhere,) = world.regions["ie1"].applications
    assert us1.post("api", path, {"SmsApplicationSid": application})[1]["sms_application_sid"] == application
    status, body = us1.post("api", path, {"SmsApplicationSid": elsewhere})
    assert (status, body["code"]) == (400, 21420)
    assert us1.post("api", path, {"SmsApplicationSid": ""})[1]["sms_application_sid"] == ""


def test_an_applications_message_urls() -> None:
    """SmsUrl and its fallback are kept; a fallback without its primary is 21406 and a bad URL 21402."""
    world = small_world()
    us1 = Client(world, "us1")
    fields = {"FriendlyName": "Texts", "SmsUrl": "https://a.example/sms#e=dublin", "SmsMethod": "GET"}
    status, made = us1.post("api", "A/Applications.json", fields)
    assert (status, made["sms_url"], made["sms_method"]) == (201, "https://a.example/sms#e=dublin", "GET")
    path = f"A/Applications/{made['sid']}.json"
    body = us1.post("api", path, {"SmsFallbackUrl": "https://f.example/"})[1]
    assert body["sms_fallback_url"] == "https://f.example/"
    for wrong, code in (({"SmsUrl": "nowhere"}, 21402), ({"SmsMethod": "PUT"}, 21403)):
        assert us1.post("api", path, wrong)[1]["code"] == code
    bare = us1.post("api", "A/Applications.json", {"FriendlyName": "Bare"})[1]
    assert bare["sms_url"] is None
    refused = us1.post("api", f"A/Applications/{bare['sid']}.json", {"SmsFallbackUrl": "https://f.example/"})
    assert (refused[0], refused[1]["code"]) == (400, 21406)
    count = len(world.regions["us1"].applications)
    assert us1.post("api", "A/Applications.json", {"SmsFallbackUrl": "https://f.example/"})[1]["code"] == 21406
    assert len(world.regions["us1"].applications) == count

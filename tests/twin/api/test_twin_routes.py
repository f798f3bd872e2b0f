"""The Routes API: the lever of a failover."""

from __future__ import annotations

import pytest

from asking_the_twin import N0, N1, Client, small_world
from voicedr.twin.world.routes import effective_region


def test_never_set_is_404_and_post_makes_it() -> None:
    """GET is 404 until the first write; POST is an upsert that answers 200 with the documented keys."""
    client = Client(small_world(), "ie1")
    status, body = client.get("routes", f"v2/PhoneNumbers/{N1}")
    assert (status, body["code"], body["status"]) == (404, 20404, 404)
    status, body = client.post("routes", f"v2/PhoneNumbers/{N1}", {"VoiceRegion": "ie1", "FriendlyName": "x"})
    assert status == 200
    assert set(body) == {
        "phone_number", "url", "sid", "account_sid", "friendly_name", "voice_region", "date_created", "date_updated",
    }  # fmt: skip
    assert (body["phone_number"], body["voice_region"], body["friendly_name"]) == (N1, "ie1", "x")
    assert body["url"] == f"https://routes.dublin.ie1.twilio.com/v2/PhoneNumbers/{N1}"
    assert body["date_created"].endswith("Z")
    assert client.get("routes", f"v2/PhoneNumbers/{N1}") == (200, body)


def test_a_write_is_seen_at_once_and_followed_later() -> None:
    """A read shows the new Region at once; the edges follow within the propagation time, and not before."""
    world = small_world()
    client = Client(world, "ie1")
    client.post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"})
    assert client.get("routes", f"v2/PhoneNumbers/{N0}")[1]["voice_region"] == "ie1"
    assert effective_region(world, "PhoneNumbers", N0, client.now + 1.9) == "us1"
    assert effective_region(world, "PhoneNumbers", N0, client.now + 6.1) == "ie1"


def test_any_regions_host_writes_the_same_route() -> None:
    """A route is global: what the standby's host writes, the other hosts read; it can be set back to us1."""
    world = small_world()
    Client(world, "ie1").post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"})
    assert Client(world, "us1").get("routes", f"v2/PhoneNumbers/{N0}")[1]["voice_region"] == "ie1"
    Client(world, "ie1").post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "us1"})
    assert Client(world, "au1").get("routes", f"v2/PhoneNumbers/{N0}")[1]["voice_region"] == "us1"


def test_plus_in_the_path_may_be_encoded() -> None:
    """A plus in a path is a plus, written out or as %2B."""
    client = Client(small_world(), "ie1")
    assert client.get("routes", f"v2/PhoneNumbers/%2B{N0[1:]}")[1]["phone_number"] == N0


@pytest.mark.parametrize(
    ("path", "fields", "status", "code"),
    [
        (f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "jp1"}, 400, 20001),
        (f"v2/PhoneNumbers/{N0}", {"FriendlyName": "x" * 65}, 400, 20001),
        ("v2/PhoneNumbers/+19995550100", {"VoiceRegion": "ie1"}, 404, 20404),
        ("v2/Trunks/other.pstn.twilio.com", {"VoiceRegion": "ie1"}, 404, 20404),
        (f"v2/PhoneNumber/{N0}", {"VoiceRegion": "ie1"}, 404, 20404),
        ("v2/PhoneNumbers", {}, 404, 20404),
    ],
)
def test_refusals(path: str, fields: dict[str, str], status: int, code: int) -> None:
    """What cannot be routed is refused, and nothing changes."""
    world = small_world()
    got, body = Client(world, "ie1").post("routes", path, fields)
    assert (got, body["code"], body["status"]) == (status, code, status)
    assert body["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert effective_region(world, "PhoneNumbers", N0, 2e9) == "us1"


def test_trunks_and_sip_domains_are_routed_by_name() -> None:
    """Trunks and SIP domains stand in the path by domain name, under their own keys."""
    client = Client(small_world(), "ie1")
    assert client.get("routes", "v2/Trunks/yard.pstn.twilio.com")[1]["sip_trunk_domain"] == "yard.pstn.twilio.com"
    assert client.get("routes", "v2/SipDomains/lobby.sip.twilio.com")[0] == 404
    status, body = client.post("routes", "v2/SipDomains/lobby.sip.twilio.com", {"VoiceRegion": "ie1"})
    assert (status, body["sip_domain"], body["voice_region"]) == (200, "lobby.sip.twilio.com", "ie1")


def test_no_list_and_no_delete() -> None:
    """There is no DELETE; the path is known, so it is 405."""
    client = Client(small_world(), "ie1")
    assert client.delete("routes", f"v2/PhoneNumbers/{N0}") == 405


def test_v3_is_for_us1_only() -> None:
    """v3 works through us1, in camel case; another Region refuses its realm."""
    world = small_world()
    status, body = Client(world, "us1").post("routes", f"v3/PhoneNumbers/{N0}", {"voiceRegion": "ie1"})
    assert (status, body["voiceRegion"], "sid" in body) == (200, "ie1", False)
    status, body = Client(world, "ie1").get("routes", f"v3/PhoneNumbers/{N0}")
    assert (status, body["message"]) == (404, "Endpoint is not supported in realm 'ie1'")

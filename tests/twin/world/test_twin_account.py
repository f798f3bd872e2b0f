"""A world from an account file, and the world saved and loaded."""

from __future__ import annotations

import io

import pytest
from ruamel.yaml import YAML

from asking_the_twin import N0, T0, Client, small_world
from voicedr.runtime.sample_customer.account import example_account, example_account_yaml
from voicedr.runtime.sample_customer.estate import CustomerUrls
from voicedr.twin.world.account import default_world, world_from_account
from voicedr.twin.world.account_text import read_account
from voicedr.twin.world.findings import Mistakes
from voicedr.twin.world.state import BadState, as_json, end_cut_calls, from_json


def test_same_seed_same_world() -> None:
    """Two worlds of one seed that are told the same are equal to the byte, secrets included."""
    worlds = [small_world(seed=3) for _ in range(2)]
    for world in worlds:
        Client(world, "ie1").post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"})
    assert as_json(worlds[0]) == as_json(worlds[1])
    assert as_json(small_world(seed=4)) != as_json(small_world(seed=3))


def test_saved_and_loaded_is_equal() -> None:
    """What is read back equals what was written, faults, routes and calls included."""
    world = small_world()
    client = Client(world, "us1")
    client.post("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"})
    client.post("api", "A/Calls.json", {"To": "+16465550123", "From": N0, "Url": "https://app.example/v"})
    loaded = from_json(as_json(world))
    assert loaded == world
    assert as_json(loaded) == as_json(world)
    assert loaded.draw() == world.draw()


@pytest.mark.parametrize("state", [b"", b"[]", b"{}", b'{"format":1}', b'{"format":99}', b"\xff"])
def test_bad_state_is_refused(state: bytes) -> None:
    """A file that is no state is refused with what it is and the next step."""
    with pytest.raises(BadState, match=r";"):
        from_json(state)


def test_calls_that_were_cut_are_ended() -> None:
    """A call that lasted when the state was saved has ended when it is loaded."""
    world = small_world()
    Client(world, "us1").post("api", "A/Calls.json", {"To": "+16465550123", "From": N0, "Twiml": "<Response/>"})
    end_cut_calls(world, T0 + 100)
    assert [call.status for call in world.regions["us1"].calls.values()] == ["failed"]


def test_secrets_are_alphanumeric() -> None:
    """Client libraries refuse other secrets before they send them."""
    world = default_world(1, T0)
    for store in world.regions.values():
        assert len(store.auth_token) == 32
        for key in store.keys.values():
            assert key.secret.isalnum()
            assert key.sid.startswith("SK")
            assert len(key.sid) == 34


MISTAKEN = """\
account_sid: AC12
settings: {propagation_s: [6, 2]}
numbers:
  - e164: 14155550100
  - e164: "+14155550101"
    route: jp1
    voice:
      us1: {voice_url: "app.example/voice", voice_methd: POST}
      ie1: {application: Support}
trunks:
  us1:
    - {friendly_name: Yard, domain_name: yard.example}
nubmers: []
"""


def test_every_mistake_is_told_with_its_path_and_line() -> None:
    """All mistakes are found in one reading; each says where, what, and what would be right."""
    with pytest.raises(Mistakes) as caught:
        read_account(MISTAKEN, 1, T0)
    told = {mistake.path: (mistake.line, mistake.what) for mistake in caught.value.found}
    assert {path: line for path, (line, _) in told.items()} == {
        "nubmers": 13,
        "account_sid": 1,
        "settings": 2,
        "trunks.us1[0].domain_name": 12,
        "numbers[0].e164": 4,
        "numbers[1].route": 6,
        "numbers[1].voice.us1.voice_url": 8,
        "numbers[1].voice.us1.voice_methd": 8,
        "numbers[1].voice.ie1.application": 9,
    }
    assert told["numbers[0].e164"][1].startswith("is a number (14155550100); give a text, in quotes")
    assert "ie1 has no such one (it has none)" in told["numbers[1].voice.ie1.application"][1]


@pytest.mark.parametrize("text", ["numbers: [", "a: b: c", "{", "- x", "numbers: 3", "\tx"])
def test_what_is_no_account_is_refused(text: str) -> None:
    """Whatever the text, the answer is a list of mistakes and not a traceback."""
    with pytest.raises(Mistakes):
        read_account(text, 1, T0)


def test_json_and_yaml_give_the_same_world() -> None:
    """An account is the same in either form."""
    json_text = '{"numbers": [{"e164": "+14155550100", "route": "ie1"}], "settings": {"propagation_s": [1, 2]}}'
    yaml = io.StringIO()
    YAML().dump({"numbers": [{"e164": "+14155550100", "route": "ie1"}], "settings": {"propagation_s": [1, 2]}}, yaml)
    assert as_json(read_account(json_text, 1, T0)) == as_json(read_account(yaml.getvalue(), 1, T0))


def test_credentials_of_the_file_are_used() -> None:
    """A file may bring its credentials; a key without its secret is a mistake."""
    given = {"auth_token": "0" * 32, "api_key": "SK" + "1" * 32, "api_secret": "secret1"}
    world = world_from_account({"account_sid": "AC" + "2" * 32, "credentials": {"ie1": given}}, 1, T0)
    assert world.account_sid == "AC" + "2" * 32
    assert list(world.regions["ie1"].keys) == [given["api_key"]]
    with pytest.raises(Mistakes, match="has one of api_key and api_secret"):
        world_from_account({"credentials": {"ie1": {"api_key": given["api_key"]}}}, 1, T0)


def test_messages_have_urls_too() -> None:
    """A number or an application may say who is asked about messages, and a number which application is."""
    app = {"friendly_name": "Texts", "sms_url": "https://a.example/sms", "sms_method": "get"}
    voice = {
        "us1": {"sms_url": "https://n.example/", "sms_fallback_url": "https://f.example/", "sms_application": "Texts"}
    }
    given = {"applications": {"us1": [app]}, "numbers": [{"e164": "+14155550100", "voice": voice}]}
    world = world_from_account(given, 1, T0)
    (application,) = world.regions["us1"].applications.values()
    (configured,) = world.regions["us1"].numbers.values()
    assert (application.sms_url, application.sms_method) == ("https://a.example/sms", "GET")
    assert (configured.sms_url, configured.sms_fallback_url) == ("https://n.example/", "https://f.example/")
    assert configured.sms_application_sid == application.sid
    with pytest.raises(Mistakes, match=r"sms_url is 'nowhere'; give an http or https URL"):
        world_from_account({"applications": {"us1": [{"sms_url": "nowhere"}]}}, 1, T0)


def test_the_sample_customers_account_is_read() -> None:
    """The account of the sample customer is understood whole, in its own words and as YAML."""
    urls = CustomerUrls("http://127.0.0.1:8091", "http://127.0.0.1:8092", "http://127.0.0.1:8093")
    world = world_from_account(example_account(urls), 1, T0)
    assert len(world.numbers) == 200
    assert sum(bool(voice.trunk_sid) for voice in world.regions["us1"].numbers.values()) > 0
    assert len(as_json(read_account(example_account_yaml(urls), 1, T0))) > 10_000

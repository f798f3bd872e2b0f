"""Acme Clinics' account: complete where it should be, with the gaps that it should have."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from voicedr.runtime.sample_customer import CustomerUrls, example_account, example_account_yaml
from voicedr.runtime.sample_customer.estate import DISPATCH, LOBBY, NUMBERS, SALES, SUPPORT_LINE
from voicedr.runtime.sample_customer.lines import answer_for
from voicedr.twin.world.account import world_from_account

URLS = CustomerUrls("http://127.0.0.1:9001", "http://127.0.0.2:9002/", "http://127.0.0.3:9003")
ACCOUNT = example_account(URLS)
CONFIGS: dict[str, dict[str, Any]] = {number["e164"]: number for number in ACCOUNT["numbers"]}


def handler(e164: str, region: str) -> dict[str, Any]:
    """A number's own URLs in a Region, or its application's."""
    voice: dict[str, Any] = CONFIGS[e164]["voice"][region]
    if "application" in voice:
        return next(app for app in ACCOUNT["applications"][region] if app["friendly_name"] == voice["application"])
    return voice


def host(url: str) -> str:
    """The host of a URL."""
    return urlsplit(url).hostname or ""


def test_it_owns_200_numbers_two_trunks_and_a_sip_domain() -> None:
    """The four flows have 118, 40, 30 and 12 numbers, each once."""
    assert [len(block) for block in (SUPPORT_LINE, SALES, DISPATCH, LOBBY)] == [118, 40, 30, 12]
    assert len(set(NUMBERS)) == 200
    assert [number["e164"] for number in ACCOUNT["numbers"]] == list(NUMBERS)
    for region in ("us1", "ie1"):
        assert len({trunk["domain_name"] for trunk in ACCOUNT["trunks"][region]}) == 2
        assert len(ACCOUNT["sip_domains"][region]) == 1


def test_every_reference_leads_somewhere() -> None:
    """Applications and trunks that numbers name exist in that Region, and every webhook URL has a document."""
    for number in ACCOUNT["numbers"]:
        for region, voice in number["voice"].items():
            if "trunk" in voice:
                assert voice["trunk"] in {trunk["friendly_name"] for trunk in ACCOUNT["trunks"][region]}
            else:
                line = urlsplit(handler(number["e164"], region)["voice_url"]).path.removeprefix("/voice/")
                assert answer_for(line, "") is not None


@pytest.mark.parametrize(("region", "base"), [("us1", URLS.primary), ("ie1", URLS.standby)])
def test_the_support_line_is_whole_in_both_regions(region: str, base: str) -> None:
    """Every number has a handler at the Region's own instance, a fallback on a third host, a callback and a route."""
    kinds = set()
    for e164 in SUPPORT_LINE:
        voice = handler(e164, region)
        kinds.add("application" in CONFIGS[e164]["voice"][region])
        assert voice["voice_url"] == f"{base}/voice/support-line"
        assert voice["status_callback"] == f"{base}/status"
        assert host(voice["voice_fallback_url"]) not in (host(URLS.primary), host(URLS.standby))
        assert CONFIGS[e164]["route"] == "us1"
    assert kinds == {True, False}


def test_the_other_flows_have_their_gaps() -> None:
    """Sales, dispatch and lobby each lack in ie1 what readiness is to find."""
    assert sum("ie1" not in CONFIGS[e164]["voice"] for e164 in SALES) == 8
    shared = [e164 for e164 in SALES if host((v := handler(e164, "us1"))["voice_url"]) == host(v["voice_fallback_url"])]
    assert len(shared) == 12
    yard = next(trunk for trunk in ACCOUNT["trunks"]["ie1"] if trunk["friendly_name"] == "Yard")
    assert len(yard["origination_urls"]) == 1
    assert host(yard["disaster_recovery_url"]) in yard["origination_urls"][0]["sip_url"]
    assert ACCOUNT["sip_domains"]["us1"][0]["auth_type"]
    assert not ACCOUNT["sip_domains"]["ie1"][0]["auth_type"]


def test_the_yaml_is_the_same_account() -> None:
    """Read back, the YAML gives the same values; numbers stay text. What is optional is there when it is given."""
    assert YAML(typ="safe").load(example_account_yaml(URLS)) == ACCOUNT
    keys = {"us1": {"auth_token": "1", "api_key": "SK1", "api_secret": "2"}}
    given = example_account(URLS, account_sid="AC1", credentials=keys, settings={"propagation_s": [2, 6]})
    assert (given["account_sid"], given["credentials"], given["settings"]) == ("AC1", keys, {"propagation_s": [2, 6]})


def test_the_twin_accepts_it() -> None:
    """The twin makes a world of it without a mistake: everything is where the file says."""
    world = world_from_account(YAML(typ="safe").load(example_account_yaml(URLS)), seed=1, now=0.0)
    assert len(world.numbers) == 200
    assert {len(world.regions[region].trunks) for region in ("us1", "ie1")} == {2}
    assert {len(world.regions[region].sip_domains) for region in ("us1", "ie1")} == {1}
    assert len(world.regions["us1"].numbers) == 200
    assert len(world.regions["ie1"].numbers) == 192

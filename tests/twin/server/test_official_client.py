"""The official library, unmodified, works with the twin as it would with the provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from running_twin import RunningTwin, running_twin

N0, N1 = "+14155550100", "+14155550101"


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    with running_twin("--seed", "5") as running:
        yield running


def test_lists_reads_and_updates_in_two_regions(twin: RunningTwin) -> None:
    """Through HTTPS_PROXY and a CA file alone: both page families, numbers, routes and the Region of each."""
    got = twin.official(
        """
us1, ie1 = client("us1"), client("ie1")
numbers = ie1.incoming_phone_numbers.list(page_size=3)
first = numbers[0]
first.update(voice_url="https://ie1.example/voice", voice_method="GET")
for n in range(3):
    trunk = ie1.trunking.v1.trunks.create(friendly_name=f"Trunk {n}", domain_name=f"t{n}.pstn.twilio.com")
trunk.origination_urls.create(weight=10, priority=20, enabled=True, friendly_name="a", sip_url="sip:a.example")
app = ie1.applications.create(friendly_name="Support", voice_url="https://ie1.example/app")
numbers[1].update(voice_application_sid=app.sid)
route = ie1.routes.v2.phone_numbers(first.phone_number).update(voice_region="ie1")
domain = ie1.sip.domains.create(domain_name="lobby.sip.twilio.com")
ie1.routes.v2.sip_domains("lobby.sip.twilio.com").update(voice_region="ie1")
print(json.dumps({
    "count": len(numbers), "ie1": ie1.incoming_phone_numbers(first.sid).fetch().voice_url,
    "us1": us1.incoming_phone_numbers(first.sid).fetch().voice_url, "sid": route.sid[:2],
    "seen": us1.routes.v2.phone_numbers(first.phone_number).fetch().voice_region,
    "v3": us1.routes.v3.phone_numbers(first.phone_number).fetch().voice_region,
    "trunks": [t.friendly_name for t in ie1.trunking.v1.trunks.list(page_size=1)],
    "urls": [u.sip_url for u in trunk.origination_urls.list()],
    "app": ie1.incoming_phone_numbers(numbers[1].sid).fetch().voice_application_sid == app.sid,
    "found": [n.phone_number for n in ie1.incoming_phone_numbers.list(phone_number="+14155550107")],
    "domain": ie1.routes.v2.sip_domains("lobby.sip.twilio.com").fetch().voice_region,
    "alerts": [a.sid for a in ie1.monitor.v1.alerts.list()], "calls": len(us1.calls.list()),
    "created": first.date_created.tzinfo is not None,
}))
"""
    )
    assert got == {
        "count": 10,
        "ie1": "https://ie1.example/voice",
        "us1": "",
        "sid": "QQ",
        "seen": "ie1",
        "v3": "ie1",
        "trunks": ["Trunk 0", "Trunk 1", "Trunk 2"],
        "urls": ["sip:a.example"],
        "app": True,
        "found": ["+14155550107"],
        "domain": "ie1",
        "alerts": [],
        "calls": 0,
        "created": True,
    }


def test_documented_errors(twin: RunningTwin) -> None:
    """Wrong Region's key, a route never set, a realm, a bad URL, too many requests: as the library raises them."""
    got = twin.official(
        """
ie1, wrong = client("ie1"), client("ie1", key_of="us1")
number = ie1.incoming_phone_numbers.list(phone_number="+14155550101")[0]
ie1.trunking.v1.trunks.create(domain_name="never.pstn.twilio.com")
print(json.dumps({
    "wrong key": refused(lambda: wrong.routes.v2.phone_numbers("+14155550101").fetch()),
    "wrong key, list": refused(lambda: wrong.applications.list()),
    "never set": refused(lambda: ie1.routes.v2.trunks("never.pstn.twilio.com").fetch()),
    "v3": refused(lambda: ie1.routes.v3.phone_numbers("+14155550101").fetch()),
    "buy": refused(lambda: ie1.incoming_phone_numbers.create(phone_number="+14155550190")),
    "url": refused(lambda: number.update(voice_url="nonsense")),
    "region": refused(lambda: ie1.routes.v2.phone_numbers("+14155550101").update(voice_region="mars")),
}))
"""
    )
    assert got == {
        "wrong key": [401, 20003],
        "wrong key, list": ["page", 401],
        "never set": [404, 20404],
        "v3": [404, 20404],
        "buy": [405, 20004],
        "url": [400, 21402],
        "region": [400, 20001],
    }
    fault = twin.control("POST", "/_twin/faults", {"fault": "api-throttled", "region": "ie1"})
    try:
        assert twin.official('print(json.dumps(refused(lambda: client("ie1").applications("AP1").fetch())))') == [
            429,
            20429,
        ]
    finally:
        twin.control("DELETE", f"/_twin/faults/{fault['id']}")


def test_a_region_that_is_down_through_the_proxy(twin: RunningTwin) -> None:
    """Refused, name unknown, name not good for the certificate, HTML instead of JSON: the transport's own errors."""
    twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "refuse"})
    program = """
import requests
def how(call):
    try:
        return call()
    except requests.exceptions.RequestException as exc:
        return type(exc).__name__
    except TwilioRestException as exc:
        return [exc.status, exc.code]
def named(region, edge):
    key = told["credentials"]["ie1"]
    return Client(key["api_key"], key["api_secret"], told["account_sid"], region=region, edge=edge)
print(json.dumps([
    how(lambda: client("us1").applications("AP1").fetch()),
    how(lambda: client("ie1").applications("AP1").fetch()),
    how(lambda: named("ie1", None).applications("AP1").fetch()),
    how(lambda: named("ie1", "roaming").applications("AP1").fetch()),
]))
"""
    try:
        assert twin.official(program) == ["ProxyError", [404, 20404], "ProxyError", "SSLError"]
        assert twin.control("GET", "/_twin/requests")["by_host"]["api.ashburn.us1.twilio.com"] > 0
        twin.control("DELETE", "/_twin/faults")
        twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "503"})
        assert twin.official(program)[0] == [503, 503]
    finally:
        twin.control("DELETE", "/_twin/faults")


class KeepsTheHost(TwilioHttpClient):
    """An HttpClient that goes to another address and leaves the provider's name in Host."""

    def __init__(self, address: str) -> None:
        super().__init__(timeout=10)
        self.session.trust_env = False
        self._address = address

    def request(self, method: str, url: str, *args: Any, headers: Any = None, **kwargs: Any) -> Any:
        host, _, path = url.partition("://")[2].partition("/")
        return super().request(
            method, f"{self._address}/{path}", *args, headers={**(headers or {}), "Host": host}, **kwargs
        )


def test_a_custom_client_without_tls(twin: RunningTwin) -> None:
    """A client that keeps the Host reaches the same Regions over plain HTTP, pages included."""
    key = twin.told["credentials"]["au1"]
    client = Client(
        key["api_key"],
        key["api_secret"],
        twin.told["account_sid"],
        region="au1",
        edge="sydney",
        http_client=KeepsTheHost(twin.told["http"]),
        environment={"TWIN": json.dumps(True)},
    )
    assert len(client.incoming_phone_numbers.list(page_size=4)) == 10
    for n in range(3):
        client.trunking.v1.trunks.create(friendly_name=f"{n}")
    assert len(client.trunking.v1.trunks.list(page_size=2)) == 3
    assert client.routes.v2.phone_numbers(N1).update(voice_region="au1").voice_region == "au1"
    routes = twin.control("GET", f"/_twin/routes/PhoneNumbers/{N1}")
    assert [change["via"] for change in routes["changes"]] == ["console", "au1"]

"""Which Region a host name means, and how the names fail that mean none."""

from __future__ import annotations

import pytest

from voicedr.twin.api.hosts import Host, read_host


@pytest.mark.parametrize(
    ("name", "product", "edge", "region"),
    [
        ("api.twilio.com", "api", "ashburn", "us1"),
        ("API.Twilio.com:443", "api", "ashburn", "us1"),
        ("api.us1.twilio.com", "api", "ashburn", "us1"),
        ("api.ashburn.us1.twilio.com", "api", "ashburn", "us1"),
        ("api.sydney.us1.twilio.com", "api", "sydney", "us1"),
        ("routes.dublin.ie1.twilio.com", "routes", "dublin", "ie1"),
        ("trunking.sydney.au1.twilio.com", "trunking", "sydney", "au1"),
    ],
)
def test_the_region_label_decides(name: str, product: str, edge: str, region: str) -> None:
    """The Region in the name processes the request, whatever the edge."""
    assert read_host(name) == Host(name.partition(":")[0].lower(), product, edge, region)


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("api.ie1.twilio.com", "name-not-found"),
        ("api.sydney.twilio.com", "name-not-found"),
        ("api.tokyo.jp1.twilio.com", "name-not-found"),
        ("sync.dublin.ie1.twilio.com", "name-not-found"),
        ("api.example.com", "name-not-found"),
        ("twilio.com", "name-not-found"),
        ("", "name-not-found"),
        ("api.roaming.ie1.twilio.com", "tls-name-mismatch"),
        ("api.sydney.ie1.twilio.com", "tls-name-mismatch"),
    ],
)
def test_dead_names_fail_as_dns_or_tls_would(name: str, failure: str) -> None:
    """A name that the provider does not serve never gets an HTTP answer."""
    assert read_host(name) == failure

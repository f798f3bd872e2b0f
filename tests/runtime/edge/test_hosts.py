"""A URL's product stays, its edge is replaced, and another Region or another host is refused."""

from __future__ import annotations

import pytest

from voicedr.runtime.edge.hosts import read_url
from voicedr.runtime.edge.regions import HOME_EDGES, assumed, checked_edges, checked_region


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://api.twilio.com/2010-04-01/A.json", "api.dublin.ie1.twilio.com", "/2010-04-01/A.json"),
        ("https://api.ie1.twilio.com/x", "api.dublin.ie1.twilio.com", "/x"),
        ("https://api.frankfurt.ie1.twilio.com/x", "api.dublin.ie1.twilio.com", "/x"),
        ("https://ROUTES.twilio.com./v2/PhoneNumbers/+15551234567", "routes.dublin.ie1.twilio.com",
         "/v2/PhoneNumbers/+15551234567"),
        ("https://flex-api.twilio.com/v1?a=b&StartTime>=2026", "flex-api.dublin.ie1.twilio.com",
         "/v1?a=b&StartTime%3E=2026"),
        ("https://studio.twilio.com", "studio.dublin.ie1.twilio.com", "/"),
        ("https://studio.twilio.com?a=1#b", "studio.dublin.ie1.twilio.com", "/?a=1"),
        ("https://chat.twilio.com/a%20b/ü c", "chat.dublin.ie1.twilio.com", "/a%20b/%C3%BC%20c"),
        ("https://chat.twilio.com/a%20b", "chat.dublin.ie1.twilio.com", "/a%20b"),
    ],
)  # fmt: skip
def test_what_becomes_of_a_url(url: str, host: str, path: str) -> None:
    """The path goes as it was made; only what cannot stand in a request line is encoded."""
    target = read_url(url, "ie1")
    assert target.host("dublin", "ie1") == host
    assert target.path == path


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://api.dublin.us1.twilio.com/x", "an edge without a Region means us1"),
        ("https://api.us1.twilio.com/x", "was not sent"),
        ("http://api.twilio.com/x", "only https"),
        ("https://api.twilio.com.evil.example/x", "not a host of the provider"),
        ("https://evil.example/x", "not a host of the provider"),
        ("https://twilio.com/x", "not a host of the provider"),
        ("https://a.b.c.d.twilio.com/x", "not a host of the provider"),
        ("https://api_x.twilio.com/x", "not a host of the provider"),
        ("https://user:hunter2@api.twilio.com/x", "credentials in a URL"),
        ("https://api.twilio.com:x/x", "not a URL"),
        ("api.twilio.com/x", "only https"),
        ("", "only https"),
    ],
)
def test_what_leads_elsewhere_is_not_sent(url: str, says: str) -> None:
    """The message says what to do, and shows no secret."""
    with pytest.raises(ValueError, match=says) as raised:
        read_url(url, "ie1")
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("region", "edges", "says"),
    [
        ("us1", (), "no way into us1"),
        ("us1", "ashburn", 'Say a tuple of edges in order, e.g. \\("ashburn",\\)'),
        ("us1", None, "edges=None: say a tuple of edges"),
        ("us1", ("ashburn", "ashburn"), "said twice"),
        ("us1", ("ashbrun",), "not a public edge"),
        ("us1", ("us2",), "old id of umatilla"),
        ("us1", ("roaming",), "not a public edge"),
        ("ie1", ("dublin", "sydney"), "belongs to Region au1"),
        ("au1", ("ashburn",), "belongs to Region us1"),
    ],
)
def test_edges_that_cannot_be(region: str, edges: tuple[str, ...], says: str) -> None:
    """Wrong edges are refused when the client is made, not on the day of the outage."""
    with pytest.raises(ValueError, match=says):
        checked_edges(region, edges)


@pytest.mark.parametrize(("region", "says"), [("de1", "old id of the edge frankfurt"), ("", "us1, ie1, au1")])
def test_a_region_that_does_not_process_is_refused(region: str, says: str) -> None:
    """An old id of an edge is not a Region."""
    with pytest.raises(ValueError, match=says):
        checked_region(region)


def test_what_no_page_shows_is_known_as_an_assumption() -> None:
    """us1 is shown with many edges; ie1 and au1 with their own."""
    assert assumed("us1", ("ashburn", "sydney")) == ()
    assert assumed("ie1", checked_edges("ie1", ("dublin", "frankfurt"))) == ("frankfurt",)
    assert all(not assumed(region, (home,)) for region, home in HOME_EDGES.items())

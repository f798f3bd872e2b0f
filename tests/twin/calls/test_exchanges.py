"""What is remembered of webhooks, and what never is."""

from __future__ import annotations

from voicedr.twin.calls.exchanges import BODY_BYTES_SHOWN, HIDDEN, KEPT_MAX, Exchanges
from voicedr.wire.http import Failure, Request, Response


def test_secrets_and_headers_are_not_kept() -> None:
    """Neither a signature nor a login nor the value of a field that is named like a secret is shown."""
    exchanges = Exchanges()
    headers = (("X-Twilio-Signature", "c2lnbmVk"), ("Authorization", "Basic c2VjcmV0"), ("Cookie", "s=c2Vzc2lvbg"))
    url = "https://me:c2VjcmV0@app.example/voice?api_key=c2VjcmV0&shop=4"
    request = Request("POST", url, headers, b"From=%2B1646&AuthToken=c2VjcmV0")
    exchanges.keep(10.0, 12.5, "ie1", "dublin", 2, request, Response(200, headers, b"<Response/>"))
    (shown,) = exchanges.newest()
    assert (shown.region, shown.edge, shown.attempt, shown.seconds) == ("ie1", "dublin", 2, 2.5)
    assert (shown.url, shown.status, shown.response) == ("https://app.example/voice", 200, "<Response/>")
    assert shown.params == {"api_key": HIDDEN, "shop": "4", "From": "+1646", "AuthToken": HIDDEN}
    for secret in ("c2lnbmVk", "c2VjcmV0", "c2Vzc2lvbg"):
        assert secret not in repr(shown)
        assert secret not in repr(exchanges).replace(repr(request.url), "").replace(repr(request.body), "")


def test_it_is_bounded() -> None:
    """The newest come first, the oldest go, and of a body only its beginning stays; a failure has no status."""
    exchanges = Exchanges()
    for number in range(KEPT_MAX + 5):
        request = Request("GET", f"https://app.example/{number}?a=b")
        exchanges.keep(0.0, 1.0, "us1", "ashburn", 1, request, Response(200, (), b"x" * 5000))
    exchanges.keep(0.0, 1.0, "us1", "ashburn", 1, Request("GET", "https://app.example/"), Failure.RESET)
    shown = exchanges.newest()
    assert len(shown) == KEPT_MAX
    assert (shown[0].status, shown[0].failure, shown[0].response) == (0, "reset", "")
    assert (shown[1].url, shown[1].params) == (f"https://app.example/{KEPT_MAX + 4}", {"a": "b"})
    assert (len(shown[1].response), shown[1].response_bytes) == (BODY_BYTES_SHOWN, 5000)
    assert [one.id for one in exchanges.newest(after=shown[1].id)] == [shown[0].id]

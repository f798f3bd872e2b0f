"""What counts as a document, by content type (https://www.twilio.com/docs/voice/twiml#response-formats)."""

from __future__ import annotations

import pytest

from switchboard_scene import FALLBACK, PRIMARY, SERVES, call_once, heard
from voicedr.wire.http import Response

GOOD = b"<Response><Say>Welcome to the line</Say></Response>"


@pytest.mark.parametrize(
    ("content_type", "body", "codes", "what"),
    [
        ("text/xml", GOOD, [], "say"),
        ("application/xml", GOOD, [], "say"),
        ("text/html", GOOD, [], "say"),
        ("TEXT/XML; charset=utf-8", GOOD, [], "say"),
        ("text/plain", GOOD, [], "say"),
        ("text/plain", b"Welcome to the line", [], "say"),
        ("audio/mpeg", b"ID3", [], "play"),
        ("audio/x-wav", b"RIFF", [], "play"),
        # A schema deviation is a warning, and the document is executed
        # (https://www.twilio.com/docs/api/errors/12200).
        ("text/xml", b"<Response><Say voize='x'>Welcome to the line</Say></Response>", ["12200"], "say"),
        ("text/xml", b"<Response><say>hush</say><Say>Welcome to the line</Say></Response>", ["12200"], "say"),
        ("text/xml", b"<?xml version='1.0'?>" + GOOD, [], "say"),
    ],
)
def test_accepted(content_type: str, body: bytes, codes: list[str], what: str) -> None:
    """It is carried out and the fallback is not asked; a warning has the level of one."""
    call, scene = call_once({PRIMARY: Response(200, (("Content-Type", content_type),), body), FALLBACK: SERVES})
    assert FALLBACK not in scene.app.urls()
    assert scene.codes() == codes
    assert all(alert.log_level == "warning" for alert in scene.world.regions["us1"].alerts)
    assert what in heard(call)
    assert call.outcome == "served"


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", GOOD, "12300"),
        ("application/octet-stream", GOOD, "12300"),
        ("image/png", GOOD, "12300"),
        ("video/mp4", GOOD, "12300"),
        ("nonsense", GOOD, "12300"),
        ("", GOOD, "12300"),
        ("text/xml", b" <?xml version='1.0'?>" + GOOD, "12100"),
        ("text/xml", GOOD + b"<Response/>", "12100"),
        ("text/xml", b"<Response><Say>Fish & chips</Say></Response>", "12100"),
        ("text/html", b"<html><body>It works!</body></html>", "12102"),
        ("text/xml", b"<Response version='2.0'/>", "12101"),
    ],
)
def test_refused(content_type: str, body: bytes, code: str) -> None:
    """It is an error with its code, and the fallback, told the code, serves the caller."""
    call, scene = call_once({PRIMARY: Response(200, (("Content-Type", content_type),), body), FALLBACK: SERVES})
    assert scene.codes() == [code]
    assert scene.app.fields(FALLBACK)[0]["ErrorCode"] == code
    assert scene.world.regions["us1"].alerts[0].log_level == "error"
    assert call.outcome == "served"


def test_empty_response_is_valid() -> None:
    """``<Response/>`` is a document with nothing in it: the call is answered and ends."""
    call, scene = call_once({PRIMARY: Response(200, (("Content-Type", "text/xml"),), b"<Response/>")})
    assert (call.outcome, scene.codes()) == ("served", [])

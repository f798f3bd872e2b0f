"""A webhook's answer is a document or an error with the provider's code; no entity is ever looked up."""

from __future__ import annotations

from voicedr.wire.twiml import TwimlError, parse

_BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><Response><Say>&c;</Say></Response>"""
_FILE = b"""<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><Response><Say>&x;</Say></Response>"""
SEEDS = [
    b"T<Response><Say voice='alice'>Hello</Say><Gather numDigits='1'><Play loop='2'>/a.wav</Play></Gather></Response>",
    b"T<?xml version='1.0' encoding='ISO-8859-1'?><Response><Dial><Sip username='a'>sip:a@b</Sip></Dial></Response>",
    b"T" + _BOMB,
    b"T" + _FILE,
    b"P just words",
    b"A RIFF",
    b"T<Response>" + b"<Gather>" * 300,
]
_TYPES = {ord("T"): "text/xml; charset=utf-8", ord("P"): "text/plain", ord("A"): "audio/wav", ord("X"): "text/html"}


def one(data: bytes) -> None:
    """Read it as what its first byte says it is."""
    if not data:
        return
    try:
        document = parse(data[1:], _TYPES.get(data[0], "application/xml"))
    except TwimlError as exc:
        assert exc.code
        return
    assert document.root.name == "Response"
    said = sum(len(element.text) + sum(map(len, element.attributes.values())) for _, element in document.root.walk())
    assert said <= 40 * len(data) + 1000, "an entity was expanded"

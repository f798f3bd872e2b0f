"""TwiML is parsed as the provider documents it, and nothing else gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.twiml import BODY_BYTES_MAX, Document, TwimlError, parse

XML = "text/xml"


def test_tree() -> None:
    """Names, attributes, text and nesting come out in document order, nested nouns after their verbs."""
    document = parse(
        b'<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1"><Say>Press <break/> one</Say></Gather>'
        b"<Dial timeout='20'>+1<Sip>sip:a@b.example</Sip></Dial><Connect><Room>x</Room></Connect>"
        b'<Start><Siprec name="s"/></Start></Response>',
        XML,
    )
    assert document.verbs == (
        "Gather", "Gather/Say", "Gather/Say/break", "Dial", "Dial/Sip", "Connect", "Connect/Room", "Start",
        "Start/Siprec",
    )  # fmt: skip
    gather, dial = document.root.children[:2]
    assert gather.get("numDigits") == "1"
    assert gather.children[0].spoken == "Press one"
    assert (dial.text, dial.children[0].text) == ("+1", "sip:a@b.example")
    assert document.warnings == ()


def test_declared_encoding_and_header() -> None:
    """The declaration's encoding is obeyed, and the header's charset wins over it."""
    latin = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Say>é</Say></Response>'.encode("latin-1")
    assert parse(latin, XML).root.children[0].text == "é"
    assert parse("<Response><Say>é</Say></Response>".encode("latin-1"), "text/xml; charset=ISO-8859-1")
    with pytest.raises(TwimlError):
        parse(latin, "text/xml; charset=utf-8")


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"<Response><Say>hi</Response>", XML, 12100),
        (b"", XML, 12100),
        (b' <?xml version="1.0"?><Response/>', XML, 12100),
        (b"<Response>&unknown;</Response>", XML, 12100),
        (b'<?xml version="1.0" encoding="klingon"?><Response/>', XML, 12100),
        (b"<Response/><Response/>", XML, 12100),
        (b"<a>" * 70 + b"</a>" * 70, XML, 12100),
        (b"<response/>", XML, 12102),
        (b"<html></html>", "text/html", 12102),
        (b'<Response version="9"/>', XML, 12101),
        (b"<Response/>", None, 12300),
        (b"<Response/>", "", 12300),
        (b"<Response/>", "application/json", 12300),
        (b"<Response>" + b" " * BODY_BYTES_MAX + b"</Response>", XML, 11750),
    ],
)
def test_refused(body: bytes, content_type: str | None, code: int) -> None:
    """Each documented way to be unusable has its own error code."""
    with pytest.raises(TwimlError) as refused:
        parse(body, content_type)
    assert refused.value.code == code
    assert refused.value.message


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Response>&b;</Response>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><Response><Say>&x;</Say></Response>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><Response/>',
        b"<!DOCTYPE Response><Response/>",
    ],
)
def test_bombs(body: bytes) -> None:
    """A document type declaration is refused before any entity can grow or be fetched."""
    with pytest.raises(TwimlError) as refused:
        parse(body, XML)
    assert refused.value.code == 12100


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "text/html; charset=utf-8", "TEXT/XML"])
def test_parsed_types(content_type: str) -> None:
    """These content types are TwiML; an empty Response is valid."""
    assert parse(b"<Response/>", content_type).verbs == ()


def test_audio_and_plain_text() -> None:
    """Audio is played; plain text is run if it is TwiML and read aloud if it is not."""
    assert parse(b"RIFF....", "audio/wav").verbs == ("Play",)
    assert parse(b"<Response><Hangup/></Response>", "text/plain").verbs == ("Hangup",)
    said = parse(b"We are  closed.\n", "text/plain").root.children[0]
    assert (said.name, said.spoken) == ("Say", "We are closed.")


@pytest.mark.parametrize(
    ("inner", "about"),
    [
        ("<say>hi</say>", "say"),
        ("<Say Voice='alice'>hi</Say>", "Voice"),
        ("<Gather><Dial>1</Dial></Gather>", "Dial"),
        ("hello", "text"),
        ("<Dial><Number><Sip/></Number></Dial>", "Sip"),
    ],
)
def test_schema_warnings(inner: str, about: str) -> None:
    """What the schema does not know is the warning 12200 and no error."""
    document = parse(f"<Response>{inner}</Response>".encode(), XML)
    assert [warning.code for warning in document.warnings] == [12200]
    assert about in document.warnings[0].message


pieces = st.sampled_from(
    ["<Response>", "</Response>", "<Say>", "</Say>", "<Dial", ">", "a='b'", "/>", "&amp;", "&x;", "<!DOCTYPE r [", "]>",
     "<?xml version='1.0' encoding='utf-16'?>", "<![CDATA[", "]]>", "<!--", "-->", "\x00", "é", " ", "<!ENTITY a 'b'>"]
)  # fmt: skip
types = st.sampled_from([None, "", "text/xml", "text/html; charset=utf-16", "text/plain", "audio/x", "a/b", ";;;="])


@given(body=st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=12).map(lambda made: "".join(made).encode())),
       content_type=types)  # fmt: skip
def test_malformed_input_is_a_twiml_error(body: bytes, content_type: str | None) -> None:
    """Whatever bytes arrive, the result is a document or a TwimlError with a code."""
    try:
        result: Document | int = parse(body, content_type)
    except TwimlError as refused:
        result = refused.code
    if isinstance(result, Document):
        assert result.root.name == "Response"
    else:
        assert result in {11750, 12100, 12101, 12102, 12300}

"""Signatures agree with the published examples and with the provider's own library."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from voicedr.wire.signatures import body_sha256, sign, sign_json, signed_url, validate

# https://www.twilio.com/docs/usage/security#validating-requests
PUBLISHED_URL = "https://example.com/myapp.php?foo=1&bar=2"
PUBLISHED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}

names = st.text("abcXYZ019_-.", min_size=1, max_size=12)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
hosts = st.sampled_from(["example.com", "a.example", "127.0.0.1"])
paths = st.text("abcXYZ019/_-.~", max_size=20)
fields = st.dictionaries(names, values, max_size=8)


class Repeated(dict[str, list[str]]):
    """A multi-valued dict as web frameworks hand it to the official validator."""

    def getlist(self, name: str) -> list[str]:
        """All values of a name."""
        return self[name]


def test_published_form_example() -> None:
    """The provider's own example comes out as printed on its page."""
    assert sign("12345", PUBLISHED_URL, PUBLISHED.items()) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_published_json_example() -> None:
    """The hash of the example body comes out as printed, and is signed within the URL."""
    body = b'{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}'
    expected = "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"
    assert body_sha256(body) == expected
    url, signature = sign_json("12345", "https://example.com/hook?a=1#rc=2", body)
    assert url == f"https://example.com/hook?a=1&bodySHA256={expected}"
    assert validate("12345", signature, url, body=body)
    assert not validate("12345", signature, url, body=body + b" ")
    assert RequestValidator("12345").validate(url, body.decode(), signature)


@given(token=names, scheme=st.sampled_from(["http", "https"]), host=hosts, port=st.integers(1, 65535), path=paths,
       form=fields)  # fmt: skip
def test_official_validator_accepts_ours(
    token: str, scheme: str, host: str, port: int, path: str, form: dict[str, str]
) -> None:
    """The official library accepts what we sign, whatever port the application sees in the URL."""
    url = f"{scheme}://{host}:{port}/{path}"
    assert RequestValidator(token).validate(url, form, sign(token, url, form.items()))
    assert RequestValidator(token).validate(url, {}, sign(token, url))


@given(token=names, scheme=st.sampled_from(["http", "https"]), host=hosts, path=paths, form=fields,
       with_port=st.booleans())  # fmt: skip
def test_we_accept_the_official_signature(
    token: str, scheme: str, host: str, path: str, form: dict[str, str], with_port: bool
) -> None:
    """We accept what the official library signs, with the default port written out or not; a changed field is seen."""
    url = f"{scheme}://{host}{':443' if with_port and scheme == 'https' else ''}/{path}"
    signature = RequestValidator(token).compute_signature(url, form)
    assert validate(token, signature, url, form.items())
    assert not validate(token, signature, url, [*form.items(), ("Extra", "1")])
    assert not validate(token + "x", signature, url, form.items())


@given(token=names, form=st.dictionaries(names, st.lists(values, min_size=1, max_size=4), max_size=4))
def test_repeated_names(token: str, form: dict[str, list[str]]) -> None:
    """Of a repeated name the distinct values count, as the official library takes them from a web framework."""
    pairs = [(name, value) for name, several in form.items() for value in several]
    assert sign(token, PUBLISHED_URL, pairs) == RequestValidator(token).compute_signature(PUBLISHED_URL, Repeated(form))


def test_what_is_left_out_of_the_url() -> None:
    """Fragment, user and password are never signed; the port is not where the scheme is https."""
    cases = {
        "https://u:p@h.example:8443/a?b=c#e=dublin&rc=2": "https://h.example/a?b=c",
        "http://u:p@h.example:8080/a#rt=100": "http://h.example:8080/a",
        "https://h.example?x=1": "https://h.example?x=1",
        "https://[::1]:8443/a": "https://[::1]/a",
        "https://[::1]/a": "https://[::1]/a",
        "https://h.example/a?": "https://h.example/a?",
    }
    assert {url: signed_url(url) for url in cases} == cases


@given(token=names, signature=st.text(max_size=40), url=st.text(max_size=60), form=fields)
def test_nothing_makes_it_crash(token: str, signature: str, url: str, form: dict[str, str]) -> None:
    """A forged request is refused and never breaks the receiver."""
    assert validate(token, signature, url, form.items(), b"x") in {True, False}

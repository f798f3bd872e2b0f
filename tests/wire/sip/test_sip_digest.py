"""Digest authentication: the published vectors, and both sides of it with each other's odd spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.sip.digest import BadDigest, Challenge, answer, read_challenge, read_credentials

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_published_vectors(algorithm: str, response: str) -> None:
    """The examples of RFC 7616 section 3.9.1 come out to the digit."""
    value = (
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="{NONCE}", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    shown = answer(
        read_challenge(value), username="Mufasa", password="Circle of Life", method="GET", uri="/dir/index.html",
        cnonce=CNONCE,
    )  # fmt: skip
    assert shown.response == response
    assert read_credentials(shown.header()).proves("GET", "Circle of Life")
    assert not read_credentials(shown.header()).proves("GET", "circle of life")
    assert not read_credentials(shown.header()).proves("INVITE", "Circle of Life")


def test_without_qop() -> None:
    """An old server's challenge without qop is answered as RFC 2617 section 3.2.2.1 says."""
    shown = answer(
        Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", qop=""),
        username="Mufasa", password="Circle Of Life", method="GET", uri="/dir/index.html", cnonce="unused",
    )  # fmt: skip
    assert shown.response == "670fd8c2df070c60b045671b8b24ff02"


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["MD5", "SHA-256"]))
def test_any_name_and_realm_survive_the_header(username: str, realm: str, algorithm: str) -> None:
    """Quotes, commas and backslashes in names come back as they were."""
    challenge = read_challenge(Challenge(realm, NONCE, algorithm).header())
    shown = answer(challenge, username=username, password="p", method="INVITE", uri="sip:a,b@c", cnonce="c")
    back = read_credentials(shown.header())
    assert (back.username, back.realm, back.uri) == (username, realm, "sip:a,b@c")
    assert back.proves("INVITE", "p")


@pytest.mark.parametrize(
    "value",
    [
        "", "Basic abc", "Digest", 'Digest realm="a"', 'Digest realm="a", nonce="b", algorithm=SHA-512-256',
        'Digest realm="a" nonce', 'Digest realm="a", nonce="b", qop="auth-int"',
    ],
)  # fmt: skip
def test_bad_challenges(value: str) -> None:
    """What is not Digest, incomplete or beyond us is one kind of error."""
    with pytest.raises(BadDigest, match=r"."):
        read_challenge(value)


@given(st.text(max_size=60))
def test_noise_is_no_credentials(value: str) -> None:
    """Text that is no header value breaks nothing."""
    with pytest.raises(BadDigest):
        read_credentials("Digest " + value)

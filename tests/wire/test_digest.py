"""Digest answers are those of the RFCs' own examples."""

from __future__ import annotations

import re

import pytest

from voicedr.wire.digest import Challenge, authorization, read_challenge


def _response(header: str) -> str:
    found = re.search(r'response="(\w+)"', header)
    assert found
    return found[1]


def test_rfc_7616_example() -> None:
    """RFC 7616 §3.9.1, MD5: Mufasa asks for /dir/index.html."""
    challenge = read_challenge(
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5,'
        ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    assert challenge is not None
    sent = authorization(
        challenge, "Mufasa", "Circle of Life", "GET", "http://www.example.org/dir/index.html",
        count=1, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    )  # fmt: skip
    assert _response(sent) == "8ca523f5e9506fed4657c9700eebdbec"
    assert "qop=auth, nc=00000001" in sent
    assert 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"' in sent


def test_rfc_2617_example() -> None:
    """RFC 2617 §3.5, and RFC 2069's way without qop, whose digest is a plain one."""
    challenge = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "auth")
    url = "http://www.nowhere.org/dir/index.html"
    sent = authorization(challenge, "Mufasa", "Circle Of Life", "GET", url, count=1, cnonce="0a4f113b")
    assert _response(sent) == "6629fae49393a05397450978507c4ef1"
    plain = Challenge("testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093")
    sent = authorization(plain, "Mufasa", "Circle Of Life", "GET", url, count=1, cnonce="0a4f113b")
    assert _response(sent) == "670fd8c2df070c60b045671b8b24ff02"
    assert "cnonce" not in sent


@pytest.mark.parametrize(
    "header",
    ["", "Basic realm=x", "Digest", 'Digest realm="x"', 'Digest realm="x", nonce=""',
     'Digest realm="x", nonce="1", algorithm=SHA-256', 'Digest realm="x", nonce="1", qop="auth-int"'],
)  # fmt: skip
def test_not_answered(header: str) -> None:
    """What is no Digest challenge, or one that MD5 and auth cannot answer, is None."""
    assert read_challenge(header) is None


def test_challenges_side_by_side() -> None:
    """Digest is found behind Basic, and what stands behind it does not mix in."""
    found = read_challenge('Basic realm="b", digest realm="a \\"q\\"", nonce=n1, stale=TRUE, Basic realm="c"')
    assert found == Challenge('a "q"', "n1", stale=True)

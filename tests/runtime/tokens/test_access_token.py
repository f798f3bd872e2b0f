"""Access tokens are what the official library makes and what the provider takes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from voicedr.runtime.tokens.access_token import BadGrant, Grant, SigningKey, mint

ACCOUNT, KEY, APP, PUSH = "AC" + "1" * 32, "SK" + "2" * 32, "AP" + "3" * 32, "CR" + "4" * 32
SECRET = "s" * 32
GRANT = Grant(ACCOUNT, "ie1", "alice", APP, PUSH)


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims."""
    header, claims, _ = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(claims)


def test_it_says_what_the_official_library_says() -> None:
    """Header and claims are those of the official library's token for the same grant, and it takes our signature."""
    official = AccessToken(ACCOUNT, KEY, SECRET, identity="alice", ttl=900, nbf=1000, region="ie1")
    official.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=APP, push_credential_sid=PUSH))
    theirs = parts(official.to_jwt())
    token = mint(GRANT, SigningKey(KEY, SECRET), now_s=1000, life_s=900)
    ours = parts(token)
    assert ours[0] == theirs[0]
    for moving in ("jti", "exp", "iat"):
        theirs[1].pop(moving, None), ours[1].pop(moving)
    assert ours[1] == theirs[1]
    import jwt

    read = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_nbf": False})
    assert (read["exp"] - read["nbf"], read["iss"]) == (900, KEY)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, "another" * 5, algorithms=["HS256"], options={"verify_exp": False})


@given(st.text(max_size=200))
def test_an_identity_is_taken_or_refused_never_changed(identity: str) -> None:
    """Whatever is asked for: the token carries exactly that identity, or there is none."""
    try:
        token = mint(Grant(ACCOUNT, "us1", identity), SigningKey(KEY, SECRET), now_s=1, life_s=60)
    except BadGrant:
        return
    assert parts(token)[1]["grants"]["identity"] == identity


@pytest.mark.parametrize("life_s", [-1, 0, 59, 86_401])
def test_a_life_that_the_provider_refuses_is_refused(life_s: int) -> None:
    """Shorter than a minute or longer than a day: no token."""
    with pytest.raises(BadGrant, match="86400"):
        mint(GRANT, SigningKey(KEY, SECRET), now_s=1, life_s=life_s)


def test_a_key_does_not_show_its_secret() -> None:
    """Whoever prints a key prints its SID."""
    assert SECRET not in repr(SigningKey(KEY, SECRET))

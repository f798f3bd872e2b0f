"""An access token as a Voice SDK takes it: a JWT (RFC 7519) signed with HMAC-SHA256 by an API key's secret.

Its header names the Region in ``twr``; without it the token means us1. The key, the TwiML App and the push credential
have to be that Region's.

Sources: https://www.twilio.com/docs/iam/access-tokens,
https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices,
https://www.twilio.com/docs/api/errors/20157 (read 2026-11-21).
"""

from __future__ import annotations

import base64
import hmac
import re

import msgspec

LIFE_S_MAX = 86_400
"""The provider takes no token that lives longer. Source: https://www.twilio.com/docs/api/errors/20157."""

LIFE_S_MIN = 60
"""A shorter one may have ended before the client has connected. A rule of ours."""

IDENTITY_CHARS_MAX = 121
"""The most that a client's name may have after ``client:``; a setting of ours, as the provider's is not documented."""

_IDENTITY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+\-]*")
"""What is safe in a client's name everywhere: in a URI, in TwiML, in a log."""


class SigningKey(msgspec.Struct, frozen=True):
    """An API key of a Region. ``secret`` never leaves the process; it is not in ``repr``."""

    sid: str
    secret: str

    def __repr__(self) -> str:
        return f"SigningKey(sid={self.sid!r})"


class Grant(msgspec.Struct, frozen=True):
    """What a token lets a client do.

    Attributes:
        account_sid: ``AC…``, the same in every Region.
        region: Where the client will be.
        identity: Who it will be.
        application_sid: The TwiML App of that Region that outgoing calls go through; None: no outgoing calls.
        push_credential_sid: That Region's push credential, for mobile clients.
        incoming: Whether it may be called.
    """

    account_sid: str
    region: str
    identity: str
    application_sid: str | None = None
    push_credential_sid: str | None = None
    incoming: bool = True


class BadGrant(ValueError):
    """Something in a grant is not what the provider takes: what, and the next step. No token was made."""


def mint(grant: Grant, key: SigningKey, *, now_s: int, life_s: int) -> str:
    """A token that begins now.

    Args:
        grant: What for.
        key: The key of the grant's Region.
        now_s: Seconds since 1970.
        life_s: How long it lives: 60 s to a day.

    Raises:
        BadGrant: If the provider would not take it.
    """
    if not LIFE_S_MIN <= life_s <= LIFE_S_MAX:
        raise BadGrant(
            f"a token of {life_s} s: the provider takes up to {LIFE_S_MAX} s, and below {LIFE_S_MIN} s it ends too soon"
        )
    if len(grant.identity) > IDENTITY_CHARS_MAX or _IDENTITY.fullmatch(grant.identity) is None:
        raise BadGrant(
            f"the identity has {len(grant.identity)} characters: name it with 1 to {IDENTITY_CHARS_MAX} letters, digits"
            " and . _ - @ +, and begin with a letter or digit"
        )
    voice: dict[str, object] = {}
    if grant.incoming:
        voice["incoming"] = {"allow": True}
    if grant.application_sid is not None:
        voice["outgoing"] = {"application_sid": grant.application_sid}
    if grant.push_credential_sid is not None:
        voice["push_credential_sid"] = grant.push_credential_sid
    header = {"typ": "JWT", "alg": "HS256", "cty": "twilio-fpa;v=1", "twr": grant.region}
    claims = {
        "jti": f"{key.sid}-{now_s}",
        "iss": key.sid,
        "sub": grant.account_sid,
        "nbf": now_s,
        "iat": now_s,
        "exp": now_s + life_s,
        "grants": {"identity": grant.identity, "voice": voice},
    }
    signed = f"{_part(header)}.{_part(claims)}"
    return f"{signed}.{_base64(hmac.digest(key.secret.encode(), signed.encode(), 'sha256'))}"


def _part(value: object) -> str:
    return _base64(msgspec.json.encode(value))


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

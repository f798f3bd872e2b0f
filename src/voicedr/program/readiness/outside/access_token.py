"""A Voice SDK access token, read from outside: what it says, and whether a key that we have has signed it.

It is a JWT (RFC 7519) with HS256 (RFC 7518 section 3.2). Its header names the Region in ``twr``; without it the Region
is us1. Source: https://www.twilio.com/docs/iam/access-tokens and
https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices (read 2026-11-21).
The token itself is never kept: with it anybody could be that client.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from voicedr.program.vocabulary import US1, Region

TOKEN_CHARS_MAX = 8192
"""A token with every grant there is has some thousand characters. A limit of ours."""

_PART = re.compile(r"[A-Za-z0-9_-]+")


class NoToken(ValueError):
    """What was answered is no access token: why, without a letter of it."""


class AccessToken(msgspec.Struct, frozen=True):
    """What a token says.

    Attributes:
        region: Where its client will be; us1 where it names none.
        issuer: The SID of the API key.
        account_sid: The account.
        begins, ends: Seconds since 1970; None: it does not say.
        application_sid: The TwiML App that the client's calls go through; None: it may not call out.
        push_credential_sid: For mobile clients.
        has_voice: Whether it grants anything of voice.
        signed_by: The Region whose key in the workbook has this issuer; None: none of them.
        signature: Whether that key's secret made its signature.
    """

    region: Region
    issuer: str | None
    account_sid: str | None
    begins: float | None
    ends: float | None
    application_sid: str | None
    push_credential_sid: str | None
    has_voice: bool
    signed_by: Region | None = None
    signature: Literal["good", "bad", "not checked"] = "not checked"


def read_access_token(text: str, keys: Mapping[Region, tuple[str, str]]) -> AccessToken:
    """What a token says, and who signed it as far as we have the key.

    Args:
        text: The token.
        keys: Of each Region the API key's SID and its secret, where they could be had.

    Raises:
        NoToken: If it is none.
    """
    parts = text.split(".")
    if len(text) > TOKEN_CHARS_MAX or len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise NoToken("it is not three parts of base64url with dots between them")
    header, claims = _object(parts[0], "header"), _object(parts[1], "payload")
    if header.get("alg") != "HS256":
        raise NoToken("its header does not say HS256")
    grants = claims.get("grants")
    voice = grants.get("voice") if isinstance(grants, dict) else None
    outgoing = voice.get("outgoing") if isinstance(voice, dict) else None
    issuer = _text(claims.get("iss"))
    signed_by = next((region for region, (sid, _) in keys.items() if sid == issuer), None)
    signature: Literal["good", "bad", "not checked"] = "not checked"
    if signed_by is not None:
        made = hmac.digest(keys[signed_by][1].encode(), f"{parts[0]}.{parts[1]}".encode(), "sha256")
        signature = "good" if hmac.compare_digest(made, _bytes(parts[2], "signature")) else "bad"
    return AccessToken(
        region=Region(_text(header.get("twr")) or US1),
        issuer=issuer,
        account_sid=_text(claims.get("sub")),
        begins=_number(claims.get("nbf", claims.get("iat"))),
        ends=_number(claims.get("exp")),
        application_sid=_text(outgoing.get("application_sid")) if isinstance(outgoing, dict) else None,
        push_credential_sid=_text(voice.get("push_credential_sid")) if isinstance(voice, dict) else None,
        has_voice=isinstance(voice, dict),
        signed_by=signed_by,
        signature=signature,
    )


def _object(part: str, what: str) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(_bytes(part, what))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise NoToken(f"its {what} is not JSON") from exc
    if not isinstance(value, dict):
        raise NoToken(f"its {what} is not a JSON object")
    return value


def _bytes(part: str, what: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as exc:
        raise NoToken(f"its {what} is not base64url") from exc


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    except OverflowError:  # a moment with hundreds of digits is none
        return None

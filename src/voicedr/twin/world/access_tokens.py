"""Access tokens of the Voice SDKs: what the provider would answer to one, and which Region it leads to.

A token is a JWT (RFC 7519) signed with HMAC-SHA256 by an API key's secret. Its header names the Region in ``twr``, us1
if it does not; the key, and the TwiML App that it lets a client call through, have to be that Region's
(https://www.twilio.com/docs/global-infrastructure/localized-uris/regional-migration-best-practices,
https://www.twilio.com/docs/iam/access-tokens, read 2026-11-21). It lives for at most 24 hours
(https://www.twilio.com/docs/api/errors/20157). The codes are those of the error dictionary; which of them a key of
another Region or a restricted key gives is not documented: here 20103.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Any

import msgspec

from voicedr.twin.world.model import REGIONS, World

LIFE_S_MAX = 86_400
CONTENT_TYPE = "twilio-fpa;v=1"
TOKEN_CHARACTERS_MAX = 16_384
"""No token that a library makes is longer; one that is would only be read to be refused."""


@dataclass(frozen=True, slots=True)
class TokenVerdict:
    """What becomes of a client that connects with this token.

    Attributes:
        code: The provider's error code; 0 if the token is accepted.
        message: What is wrong and what to do, or where the client will be.
        region: The Region that the token names; empty if it cannot be read.
        identity: Who the client will be; empty if it cannot be read.
    """

    code: int
    message: str
    region: str = ""
    identity: str = ""

    @property
    def accepted(self) -> bool:
        """True if a client gets in with it."""
        return self.code == 0


class _Refused(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_token(world: World, token: str, now: float) -> TokenVerdict:
    """Judge a token as the provider would now. Nothing of it is kept."""
    region = identity = ""
    try:
        signed, header, claims, signature = _parts(token.strip())
        region = str(header.get("twr") or "us1")
        grants = claims.get("grants")
        grants = grants if isinstance(grants, dict) else {}
        identity = str(grants.get("identity") or "")
        _check_header(header, region)
        _check_issuer(world, region, claims, signed, signature)
        _check_times(claims, now)
        _check_grants(world, region, grants, identity)
    except _Refused as refused:
        return TokenVerdict(refused.code, str(refused), region if region in REGIONS else "", identity)
    return TokenVerdict(0, f"a client with this token is {identity} in {region}", region, identity)


def _parts(token: str) -> tuple[bytes, dict[str, Any], dict[str, Any], bytes]:
    pieces = token.split(".")
    if len(token) > TOKEN_CHARACTERS_MAX or len(pieces) != 3:
        raise _Refused(20101, "it is no JWT: three parts with dots between are wanted")
    try:
        header, claims = (msgspec.json.decode(_decoded(piece)) for piece in pieces[:2])
        signature = _decoded(pieces[2])
    except (ValueError, msgspec.DecodeError) as exc:
        raise _Refused(20101, "it is no JWT: a part is not JSON in base64url") from exc
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise _Refused(20101, "it is no JWT: header and payload have to be JSON objects")
    return f"{pieces[0]}.{pieces[1]}".encode(), header, claims, signature


def _check_header(header: dict[str, Any], region: str) -> None:
    if header.get("alg") != "HS256" or header.get("cty") != CONTENT_TYPE:
        raise _Refused(20102, f"its header has to say alg HS256 and cty {CONTENT_TYPE}; make it with the library")
    if region not in REGIONS:
        raise _Refused(20102, f"its header names {region[:20]!r} in twr, which is no Region; use {', '.join(REGIONS)}")


def _check_issuer(world: World, region: str, claims: dict[str, Any], signed: bytes, signature: bytes) -> None:
    issuer = str(claims.get("iss") or "")
    if claims.get("sub") != world.account_sid:
        raise _Refused(20103, "its sub is not this account")
    key = world.regions[region].keys.get(issuer)
    if key is None or key.revoked:
        where = [name for name, store in world.regions.items() if issuer in store.keys and name != region]
        hint = f"it belongs to {where[0]}" if where else "it was deleted, or never was"
        raise _Refused(20103, f"its key {issuer[:34]} is not {region}'s: {hint}. Sign with a key of {region}")
    if key.policy:
        raise _Refused(20103, f"its key {issuer} is a Restricted one, and those sign no tokens; use a Standard key")
    if not hmac.compare_digest(hmac.digest(key.secret.encode(), signed, "sha256"), signature):
        raise _Refused(20107, f"it is not signed with the secret of {issuer}")


def _check_times(claims: dict[str, Any], now: float) -> None:
    ends, begins = _time(claims.get("exp")), _time(claims.get("nbf", claims.get("iat", now)))
    if now >= ends:
        raise _Refused(20104, f"it ended {now - ends:.0f} s ago; fetch a new one")
    if begins > now:
        raise _Refused(20105, f"it begins in {begins - now:.0f} s only; look at the clock of what made it")
    if ends - min(begins, now) > LIFE_S_MAX:
        raise _Refused(20157, f"it lives for {ends - min(begins, now):.0f} s, and {LIFE_S_MAX} are the most")


def _check_grants(world: World, region: str, grants: dict[str, Any], identity: str) -> None:
    voice = grants.get("voice")
    if not identity or not isinstance(voice, dict):
        raise _Refused(20106, "it has no identity, or no voice grant")
    outgoing = voice.get("outgoing")
    sid = str(outgoing.get("application_sid") or "") if isinstance(outgoing, dict) else ""
    if sid and sid not in world.regions[region].applications:
        raise _Refused(31001, f"its TwiML App {sid[:34]} is not in {region}; name the one that is there")


def _decoded(piece: str) -> bytes:
    return base64.b64decode(piece + "=" * (-len(piece) % 4), altchars=b"-_", validate=True)


def _time(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise _Refused(20104, "its exp or nbf is no time")

"""Digest authentication in SIP, both sides, with MD5 and SHA-256 (RFC 7616, RFC 8760).

Nonces come in: whoever challenges makes them and knows which it gave. The password never leaves its side.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass

ALGORITHMS: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}

_PARAMETER = re.compile(r'\s*([A-Za-z0-9_\-]{1,32})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)')


class BadDigest(ValueError):
    """A header that is not Digest, lacks something, or asks for what we cannot do."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks for. ``qop`` is ``auth`` or empty (RFC 2069)."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = "auth"
    opaque: str = ""
    stale: bool = False

    def header(self) -> str:
        """The value of WWW-Authenticate or Proxy-Authenticate."""
        fields = [f'realm="{_quoted(self.realm)}"', f'nonce="{_quoted(self.nonce)}"', f"algorithm={self.algorithm}"]
        fields += [f'qop="{self.qop}"'] if self.qop else []
        fields += [f'opaque="{_quoted(self.opaque)}"'] if self.opaque else []
        fields += ["stale=true"] if self.stale else []
        return "Digest " + ", ".join(fields)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client shows. Text as it came; nothing is proved until ``proves`` says so."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = "MD5"
    qop: str = ""
    nc: str = ""
    cnonce: str = ""
    opaque: str = ""

    def header(self) -> str:
        """The value of Authorization or Proxy-Authorization."""
        quoted = [("username", self.username), ("realm", self.realm), ("nonce", self.nonce), ("uri", self.uri)]
        fields = [f'{name}="{_quoted(value)}"' for name, value in quoted]
        fields += [f'response="{self.response}"', f"algorithm={self.algorithm}"]
        if self.qop:
            fields += [f"qop={self.qop}", f"nc={self.nc}", f'cnonce="{_quoted(self.cnonce)}"']
        fields += [f'opaque="{_quoted(self.opaque)}"'] if self.opaque else []
        return "Digest " + ", ".join(fields)

    def proves(self, method: str, password: str) -> bool:
        """Whether whoever made these knew the password, for this method. The nonce is the challenger's to check."""
        if self.algorithm not in ALGORITHMS:
            return False
        return hmac.compare_digest(_response(self, method, password).encode(), self.response.lower().encode())


def read_challenge(value: str) -> Challenge:
    """Read WWW-Authenticate or Proxy-Authenticate.

    Raises:
        BadDigest: If it is no Digest challenge, or one that we cannot answer.
    """
    fields = _fields(value, "realm", "nonce")
    offered = [one.strip().lower() for one in fields.get("qop", "").split(",") if one.strip()]
    if offered and "auth" not in offered:
        raise BadDigest(f"qop is {fields['qop']!r}; only auth can be answered")
    return Challenge(
        fields["realm"],
        fields["nonce"],
        _algorithm(fields),
        "auth" if offered else "",
        fields.get("opaque", ""),
        fields.get("stale", "").lower() == "true",
    )


def read_credentials(value: str) -> Credentials:
    """Read Authorization or Proxy-Authorization.

    Raises:
        BadDigest: If it is not Digest, incomplete, or of an algorithm that we do not know.
    """
    fields = _fields(value, "username", "realm", "nonce", "uri", "response")
    qop = fields.get("qop", "").lower()
    if qop not in ("", "auth"):
        raise BadDigest(f"qop is {qop!r}; only auth is understood")
    if qop and not ("nc" in fields and "cnonce" in fields):
        raise BadDigest("qop without nc and cnonce")
    return Credentials(
        fields["username"], fields["realm"], fields["nonce"], fields["uri"], fields["response"], _algorithm(fields),
        qop, fields.get("nc", ""), fields.get("cnonce", ""), fields.get("opaque", ""),
    )  # fmt: skip


def answer(
    challenge: Challenge, *, username: str, password: str, method: str, uri: str, cnonce: str, nonce_count: int = 1
) -> Credentials:
    """The credentials that meet a challenge."""
    nc, cnonce = (f"{nonce_count:08x}", cnonce) if challenge.qop else ("", "")
    shown = Credentials(
        username, challenge.realm, challenge.nonce, uri, "", challenge.algorithm, challenge.qop, nc, cnonce,
        challenge.opaque,
    )  # fmt: skip
    response = _response(shown, method, password)
    return Credentials(
        username, challenge.realm, challenge.nonce, uri, response, challenge.algorithm, challenge.qop, nc, cnonce,
        challenge.opaque,
    )  # fmt: skip


def _response(shown: Credentials, method: str, password: str) -> str:
    """RFC 7616 section 3.4.1; without qop, RFC 2617 section 3.2.2.1."""
    digest = ALGORITHMS[shown.algorithm]
    a1 = digest(f"{shown.username}:{shown.realm}:{password}".encode())
    a2 = digest(f"{method}:{shown.uri}".encode())
    between = f"{shown.nc}:{shown.cnonce}:{shown.qop}:" if shown.qop else ""
    return digest(f"{a1}:{shown.nonce}:{between}{a2}".encode())


def _fields(value: str, *required: str) -> dict[str, str]:
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise BadDigest(f"{scheme!r} is not Digest")
    fields: dict[str, str] = {}
    at = 0
    while at < len(rest):
        found = _PARAMETER.match(rest, at)
        if found is None:
            raise BadDigest(f"{rest[at : at + 40]!r} is no parameter")
        text = found[3] if found[2] is None else re.sub(r"\\(.)", r"\1", found[2])
        fields[found[1].lower()] = text
        at = found.end()
    missing = [name for name in required if name not in fields]
    if missing:
        raise BadDigest(f"{', '.join(missing)} is missing")
    return fields


def _algorithm(fields: dict[str, str]) -> str:
    algorithm = fields.get("algorithm", "MD5").upper()
    if algorithm not in ALGORITHMS:
        raise BadDigest(f"the algorithm is {algorithm!r}; {' and '.join(ALGORITHMS)} are known")
    return algorithm


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

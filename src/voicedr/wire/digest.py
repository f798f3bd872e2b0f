"""Digest authentication over HTTP (RFC 7616, and RFC 2617 for servers that send no ``qop``): challenge in, answer out.

The provider logs in to webhooks with Basic or Digest (https://www.twilio.com/docs/usage/security#http-authentication).
Only MD5, the algorithm when a challenge names none, with ``qop`` auth or without one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_SCHEME = re.compile(r"(?:^|,)\s*Digest\s+(.*)", re.IGNORECASE | re.DOTALL)
_PAIR = re.compile(r'([A-Za-z0-9!#$%&\'*+.^_`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a server asks for.

    Attributes:
        qop: ``auth``, or empty if the server does not know it.
        opaque: To be given back as it is; empty if there was none.
        stale: True if only the nonce was too old, not the password wrong.
        algorithm: As the server wrote it; empty if it did not.
    """

    realm: str
    nonce: str
    qop: str = ""
    opaque: str = ""
    stale: bool = False
    algorithm: str = ""


def read_challenge(header: str) -> Challenge | None:
    """The Digest challenge in a ``WWW-Authenticate``; None if there is none that MD5 and ``auth`` can answer."""
    found = _SCHEME.search(header)
    if found is None:
        return None
    given: dict[str, str] = {}
    for name, quoted, token in _PAIR.findall(found[1]):
        # Of a second challenge in the same header nothing is taken: the first value of a name stands.
        given.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) or token)
    offered = [one.strip().lower() for one in given.get("qop", "").split(",") if one.strip()]
    algorithm = given.get("algorithm", "")
    if "realm" not in given or not given.get("nonce") or algorithm.upper() not in ("", "MD5"):
        return None
    if offered and "auth" not in offered:
        return None
    return Challenge(
        given["realm"],
        given["nonce"],
        "auth" if offered else "",
        given.get("opaque", ""),
        given.get("stale", "").lower() == "true",
        algorithm,
    )


def authorization(
    challenge: Challenge, user: str, password: str, method: str, url: str, *, count: int, cnonce: str
) -> str:
    """The ``Authorization`` of one request.

    Args:
        url: The absolute URL as requested; its path and query are what is authenticated.
        count: How many requests this nonce has been used for, with this one.
        cnonce: Fresh chance; only used where the server knows ``qop``.
    """
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secret = _md5(f"{user}:{challenge.realm}:{password}")
    asked = _md5(f"{method}:{target}")
    counted = f"{count:08x}"
    between = f"{counted}:{cnonce}:auth:" if challenge.qop else ""
    response = _md5(f"{secret}:{challenge.nonce}:{between}{asked}")
    pairs = [
        f"username={_quoted(user)}",
        f"realm={_quoted(challenge.realm)}",
        f"nonce={_quoted(challenge.nonce)}",
        f"uri={_quoted(target)}",
        f'response="{response}"',
    ]
    if challenge.algorithm:
        pairs.append(f"algorithm={challenge.algorithm}")
    if challenge.opaque:
        pairs.append(f"opaque={_quoted(challenge.opaque)}")
    if challenge.qop:
        pairs += ["qop=auth", f"nc={counted}", f'cnonce="{cnonce}"']
    return "Digest " + ", ".join(pairs)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

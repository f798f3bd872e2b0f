"""``X-Twilio-Signature``: what a webhook carries so that the application can tell who sent it.

The full URL without fragment and without user and password, then, for a form, every parameter in the order of its
name with nothing in between; HMAC-SHA1 with the account's primary auth token of the Region; Base64
(https://www.twilio.com/docs/usage/security#validating-requests). Of a repeated name the distinct values are taken,
sorted, each after the name, as the official libraries do.

A voice webhook over https is signed without the port, one over http with it. As that is not consistent at the
provider either, a receiver accepts both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qs, urlsplit

HEADER = "X-Twilio-Signature"

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def sign(auth_token: str, url: str, fields: Iterable[tuple[str, str]] = (), digest: str = "sha1") -> str:
    """The signature of a voice webhook.

    Args:
        auth_token: The primary Auth Token, or the secret of a shared key
            (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys).
        digest: ``sha1``, or ``sha256`` where a shared key signs so.
        url: The absolute URL as configured, with the query; what is never sent to the server is left out here.
        fields: The form parameters of a POST. None for GET: there they are in the URL already.
    """
    return _mac(auth_token, signed_url(url), fields, digest)


def sign_message(auth_token: str, url: str, fields: Iterable[tuple[str, str]] = (), digest: str = "sha1") -> str:
    """The signature of a messaging webhook: as of a voice webhook, but the port stays, over https too."""
    return _mac(auth_token, _without_fragment_and_credentials(url), fields, digest)


def sign_json(auth_token: str, url: str, body: bytes) -> tuple[str, str]:
    """The URL of a JSON webhook with the hash of its body added, and the signature over that URL alone."""
    bare, _, _ = url.partition("#")
    hashed = f"{bare}{'&' if '?' in bare else '?'}bodySHA256={body_sha256(body)}"
    return hashed, sign(auth_token, hashed)


def body_sha256(body: bytes) -> str:
    """What ``bodySHA256`` says of a body: lower-case hex SHA-256 of the bytes as sent."""
    return hashlib.sha256(body).hexdigest()


def validate(
    auth_token: str, signature: str, url: str, fields: Iterable[tuple[str, str]] = (), body: bytes | None = None
) -> bool:
    """Whether this signature was made with this token for this request.

    Args:
        url: The URL as the sender saw it. Behind a proxy that is the public one.
        fields: The form parameters of a POST, all of them: new ones may appear at any time.
        body: The raw body if it is not a form. It is only read where the URL has ``bodySHA256``.
    """
    bare = _without_fragment_and_credentials(url)
    try:
        query = parse_qs(urlsplit(bare).query)
        candidates = (_with_port(bare), _without_port(bare))
    except ValueError:
        return False
    pairs = list(fields)
    if body is not None and "bodySHA256" in query:
        if not _same(body_sha256(body), query["bodySHA256"][0]):
            return False
        pairs = []
    return any(_same(_mac(auth_token, candidate, pairs), signature) for candidate in candidates)


@lru_cache(maxsize=512)
def signed_url(url: str) -> str:
    """The URL as it goes into the signature of a voice webhook: no fragment, no user, no port if it is https."""
    bare = _without_fragment_and_credentials(url)
    return _without_port(bare) if bare[:8].lower() == "https://" else bare


def _mac(auth_token: str, url: str, fields: Iterable[tuple[str, str]], algorithm: str = "sha1") -> str:
    # A set of pairs, sorted, is: names in order, of each the distinct values in order.
    signed = url + "".join([name + value for name, value in sorted(set(fields))])
    # A lone surrogate cannot be sent as UTF-8; a receiver that made one out of bad bytes gets a mismatch, not a crash.
    mac = _keyed(auth_token, algorithm).copy()
    mac.update(signed.encode("utf-8", "replace"))
    return base64.b64encode(mac.digest()).decode()


@lru_cache(maxsize=64)
def _keyed(auth_token: str, algorithm: str) -> hmac.HMAC:
    """The start of every MAC with this key: a copy of it costs less than taking the key in anew."""
    return hmac.new(auth_token.encode(), digestmod=algorithm)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _without_fragment_and_credentials(url: str) -> str:
    bare, _, _ = url.partition("#")
    scheme, authority, rest = _parts(bare)
    return f"{scheme}{authority.rpartition('@')[2]}{rest}"


def _parts(url: str) -> tuple[str, str, str]:
    """``("https://", "user@host:1", "/path?query")``. Nothing is normalised: what was signed must stay as it was."""
    start = url.find("://") + 3
    if start < 3:
        return "", "", url
    end = start + len(url[start:].partition("/")[0].partition("?")[0])
    return url[:start], url[start:end], url[end:]


def _split_port(authority: str) -> tuple[str, str]:
    host, colon, port = authority.rpartition(":")
    return (host, port) if colon and "]" not in port else (authority, "")


def _without_port(url: str) -> str:
    scheme, authority, rest = _parts(url)
    return f"{scheme}{_split_port(authority)[0]}{rest}"


def _with_port(url: str) -> str:
    scheme, authority, rest = _parts(url)
    host, port = _split_port(authority)
    return f"{scheme}{host}:{port or _DEFAULT_PORTS.get(scheme[:-3].lower(), '')}{rest}" if scheme else url

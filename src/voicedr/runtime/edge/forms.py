"""A caller's arguments as what goes over the wire: the same bytes that the official library sends.

Lists repeat their key, ``None`` is left out, an empty text is sent as ``Key=`` because it clears a field. A body is a
form unless its content type says JSON.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

Fields = Mapping[str, Any] | Iterable[tuple[str, Any]]

_JSON_TYPES = ("application/json", "application/scim+json")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection"})
"""Fields of the connection, which are written by the client alone."""

_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class Prepared:
    """Attributes: method: In capitals. query: Without ``?``. after_host: The fields after Host, and the body."""

    method: str
    query: str
    after_host: bytes


def prepared(
    method: str,
    params: Fields | None,
    data: Fields | str | bytes | None,
    headers: Mapping[str, str] | None,
    auth: tuple[str, str] | None,
) -> Prepared:
    """What goes over the wire.

    Raises:
        ValueError: If a field or the method could not be sent as one line. Nothing was sent.
    """
    method = method.upper()
    if not (method.isascii() and method.isalpha()):
        raise ValueError(f"{method!r} is not a method. Say GET, POST or DELETE.")
    if headers and _has_secret(headers):
        lines, content_type = _lines(tuple(headers.items()))
    else:
        lines, content_type = _lines_kept(tuple(headers.items()) if headers else ())
    body = b""
    if isinstance(data, bytes):
        body = data
    elif isinstance(data, str):
        body = data.encode()
    elif data is not None and content_type.partition(";")[0].strip().lower() in _JSON_TYPES:
        body = json.dumps(data, allow_nan=False).encode()
    elif data:
        body = encoded(data).encode()
        if not content_type:
            lines += "Content-Type: application/x-www-form-urlencoded\r\n"
    if auth is not None:
        if not isinstance(auth, Sequence) or isinstance(auth, str) or len(auth) != 2:
            raise ValueError("auth: say (user, secret). What was given is not shown, because it may be a secret.")
        user, secret = auth
        lines += "Authorization: Basic " + b64encode(f"{user}:{secret}".encode()).decode() + "\r\n"
    if body or method not in _BODILESS:
        lines += f"Content-Length: {len(body)}\r\n"
    return Prepared(method, encoded(params) if params else "", lines.encode("latin-1") + b"\r\n" + body)


def _has_secret(headers: Mapping[str, str]) -> bool:
    return any(name.lower() == "authorization" for name in headers)


def _lines(headers: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The fields as lines, and the content type among them."""
    lines = ["Accept-Encoding: gzip, deflate\r\n"]
    content_type = ""
    for name, value in headers:
        text = value if isinstance(value, str) else str(value)
        if "\r" in text or "\n" in text or not _NAME.fullmatch(name):
            raise ValueError(f"header {name!r} cannot be sent: a name is letters and digits, a value is one line.")
        try:
            text.encode("latin-1")
        except UnicodeEncodeError:
            raise ValueError(f"header {name!r} cannot be sent: its value is not Latin-1 text.") from None
        lower = name.lower()
        if lower in _OURS:
            continue
        if lower == "accept-encoding":
            lines[0] = ""
        if lower == "content-type":
            content_type = text
        lines.append(f"{name}: {text}\r\n")
    return "".join(lines), content_type


_lines_kept = lru_cache(maxsize=128)(_lines)
"""The library sends the same fields with every request. Secrets are not among those that are kept."""


def encoded(fields: Fields) -> str:
    """Fields as a form."""
    if not isinstance(fields, Iterable):
        raise ValueError(f"{type(fields).__name__} cannot be sent as fields: say a mapping of names to values.")
    pairs: list[tuple[str, str | bytes]] = []
    for name, value in fields.items() if isinstance(fields, Mapping) else fields:
        if isinstance(value, str):
            pairs.append((name, value))
        elif isinstance(value, bytes) or not isinstance(value, Iterable):
            if value is not None:
                pairs.append((name, value if isinstance(value, bytes) else str(value)))
        else:
            pairs += [(name, one if isinstance(one, bytes) else str(one)) for one in value if one is not None]
    return urlencode(pairs)


def decoded(body: bytes, content_type: str) -> str:
    """A body as text: by the charset that it says, else UTF-8."""
    charset = "utf-8"
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"') or charset
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")

"""Places for checkpoints, as a person writes them.

file:/mnt/share/checkpoints          a file; a path alone is one, too
git:/srv/evidence?remote=origin      a repository on this machine; branch= another branch
https://evidence.example/voicedr     an endpoint; the token is given beside it, as a reference
s3://bucket/prefix?region=eu-west-1  a bucket; endpoint= a compatible server, key= and secret= references
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from voicedr.adapters.checkpoints.file import FilePlace
from voicedr.adapters.checkpoints.git import BRANCH, GitPlace
from voicedr.adapters.checkpoints.http import HttpPlace
from voicedr.adapters.checkpoints.s3 import S3Place
from voicedr.adapters.secrets import resolve
from voicedr.ports.checkpoints import CheckpointPlace, PlaceUnusable
from voicedr.ports.http import Send

_TAKES = {"git": {"remote", "branch"}, "s3": {"endpoint", "region", "key", "secret"}}


def place_of(text: str, send: Send, *, token: str | None = None) -> CheckpointPlace:
    """The place that a person named.

    Args:
        text: See the module.
        send: HTTP, for an endpoint.
        token: The reference of an endpoint's token.

    Raises:
        PlaceUnusable: If it is none. Nothing was asked of it yet.
        SecretError: If a reference leads nowhere.
    """
    kind, colon, rest = text.partition(":")
    if kind in ("http", "https"):
        return _endpoint(text, send, token)
    if token is not None:
        raise PlaceUnusable(f"{text} takes no token; only an https endpoint does. Leave the token out.")
    if kind == "git" and colon:
        path, settings = _settings(text, rest, "git")
        return GitPlace(_path(text, path), remote=settings.get("remote"), branch=settings.get("branch", BRANCH))
    if kind == "s3" and colon:
        parts = urlsplit(text)
        _, settings = _settings(text, rest, "s3")
        if not parts.netloc:
            raise PlaceUnusable(f"{text} names no bucket. Write s3://bucket/prefix.")
        return S3Place(
            parts.netloc,
            parts.path,
            endpoint=settings.get("endpoint"),
            region=settings.get("region"),
            key=_secret(settings, "key"),
            secret=_secret(settings, "secret"),
        )
    return FilePlace(_path(text, rest if kind == "file" and colon else text))


def _endpoint(text: str, send: Send, token: str | None) -> HttpPlace:
    parts = urlsplit(text)
    if not parts.hostname or parts.username or parts.query or parts.fragment:
        raise PlaceUnusable(
            f"{parts.scheme}://{parts.hostname or ''}: an endpoint is a plain address without a user, ? or #."
            " Give its token as a reference beside it."
        )
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost"):
        raise PlaceUnusable(f"{text} is not encrypted. Use https.")
    given: Callable[[], str] | None = None
    if token is not None:
        reference = token
        resolve(reference)

        def given() -> str:
            return resolve(reference)

    return HttpPlace(text, send, given)


def _settings(text: str, rest: str, kind: str) -> tuple[str, Mapping[str, str]]:
    path, _, query = rest.partition("?")
    settings = dict(parse_qsl(query, keep_blank_values=True))
    if unknown := sorted(set(settings) - _TAKES[kind]):
        raise PlaceUnusable(f"{text} has {unknown[0]!r}; {kind} takes {', '.join(sorted(_TAKES[kind]))}.")
    return path, settings


def _secret(settings: Mapping[str, str], name: str) -> str | None:
    return resolve(settings[name]) if name in settings else None


def _path(text: str, path: str) -> Path:
    if not path:
        raise PlaceUnusable(f"{text!r} names no path. Write file:/path or git:/path.")
    return Path(path).expanduser()

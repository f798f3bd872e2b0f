"""A place is what a person wrote, or it is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from voicedr.adapters.checkpoints.places import place_of
from voicedr.adapters.secrets import SecretError
from voicedr.ports.checkpoints import PlaceUnusable
from voicedr.ports.http import Request, Response, Timeouts


async def nobody(request: Request, timeouts: Timeouts) -> Response:
    """Naming a place asks nothing of it."""
    raise AssertionError(request.url)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/mnt/share/checkpoints", "/mnt/share/checkpoints"),
        ("file:/mnt/share/checkpoints", "/mnt/share/checkpoints"),
        ("git:/srv/evidence", "git /srv/evidence voicedr-checkpoints"),
        ("git:/srv/evidence?remote=origin&branch=dr", "git /srv/evidence dr -> origin"),
        ("https://evidence.example/dr/", "https://evidence.example/dr"),
        ("s3://bucket/dr?endpoint=http://127.0.0.1:9000&region=eu-west-1", "s3://bucket/dr"),
    ],
)
def test_places(text: str, name: str) -> None:
    """Every form leads to its place."""
    assert place_of(text, nobody).name == name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://evidence.example/dr", "not encrypted"),
        ("https://user:hush@evidence.example/dr", "a plain address"),
        ("https://evidence.example/dr?token=hush", "a plain address"),
        ("git:", "names no path"),
        ("git:/srv/evidence?push=yes", "'push'; git takes branch, remote"),
        ("s3:///dr", "names no bucket"),
        ("s3://bucket/dr?acl=public", "'acl'; s3 takes endpoint, key, region, secret"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """What is wrong is said, and what may be a secret is not."""
    with pytest.raises(PlaceUnusable, match=said) as caught:
        place_of(text, nobody)
    assert "hush" not in str(caught.value)


def test_a_token_is_a_reference(tmp_path: Path) -> None:
    """A token that is pasted is refused, and so is one for a place that takes none."""
    with pytest.raises(SecretError):
        place_of("https://evidence.example/dr", nobody, token="pasted")
    with pytest.raises(PlaceUnusable, match="takes no token"):
        place_of(str(tmp_path / "file"), nobody, token="env:TOKEN")

"""Secrets are found where their reference says, and no message holds one."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from voicedr.adapters.secrets import SecretError, resolve


def test_the_environment_and_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the white space around a value taken off, and ~ understood."""
    assert resolve("env:KEY", {"KEY": " abc\n"}) == "abc"
    monkeypatch.setenv("VOICEDR_TEST_KEY", "def")
    assert resolve("env:VOICEDR_TEST_KEY") == "def"
    (tmp_path / "key").write_text("ghi\n")
    assert resolve(f"file:{tmp_path}/key") == "ghi"
    monkeypatch.setenv("HOME", str(tmp_path))
    assert resolve("file:~/key") == "ghi"


@pytest.mark.parametrize("reference", ["", "s3cret", "s3cret:value", "env:", "vault:s3cret", ":s3cret"])
def test_what_is_no_reference_is_not_shown(reference: str) -> None:
    """It may be the secret itself, pasted."""
    with pytest.raises(SecretError) as caught:
        resolve(reference)
    assert "s3cret" not in str(caught.value)
    assert "env:NAME" in str(caught.value)


def test_what_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    """The reference, how it stands, and what to do."""
    with pytest.raises(SecretError, match=r"env:NO_SUCH.*Export it"):
        resolve("env:NO_SUCH", {})
    with pytest.raises(SecretError, match="env:KEY is empty"):
        resolve("env:KEY", {"KEY": " "})
    with pytest.raises(SecretError, match="No such file"):
        resolve(f"file:{tmp_path}/none")
    with pytest.raises(SecretError, match="directory"):
        resolve(f"file:{tmp_path}")


def test_what_cannot_be_a_key_is_refused_without_being_shown(tmp_path: Path) -> None:
    """Two lines, no text, too long: the reference is in the message and the bytes are not."""
    for content, words in ((b"s3cret\nother", "one line"), (b"s3cret\xff", "UTF-8"), (b"s3cret" * 4000, "bytes")):
        (tmp_path / "key").write_bytes(content)
        with pytest.raises(SecretError, match=words) as caught:
            resolve(f"file:{tmp_path}/key")
        assert "s3cret" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_the_keyring_is_asked_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found, absent, locked; and where the package is missing, the message says so."""
    ring = ModuleType("keyring")

    def get_password(service: str, name: str) -> str | None:
        if name == "locked":
            raise RuntimeError("s3cret backend trouble")
        return "value" if (service, name) == ("twilio/ie1", "key") else None

    ring.get_password = get_password  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert resolve("keyring:twilio/ie1/key") == "value"
    with pytest.raises(SecretError, match="no such entry"):
        resolve("keyring:twilio/none")
    with pytest.raises(SecretError, match="Unlock it") as caught:
        resolve("keyring:twilio/locked")
    assert "s3cret" not in str(caught.value)
    with pytest.raises(SecretError, match="service/name"):
        resolve("keyring:twilio")
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SecretError, match="not installed"):
        resolve("keyring:twilio/key")

"""A name without an address and a resolver without an answer are told apart."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Any

import pytest

from voicedr.adapters.names import SystemNames
from voicedr.ports.names import NamesFailed


def test_addresses_are_found_sorted_and_once() -> None:
    """By this machine's own resolver."""
    found = asyncio.run(SystemNames().addresses("localhost"))
    assert "127.0.0.1" in found or "::1" in found
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize("code", ["EAI_NONAME", "EAI_NODATA"])
def test_a_name_that_is_not_there_has_no_address(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """That is known, so it is an answer."""

    def say(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(getattr(socket, code), "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", say)
    assert asyncio.run(SystemNames().addresses("gone.example")) == ()


@pytest.mark.parametrize(
    "error",
    [socket.gaierror(socket.EAI_AGAIN, "Temporary failure"), OSError("no network"), UnicodeError("label too long")],
)
def test_who_cannot_say_has_not_said_that_it_is_not_there(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Nobody knows then."""

    def say(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", say)
    with pytest.raises(NamesFailed, match=r"a\.example"):
        asyncio.run(SystemNames().addresses("a.example"))


def test_a_resolver_that_hangs_costs_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """And no more, not even at the end of the program."""
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(3))
    began = time.monotonic()
    with pytest.raises(NamesFailed, match=r"within 0\.1 s"):
        asyncio.run(SystemNames(0.1).addresses("slow.example"))
    assert time.monotonic() - began < 2

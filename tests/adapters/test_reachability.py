"""Names and handshakes are looked at within their time; what does not answer is told in words."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time

import pytest

from voicedr.adapters import reachability
from voicedr.adapters.reachability import NotReached, addresses, addresses_of, aside, handshake


def test_a_name_leads_to_its_addresses_and_a_port_or_brackets_are_left_out() -> None:
    """As hosts are written in URLs."""
    assert "127.0.0.1" in asyncio.run(addresses("localhost:8080"))
    assert asyncio.run(addresses("127.0.0.1:80")) == ("127.0.0.1",)
    assert asyncio.run(addresses("user@[::1]:80")) == ("::1",)


def test_what_leads_nowhere_is_said_beside_what_does() -> None:
    """RFC 6761: a name under .invalid exists nowhere."""
    found = asyncio.run(addresses_of(["127.0.0.1", "nobody.invalid"]))
    assert found["127.0.0.1"] == ("127.0.0.1",)
    assert "nobody.invalid" in str(found["nobody.invalid"])


def test_a_handshake_says_what_was_seen_or_why_there_was_none() -> None:
    """A listener that speaks no TLS is no TLS server; a closed port is no listener."""

    async def look() -> tuple[str, str, str]:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            plain = await handshake("here", "127.0.0.1", port, tls=False)
            with pytest.raises(NotReached) as no_tls:
                await handshake("here", "127.0.0.1", port, tls=True)
        with pytest.raises(NotReached) as closed:
            await handshake("here", "127.0.0.1", port, tls=False)
        return plain, str(no_tls.value), str(closed.value)

    plain, no_tls, closed = asyncio.run(look())
    assert plain.endswith("answers, without TLS")
    assert "cannot be connected to" in no_tls
    assert "cannot be connected to" in closed


def test_a_listener_that_is_silent_costs_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS that never answers ends with the limit."""
    monkeypatch.setattr(reachability, "CONNECT_S_MAX", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(NotReached, match=r"did not answer within 0\.2 s"):
            asyncio.run(handshake("here", "127.0.0.1", port, tls=True))
    assert time.monotonic() - began < 5


def test_what_blocks_forever_keeps_neither_the_loop_nor_the_program() -> None:
    """A resolver may hang for a minute: whoever asked goes home before."""
    program = (
        "import asyncio, threading\n"
        "from voicedr.adapters.reachability import aside\n"
        "try:\n"
        "    asyncio.run(aside(threading.Event().wait, 0.1))\n"
        "except TimeoutError:\n"
        "    print('late')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "late\n"), done.stderr


def test_what_is_done_aside_gives_its_result_or_its_failure() -> None:
    """And runs in another thread."""
    assert asyncio.run(aside(threading.get_ident, 5.0)) != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(lambda: 1 // 0, 5.0))

"""Webhooks over real TLS: what a server must offer and prove, and what the account or the URL may waive."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from pathlib import Path
from typing import Any

import pytest

from adapters.http.certificates import Authority
from adapters.http.loopback import answering, listening
from switchboard_scene import CALLER, NUMBER, make_world, voice_of
from voicedr.adapters.http.sockets import SocketSend
from voicedr.twin.calls.caller import Caller
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.settings import change_settings

_BODY = b"<Response><Say>Welcome</Say></Response>"
TWIML = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (len(_BODY), _BODY)


def _rung(tls: ssl.SSLContext, ca_file: Path | None, fragment: str = "", **settings: Any) -> tuple[str, list[str]]:
    """How a call goes whose application is behind this TLS on localhost, and the codes of its alerts."""
    world = make_world()
    change_settings(world.settings, {"setup_s": 0.01, "words_per_second": 1000, **settings})
    voice = voice_of(world).voice
    voice.voice_fallback_url = voice.status_callback = ""

    async def main() -> str:
        async with listening(answering(TWIML), tls) as port, SocketSend(ca_file=ca_file) as send:
            voice.voice_url = f"https://localhost:{port}/voice{fragment}"
            switchboard = Switchboard(world, WallClock(), send)
            try:
                dialled = switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=0.7))
                return (await asyncio.wait_for(switchboard.ended(dialled.id), 10)).outcome
            finally:
                await switchboard.close()

    outcome = asyncio.run(main())
    return outcome, [alert.error_code for alert in world.regions["us1"].alerts]


@pytest.mark.parametrize(("version", "seen"), [("TLSv1_1", ("error-message", ["11220"])), ("TLSv1_2", ("served", []))])
def test_a_server_needs_tls_1_2(tmp_path: Path, version: str, seen: tuple[str, list[str]]) -> None:
    """One that offers less fails as 11220."""
    authority = Authority(tmp_path)
    tls = authority.server("localhost")
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = tls.maximum_version = ssl.TLSVersion[version]
    assert _rung(tls, authority.ca_file) == seen


def test_a_stranger_is_believed_only_if_certificates_are_not_checked(tmp_path: Path) -> None:
    """11237 as it comes; with the check switched off for the account the call is served."""
    tls = Authority(tmp_path).server("localhost")
    assert _rung(tls, None) == ("error-message", ["11237"])
    assert _rung(tls, None, webhook_certificates_checked=False) == ("served", [])


@pytest.mark.parametrize(("fragment", "said"), [("", "localhost"), ("#sni=n", None)])
def test_sni_is_left_out_of_the_handshake(tmp_path: Path, fragment: str, said: str | None) -> None:
    """The server hears no name, its certificate is checked against it all the same, and the call is served."""
    authority, heard = Authority(tmp_path), []
    tls = authority.server("localhost")
    tls.sni_callback = lambda _socket, name, _context: heard.append(name)
    assert _rung(tls, authority.ca_file, fragment) == ("served", [])
    assert heard == [said]
    other = authority.server("other.example")
    assert _rung(other, authority.ca_file, fragment) == ("error-message", ["11235"])


def test_this_machine_is_refused_where_private_addresses_are(tmp_path: Path) -> None:
    """localhost is 11205, and nobody connects to it."""
    authority, heard = Authority(tmp_path), []
    tls = authority.server("localhost")
    tls.sni_callback = lambda _socket, name, _context: heard.append(name)
    assert _rung(tls, authority.ca_file, private_addresses_refused=True) == ("error-message", ["11205"])
    assert heard == []

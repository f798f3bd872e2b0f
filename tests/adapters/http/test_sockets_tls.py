"""SocketSend over TLS: what a certificate must prove, and what every way not to prove it is called."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from adapters.http.certificates import Authority
from adapters.http.loopback import OK, QUICK, answering, broken, exchange, listening
from voicedr.adapters.http.sockets import SocketSend
from voicedr.wire.http import Failure, NotDelivered, Request


def test_tls_is_checked_against_the_name_in_the_url(tmp_path: Path) -> None:
    """Sent to an address, the certificate must still prove the URL's own host."""
    authority = Authority(tmp_path)
    tls = authority.server("*.dublin.ie1.twilio.com")
    good = Request("GET", "https://api.dublin.ie1.twilio.com/x")
    assert exchange(answering(OK), good, tls=tls, ca_file=authority.ca_file).status == 200
    with pytest.raises(NotDelivered) as caught:
        exchange(answering(OK), Request("GET", "https://api.ie1.twilio.com/x"), tls=tls, ca_file=authority.ca_file)
    assert caught.value.failure is Failure.TLS_NAME_MISMATCH


def test_a_certificate_that_is_over_is_named_so(tmp_path: Path) -> None:
    """Expired: tls-expired, NotDelivered."""
    authority = Authority(tmp_path)
    error = broken(answering(OK), tls=authority.server("api.example", ended=True), ca_file=authority.ca_file)
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.TLS_EXPIRED


def test_a_certificate_of_an_unknown_authority_is_named_so(tmp_path: Path) -> None:
    """Nobody we know signed it: tls-untrusted, NotDelivered."""
    error = broken(answering(OK), tls=Authority(tmp_path).server("api.example"))
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.TLS_UNTRUSTED


@pytest.mark.parametrize("first_bytes", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_peer_that_does_not_speak_tls_is_named_so(first_bytes: bytes) -> None:
    """Plain bytes, or a hang-up, where TLS was expected: tls-handshake, NotDelivered."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(first_bytes)

    async def main() -> None:
        async with listening(peer) as port, SocketSend(address=f"https://127.0.0.1:{port}") as send:
            await send(Request("POST", "https://api.example/x"), QUICK)

    with pytest.raises(NotDelivered) as caught:
        asyncio.run(main())
    assert caught.value.failure is Failure.TLS_HANDSHAKE


def test_a_server_with_an_old_tls_is_a_failed_handshake(tmp_path: Path) -> None:
    """Less than TLS 1.2 is not spoken, whatever the machine allows: tls-handshake, NotDelivered."""
    authority = Authority(tmp_path)
    old, new = authority.server("api.example"), authority.server("api.example")
    for server, version in ((old, "TLSv1_1"), (new, "TLSv1_2")):
        # A security level of 0 lets the server offer the old one at all.
        server.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            server.minimum_version = server.maximum_version = ssl.TLSVersion[version]
    error = broken(answering(OK), tls=old, ca_file=authority.ca_file)
    assert isinstance(error, NotDelivered)
    assert error.failure is Failure.TLS_HANDSHAKE
    request = Request("GET", "https://api.example/x")
    assert exchange(answering(OK), request, tls=new, ca_file=authority.ca_file).status == 200


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
@pytest.mark.parametrize(
    ("sni", "url", "said", "came"),
    [
        (True, "https://api.example/x", "api.example", "200"),
        (False, "https://api.example/x", None, "200"),
        (False, "https://other.example/x", None, "tls-name-mismatch"),
        (False, "https://a.wild.example/x", None, "200"),
        (False, "https://a.b.wild.example/x", None, "tls-name-mismatch"),
    ],
)
def test_the_servers_name_can_be_left_out_of_the_handshake(
    tmp_path: Path, loop: Callable[[], asyncio.AbstractEventLoop], sni: bool, url: str, said: str | None, came: str
) -> None:
    """Without SNI the server hears no name, and its certificate still has to be for the URL's host."""
    authority, heard = Authority(tmp_path), []
    tls = authority.server("api.example", "*.wild.example")
    tls.sni_callback = lambda _socket, name, _context: heard.append(name)

    async def main() -> str:
        async with (
            listening(answering(OK), tls) as port,
            SocketSend(address=f"https://127.0.0.1:{port}", ca_file=authority.ca_file) as send,
        ):
            try:
                return str((await send(Request("GET", url, sni=sni), QUICK)).status)
            except NotDelivered as broke:
                return broke.failure.value

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == came
    assert heard == [said]


@pytest.mark.parametrize("sni", [True, False])
def test_a_certificate_is_not_looked_at_if_nobody_wants_to(tmp_path: Path, sni: bool) -> None:
    """Unverified: an expired certificate of a stranger for another name will do; the next request is strict again."""
    tls = Authority(tmp_path).server("other.example", ended=True)

    async def main() -> tuple[int, Failure]:
        async with listening(answering(OK), tls) as port, SocketSend(address=f"https://127.0.0.1:{port}") as send:
            lax = await send(Request("GET", "https://api.example/x", sni=sni, verified=False), QUICK)
            with pytest.raises(NotDelivered) as caught:
                await send(Request("GET", "https://api.example/x", sni=sni), QUICK)
            return lax.status, caught.value.failure

    status, failure = asyncio.run(main())
    assert status == 200
    assert failure in (Failure.TLS_UNTRUSTED, Failure.TLS_EXPIRED)


def test_a_name_that_leads_to_this_machine_is_refused_if_only_public_ones_count() -> None:
    """localhost resolves to loopback: NotDelivered, and nothing is connected to; otherwise it is asked."""
    hits: list[bytes] = []

    async def main() -> tuple[int, str]:
        async with listening(answering(OK, seen=hits)) as port, SocketSend() as send:
            url = f"http://localhost:{port}/x"
            with pytest.raises(NotDelivered, match="no public address") as caught:
                await send(Request("GET", url, public_only=True), QUICK)
            assert hits == []
            return (await send(Request("GET", url), QUICK)).status, caught.value.failure.value

    assert asyncio.run(main()) == (200, "connect-refused")

"""A client that checks certificates connects to an edge by TLS (https://www.twilio.com/docs/sip-trunking)."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from sip_scene import SipTwin, by_stream, by_udp, request, sip_twin, trunk_world, trusting
from voicedr.twin import faults
from voicedr.twin.world.model import EDGES


@pytest.mark.parametrize("edge", ["ashburn", "sao-paulo"])
def test_a_secure_trunk_takes_a_call(tmp_path: Path, edge: str) -> None:
    """With Secure Trunking on, an INVITE by TLS is answered and logged; by UDP and TCP it is refused as 32209."""
    world, trunk = trunk_world(secure=True)

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            name = f"acme.pstn.{edge}.twilio.com"
            for number in (1, 4):
                place = twin.place(edge, number, tls=True)
                async with by_stream(place, tls=trusting(twin.ca_file), name=name) as client:
                    assert await client.ask("INVITE", domain=name) == 200
            async with by_stream(twin.place(edge)) as client:
                assert await client.ask("INVITE", domain=name) == 403
            async with by_udp("127.0.0.8", twin.place(edge)) as datagrams:
                local = datagrams.transport.get_extra_info("sockname")
                datagrams.transport.sendto(request("INVITE", local).encode())
                await asyncio.sleep(0.3)
                assert datagrams.heard.codes[-1] == 403

    asyncio.run(main())
    store = world.regions["us1"]
    assert [(call.direction, call.trunk_sid) for call in store.calls.values()] == [
        ("trunking-terminating", trunk.sid)
    ] * 2
    assert [alert.error_code for alert in store.alerts] == ["32209", "32209"]


@pytest.mark.parametrize(
    "name",
    [
        "acme.pstn.twilio.com", "acme.pstn.dublin.twilio.com", "pstn.dublin.twilio.com", "lobby.sip.dublin.twilio.com",
        "sip.dublin.twilio.com", "acme.pstn.us1.twilio.com", "sip2.dublin.twilio.com",
    ],
)  # fmt: skip
def test_names_that_the_certificate_is_good_for(tmp_path: Path, name: str) -> None:
    """OPTIONS by TLS is answered under every name that leads to an edge."""
    world, _ = trunk_world()

    async def main() -> None:
        async with (
            sip_twin(world, tmp_path) as twin,
            by_stream(twin.place("dublin", tls=True), tls=trusting(twin.ca_file), name=name) as client,
        ):
            assert await client.ask("OPTIONS") == 200

    asyncio.run(main())


def test_names_that_it_is_not_good_for(tmp_path: Path) -> None:
    """A client that asks for a stranger's name, or trusts other authorities, makes no connection."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            place = twin.place("dublin", tls=True)
            for context, name in (
                (trusting(twin.ca_file), "acme.pstn.dublin.example"),
                (ssl.create_default_context(), "acme.pstn.dublin.twilio.com"),
            ):
                with pytest.raises(ssl.SSLCertVerificationError):
                    async with by_stream(place, tls=context, name=name):
                        raise AssertionError

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_refused(tmp_path: Path) -> None:
    """A client that speaks TLS 1.1 at most gets no connection; one that speaks 1.2 does."""
    world, _ = trunk_world()

    def at_most(twin: SipTwin, version: ssl.TLSVersion) -> ssl.SSLContext:
        context = trusting(twin.ca_file)
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
        return context

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            place, name = twin.place(tls=True), "acme.pstn.ashburn.twilio.com"
            async with by_stream(place, tls=at_most(twin, ssl.TLSVersion.TLSv1_2), name=name) as client:
                assert client.writer.get_extra_info("ssl_object").version() == "TLSv1.2"
                assert await client.ask("OPTIONS") == 200
            with pytest.raises((ssl.SSLError, ConnectionError)):
                async with by_stream(place, tls=at_most(twin, ssl.TLSVersion.TLSv1_1), name=name):
                    raise AssertionError

    asyncio.run(main())


def test_every_address_has_it(tmp_path: Path) -> None:
    """TLS is on all four addresses of every edge, and what is no TLS there is closed without a word."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            for edge in EDGES:
                for number in (1, 2, 3, 4):
                    place, name = twin.place(edge, number, tls=True), f"acme.pstn.{edge}.twilio.com"
                    async with by_stream(place, tls=trusting(twin.ca_file), name=name) as client:
                        assert await client.ask("OPTIONS") == 200
            reader, writer = await asyncio.open_connection(*twin.place(tls=True))
            writer.write(request("OPTIONS", writer.get_extra_info("sockname")).encode())
            heard = await asyncio.wait_for(reader.read(), 5)
            assert b"SIP/2.0" not in heard
            writer.close()

    asyncio.run(main())


def test_an_expired_certificate(tmp_path: Path) -> None:
    """While the fault lasts a client that checks says that the certificate has expired; open connections go on."""
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin:
            place, name = twin.place(number=2, tls=True), "acme.pstn.ashburn.twilio.com"
            async with by_stream(place, tls=trusting(twin.ca_file), name=name) as before:
                fault = faults.begin(world, "sip-tls-expired", {"edge": "ashburn", "number": "2"}, twin.now())
                with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
                    async with by_stream(place, tls=trusting(twin.ca_file), name=name):
                        raise AssertionError
                assert await before.ask("OPTIONS") == 200
                for other in (twin.place(number=3, tls=True), twin.place("dublin", 2, tls=True)):
                    named = f"acme.pstn.{'ashburn' if other == twin.place(number=3, tls=True) else 'dublin'}.twilio.com"
                    async with by_stream(other, tls=trusting(twin.ca_file), name=named) as client:
                        assert await client.ask("OPTIONS") == 200
            faults.end(world, fault.id, twin.now())
            async with by_stream(place, tls=trusting(twin.ca_file), name=name) as client:
                assert await client.ask("OPTIONS") == 200

    asyncio.run(main())

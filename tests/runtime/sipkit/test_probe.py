"""Addresses are probed over UDP, TCP and TLS; what answers in any way is alive, and everything else is told apart."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plain_answerers import Answerer, Answers, always, by_connections, by_datagrams, silent_first
from sipp_peer import address, peer, receive, reply
from voicedr.runtime.sipkit import CertificateFinding, Probed, Standing, Target, Transport, Trust, latencies, probe

NAME = "sbc.acme.example"


def target(transport: Transport, host: str, port: int, name: str = NAME) -> Target:
    """A place."""
    return Target(transport, host, port, name, name)


def probed(transport: Transport, answers: Answers, **more: object) -> tuple[Probed, Answerer]:
    """What is seen of somebody who answers so."""

    async def main() -> tuple[Probed, Answerer]:
        serving = by_datagrams(answers) if transport == "udp" else by_connections(answers)
        async with serving as there:
            (found,) = await probe([target(transport, there.host, there.port)], **more)  # type: ignore[arg-type]
            return found, there

    return asyncio.run(main())


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize(
    ("said", "standing"),
    [("200 OK", Standing.ALIVE), ("403 Forbidden", Standing.ALIVE), ("404 Not Found", Standing.ALIVE),
     ("405 Method Not Allowed", Standing.ALIVE), ("407 Proxy Authentication Required", Standing.ALIVE),
     ("500 Server Error", Standing.ALIVE), ("503 Service Unavailable", Standing.UNAVAILABLE)],
)  # fmt: skip
def test_any_answer_is_a_sign_of_life(transport: Transport, said: str, standing: Standing) -> None:
    """Whatever the final response is, somebody is there; only 503 says that calls are not taken."""
    found, there = probed(transport, always(said))
    assert (found.standing, found.options.said) == (standing, said)
    assert found.options.answer_s is not None
    assert there.heard[0].startswith(f"OPTIONS sip:{NAME} SIP/2.0\r\n")


def test_only_a_provisional_answer() -> None:
    """A 100 without anything after it is a sign of life too."""
    found, _ = probed("udp", always("100 Trying"), per_address_s=0.3)
    assert (found.standing, found.options.code) == (Standing.ALIVE, 100)


def test_a_lost_datagram_is_repeated() -> None:
    """OPTIONS over UDP is sent again after 0.5 s (RFC 3261 section 17.1.2.2), with the same branch."""
    found, there = probed("udp", silent_first(1))
    assert (found.standing, found.options.sent) == (Standing.ALIVE, 2)
    assert there.heard[0] == there.heard[1]
    assert 0.45 < (found.options.answer_s or 0) < 1.5


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_somebody_who_says_nothing_is_dead(transport: Transport) -> None:
    """Nothing within the time is dead, and says so."""
    found, _ = probed(transport, always(), per_address_s=0.3)
    assert (found.standing, found.options.said) == (Standing.DEAD, "no response within 0.3 s")


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_nobody_listens(transport: Transport) -> None:
    """A port that is closed is dead at once."""
    began = time.monotonic()
    (found,) = asyncio.run(probe([target(transport, address(), 5060)]))
    assert (found.standing, found.fit) == (Standing.DEAD, False)
    assert "refused" in found.options.why
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("place", "source"), [("192.0.2.1", "203.0.113.99"), ("2001:db8::1", "127.0.0.1"), ("127.0.0.1", "::1")]
)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_failure_of_ours_says_nothing_about_them(transport: Transport, place: str, source: str) -> None:
    """An address that this machine cannot send from leaves it unknown how the other end stands."""
    (found,) = asyncio.run(probe([target(transport, place, 5060)], source=source, per_address_s=1.0))
    assert found.standing is Standing.UNKNOWN
    assert not found.fit


def test_what_is_no_sip() -> None:
    """Bytes that are no SIP are no sign of life."""

    async def main() -> Probed:
        async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n\r\n" * 3)

        server = await asyncio.start_server(babble, address(), 0)
        host, port = server.sockets[0].getsockname()
        (found,) = await probe([target("tcp", host, port)], per_address_s=0.5)
        server.close()
        return found

    found = asyncio.run(main())
    assert found.standing is Standing.DEAD
    assert "not SIP" in found.options.why


def made(directory: Path, name: str, *, days: int = 90, ca: bool = False) -> Path:
    """A certificate by OpenSSL with its key in the same file, signed by the authority in the folder."""
    key, file, both = (directory / f"{name}{end}" for end in (".key", ".crt", ".pem"))
    where = ["-subj", f"/CN={name}"]
    quiet = {"capture_output": True, "timeout": 30, "check": True}
    if ca:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "99", *where, "-keyout", key, "-out",
             file], **quiet,
        )  # fmt: skip
        return file
    request, extra = directory / f"{name}.csr", directory / f"{name}.ext"
    extra.write_text(f"subjectAltName=DNS:{name}\n")
    subprocess.run(
        ["openssl", "req", "-newkey", "rsa:2048", "-nodes", *where, "-keyout", key, "-out", request], **quiet
    )
    dates = ["-days", str(days)]
    command = ["openssl", "x509", "-req", "-in", request, "-CA", directory / "ca.crt", "-CAkey", directory / "ca.key",
               "-CAcreateserial", "-extfile", extra, "-out", file, *dates]  # fmt: skip
    subprocess.run(command, **quiet)
    both.write_text(key.read_text() + file.read_text())
    return both


def serving(file: Path) -> ssl.SSLContext:
    """A server that shows this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a good certificate, one that ends soon, and one that has ended."""
    directory = tmp_path_factory.mktemp("certificates")
    made(directory, "ca", ca=True)
    made(directory, NAME)
    made(directory, "soon.example", days=5)
    made(directory, "expired.example", days=-1)
    stranger = directory / "stranger"
    stranger.mkdir()
    made(stranger, "ca", ca=True)
    made(stranger, NAME)
    return directory


CASES: list[tuple[str, str, list[CertificateFinding]]] = [
    (f"{NAME}.pem", NAME, []),
    (f"{NAME}.pem", "other.example", [CertificateFinding.NAME_MISMATCH]),
    ("soon.example.pem", "soon.example", [CertificateFinding.EXPIRES_SOON]),
    ("expired.example.pem", "expired.example", [CertificateFinding.EXPIRED]),
    ("expired.example.pem", "x.example", [CertificateFinding.EXPIRED, CertificateFinding.NAME_MISMATCH]),
    (f"stranger/{NAME}.pem", NAME, [CertificateFinding.UNTRUSTED]),
    (f"stranger/{NAME}.pem", "192.0.2.1", [CertificateFinding.NAME_MISMATCH, CertificateFinding.UNTRUSTED]),
]


@pytest.mark.parametrize(("file", "name", "findings"), CASES)
def test_certificates(certificates: Path, file: str, name: str, findings: list[CertificateFinding]) -> None:
    """Everything that is wrong with a certificate is told, each thing apart; SIP behind it is alive all the same."""

    async def main() -> Probed:
        async with by_connections(always("200 OK"), tls=serving(certificates / file)) as there:
            trust = Trust(certificates / "ca.crt")
            (found,) = await probe([target("tls", there.host, there.port, name)], trust=trust)
            return found

    found = asyncio.run(main())
    assert found.options.code == 200
    assert found.certificate is not None
    assert list(found.certificate.findings) == findings
    assert found.fit == (not findings)
    assert found.certificate.subject == file.rpartition("/")[2].removesuffix(".pem")
    left = found.certificate.days_left(datetime.now(UTC))
    assert (left < 0) == (CertificateFinding.EXPIRED in findings)
    assert found.connect_s is not None


@pytest.mark.parametrize("answers", [always("200 OK"), always()])
def test_tls_to_a_plain_port(answers: Answers) -> None:
    """It is dead for TLS, and says that there is no TLS there."""

    async def main() -> Probed:
        async with by_connections(answers) as there:
            (found,) = await probe([target("tls", there.host, there.port)], per_address_s=0.7)
            return found

    found = asyncio.run(main())
    assert found.standing is Standing.DEAD
    assert "TLS" in found.options.why


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_1_is_not_spoken(certificates: Path) -> None:
    """Whoever speaks TLS 1.1 at most is dead: the provider speaks 1.2 or later."""
    context = serving(certificates / f"{NAME}.pem")
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1

    async def main() -> Probed:
        async with by_connections(always("200 OK"), tls=context) as there:
            (found,) = await probe([target("tls", there.host, there.port)])
            return found

    found = asyncio.run(main())
    assert found.standing is Standing.DEAD
    assert "no TLS" in found.options.why


RINGS = (
    '<recv request="OPTIONS" optional="true" next="1"/>', receive("INVITE"), reply(180, "Ringing"),
    receive("CANCEL"), reply(200, "OK"), reply(487, "Request Terminated", to_invite=True), receive("ACK"),
    '<nop next="2"/>', '<label id="1"/>', reply(200, "OK"), '<label id="2"/>', "<nop/>",
)  # fmt: skip
PICKS_UP = (
    '<recv request="OPTIONS" optional="true" next="1"/>', receive("INVITE"), reply(200, "OK", sdp=True),
    receive("ACK"), receive("BYE"), reply(200, "OK"), '<nop next="2"/>', '<label id="1"/>', reply(200, "OK"),
    '<label id="2"/>', "<nop/>",
)  # fmt: skip


@pytest.mark.parametrize(("steps", "code"), [(RINGS, 180), (PICKS_UP, 200)])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_is_taken_back(tmp_path: Path, transport: Transport, steps: tuple[str, ...], code: int) -> None:
    """SIPp rings and gets CANCEL and ACK, or picks up at once and gets ACK and BYE; it finds no fault with it."""
    with peer(tmp_path, *steps, calls=2, transport="u1" if transport == "udp" else "t1") as phone:
        (found,) = asyncio.run(probe([target(transport, phone.host, phone.port)], invite_to="+14155550100"))
        assert found.invite is not None
        assert (found.options.code, found.invite.code, found.standing) == (200, code, Standing.ALIVE)
        # SIPp counts a connection that its peer closes as a failed call, so over TCP only what it heard is judged.
        assert transport == "tcp" or phone.verdict() == 0, phone.heard()
        ended = ("CANCEL ", "ACK ") if code == 180 else ("ACK ", "BYE ")
        deadline = time.monotonic() + 5.0  # what SIPp has heard it writes down when it has time
        while not all(f"\n{method}" in phone.heard() for method in ended) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert all(f"\n{method}" in phone.heard() for method in ended)
        assert f"INVITE sip:+14155550100@{NAME} SIP/2.0" in phone.heard()


def test_nobody_is_called_unasked() -> None:
    """Without a name to call there is no INVITE; with one, a refused call counts though OPTIONS was answered."""
    found, there = probed("udp", always("200 OK"))
    assert (there.methods(), found.invite) == (["OPTIONS"], None)

    def refuses_calls(text: str, _times: int) -> list[str]:
        return ["200 OK"] if text.startswith("OPTIONS") else ["503 Service Unavailable"] if "INVITE" in text[:6] else []

    found, there = probed("udp", refuses_calls, invite_to="bob")
    assert found.standing is Standing.UNAVAILABLE
    assert there.methods()[:3] == ["OPTIONS", "INVITE", "ACK"]


def test_two_hundred_addresses_of_which_some_are_dead() -> None:
    """All are known within 5 s: the dead take their 4 s together."""

    async def main() -> tuple[tuple[Probed, ...], float]:
        async with AsyncExitStack() as stack:
            targets: list[Target] = []
            for number in range(200):
                answers = always() if number % 4 == 3 else always("200 OK")
                over = by_datagrams if number % 2 else by_connections
                there = await stack.enter_async_context(over(answers))
                targets.append(
                    target("udp" if number % 2 else "tcp", there.host, there.port, f"edge{number % 2}.example")
                )
            began = time.monotonic()
            found = await probe(targets)
            return found, time.monotonic() - began

    found, took_s = asyncio.run(main())
    assert sum(one.standing is Standing.ALIVE for one in found) == 150
    assert sum(one.standing is Standing.DEAD for one in found) == 50
    assert took_s < 5.0
    by_tcp, by_udp = latencies(found)
    assert (by_tcp.fit, by_tcp.of, by_udp.fit, by_udp.of) == (100, 100, 50, 100)
    assert by_udp.least_s is not None

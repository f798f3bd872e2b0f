"""Clients that break off, send rubbish, or say nothing: each is answered or cut, and the twin stays up."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from running_twin import RunningTwin, running_twin

MEMORY_GROWTH_MB_MAX = 60
"""What 5,000 rude clients may leave behind."""


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    """One with everything that listens."""
    with running_twin("--sip", "--sip-port", "0", "--sip-tls-port", "0", "--dns-port", "0", "--no-sound") as twin:
        yield twin


def place(address: str) -> tuple[str, int]:
    """Host and port of ``http://h:p`` or ``h:p``."""
    host, _, port = (urlsplit(address).netloc or address).rpartition(":")
    return host, int(port)


def say(where: tuple[str, int], data: bytes, *, then_reads: bool = True, until: bytes = b"nothing ends it") -> bytes:
    """Connect, send, and give what comes back: up to these bytes, or until the other side ends it or says no more."""
    with socket.create_connection(where, timeout=5) as link:
        link.settimeout(5.0 if until != b"nothing ends it" else 0.3)
        heard = b""
        with suppress(OSError):
            link.sendall(data)
            while then_reads and until not in heard and (chunk := link.recv(65_536)):
                heard += chunk
        return heard


def resident_mb(twin: RunningTwin) -> float:
    """The process's memory."""
    status = Path(f"/proc/{twin.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def still_serves(twin: RunningTwin) -> None:
    """It answers the control API, its account's API, and OPTIONS on a SIP address."""
    assert twin.process.poll() is None
    assert twin.control("GET", "/_twin/health") is not None
    edge = place(twin.told["sip"]["dublin"][0])
    options = (
        f"OPTIONS sip:{edge[0]} SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:5;branch=z9hG4bKo\r\nFrom: <sip:a@b>;tag=1\r\n"
        "To: <sip:c@d>\r\nCall-ID: alive\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    assert say(edge, options.encode(), until=b"\r\n\r\n").startswith(b"SIP/2.0 200")


HTTP = {
    "not HTTP": b"\x16\x03\x01\x00\xa5\x01\x00" * 50,
    "a header of 200 kB": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
    "ten thousand headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 10_000 + b"\r\n",
    "a path of 200 kB": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a body that is cut off": b"POST /_twin/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{",
    "a length that lies": b"POST /_twin/calls HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
    "two lengths": b"POST /_twin/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "a chunk that is none": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad percents": b"GET /2010-04-01/Accounts/%zz%00%ff HTTP/1.1\r\nHost: api.dublin.ie1.twilio.com\r\n\r\n",
    "a control character": b"GET /\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    "requests in one breath": b"GET /_twin/health HTTP/1.1\r\nHost: x\r\n\r\n" * 50 + b"\0" * 100,
}


@pytest.mark.parametrize("what", HTTP)
@pytest.mark.parametrize("where", ["http", "proxy"])
def test_rude_http(twin: RunningTwin, where: str, what: str) -> None:
    """It gets a status of 4xx, or the connection is cut; never a 500, and never the end of the twin."""
    heard = say(place(twin.told[where]), HTTP[what])
    for line in heard.split(b"\r\n"):
        if line.startswith(b"HTTP/1."):
            assert not line.split(b" ")[1].startswith(b"5") or line.split(b" ")[1] == b"502", line
    still_serves(twin)


SIP = {
    "not SIP": b"GET / HTTP/1.1\r\n\r\n",
    "a header without an end": b"INVITE sip:a@b SIP/2.0\r\nX: " + b"a" * 300_000,
    "a length that lies": b"INVITE sip:a@b SIP/2.0\r\nContent-Length: 99999999\r\n\r\nv=0",
    "zeros": b"\0" * 100_000,
    "line feeds": b"\r\n" * 50_000,
}


@pytest.mark.parametrize("what", SIP)
def test_rude_sip(twin: RunningTwin, what: str) -> None:
    """On a connection it is cut or ignored; in datagrams it is dropped."""
    edge = place(twin.told["sip"]["dublin"][1])
    say(edge, SIP[what])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.sendto(SIP[what][:60_000], edge)
    still_serves(twin)


def test_a_thousand_that_break_off(twin: RunningTwin) -> None:
    """Half requests, half TLS handshakes, half SIP messages, opened and dropped: memory stays bounded."""
    before_mb = resident_mb(twin)
    tls = place(twin.told["sip_tls"]["dublin"][0])
    halves: list[Callable[[], object]] = [
        lambda: say(place(twin.told["http"]), b"GET / HT", then_reads=False),
        lambda: say(place(twin.told["proxy"]), b"CONNECT api.dub", then_reads=False),
        lambda: say(tls, b"\x16\x03\x01\x02", then_reads=False),
        lambda: say(place(twin.told["sip"]["dublin"][2]), b"INVITE sip:", then_reads=False),
    ]
    for number in range(1000):
        halves[number % len(halves)]()
    still_serves(twin)
    assert resident_mb(twin) - before_mb < MEMORY_GROWTH_MB_MAX


def test_hundreds_that_say_nothing_more(twin: RunningTwin) -> None:
    """Connections that are kept open with half a request do not keep others from being served."""
    with_half: list[socket.socket] = []
    try:
        for address in ("http", "proxy"):
            for _ in range(150):
                link = socket.create_connection(place(twin.told[address]), timeout=5)
                with_half.append(link)
                link.sendall(b"POST /_twin/calls HTTP/1.1\r\nHost: x\r\nContent-Le")
        still_serves(twin)
    finally:
        for link in with_half:
            link.close()


def test_a_flood_of_datagrams(twin: RunningTwin) -> None:
    """Twenty thousand datagrams of rubbish, to SIP and to the name server, are dropped; memory stays bounded."""
    before_mb = resident_mb(twin)
    chance = random.Random(5)
    sip, names = place(twin.told["sip"]["ashburn"][0]), place(twin.told["dns"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.setblocking(False)
        for number in range(20_000):
            with suppress(OSError):
                link.sendto(chance.randbytes(chance.randrange(1, 400)), sip if number % 2 else names)
    still_serves(twin)
    assert resident_mb(twin) - before_mb < MEMORY_GROWTH_MB_MAX

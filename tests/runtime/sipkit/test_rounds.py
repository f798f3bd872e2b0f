"""What is different between two rounds, what a round means, and how Prometheus reads it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from voicedr.runtime.sipkit.certificates import Certificate, CertificateFinding, good_for
from voicedr.runtime.sipkit.metrics import exposition
from voicedr.runtime.sipkit.metrics_page import CONNECTIONS_MAX, REQUEST_BYTES_MAX, PageNotServed, metrics_served
from voicedr.runtime.sipkit.rounds import Outcome, Round, changes
from voicedr.runtime.sipkit.standing import Heard, Probed
from voicedr.runtime.sipkit.targets import Resolved, Target

ONE, TWO = (Target("udp", f"192.0.2.{number}", 5060, "a.example", "a.example") for number in (1, 2))
OK, SILENT, OURS = Heard(200, "OK", 0.01, 1), Heard(why="no response within 4 s"), Heard(why="network down", ours=True)
ENDS = datetime(2027, 1, 1, tzinfo=UTC)


def seen(*probed: Probed, unanswered: tuple[str, ...] = ()) -> Round:
    """A round."""
    return Round((Resolved("a.example", tuple(one.target for one in probed), unanswered),), probed)


@pytest.mark.parametrize(
    ("round_", "outcome"),
    [
        (seen(Probed(ONE, OK)), Outcome.ALL_FIT),
        (seen(Probed(ONE, OK), Probed(TWO, SILENT)), Outcome.SOME_NOT),
        (seen(Probed(ONE, Heard(503, "No"))), Outcome.SOME_NOT),
        (seen(Probed(ONE, OK, invite=SILENT)), Outcome.SOME_NOT),
        (seen(Probed(ONE, OURS)), Outcome.COULD_NOT_LOOK),
        (seen(Probed(ONE, OURS), Probed(TWO, SILENT)), Outcome.SOME_NOT),
        (seen(Probed(ONE, OK), unanswered=("AAAA a.example: SERVFAIL",)), Outcome.COULD_NOT_LOOK),
        (seen(), Outcome.COULD_NOT_LOOK),
        (
            seen(
                Probed(ONE, OK, certificate=Certificate("x", "y", (), ENDS, ENDS, (CertificateFinding.EXPIRES_SOON,)))
            ),
            Outcome.SOME_NOT,
        ),
    ],
)
def test_what_a_round_means(round_: Round, outcome: Outcome) -> None:
    """Only what was seen to be well is well; what could not be looked at is neither good nor bad."""
    assert round_.outcome is outcome


def test_only_what_is_different_is_a_change() -> None:
    """Order and latency are none; standing, a new address and one that has gone are."""
    before = seen(Probed(ONE, OK), Probed(TWO, OK))
    assert changes(before, seen(Probed(TWO, Heard(200, "OK", 0.5, 2)), Probed(ONE, OK))) == ()
    (died,) = changes(before, seen(Probed(ONE, OK), Probed(TWO, SILENT)))
    assert (died.what, died.was, died.now, died.bad) == (TWO.place, "alive", "dead: no response within 4 s", True)
    (gone,) = changes(before, seen(Probed(ONE, OK)))
    assert (gone.what, gone.now, gone.bad) == (TWO.place, "", True)
    assert [one.bad for one in changes(None, before)] == [False, False, False]


def test_prometheus() -> None:
    """What is not known is neither 0 nor 1; labels are escaped."""
    odd = Target("udp", "192.0.2.3", 5060, 'a"\\', "x")
    page = exposition(seen(Probed(ONE, OK), Probed(TWO, OURS), Probed(odd, SILENT)), 1.5, 0.25)
    lines = page.splitlines()
    assert 'voicedr_sip_up{name="a.example",place="udp 192.0.2.1:5060",transport="udp"} 1' in lines
    assert 'voicedr_sip_up{name="a\\"\\\\",place="udp 192.0.2.3:5060",transport="udp"} 0' in lines
    assert not any(line.startswith("voicedr_sip_up") and "192.0.2.2" in line for line in lines)
    assert 'voicedr_sip_unknown{name="a.example",place="udp 192.0.2.2:5060",transport="udp"} 1' in lines
    assert "voicedr_sip_looked_at_timestamp_seconds 1.500" in lines
    assert sum(line == "# TYPE voicedr_sip_up gauge" for line in lines) == 1


@dataclass
class Page:
    """What is served."""

    text: str = ""


def test_the_page() -> None:
    """One path and one method; nothing before the first round; rubbish and crowds end."""

    async def ask(port: int, head: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        try:
            return await asyncio.wait_for(reader.read(), 3)
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    async def main() -> None:
        page = Page()
        async with metrics_served("127.0.0.1", 0, lambda: page.text) as port:
            get = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
            assert b" 503 " in await ask(port, get)
            page.text = "up 1\n"
            assert (await ask(port, get)).endswith(b"\r\n\r\nup 1\n")
            assert b" 404 " in await ask(port, b"GET / HTTP/1.1\r\n\r\n")
            assert b" 405 " in await ask(port, b"POST /metrics HTTP/1.1\r\n\r\n")
            assert await ask(port, b"x" * (REQUEST_BYTES_MAX + 1) + b"\r\n\r\n") == b""
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS_MAX)]
            await asyncio.sleep(0.1)
            assert await ask(port, get) == b""
            for _, writer in idle:
                writer.transport.abort()
            await asyncio.sleep(0.1)
            assert b" 200 " in await ask(port, get)
            with pytest.raises(PageNotServed):
                async with metrics_served("127.0.0.1", port, lambda: ""):
                    raise AssertionError

    asyncio.run(main())


@pytest.mark.parametrize(
    ("names", "wanted", "good"),
    [
        (("a.example",), "A.example.", True), (("*.example",), "a.example", True),
        (("*.example",), "b.a.example", False),
        (("*.example",), "example", False), (("sip:a.example",), "a.example", True), ((), "a.example", False),
        (("192.0.2.1",), "192.0.2.1", True), (("*.0.2.1",), "192.0.2.1", False), (("b.example",), "a.example", False),
    ],
)  # fmt: skip
def test_names_of_a_certificate(names: tuple[str, ...], wanted: str, good: bool) -> None:
    """A name, a SIP URI of a domain, or one label under a wildcard; never a wildcard for an address."""
    assert good_for(names, wanted) is good

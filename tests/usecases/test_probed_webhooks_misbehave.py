"""Asking webhooks that misbehave, over real sockets: loops, silence, floods, and redirects to where nobody may go."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from adapters.http.loopback import Peer, answering, listening, read_request
from ready_web import URL
from voicedr.adapters.clock import WallClock
from voicedr.adapters.http.sockets import SocketSend
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.resources import Hop
from voicedr.program.readiness.subjects import Webhook
from voicedr.program.vocabulary import IE1
from voicedr.usecases import probe_webhooks as probing
from voicedr.usecases.probe_webhooks import REDIRECTS_MAX, probe_webhooks
from voicedr.wire.http import Request, Response, Timeouts


def asked(peer: Peer, path: str = "/voice") -> Any:
    """What is seen of one webhook on loopback."""

    async def main() -> Any:
        async with listening(peer) as port, SocketSend() as send:
            url = f"http://127.0.0.1:{port}{path}"
            webhook = Webhook(url, "POST", IE1, True, "voice URL", "+14155550100", None, Unobserved(""))
            return (await probe_webhooks([webhook], "AC1", send, WallClock()))[url]

    return asyncio.run(main()).value


def test_a_redirect_loop_has_an_end() -> None:
    """As many redirects as the provider follows, and then it is a fault."""
    heard: list[bytes] = []
    loop = b"HTTP/1.1 302 Found\r\nLocation: /voice\r\nContent-Length: 0\r\n\r\n"
    answer = asked(answering(*[loop] * 50, seen=heard))
    assert answer.problem == "redirects (302) to nowhere useful"
    assert len(heard) == REDIRECTS_MAX + 1
    assert set(answer.hops) == {Hop(302, "127.0.0.1")}


def test_a_slow_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the budget nobody waits."""
    monkeypatch.setattr(probing, "BUDGET_S", 0.3)

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(5)

    answer = asked(slow)
    assert answer.status is None
    assert "read-timeout" in answer.problem
    assert answer.seconds < 2


def test_a_huge_answer_is_not_read() -> None:
    """Above 64 kB the provider refuses, and so do we, without reading it all."""
    sent = 0

    async def huge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n")
        for _ in range(1000):
            writer.write(b" " * 65536)
            sent += 65536
            await writer.drain()

    answer = asked(huge)
    assert "too-large" in answer.problem
    assert sent < 60_000_000


def test_an_answer_from_outside_does_not_send_us_into_this_network() -> None:
    """A public URL that redirects to a private address is not followed; to a name, only if it is public."""
    sent: list[Request] = []

    def follow(location: str) -> Any:
        async def send(request: Request, timeouts: Timeouts) -> Response:
            sent.append(request)
            return Response(302, (("Location", location),), b"")

        webhook = Webhook(URL, "POST", IE1, True, "voice URL", "+14155550100", None, Unobserved(""))
        return asyncio.run(probe_webhooks([webhook], "AC1", send, WallClock()))[URL].value  # type: ignore[union-attr]

    answer = follow("http://169.254.169.254/latest/meta-data")
    assert [request.url for request in sent] == [URL.partition("#")[0]]
    assert answer.hops == (Hop(302, "169.254.169.254"),)
    assert answer.problem is not None
    sent.clear()
    follow("https://other.example/voice")
    assert [request.public_only for request in sent] == [False] + [True] * REDIRECTS_MAX


def test_the_hosts_that_a_document_goes_on_with() -> None:
    """Redirects, sounds and next steps count, relative ones too; a status callback does not."""
    xml = (
        b"<Response><Play>https://cdn.example/a.wav</Play><Gather action='/next'/>"
        b"<Dial><Number url='https://whisper.example/x' statusCallback='https://stats.example/'>+14155550100</Number></Dial>"
        b"<Redirect>https://app.acme.example/voice</Redirect></Response>"
    )
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" % len(xml)
    assert asked(answering(head + xml)).needs == ("cdn.example", "127.0.0.1", "whisper.example", "app.acme.example")

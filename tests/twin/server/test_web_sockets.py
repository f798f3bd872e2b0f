"""WebSockets over real sockets on this machine: text both ways, and every way in which they fail."""

from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from voicedr.twin.server.web_sockets import WebSockets
from voicedr.wire.websocket import SocketFailed


async def _served(handler: object) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_get("/s", handler)  # type: ignore[arg-type]
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    return runner, f"ws://127.0.0.1:{port}/s"


def test_text_both_ways_and_closing() -> None:
    """What is sent arrives, what is answered is received, and the server's closing is told as such."""

    async def handler(request: web.Request) -> web.WebSocketResponse:
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        await opened.send_str((await opened.receive_str()).upper())
        await opened.close()
        return opened

    async def main() -> None:
        runner, url = await _served(handler)
        sockets = WebSockets()
        opened = await sockets(url, 2)
        await opened.send("hello")
        assert await opened.receive() == "HELLO"
        with pytest.raises(SocketFailed) as failed:
            await opened.receive()
        assert failed.value.reason == "closed"
        await opened.close()
        await sockets.close()
        await runner.cleanup()

    asyncio.run(main())


def test_ways_to_fail() -> None:
    """No listener, no WebSocket there, and nobody who answers in time."""

    async def plain(request: web.Request) -> web.Response:
        return web.Response(status=404)

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(0.5)
        return web.Response()

    async def why(sockets: WebSockets, url: str) -> str:
        with pytest.raises(SocketFailed) as failed:
            await sockets(url, 0.2)
        return failed.value.reason

    async def main() -> None:
        sockets = WebSockets()
        for handler, reason in ((plain, "handshake"), (slow, "timeout")):
            runner, url = await _served(handler)
            assert await why(sockets, url) == reason
            await runner.cleanup()
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            assert await why(sockets, f"ws://127.0.0.1:{nobody.getsockname()[1]}/s") == "refused"
        await sockets.close()

    asyncio.run(main())

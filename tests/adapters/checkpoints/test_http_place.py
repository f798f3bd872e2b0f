"""An HTTP endpoint keeps checkpoints as every place does; one that is ill is told from one that refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from ports.checkpoint_promises import CheckpointPromises, checkpoint
from voicedr.adapters.checkpoints.http import HttpPlace
from voicedr.adapters.http.sockets import SocketSend
from voicedr.ports.checkpoints import CheckpointPlace, PlaceAway, PlaceUnusable

TOKEN = "let-me-in"


class Store:
    """A customer's store, over real HTTP: it lets one put what is not there, with the token."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.answers = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Put, or get."""
        if self.answers:
            return web.Response(status=self.answers)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401)
        path = request.path
        if request.method == "PUT":
            if request.headers.get("If-None-Match") != "*" or path in self.kept:
                return web.Response(status=412)
            self.kept[path] = await request.read()
            return web.Response(status=201)
        if path.endswith("/"):
            found = [body for name, body in self.kept.items() if name.startswith(path)]
            return web.Response(body=b"".join(found)) if found else web.Response(status=404)
        return web.Response(body=self.kept[path]) if path in self.kept else web.Response(status=404)

    @asynccontextmanager
    async def served(self) -> AsyncIterator[str]:
        """Its address."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/voicedr"
        finally:
            await runner.cleanup()


class TestHttpPlace(CheckpointPromises):
    """The promises, kept by an endpoint."""

    @pytest.fixture(autouse=True)
    def _store(self) -> None:
        self._kept = Store()

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[CheckpointPlace]:
        """The endpoint, with the token that it wants."""
        async with self._kept.served() as base, SocketSend() as send:
            yield HttpPlace(base, send, lambda: TOKEN)


@pytest.mark.parametrize(
    ("status", "error"), [(503, PlaceAway), (429, PlaceAway), (403, PlaceUnusable), (302, PlaceUnusable)]
)
def test_ill_or_refusing(status: int, error: type[Exception]) -> None:
    """An endpoint that is ill is tried again; one that refuses is not, and its token is in no message."""

    async def run() -> None:
        store = Store()
        store.answers = status
        async with store.served() as base, SocketSend() as send:
            with pytest.raises(error, match=str(status)) as caught:
                await HttpPlace(base, send, lambda: TOKEN).leave(checkpoint(1))
            assert TOKEN not in str(caught.value)

    asyncio.run(run())


def test_nobody_there() -> None:
    """An endpoint that does not listen is away."""

    async def run() -> None:
        async with SocketSend() as send:
            with pytest.raises(PlaceAway, match="connect-refused"):
                await HttpPlace("http://127.0.0.1:9", send).leave(checkpoint(1))

    asyncio.run(run())

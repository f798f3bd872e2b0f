"""One process of the fallback: listens, answers, and ends when it is told to, with every caller answered."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable

import uvicorn

from voicedr.runtime.fallback.limits import BoundedProtocol
from voicedr.runtime.webhooks.asgi import App

END_S_MAX = 15
"""Requests in flight get so long: the provider waits no longer either."""

CONNECTIONS_MAX = 2000
"""At a thousand calls a second, each answered in milliseconds, a fraction of it is open."""

KEEP_ALIVE_S = 30

BACKLOG = 2048


class CannotListen(Exception):
    """An address cannot be had: which, why, and the next step."""


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[str, int], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            self._ready(host, port)


def serve(app: App, host: str, port: int, ready: Callable[[str, int], None]) -> None:
    """Answer until SIGTERM or SIGINT.

    Args:
        port: 0 takes a free one.
        ready: Told the address, once requests are answered.

    Raises:
        CannotListen: If the address cannot be had. Nothing was started.
    """
    try:
        listener = socket.create_server((host, port), backlog=BACKLOG, family=_family(host))
    except (OSError, OverflowError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "no port"
        raise CannotListen(
            f"{host}:{port} cannot be listened on ({why}). Nothing was started. Choose another --port; 0 is a free one."
        ) from exc
    # uvicorn raises the signal again after its own shutdown; this makes that the ordinary end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        lifespan="on",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        limit_concurrency=CONNECTIONS_MAX,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=END_S_MAX,
    )
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_Server(config, ready).serve(sockets=[listener]))


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed: twice the calls on one core."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop

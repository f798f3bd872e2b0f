"""Serving an ASGI app on one address until told to end."""

from __future__ import annotations

import os
import signal
import socket
import sys

import msgspec
import uvicorn

SHUTDOWN_S_MAX = 5
"""Requests in flight get so long to end; a token takes less than a millisecond."""


class CannotListen(Exception):
    """The address cannot be had: which, why, and the next step."""


class _Server(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            ready = {"url": f"http://{host}:{port}", "pid": os.getpid()}
            sys.stdout.write(msgspec.json.encode(ready).decode() + "\n")
            sys.stdout.flush()


def serve(app: object, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; one line of JSON with the address is printed when it answers.

    Raises:
        CannotListen: If the address cannot be had.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as exc:
        raise CannotListen(
            f"{host}:{port} cannot be listened on ({exc.strerror}): choose another --port, or 0"
        ) from exc
    # uvicorn raises the signal again after its own shutdown; this makes that the ordinary end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=SHUTDOWN_S_MAX,
    )
    _Server(config).run(sockets=[listener])

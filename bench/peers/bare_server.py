"""A handler that does nothing, on the twin's server with the twin's settings: what the server itself costs.

``/bytes/N`` answers N bytes; ``/ok`` is an application that says ok and hangs up; ``/hold`` one that holds the line.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvloop
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

TWIML = {
    "/ok": b'<?xml version="1.0" encoding="UTF-8"?><Response><Say>ok</Say><Hangup/></Response>',
    "/hold": b'<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="600"/></Response>',
}


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Read the request, answer."""
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    kind, body = (b"text/xml", TWIML[path]) if path in TWIML else (b"application/json", b"0" * int(path[7:]))
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def main() -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    config = Config(
        application, http=HttpToolsProtocol, lifespan="off", log_config=None, access_log=False, ws="none",
        date_header=False, server_header=False,
    )  # fmt: skip
    config.load()
    state = ServerState()
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = await loop.create_server(
        lambda: HttpToolsProtocol(config=config, server_state=state, app_state={}, _loop=loop), sock=listening
    )
    sys.stdout.write(json.dumps({"port": listening.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    await ended.wait()
    server.close()
    for connection in list(state.connections):
        connection.transport.abort()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())

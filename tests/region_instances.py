"""Instances of an application, as processes: each has ten ASGI apps with the middleware, every one on its own socket.

    python region_instances.py SOURCE KEEP_FOLDER FIRST COUNT [TRUST]

prints one JSON line with the URLs, then serves until its standard input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

EACH = 10


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Says the Region that the request was given, and whether its secret is there."""
    now = scope["voicedr.region"]
    body = json.dumps([now.region, now.epoch, now.credentials is not None]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


async def serve(source: str, folder: str, first: int, count: int, trust: Sequence[str]) -> None:
    """Serve the apps."""
    import uvicorn

    from voicedr.runtime.region import ActiveRegion, RegionAsgi

    os.environ["INSTANCE_SECRET"] = "s" * 32
    regions = {one: {"api_key": "SK" + "0" * 32, "api_secret": "env:INSTANCE_SECRET"} for one in ("us1", "ie1")}
    urls, servers = [], []
    for number in range(first, first + count):
        active = ActiveRegion(source, regions=regions, keep=f"{folder}/{number}.json", trust=trust)
        listener = socket.create_server(("127.0.0.1", 0))
        urls.append(f"http://127.0.0.1:{listener.getsockname()[1]}")
        asgi = RegionAsgi(app, active, instance=f"web-{number}")
        server = uvicorn.Server(uvicorn.Config(asgi, lifespan="off", log_level="error", http="h11"))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        servers.append((server, listener))
    tasks = [asyncio.ensure_future(one.serve(sockets=[listener])) for one, listener in servers]
    # The sockets listen already: who asks before a server has started waits for it.
    sys.stdout.write(json.dumps(urls) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for one, _ in servers:
        one.should_exit = True
    await asyncio.gather(*tasks)


class Group:
    """One process of instances."""

    def __init__(self, source: str, folder: Path, first: int, count: int, trust: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, source, str(folder), str(first), str(count), *trust],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.urls: list[str] = []

    def ready(self) -> None:
        """Come back when all its apps answer."""
        assert self.process.stdout is not None
        self.urls = json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        """It dies at once."""
        self.process.kill()
        self.process.wait(timeout=10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def groups(source: str, folder: Path, count: int, trust: Sequence[str]) -> Iterator[list[Group]]:
    """So many processes of ten instances each, until the block is left."""
    made = [Group(source, folder, EACH * number, EACH, trust) for number in range(count)]
    try:
        for one in made:
            one.ready()
        yield made
    finally:
        for one in made:
            one.kill()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]))

"""SIP addresses on this machine, most of which answer OPTIONS with 200 and some of which say nothing.

``python -m bench.peers.sip_crowd COUNT EVERY`` writes where they are, and serves until SIGTERM. Every EVERYth is
silent.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

COPIED = (b"via", b"from", b"to", b"call-id", b"cseq")


class Answering(asyncio.DatagramProtocol):
    """Answers, or does not."""

    def __init__(self, silent: bool) -> None:
        self._silent = silent
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self._silent:
            return
        lines = [line for line in data.split(b"\r\n")[1:] if line.partition(b":")[0].lower() in COPIED]
        self._transport.sendto(b"\r\n".join([b"SIP/2.0 200 OK", *lines, b"Content-Length: 0", b"", b""]), addr)


async def main(count: int, every: int) -> None:
    """Serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    alive, dead = [], []
    for number in range(count):
        silent = number % every == every - 1
        host = f"127.77.{number // 250}.{number % 250 + 1}"
        transport, _ = await loop.create_datagram_endpoint(
            lambda silent=silent: Answering(silent),  # type: ignore[misc]
            local_addr=(host, 0),
        )
        (dead if silent else alive).append(list(transport.get_extra_info("sockname")))
    sys.stdout.write(json.dumps({"alive": alive, "dead": dead}) + "\n")
    sys.stdout.flush()
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))

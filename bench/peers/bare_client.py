"""aiohttp posting a call's form to a webhook and nothing else: what the HTTP client itself costs.

``python -m bench.peers.bare_client URL SECONDS AT_ONCE``
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

import aiohttp
import uvloop

FORM = {
    "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01", "CallSid": "CA" + "0" * 32, "CallStatus": "ringing",
    "Called": "+14155600000", "Caller": "+16465550123", "Direction": "inbound", "From": "+16465550123",
    "To": "+14155600000",
}  # fmt: skip


async def main(url: str, seconds: float, at_once: int) -> None:
    """Post for so many seconds and write how many answers came per second, and what processor time each took."""
    loop = asyncio.get_running_loop()
    answered = 0
    used_s = time.process_time()
    begun = loop.time()

    async def hand(session: aiohttp.ClientSession) -> None:
        nonlocal answered
        while loop.time() - begun < seconds:
            async with session.post(url, data=FORM) as answer:
                await answer.read()
            answered += 1

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        await asyncio.gather(*(hand(session) for _ in range(at_once)))
        used_s = time.process_time() - used_s
    sys.stdout.write(json.dumps({"per_second": answered / (loop.time() - begun), "processor_s": used_s / answered}))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3])))

"""The official library's async client with every request at once: as quick as it can be said, with no limit kept.

``python -m bench.peers.crowd`` with the numbers and the twin in the environment, as ``bench.moving`` sets it. Says how
long it took, how many numbers were moved, and how many the provider refused as too many at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from aiohttp import ClientSession
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client


async def main() -> None:
    """Route every number to ie1 at once."""
    told = json.loads(os.environ["TWIN"])
    numbers = json.loads(os.environ["NUMBERS"])
    key = told["credentials"]["ie1"]
    async with ClientSession(trust_env=True) as session:
        http = AsyncTwilioHttpClient()
        # The library takes a proxy's URL and never uses it; a session of our own takes it from the environment.
        await http.session.close()
        http.session = session
        client = Client(
            key["api_key"], key["api_secret"], told["account_sid"], region="ie1", edge="dublin", http_client=http
        )

        async def route(number: str) -> int:
            try:
                await client.routes.v2.phone_numbers(number).update_async(voice_region="ie1")
            except TwilioRestException as exc:
                return int(exc.status)
            return 200

        begun = time.monotonic()
        statuses = await asyncio.gather(*(route(number) for number in numbers))
        seconds = time.monotonic() - begun
    moved, refused = statuses.count(200), statuses.count(429)
    if moved + refused != len(numbers):
        raise RuntimeError(f"other answers than 200 and 429: {sorted(set(statuses))}")
    sys.stdout.write(json.dumps({"seconds": seconds, "moved": moved, "refused": refused}))


if __name__ == "__main__":
    asyncio.run(main())

"""The official library in a plain loop: one route after another, each when the one before has answered.

``python -m bench.peers.plain_loop`` with the numbers and the twin in the environment, as ``move_1000`` sets it.
"""

from __future__ import annotations

import json
import os
import sys
import time

from twilio.rest import Client


def main() -> None:
    """Route every number to ie1 and write how long it took."""
    told = json.loads(os.environ["TWIN"])
    numbers = json.loads(os.environ["NUMBERS"])
    key = told["credentials"]["ie1"]
    client = Client(key["api_key"], key["api_secret"], told["account_sid"], region="ie1", edge="dublin")
    begun = time.monotonic()
    for number in numbers:
        route = client.routes.v2.phone_numbers(number).update(voice_region="ie1")
        if route.voice_region != "ie1":
            raise RuntimeError(f"{number} shows {route.voice_region}")
    sys.stdout.write(json.dumps({"seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main()

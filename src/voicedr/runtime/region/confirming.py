"""What an instance says of itself, which is how a cutover proves that it has changed.

{"active_region": "ie1", "epoch": 7, "instance": "web-3", "age_s": 0.2, "problem": null}
"""

from __future__ import annotations

import os
import socket

import msgspec

from voicedr.runtime.region.current import Current

KEY = "voicedr.region"
"""Where an ASGI scope, or a WSGI environment, has what held when the request came."""

PATH = "/region"


class Told(msgspec.Struct, frozen=True):
    """The answer."""

    active_region: str | None
    epoch: int | None
    instance: str
    age_s: float | None
    problem: str | None


def told(now: Current, instance: str) -> bytes:
    """The answer's body."""
    age_s = None if now.age_s is None else round(now.age_s, 3)
    return msgspec.json.encode(Told(now.region, now.epoch, instance, age_s, now.problem))


def this_instance() -> str:
    """A name for this process that is unlike its neighbours'."""
    return f"{socket.gethostname()}-{os.getpid()}"

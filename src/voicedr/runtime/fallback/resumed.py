"""How often a call was sent back to its primary, so that it cannot go round and round.

Two memories, and the higher one counts: a cookie, which the provider gives back on each request of a call
(https://www.twilio.com/docs/voice/twiml, read 2026-11-21) and which therefore works over several instances of this
application; and this process's own, for when a cookie is lost. What is not documented is how long a cookie lasts, so it
names the call.
"""

from __future__ import annotations

import re
from collections import OrderedDict

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")

COOKIE = "voicedr_resumed"
CALLS_MAX = 100_000
TOO_OFTEN = 1_000


class Resumed:
    """Counts by call. Bounded: the oldest calls are forgotten first."""

    def __init__(self, calls_max: int = CALLS_MAX) -> None:
        self._calls_max = calls_max
        self._counts: OrderedDict[str, int] = OrderedDict()

    def count(self, call_sid: str, cookies: str) -> int:
        """How often, as far as anybody remembers. Without a call's id nobody does, so it counts as too often."""
        if not CALL_SID.fullmatch(call_sid):
            return TOO_OFTEN
        return max(self._counts.get(call_sid, 0), _from_cookie(call_sid, cookies))

    def again(self, call_sid: str, count: int) -> str:
        """Remember that it is sent back once more; gives the cookie to set."""
        self._counts[call_sid] = count + 1
        self._counts.move_to_end(call_sid)
        while len(self._counts) > self._calls_max:
            self._counts.popitem(last=False)
        return f"{COOKIE}={call_sid}.{count + 1}; Path=/; HttpOnly"


def _from_cookie(call_sid: str, cookies: str) -> int:
    for pair in cookies.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            sid, _, count = value.rpartition(".")
            if sid == call_sid and count.isascii() and count.isdigit() and len(count) <= 3:
                return int(count)
    return 0

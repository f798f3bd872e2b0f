"""How much looking at webhooks and hosts may cost, all in one place, and the one way in which it is spent.

A reading is asked for often, against applications that take calls. So it sends few requests, few at once, each of
them bounded in time, and whatever is beyond that is not looked at and says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from voicedr.ports.http import Timeouts
from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.usecases.probe_webhooks import Progress

REQUESTS_MAX = 400
"""Of one reading, over everything but the first request to each webhook (``probe_webhooks.URLS_MAX``). If every one
took its 15 s, 16 at once, they would end after about six minutes."""

AT_ONCE_MAX = 16
"""As many as ``probe_webhooks`` has in flight."""

HOSTS_MAX = 200
"""Names that are resolved, and certificates that are looked at."""

LOOKUP_S_MAX = 12.0
"""For one name or one certificate. A resolver gives up after 5 s and tries twice (resolv.conf(5))."""

ANSWER = Timeouts(connect_s=5.0, total_s=10.0, body_bytes_max=64 * 1024)
"""For one request that is not for TwiML: a health URL, HEAD of a status callback, a page of the REST API."""

FILES_MAX = 100
"""Source files that are read."""

ALERTS_MAX = 1000
"""One page of the provider's alerts (https://www.twilio.com/docs/usage/api#paging)."""


@dataclass(frozen=True, slots=True)
class Look:
    """One thing to look at: where its fact goes, and how it is got."""

    table: dict[str, Fact[Any]]
    key: str
    get: Callable[[], Awaitable[Fact[Any]]]


async def spend(looks: list[Look], what: str, looks_max: int, progress: Progress | None = None) -> None:
    """Look at each thing once, in order, so many at once; what is beyond ``looks_max`` becomes unobserved."""
    wanted: dict[tuple[int, str], Look] = {}
    for look in looks:
        wanted.setdefault((id(look.table), look.key), look)
    asked = list(wanted.values())[:looks_max]
    for look in list(wanted.values())[looks_max:]:
        look.table[look.key] = Unobserved(f"not looked at: one reading takes at most {looks_max} {what}")
    waiting = iter(asked)
    done = 0

    async def work() -> None:
        nonlocal done
        for look in waiting:
            look.table[look.key] = await look.get()
            done += 1
            if progress is not None:
                progress(what, done, len(asked))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE_MAX, len(asked))):
            group.create_task(work())

"""Break one thing under steady calls, heal it, and say what callers and clients lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import msgspec

from voicedr.cli.demo.stage import Control
from voicedr.cli.sample.breakages import BREAKAGES, Promise
from voicedr.cli.sample.callers import Loss, losses
from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.runtime.sample_deployment.account import NUMBERS

SETTLED_S = 1.0
"""After a heal: instances leave a store alone for half a second that did not answer."""

CALLER = {"presses": ["1"], "barges_in": True, "speaks_s": 1.0, "ends_recording_with": "#"}
TOKENS_EVERY_S = 0.25
LOOK_S = 0.2

Order = Callable[[str, str], Awaitable[dict[str, Any]]]
"""Gives the running deployment an order: ``("break", "us1-a")``."""


@dataclass(frozen=True)
class Pace:
    """How many calls, and how long.

    Attributes:
        after_s: After it was healed; 0: nobody calls while it heals, nor after.
        patience_s: How long a caller stays at most, and so how long the last ones are waited for.
    """

    calls_per_second: float
    before_s: float
    broken_s: float
    after_s: float
    patience_s: float = 14.0


@dataclass
class Tokens:
    """How requests for tokens went while it was broken; each asks one service and then the other."""

    asked: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Measured:
    """One row. ``broken_s``: from the break until healing began."""

    names: tuple[str, ...]
    broken_s: float
    losses: dict[str, Loss]
    tokens: Tokens

    def broken_promises(self) -> list[str]:
        """What is not as ``BREAKAGES`` says, in words."""
        breakages = [BREAKAGES[name] for name in self.names]
        lost = any(breakage.tokens_lost for breakage in breakages)
        found = []
        for region, loss in self.losses.items():
            promise = reduce(Promise.and_, (breakage.callers[region] for breakage in breakages))
            found += loss.broken_promises(promise)
        if not self.tokens.asked:
            found.append("nobody asked for a token meanwhile, so nothing was seen")
        elif lost and self.tokens.refused < self.tokens.asked:
            found.append(f"{self.tokens.asked - self.tokens.refused} tokens were had although none should be")
        elif not lost and self.tokens.refused:
            found.append(f"{self.tokens.refused} of {self.tokens.asked} requests for a token failed")
        return found


async def measure(
    names: Sequence[str], order: Order, twin: Control, asks: Callable[[], Awaitable[bool]], pace: Pace
) -> Measured:
    """Break these together under calls, heal them, and wait until the last caller has hung up."""
    tokens = Tokens()
    begun_at = time.time()
    async with AsyncExitStack() as broken:
        async with _calls(twin, pace):
            await asyncio.sleep(pace.before_s)
            broken_at = time.time()
            for name in names:
                await order("break", name)
                broken.push_async_callback(order, "heal", name)
            async with _asking(asks, tokens):
                await asyncio.sleep(pace.broken_s)
            broken_s = time.time() - broken_at
            if pace.after_s:
                await broken.aclose()
                healed_at = time.time()
                await asyncio.sleep(SETTLED_S + pace.after_s)
        if not pace.after_s:  # nobody calls while it heals
            await broken.aclose()
            healed_at = time.time()
    calls = await _all_over(twin, begun_at, pace.patience_s)
    return Measured(tuple(names), broken_s, losses(calls, broken_at, healed_at, SETTLED_S), tokens)


@asynccontextmanager
async def _calls(twin: Control, pace: Pace) -> AsyncIterator[None]:
    numbers = [number for numbers in NUMBERS.values() for number in numbers]
    caller = CALLER | {"hangs_up_after_s": pace.patience_s}
    body = {"calls_per_second": pace.calls_per_second, "numbers": numbers, "duration_s": None, "caller": caller}
    load = await twin.ask("POST", "/_twin/load", body)
    try:
        yield
    finally:
        await twin.ask("DELETE", f"/_twin/load/{load['id']}")


@asynccontextmanager
async def _asking(asks: Callable[[], Awaitable[bool]], tokens: Tokens) -> AsyncIterator[None]:
    async def steadily() -> None:
        while True:
            had = await asks()
            tokens.asked += 1
            tokens.refused += not had
            await asyncio.sleep(TOKENS_EVERY_S)

    task = asyncio.create_task(steadily())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _all_over(twin: Control, since: float, patience_s: float) -> list[dict[str, Any]]:
    """The calls since then, when the last one is over or has had the time for it."""
    until_s = time.monotonic() + patience_s + 1.0
    while True:
        found: list[dict[str, Any]] = (await twin.ask("GET", f"/_twin/calls?since={since}"))["calls"]
        if all(call["ended_at"] is not None for call in found) or time.monotonic() > until_s:
            return found
        await asyncio.sleep(LOOK_S)


def token_client(send: Send, services: list[str], backend_secret: Path) -> Callable[[], Awaitable[bool]]:
    """What a backend does that knows both services: ask one, and the other if that has no token."""
    headers = (("Authorization", f"Bearer {backend_secret.read_text().strip()}"), ("Content-Type", "application/json"))

    async def asks() -> bool:
        for url in services:
            request = Request("POST", f"{url}/token", headers, msgspec.json.encode({"identity": "alice"}))
            try:
                answer = await send(request, Timeouts(1.0, 2.0))
            except NoResponse:
                continue
            if answer.status == 200:
                return True
        return False

    return asks

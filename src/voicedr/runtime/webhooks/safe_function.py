"""The guard around a plain async function that takes a webhook's parameters and gives TwiML."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps

from voicedr.runtime.webhooks.guard import Guard, Trouble, trouble_with

Handler = Callable[[Mapping[str, str]], Awaitable[str | bytes]]
Made = Callable[[Mapping[str, str]], Awaitable[bytes]]


def safely(guard: Guard) -> Callable[[Handler], Made]:
    """A decorator: the function then always gives TwiML that can be executed, in time, and never raises.

    A function that is late is cancelled and not waited for.
    """

    def around(handler: Handler) -> Made:
        left_behind: set[asyncio.Future[str | bytes]] = set()

        def ended(work: asyncio.Future[str | bytes]) -> None:
            left_behind.discard(work)
            if not work.cancelled():
                work.exception()  # asked for, so that asyncio does not tell of it: the caller has an answer

        @wraps(handler)
        async def made(fields: Mapping[str, str]) -> bytes:
            ticket = guard.admit()
            if ticket is None:
                return guard.instead(Trouble.OPEN, "the handler failed too often and is left alone", fields)
            work = asyncio.ensure_future(handler(fields))
            try:
                await asyncio.wait({work}, timeout=guard.budget_s)
            except asyncio.CancelledError:
                work.cancel()
                raise
            if not work.done():
                left_behind.add(work)
                work.add_done_callback(ended)
                work.cancel()
                trouble, why = Trouble.LATE, f"no answer within {guard.budget_s:g} s"
            elif work.cancelled() or (error := work.exception()) is not None:
                name = "cancelled" if work.cancelled() else type(error).__name__
                trouble, why = Trouble.RAISED, f"the handler raised {name}"
            else:
                given = work.result()
                twiml = given.encode() if isinstance(given, str) else given
                why = trouble_with(twiml, "text/xml")
                if not why:
                    guard.settle(ticket, good=True)
                    return twiml
                trouble = Trouble.TWIML
            guard.settle(ticket, good=False)
            return guard.instead(trouble, why, fields)

        return made

    return around

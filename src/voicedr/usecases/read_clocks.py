"""How far this machine's clock is from a Region's, by the ``Date`` of an answer (RFC 9110 section 6.6.1).

Tokens are valid from and until a time: with a wrong clock they are minted too early or dead on arrival.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.scope.workbook import Account
from voicedr.program.vocabulary import Region
from voicedr.usecases.probe_webhooks import USER_AGENT

ANSWER = Timeouts(connect_s=5.0, total_s=10.0, body_bytes_max=256 * 1024)


async def read_clock(
    region: Region, account: Account, send: Send, clock: Clock, secret: Callable[[str], str] | None
) -> Fact[float]:
    """So many seconds our clock is ahead of that Region's; 0 within the second that a ``Date`` can tell.

    The request has no key and asks for nothing: any answer has a date, a refusal too.
    """
    how = account.regions.get(region)
    if how is None:
        return Unobserved(f"the workbook has no access to {region}: add it under account.regions")
    host = f"api.{how.edge}.{region}.twilio.com"
    url, headers = f"https://{host}/2010-04-01", [("User-Agent", USER_AGENT)]
    if account.address is not None:
        place = _place(account.address, secret)
        if place is None:
            return Unobserved(f"the clock of {region} was not read: account.address could not be had")
        url = f"{place}/2010-04-01"
        headers.append(("Host", host))
    before = clock.now()
    try:
        response = await send(Request("GET", url, tuple(headers)), ANSWER)
    except NoResponse as exc:
        return Unobserved(f"the clock of {region} was not read: {host} gave no answer ({exc.failure.value})")
    after = clock.now()
    ahead_s = ahead(response.header("Date"), before, after)
    if ahead_s is None:
        return Unobserved(f"the clock of {region} was not read: the answer of {host} has no date that can be read")
    return Observed(ahead_s, after, f"Date of {host}")


def ahead(date: str | None, before: datetime, after: datetime) -> float | None:
    """Seconds that we are certainly ahead (or, negative, behind) of a date; None if it cannot be read.

    Their second lasts from its beginning to its end; ours lies somewhere between ``before`` and ``after``.
    """
    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, TypeError):
        return None
    theirs = theirs.replace(tzinfo=UTC) if theirs.tzinfo is None else theirs
    return max((before - theirs).total_seconds() - 1.0, 0.0) - max((theirs - after).total_seconds(), 0.0)


def _place(address: str, secret: Callable[[str], str] | None) -> str | None:
    """Where every request to the provider goes: a twin, or a test. It may be a reference."""
    if address.startswith(("env:", "file:")):
        if secret is None:
            return None
        try:
            address = secret(address)
        except Exception:
            # Whatever goes wrong with it, the other facts are worth having; the caller says that it is missing.
            return None
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else None

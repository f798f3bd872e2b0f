"""The instances of an application, asked which Region they use: what confirms a switch of its context."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.program.vocabulary import Region

CONFIRM_TIMEOUTS = Timeouts(connect_s=2.0, total_s=5.0, body_bytes_max=64 * 1024)

EPOCHS_S_MAX = 2.0
"""Before a switch the instances are asked what they hold. Those of the failed Region are silent, and are not waited
for: whoever held a higher epoch is told of afterwards, by ``unconfirmed``."""


class _Health(msgspec.Struct, frozen=True):
    """What an instance says of itself."""

    active_region: str | None
    epoch: int | None = None


class Instances:
    """Some instances.

    Args:
        send: For asking them.
        confirm: Where they say which Region they use: a URL that answers JSON with ``active_region``. A URL without a
            path means its ``/health``.
    """

    def __init__(self, send: Send, confirm: Sequence[str] = ()) -> None:
        self._send = send
        self._confirm = tuple(_health_url(url) for url in confirm)

    async def unconfirmed(self, region: Region, epoch: int = 0) -> list[str]:
        """Those that do not, or not yet, say that they use this Region: a line each.

        Args:
            region: The Region.
            epoch: One that says a lower epoch has not heard of the last switch, whatever Region it uses.
        """
        said = await asyncio.gather(*(self._ask(url) for url in self._confirm))
        lines = (_doubt(url, one, region, epoch) for url, one in zip(self._confirm, said, strict=True))
        return [line for line in lines if line is not None]

    async def highest_epoch(self) -> int:
        """The highest epoch that any of them says within a short time; 0: none said one."""
        asked = [asyncio.ensure_future(self._ask(url)) for url in self._confirm]
        if not asked:
            return 0
        done, late = await asyncio.wait(asked, timeout=EPOCHS_S_MAX)
        for one in late:
            one.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        return max((said.epoch or 0 for one in done if isinstance(said := one.result(), _Health)), default=0)

    async def _ask(self, url: str) -> _Health | str:
        try:
            response = await self._send(Request("GET", url, (("Accept", "application/json"),)), CONFIRM_TIMEOUTS)
        except NoResponse as error:
            return f"no answer ({error})"
        if response.status != 200:
            return f"answered {response.status}"
        try:
            return msgspec.json.decode(response.body, type=_Health)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return f"does not say which Region it uses ({error})"


def _doubt(url: str, said: _Health | str, region: Region, epoch: int) -> str | None:
    """None if an instance says this Region; else a line."""
    if isinstance(said, str):
        return f"{url}: {said}"
    if said.active_region == region and (said.epoch is None or said.epoch >= epoch):
        return None
    held = "" if said.epoch is None else f" (epoch {said.epoch})"
    wanted = f"{region} (epoch {epoch})" if said.active_region == region else str(region)
    return f"{url}: uses {said.active_region or 'no Region'}{held}, not {wanted}"


def _health_url(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path="/health").geturl() if parts.path in ("", "/") else url

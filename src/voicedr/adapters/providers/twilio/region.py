"""``RegionalProvider`` over Twilio's REST API, for one Region.

Hosts always carry edge and Region: without the edge, the name is another one, of us1 or of nobody
(https://www.twilio.com/docs/global-infrastructure/api-domain-migration-guide). Everything is asked with the Region's
own key, and routes are read and written through the Region's own host, v2, the only version outside us1
(https://www.twilio.com/docs/global-infrastructure/inbound-processing-api, read 2026-11-21).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from voicedr.adapters.pace import Turns
from voicedr.adapters.providers.twilio.exchange import Ask, Exchange
from voicedr.adapters.providers.twilio.kept import read_kept, read_media
from voicedr.adapters.providers.twilio.paging import PAGE_SIZE_MAX, Shape, pages
from voicedr.adapters.providers.twilio.resources import Estate
from voicedr.adapters.providers.twilio.shapes import (
    AlertShape,
    ApplicationShape,
    CallShape,
    NumberShape,
    OriginationUrlShape,
    PlacedCallShape,
    RouteShape,
    ShapeError,
    SipDomainShape,
    TrunkShape,
)
from voicedr.ports.clock import Clock
from voicedr.program.readiness.kinds import Kind, Resource, Value
from voicedr.program.readiness.resources import (
    Alert,
    Application,
    CallRecord,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
)
from voicedr.program.reconciliation.kept import Kept, KeptKind, Media, MediaForm
from voicedr.program.vocabulary import Region
from voicedr.wire.http import Response, Send, Timeouts

ALERTS_KEPT = timedelta(days=30)
"""The provider keeps alerts for 30 days. https://www.twilio.com/docs/usage/monitor-alert (read 2026-11-21)."""

TRUNKS_AT_ONCE = 8
"""Trunks whose origination URLs are read at once; the provider limits how many requests an account has in flight."""

_ROUTE_PATHS = {"number": "PhoneNumbers", "trunk": "Trunks", "sip-domain": "SipDomains"}

_READ_ROUTE_BACK = "Read the route back before repeating."
_READ_LOG_BACK = "Look for it in the call log before placing another one: a telephone may have rung."

V = TypeVar("V")
T = TypeVar("T")


LOG_PAGE_MIN = 100
"""Lines of the call log in one page at least. A log that is read again and again has pages of twice what was new."""

LOG_DISORDER = timedelta(minutes=2)
"""The log is ordered by when calls were made. One that began so long after a newer one is not looked for."""


class TwilioRegion:
    """A Twilio account as one Region shows it.

    Args:
        account_sid: The account (``AC…``), the same in every Region.
        region: The Region, e.g. ``ie1``.
        edge: Its edge, e.g. ``dublin``.
        api_key: A key of that Region (``SK…``), or the account SID.
        api_secret: Its secret, or the Region's Auth Token.
        send: How requests go out.
        clock: Waiting between tries.
        pace: The pace of all requests of this account.
        call_pace: The pace at which calls are placed, besides.
        timeouts: The budget of each try.
        chance: A number from 0 to below 1, for the jitter of the waits.
        domain: The provider's domain.
    """

    def __init__(
        self,
        account_sid: str,
        region: Region,
        edge: str,
        api_key: str,
        api_secret: str,
        send: Send,
        clock: Clock,
        pace: Turns,
        call_pace: Turns,
        *,
        timeouts: Timeouts | None = None,
        chance: Callable[[], float] = random.random,
        domain: str = "twilio.com",
    ) -> None:
        for name, value in (("account SID", account_sid), ("Region", region), ("edge", edge), ("key", api_key)):
            if not value or not all(char.isalnum() or char in "-_" for char in value):
                raise ValueError(f"the {name} {value!r} cannot be part of a request to the provider: check it")
        self._account_sid = account_sid
        self._region = region
        self._place = f"{edge}.{region}.{domain}"
        self._clock = clock
        self._call_pace = call_pace
        self._log_page = LOG_PAGE_MIN
        self._exchange = Exchange(
            region=region,
            api_key=api_key,
            api_secret=api_secret,
            send=send,
            clock=clock,
            pace=pace,
            timeouts=timeouts or Timeouts(),
            chance=chance,
        )
        self._estate = Estate(self._exchange, account_sid, self._place)

    @property
    def region(self) -> Region:
        """The Region whose hosts and key are used."""
        return self._region

    async def check_credential(self) -> None:
        """See ``RegionalProvider``. TwiML Apps are what any standard key may list; accounts and keys are not."""
        url = self._account("Applications.json")
        ask = Ask("GET", url, f"checking the key of {self._region}", {"PageSize": "1"})
        answer = await self._exchange.ask(ask)
        self._read(ask, answer, dict[str, msgspec.Raw])

    async def numbers(self) -> Sequence[NumberConfig]:
        """See ``RegionalProvider``."""
        url = self._account("IncomingPhoneNumbers.json")
        return await self._all(self._get(url, "the numbers"), "incoming_phone_numbers", NumberShape)

    async def applications(self) -> Sequence[Application]:
        """See ``RegionalProvider``."""
        url = self._account("Applications.json")
        return await self._all(self._get(url, "the TwiML Apps"), "applications", ApplicationShape)

    async def sip_domains(self) -> Sequence[SipDomain]:
        """See ``RegionalProvider``."""
        url = self._account("SIP/Domains.json")
        return await self._all(self._get(url, "the SIP domains"), "domains", SipDomainShape)

    async def trunks(self) -> Sequence[Trunk]:
        """See ``RegionalProvider``."""
        base = f"https://trunking.{self._place}/v1/Trunks"
        ask = self._get(base, "the trunks")
        shapes = [s async for page in pages(self._exchange, ask, "trunks", TrunkShape, PAGE_SIZE_MAX) for s in page]

        async def whole(shape: TrunkShape) -> Trunk:
            url = f"{base}/{quote(shape.sid, safe='')}/OriginationUrls"
            what = f"the origination URLs of trunk {shape.domain_name or shape.sid}"
            return shape.value(tuple(await self._all(self._get(url, what), "origination_urls", OriginationUrlShape)))

        trunks: list[Trunk] = []
        for first in range(0, len(shapes), TRUNKS_AT_ONCE):
            trunks += await _together([whole(shape) for shape in shapes[first : first + TRUNKS_AT_ONCE]])
        return trunks

    async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
        """See ``RegionalProvider``."""
        return await self._estate.every(kind, parent_sid)

    async def create(self, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None = None) -> Resource:
        """See ``RegionalProvider``."""
        return await self._estate.create(kind, fields, parent_sid)

    async def update(
        self, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None = None
    ) -> Resource:
        """See ``RegionalProvider``."""
        return await self._estate.update(kind, sid, fields, parent_sid)

    async def remove(self, kind: Kind, sid: str, parent_sid: str | None = None) -> None:
        """See ``RegionalProvider``."""
        await self._estate.remove(kind, sid, parent_sid)

    async def route(self, subject: Routable) -> Route | None:
        """See ``RegionalProvider``."""
        what = f"reading the route of {subject.name}"
        ask = Ask("GET", self._route_url(subject), what, absent_is_answer=True)
        answer = await self._exchange.ask(ask)
        if answer.status == 404:
            return None
        return self._route(ask, answer, subject)

    async def set_route(self, subject: Routable, region: Region) -> Route:
        """See ``RegionalProvider``."""
        what = f"routing {subject.name} to {region}"
        ask = Ask("POST", self._route_url(subject), what, {"VoiceRegion": region}, _READ_ROUTE_BACK)
        return self._route(ask, await self._exchange.ask(ask), subject)

    async def place_call(self, *, from_: str, to: str, twiml: str) -> str:
        """See ``RegionalProvider``."""
        await self._call_pace.turn()
        fields = {"From": from_, "To": to, "Twiml": twiml}
        ask = Ask("POST", self._account("Calls.json"), f"calling {to} from {from_}", fields, _READ_LOG_BACK)
        answer = await self._exchange.ask(ask)
        return self._read(ask, answer, PlacedCallShape).sid

    async def calls(
        self, *, to: str | None = None, started_after: datetime | None = None, limit: int = 1000
    ) -> Sequence[CallRecord]:
        """See ``RegionalProvider``. The log knows whole seconds, so ``started_after`` is compared in whole seconds: a
        call that began within the same second is in. A call that has not begun is not.
        """
        fields = {} if to is None else {"To": to}
        since = None
        if started_after is not None:
            since = started_after.astimezone(UTC).replace(microsecond=0)
            # The provider filters by day only (https://www.twilio.com/docs/voice/api/call-resource).
            fields["StartTime>"] = since.strftime("%Y-%m-%d")
        ask = self._get(self._account("Calls.json"), "the call log", fields)
        found: list[CallRecord] = []
        size = self._log_page if since is not None else max(1, min(limit, PAGE_SIZE_MAX))
        async for page in pages(self._exchange, ask, "calls", CallShape, size):
            calls = self._values(ask, page)
            found += [call for call in calls if since is None or (call.started_at and call.started_at >= since)]
            # Newest first, but by when they were made: a queued one begins later.
            oldest = calls[-1].started_at if calls else None
            over = since is not None and oldest is not None and oldest < since - LOG_DISORDER
            if over or len(found) >= limit:
                break
        if since is not None:
            self._log_page = min(PAGE_SIZE_MAX, max(LOG_PAGE_MIN, 2 * len(found)))
        return found[:limit]

    async def alerts(self, *, since: datetime, limit: int = 1000) -> Sequence[Alert]:
        """See ``RegionalProvider``. Compared in whole seconds, as the feed knows them."""
        start = max(since.astimezone(UTC), self._clock.now() - ALERTS_KEPT).replace(microsecond=0)
        fields = {"StartDate": start.strftime("%Y-%m-%dT%H:%M:%SZ")}
        ask = self._get(f"https://monitor.{self._place}/v1/Alerts", "the alerts", fields)
        found: list[Alert] = []
        async for page in pages(self._exchange, ask, "alerts", AlertShape, PAGE_SIZE_MAX):
            alerts = self._values(ask, page)
            found += [alert for alert in alerts if alert.log_level in ("error", "warning") and alert.at >= start]
            if len(found) >= limit:
                break
        return sorted(found, key=lambda alert: alert.at, reverse=True)[:limit]

    async def kept(self, kind: KeptKind, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Kept]:
        """See ``RegionalProvider``."""
        what = f"reading the {kind}s that {self._region} keeps"
        since, until = since.astimezone(UTC), until.astimezone(UTC)
        return await read_kept(self._exchange, self._account, what, kind, since, until, limit)

    async def media(self, recording_sid: str, *, form: MediaForm, bytes_max: int) -> Media:
        """See ``RegionalProvider``."""
        url = self._account(f"Recordings/{quote(recording_sid, safe='')}.{form}")
        return await read_media(self._exchange, url, f"reading the sound of {recording_sid}", form, bytes_max)

    def _account(self, rest: str) -> str:
        return f"https://api.{self._place}/2010-04-01/Accounts/{self._account_sid}/{rest}"

    def _route_url(self, subject: Routable) -> str:
        # The number's plus goes out as %2B: some proxies read a plus in a path as a space.
        return f"https://routes.{self._place}/v2/{_ROUTE_PATHS[subject.kind]}/{quote(subject.name, safe='')}"

    def _get(self, url: str, what: str, fields: dict[str, str] | None = None) -> Ask:
        return Ask("GET", url, f"reading {what} of {self._region}", fields or {})

    def _route(self, ask: Ask, answer: Response, subject: Routable) -> Route:
        try:
            return self._read(ask, answer, RouteShape).value(subject)
        except ShapeError as exc:
            raise self._exchange.unreadable(ask, answer, str(exc)) from exc

    def _read(self, ask: Ask, answer: Response, shape: type[T]) -> T:
        try:
            return msgspec.json.decode(answer.body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise self._exchange.unreadable(ask, answer, str(exc)) from exc

    async def _all(self, ask: Ask, key: str, shape: type[Shape[V]]) -> list[V]:
        found: list[V] = []
        async for page in pages(self._exchange, ask, key, shape, PAGE_SIZE_MAX):
            found += self._values(ask, page)
        return found

    def _values(self, ask: Ask, page: Sequence[Shape[V]]) -> list[V]:
        try:
            return [item.value() for item in page]
        except ShapeError as exc:
            raise self._exchange.unreadable(ask, Response(200), str(exc)) from exc


async def _together(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Everything at once; the first error ends the rest."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()

"""A provider in memory that breaks on order: the same promises as the real one, and a script of what goes wrong.

account = FakeAccount(propagation_s=120)
ie1 = FakeProvider(account, IE1, clock)
ie1.fail("set_route", Fault.ANSWER_LOST_AFTER, on={2})     # the second write takes effect, its answer is lost
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar, assert_never

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.provider import Refused, Throttled, TooLarge, Unreachable, Unsettled, WrongCredential
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
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.testing.fake_account import FakeAccount, Write

__all__ = ["FakeAccount", "FakeProvider", "Fault"]

T = TypeVar("T")

METHODS = (
    "check_credential",
    "numbers",
    "applications",
    "trunks",
    "sip_domains",
    "resources",
    "create",
    "update",
    "remove",
    "route",
    "set_route",
    "place_call",
    "calls",
    "alerts",
    "kept",
    "media",
)
"""What can be asked, counted and broken."""

WRITES = ("create", "update", "remove", "set_route", "place_call")
"""The methods that change something."""


_READ_BY = {
    "number": "numbers", "application": "applications", "trunk": "trunks", "origination-url": "trunks",
    "sip-domain": "sip_domains",
}  # fmt: skip
"""Which method of its own reads the same lists: what goes wrong with that goes wrong with ``resources``, too."""


class Fault(StrEnum):
    """What goes wrong with a request."""

    REFUSED = "refused"
    WRONG_CREDENTIAL = "wrong-credential"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    ANSWER_LOST_BEFORE = "answer-lost-before"
    """The request went out and had no effect; nobody can tell that from the next one."""
    ANSWER_LOST_AFTER = "answer-lost-after"
    """The request took effect and its answer was lost."""


class _Order(msgspec.Struct, frozen=True):
    fault: Fault
    on: frozenset[int] | None
    about: str | None


class FakeProvider:
    """One Region of a ``FakeAccount``.

    Args:
        account: The account, shared with the other Regions' providers.
        region: Whose hosts and key this is.
        clock: Time for routes and call logs.
        latency_s: How long every request takes.

    Attributes:
        asked: How often each method was asked here, those that were broken included.
        listed: How often each list was asked for with ``resources``, by the id of the kind and the parent.
    """

    def __init__(self, account: FakeAccount, region: Region, clock: Clock, *, latency_s: float = 0.0) -> None:
        self.account = account
        self.latency_s = latency_s
        self.asked: Counter[str] = Counter()
        self.listed: Counter[tuple[str, str | None]] = Counter()
        self._region = region
        self._clock = clock
        self._orders: dict[str, list[_Order]] = {}

    @property
    def region(self) -> Region:
        """The Region whose hosts and key are used."""
        return self._region

    # The script

    def fail(self, method: str, fault: Fault, *, on: Collection[int] | None = None, about: str | None = None) -> None:
        """Let requests go wrong.

        Args:
            method: One of ``METHODS``, or ``"*"`` for every one.
            fault: What goes wrong.
            on: Which requests of that method to this Region, counted from 1. None: all from now on.
            about: Only requests about this name (a number, a domain). None: about anything.
        """
        if method != "*" and method not in METHODS:
            raise ValueError(f"{method!r} is not a method of a provider: one of {', '.join(METHODS)}, or *")
        self._orders.setdefault(method, []).append(_Order(fault, None if on is None else frozenset(on), about))

    def heal(self) -> None:
        """Let everything go well again."""
        self._orders.clear()

    # The port

    async def check_credential(self) -> None:
        """See ``RegionalProvider``."""
        await self._read("check_credential", f"the key of {self._region}", lambda: None)

    async def numbers(self) -> Sequence[NumberConfig]:
        """See ``RegionalProvider``."""
        return await self._read("numbers", "the numbers", lambda: self.account.numbers_in(self._region))

    async def applications(self) -> Sequence[Application]:
        """See ``RegionalProvider``."""
        return await self._read("applications", "the TwiML Apps", lambda: self.account.applications_in(self._region))

    async def trunks(self) -> Sequence[Trunk]:
        """See ``RegionalProvider``."""
        return await self._read("trunks", "the trunks", lambda: self.account.trunks_in(self._region))

    async def sip_domains(self) -> Sequence[SipDomain]:
        """See ``RegionalProvider``."""
        return await self._read("sip_domains", "the SIP domains", lambda: self.account.sip_domains_in(self._region))

    async def resources(self, kind: Kind, parent_sid: str | None = None) -> Sequence[Resource]:
        """See ``RegionalProvider``. In a script, ``about`` is the id of the kind."""
        self.listed[kind.id, parent_sid] += 1

        def look() -> list[Resource]:
            return self.account.resources_in(self._region, kind, parent_sid)

        return await self._read("resources", kind.id, look, like=_READ_BY.get(kind.id))

    async def create(self, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None = None) -> Resource:
        """See ``RegionalProvider``. In a script, ``about`` is the id of the kind."""
        if kind.makes not in ("create", "create-update"):
            raise ValueError(f"{kind.plural} cannot be made by a request")

        def effect() -> Resource:
            return self.account.create(self._region, kind, fields, parent_sid)

        return await self._write("create", kind.id, f"making one of the {kind.plural}", effect)

    async def update(
        self, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None = None
    ) -> Resource:
        """See ``RegionalProvider``. In a script, ``about`` is the id of the kind."""
        if kind.makes not in ("update", "create-update"):
            raise ValueError(f"{kind.plural} cannot be updated")

        def effect() -> Resource:
            return self.account.update(self._region, kind, sid, fields, parent_sid)

        return await self._write("update", kind.id, f"setting fields of {sid}", effect)

    async def remove(self, kind: Kind, sid: str, parent_sid: str | None = None) -> None:
        """See ``RegionalProvider``. In a script, ``about`` is the id of the kind."""
        if kind.makes not in ("create", "create-update"):
            raise ValueError(f"{kind.plural} cannot be taken off")

        def effect() -> None:
            self.account.remove(self._region, kind, sid, parent_sid)

        await self._write("remove", kind.id, f"taking {sid} off the {kind.plural}", effect)

    async def route(self, subject: Routable) -> Route | None:
        """See ``RegionalProvider``."""
        return await self._read("route", subject.name, lambda: self.account.stored_route(subject))

    async def set_route(self, subject: Routable, region: Region) -> Route:
        """See ``RegionalProvider``."""

        def effect() -> Route:
            if region not in REGIONS:
                raise Refused(
                    f"routing {subject.name}: {region} is not a Region. Nothing changed.", status=400, code=20001
                )
            if not self.account.owns(subject):
                raise Refused(
                    f"routing {subject.name} to {region}: it is not this account's. Nothing changed. Check the name.",
                    status=404,
                    code=20404,
                )
            return self.account.write_route(subject, region, via=self._region, now=self._clock.now())

        return await self._write("set_route", subject.name, f"routing {subject.name} to {region}", effect)

    async def place_call(self, *, from_: str, to: str, twiml: str) -> str:
        """See ``RegionalProvider``. A call to one of the account's own numbers also arrives where it is routed."""

        def effect() -> str:
            now = self._clock.now()
            record = self.account.log_call(
                self._region, from_, to, status="completed", direction="outbound-api", now=now
            )
            self.account.placed.append(record)
            if self.account.owns(Routable("number", to)):
                self.account.place_call(from_, to, now=now)
            return record.sid

        return await self._write("place_call", to, f"calling {to} from {from_}", effect)

    async def calls(
        self, *, to: str | None = None, started_after: datetime | None = None, limit: int = 1000
    ) -> Sequence[CallRecord]:
        """See ``RegionalProvider``."""

        def look() -> list[CallRecord]:
            # The log knows whole seconds, so the comparison does too.
            since = None if started_after is None else started_after.replace(microsecond=0)
            return [
                call
                for call in self.account.calls_in(self._region)
                if (to is None or call.to == to)
                and (since is None or (call.started_at is not None and call.started_at >= since))
            ][:limit]

        return await self._read("calls", to or "the call log", look)

    async def alerts(self, *, since: datetime, limit: int = 1000) -> Sequence[Alert]:
        """See ``RegionalProvider``."""

        def look() -> list[Alert]:
            return [
                alert
                for alert in self.account.alerts_in(self._region)
                if alert.at >= since.replace(microsecond=0) and alert.log_level in ("error", "warning")
            ][:limit]

        return await self._read("alerts", "the alerts", look)

    async def kept(self, kind: KeptKind, *, since: datetime, until: datetime, limit: int = 1000) -> Sequence[Kept]:
        """See ``RegionalProvider``."""

        def look() -> list[Kept]:
            return [
                one
                for one in self.account.kept_in(self._region, kind)
                if one.at is None or since.replace(microsecond=0) <= one.at <= until
            ][:limit]

        return await self._read("kept", kind, look)

    async def media(self, recording_sid: str, *, form: MediaForm, bytes_max: int) -> Media:
        """See ``RegionalProvider``. There is one sound, whatever form is asked for."""

        def look() -> Media:
            what = f"reading the sound of {recording_sid} in {self._region}"
            body = self.account.media_in(self._region, recording_sid)
            if body is None:
                raise Refused(f"{what}: it is not there. Nothing changed. Check the id.", status=404, code=20404)
            if len(body) > bytes_max:
                raise TooLarge(f"{what}: it has more than {bytes_max} bytes. Nothing changed. Ask for more bytes.")
            return Media(f"https://{self._region}.example/Recordings/{recording_sid}.{form}", body)

        return await self._read("media", recording_sid, look)

    # How a request goes

    async def _read(self, method: str, about: str, look: Callable[[], T], *, like: str | None = None) -> T:
        fault = self._ask(method, about, like)
        await self._clock.sleep(self.latency_s)
        if fault in (Fault.ANSWER_LOST_BEFORE, Fault.ANSWER_LOST_AFTER):
            raise Unreachable(f"reading {about} in {self._region}: no answer. Nothing changed. Ask again.")
        if fault is not None:
            raise self._broken(fault, f"reading {about} in {self._region}")
        return look()

    async def _write(self, method: str, about: str, what: str, effect: Callable[[], T]) -> T:
        fault = self._ask(method, about)
        await self._clock.sleep(self.latency_s / 2)
        write = Write(len(self.account.writes) + 1, self._region, method, about)
        if fault not in (None, Fault.ANSWER_LOST_BEFORE, Fault.ANSWER_LOST_AFTER):
            raise self._broken(fault, f"{what} through {self._region}")
        self.account.writes.append(write)
        if self.account.before_write is not None:
            self.account.before_write(write)
        unsettled = Unsettled(
            f"{what} through {self._region}: no answer; it may have taken effect. Look before repeating."
        )
        if fault is Fault.ANSWER_LOST_BEFORE:
            raise unsettled
        result = effect()
        if self.account.after_write is not None:
            self.account.after_write(write)
        await self._clock.sleep(self.latency_s / 2)
        if fault is Fault.ANSWER_LOST_AFTER:
            raise unsettled
        return result

    def _ask(self, method: str, about: str, like: str | None = None) -> Fault | None:
        """Count a request and look up what goes wrong with it: the method's own orders first, the newest first."""
        self.asked[method] += 1
        self.account.asked[self._region, method] += 1
        n = self.asked[method]
        alike = (
            [] if like is None else [one for one in self._orders.get(like, []) if one.on is None and one.about is None]
        )
        orders: list[_Order] = self._orders.get("*", []) + alike + self._orders.get(method, [])
        for order in reversed(orders):
            if (order.on is None or n in order.on) and order.about in (None, about):
                return order.fault
        return None

    def _broken(self, fault: Fault, what: str) -> Refused | Throttled | Unreachable:
        match fault:
            case Fault.REFUSED:
                return Refused(f"{what}: refused. Nothing changed. See what the provider says.", status=400, code=20001)
            case Fault.WRONG_CREDENTIAL:
                return WrongCredential(
                    f"{what}: the key was not accepted. Nothing changed. Use a key made in {self._region}.",
                    status=401,
                    code=20003,
                )
            case Fault.THROTTLED:
                return Throttled(f"{what}: too many requests at once. Nothing changed. Repeat later and slower.")
            case Fault.UNREACHABLE:
                return Unreachable(f"{what}: nobody was reached. Nothing changed. Check the network or wait.")
            case Fault.ANSWER_LOST_BEFORE | Fault.ANSWER_LOST_AFTER:
                raise AssertionError("a lost answer is told where it is known whether something was changed")
            case _:
                assert_never(fault)

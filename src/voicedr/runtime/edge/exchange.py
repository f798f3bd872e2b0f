"""One request over its attempts: which edge, how long, and what each ending leads to. It decides and does nothing.

A generator says what it wants (`Try`, `Wait`) and is told what came; sync and async clients do the same things in their
own way. What each ending allows is the table in `outcomes`. Every request ends: each edge is tried once, a connection
that had been idle may be tried a second time fresh, 429 is obeyed a bounded number of times, and nothing begins after
the deadline.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from voicedr.runtime.edge.circuit import Event
from voicedr.runtime.edge.events import Kind
from voicedr.runtime.edge.failures import Attempt, EdgeError, MayHaveTakenEffect, NotAnswered, NotDelivered
from voicedr.runtime.edge.health import Change, Health, Pick
from voicedr.runtime.edge.outcomes import NOT_THE_EDGE, READS, UNDELIVERED, Answer, Lost, Why
from voicedr.runtime.edge.settings import EdgeSettings

THROTTLED_FIRST_S = 0.1
THROTTLED_MAX_S = 30.0
THROTTLED_SPREAD = 0.1
_CONCURRENCY_CODE = 20429


@dataclass(frozen=True, slots=True)
class Try:
    """Send it to an edge.

    Attributes:
        connect_s: At most so long until it can be sent.
        read_s: At most so long from then on.
        left_s: At most so long for both.
        fresh: On a new connection.
        beside: Where to send it too if it is not answered ``beside_after_s`` after it was sent.
    """

    pick: Pick
    connect_s: float
    read_s: float
    left_s: float
    fresh: bool = False
    beside: Pick | None = None
    beside_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so long."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of sending it to one edge."""

    pick: Pick
    came: Answer | Lost
    took_s: float


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a step: the attempts that have ended, the one that counts last; nothing after a wait."""

    now_s: float
    tried: Sequence[Tried] = ()


class Notes(Protocol):
    """Where what happens is counted and told."""

    def note(self, kind: Kind, product: str, edge: str, method: str, reason: str, seconds: float = 0.0) -> None:
        """Something out of the ordinary."""

    def attempt_answered(self, product: str, edge: str, seconds: float) -> None:
        """An attempt was answered."""

    def chance(self) -> float:
        """From 0 to 1."""

    def late_after_s(self) -> float | None:
        """When a read is late, or None if nobody hedges."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Attributes: deadline_s: On the monotonic clock."""

    method: str
    product: str
    deadline_s: float


def exchange(
    asked: Asked, health: Health, settings: EdgeSettings, notes: Notes, now_s: float
) -> Generator[Try | Wait, Told, Answer]:
    """The answer that the caller gets.

    Raises:
        NotDelivered: If it was not sent. Nothing changed.
        NotAnswered: If it is a read that was not answered. Nothing changed.
        MayHaveTakenEffect: If it is a write that was sent and not answered.
    """
    product, method = asked.product, asked.method
    read = method in READS
    tried: set[str] = set()
    lost: list[Attempt] = []
    answer: Answer | None = None
    throttled = 0
    pick: Pick | None = None
    fresh = False
    why = ""
    while True:
        if pick is None:
            pick = health.pick(product, tried, read=read, now_s=now_s)
            if pick is not None and why:
                notes.note(Kind.FAILED_OVER, product, pick.edge, method, why)
        left_s = asked.deadline_s - now_s
        if pick is None or left_s <= 0:
            if answer is not None:
                return answer
            raise _end(asked, settings.region, read, lost, notes)
        told = yield _attempt(pick, left_s, read, fresh, health, settings, notes, product)
        now_s = told.now_s
        for one in told.tried:
            _remember(one, asked, health, notes, now_s)
            if isinstance(one.came, Lost):
                lost.append(Attempt(one.pick.edge, one.came.why, one.took_s, one.came.detail))
        last = told.tried[-1]
        came = last.came
        if isinstance(came, Answer):
            if came.status_code == 429 and (wait_s := _obeyed(came, read, throttled, notes.chance())) is not None:
                if throttled < settings.throttled_tries and now_s + wait_s < asked.deadline_s:
                    throttled += 1
                    notes.note(Kind.THROTTLED, product, last.pick.edge, method, "429", wait_s)
                    now_s = (yield Wait(wait_s)).now_s
                    pick, fresh, why = last.pick, False, ""
                    continue
                return came
            if came.status_code < 500:
                return came
            if not read:
                notes.note(Kind.NOT_REPEATED, product, last.pick.edge, method, str(came.status_code))
                return came
            answer, why = came, str(came.status_code)
        else:
            why = came.why.value
            if came.why not in UNDELIVERED and not read:
                notes.note(Kind.NOT_REPEATED, product, last.pick.edge, method, why)
                raise _end(asked, settings.region, read, lost, notes)
            if came.reused and not fresh and came.why in {Why.RESET, Why.CLOSED}:
                # The edge closed it while it was idle: that is ordinary, and says nothing about the edge.
                pick, fresh, why = last.pick, True, ""
                continue
            if came.why in NOT_THE_EDGE:
                raise _end(asked, settings.region, read, lost, notes)
        tried.update(one.pick.edge for one in told.tried)
        pick, fresh = None, False


def _attempt(
    pick: Pick, left_s: float, read: bool, fresh: bool, health: Health, settings: EdgeSettings, notes: Notes,
    product: str,
) -> Try:  # fmt: skip
    connect_s = settings.connect_timeout if settings.connect_timeout < left_s else left_s
    read_s = settings.read_timeout if read and settings.read_timeout < left_s else left_s
    if read and settings.hedge_after is not None and (after_s := notes.late_after_s()) is not None:
        beside = health.closed_besides(product, pick.edge)
        if beside is not None and after_s < read_s:
            return Try(pick, connect_s, read_s, left_s, fresh, beside, after_s)
    return Try(pick, connect_s, read_s, left_s, fresh)


def _remember(one: Tried, asked: Asked, health: Health, notes: Notes, now_s: float) -> None:
    """Keep what an attempt says about its edge, and tell what was not ordinary."""
    edge = one.pick.edge
    if isinstance(one.came, Answer):
        notes.attempt_answered(asked.product, edge, one.took_s)
        event = Event.ANSWERED if one.came.status_code < 500 else Event.FAILED
    else:
        why = one.came.why
        notes.note(Kind.ATTEMPT_LOST, asked.product, edge, asked.method, why.value, one.took_s)
        if why in NOT_THE_EDGE or (one.came.reused and why in {Why.RESET, Why.CLOSED}):
            return
        event = Event.UNREACHED if why in UNDELIVERED else Event.FAILED
    tell_change(health.report(asked.product, one.pick, event, now_s, notes.chance()), notes)


def tell_change(change: Change | None, notes: Notes) -> None:
    """Tell that an edge stands otherwise, if it does."""
    if change is not None:
        notes.note(Kind.EDGE_CHANGED, change.product, change.edge, "", change.now.value)


def _obeyed(answer: Answer, read: bool, before: int, chance: float) -> float | None:
    """How long to wait for a 429, or None if it must not be repeated.

    Only the concurrency limit is documented as not executed. A 429 with another code, and without a word of when to
    come back, is given to the caller if it was a write.
    """
    after_s = _retry_after_s(answer.headers.get("Retry-After", ""))
    if not read and after_s is None and _code(answer.content) != _CONCURRENCY_CODE:
        return None
    wait_s = min(THROTTLED_FIRST_S * 2.0**before, THROTTLED_MAX_S) * (1 + THROTTLED_SPREAD * (2 * chance - 1))
    return max(wait_s, after_s or 0.0)


def _retry_after_s(text: str) -> float | None:
    """Seconds. The provider does not document the field, and dates are not seen from it."""
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _code(body: str) -> int | None:
    try:
        code = json.loads(body).get("code")
    except (ValueError, AttributeError, RecursionError):
        return None
    return code if isinstance(code, int) else None


def _end(asked: Asked, region: str, read: bool, lost: Sequence[Attempt], notes: Notes) -> EdgeError:
    delivered = any(one.why not in UNDELIVERED for one in lost)
    error = (NotAnswered if read else MayHaveTakenEffect) if delivered else NotDelivered
    reason = lost[-1].why.value if lost else "deadline"
    notes.note(Kind.GAVE_UP, asked.product, lost[-1].edge if lost else "", asked.method, reason)
    more = ""
    if lost and all(one.why is Why.NO_NAME for one in lost):
        more = f"; perhaps {region} does not have this product"
    return error(asked.method, asked.product, region, tuple(lost), more)

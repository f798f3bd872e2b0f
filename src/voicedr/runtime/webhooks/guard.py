"""What stands between a handler and the provider: a circuit, a time budget, and TwiML for when the handler has none."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from voicedr.runtime.webhooks.circuit import Circuit, Rules, State, admit, settle
from voicedr.wire.overrides import CALL_TOTAL_S
from voicedr.wire.twiml import TwimlError, parse

BUDGET_S = 8.0
"""A caller hears silence meanwhile. The provider would end the request after 15 s, connecting included."""

KEPT_BYTES_MAX = 4096

SAFE_VOICE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Say>We have a technical problem and cannot take your call at'
    b" the moment. Please call again in a few minutes. Goodbye.</Say><Hangup/></Response>"
)
SAFE_MESSAGE = b'<?xml version="1.0" encoding="UTF-8"?>\n<Response/>'
"""A text message needs no answer, and a robot's apology for one helps nobody."""


class Trouble(StrEnum):
    """Why the handler's answer was not used."""

    RAISED = "raised"
    LATE = "late"
    STATUS = "status"
    TWIML = "twiml"
    NO_ANSWER = "no-answer"
    OPEN = "circuit-open"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Told:
    """One use of the safe TwiML. ``why`` is for a person and holds nothing of the request."""

    trouble: Trouble
    why: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A request that may ask the handler, in this term of the circuit."""

    term: int


Safe = bytes | Callable[[Mapping[str, str]], bytes]
"""TwiML, or what makes it from the webhook's parameters (those that were signed; else none)."""


class Guard:
    """One handler's circuit and its safe TwiML. May be used from threads; share it between servers of one process.

    Args:
        safe: What callers hear instead. A function that fails itself, or makes no TwiML, is replaced by a message.
        budget_s: How long the handler may take; less than the provider's 15 s.
        rules: When the circuit opens.
        told: Told of each use of the safe TwiML; for a log or an alert. It must be quick.
        now: A monotonic clock in seconds.

    Raises:
        ValueError: If the safe TwiML is none, does nothing, or the budget is as long as the provider's.
    """

    def __init__(
        self,
        safe: Safe = SAFE_VOICE,
        *,
        budget_s: float = BUDGET_S,
        rules: Rules | None = None,
        told: Callable[[Told], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < budget_s < CALL_TOTAL_S:
            raise ValueError(f"budget_s is {budget_s:g}; the provider waits {CALL_TOTAL_S:g} s in all, so give less")
        if isinstance(safe, bytes):
            _must_be_useful(safe)
        self.budget_s = budget_s
        self._safe = safe
        self._rules = rules or Rules()
        self._told = told
        self._now = now
        self._circuit = Circuit()
        self._lock = threading.Lock()
        self.troubles: Counter[Trouble] = Counter()

    @property
    def state(self) -> State:
        """How the circuit stands."""
        return self._circuit.state

    def admit(self) -> Ticket | None:
        """A ticket to ask the handler with; None: the circuit is open."""
        with self._lock:
            self._circuit, admitted = admit(self._circuit, self._rules, self._now())
            return Ticket(self._circuit.term) if admitted else None

    def settle(self, ticket: Ticket, *, good: bool) -> None:
        """How it went."""
        with self._lock:
            self._circuit = settle(self._circuit, self._rules, self._now(), good=good, term=ticket.term)

    def instead(self, trouble: Trouble, why: str, fields: Mapping[str, str]) -> bytes:
        """The safe TwiML. Never raises."""
        with self._lock:
            self.troubles[trouble] += 1
        try:
            self._told(Told(trouble, why))
        except Exception:  # whoever listens must not cost the caller the answer
            with self._lock:
                self.troubles[Trouble.RAISED] += 1
        default = SAFE_MESSAGE if _is_message(fields) else SAFE_VOICE
        if isinstance(self._safe, bytes):
            return default if _is_message(fields) else self._safe
        try:
            made = self._safe(fields)
            parse(made, "text/xml")
        except Exception:  # the last line of defence has one more behind it
            return default
        return made


def trouble_with(body: bytes, content_type: str | None) -> str:
    """Why the provider could not execute this answer; empty if it could."""
    return (_kept_trouble if len(body) <= KEPT_BYTES_MAX else _trouble)(body, content_type)


def _trouble(body: bytes, content_type: str | None) -> str:
    try:
        parse(body, content_type)
    except TwimlError as error:
        return f"{error.code}: {error.message}"
    return ""


_kept_trouble = lru_cache(maxsize=256)(_trouble)
"""Many callers hear the same few documents; each is read once."""


def _is_message(fields: Mapping[str, str]) -> bool:
    return "MessageSid" in fields or "SmsSid" in fields


def _must_be_useful(twiml: bytes) -> None:
    try:
        document = parse(twiml, "text/xml")
    except TwimlError as error:
        raise ValueError(f"the safe TwiML cannot be executed ({error.code}: {error.message})") from error
    if not document.root.children:
        raise ValueError("the safe TwiML does nothing, so the caller would be hung up on; say something")

"""What was answered to a webhook, so that a retry of it gets the same answer and nothing is done twice.

    claim → OURS       nobody has it: run the handler, then ``keep`` its answer, or ``release`` if there is none
    claim → RUNNING    somebody runs the handler at this moment
    claim → an Answer  it was answered: send this again

Of several that claim at once exactly one gets OURS, across processes too where the store is shared. A claim whose owner
died ends after ``RUNNING_S_MAX``: no webhook lasts longer at the provider.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Literal, Protocol

RUNNING_S_MAX = 15.0
"""The provider's limit on a request of a call (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides)."""

KEPT_S = 3600.0
KEPT_MAX = 10_000
"""An hour of retries is far more than 15 s; ten thousand answers are some ten megabytes."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Claim(Enum):
    """What a claim came to, if there is no answer yet."""

    OURS = "ours"
    RUNNING = "running"


OURS: Literal[Claim.OURS] = Claim.OURS
RUNNING: Literal[Claim.RUNNING] = Claim.RUNNING


class AnswerStore(Protocol):
    """Where answers are kept. Methods may be called from threads.

    Attributes:
        blocks: Whether a call may wait for a disk or a network, and so belongs in a thread.
    """

    blocks: bool

    def claim(self, key: str, now_s: float) -> Claim | Answer:
        """Take a key, or say who has it. ``now_s``: seconds since the epoch."""

    def keep(self, key: str, answer: Answer, now_s: float) -> None:
        """Keep the answer. The first one that is kept stays."""

    def release(self, key: str) -> None:
        """Give a claim back, so that the next attempt may run. An answer that is kept stays."""


@dataclass(slots=True)
class _Entry:
    at_s: float
    answer: Answer | None = None


class MemoryStore:
    """In this process: the ones used longest ago go first. Claims that are under way are never pushed out."""

    blocks = False

    def __init__(self, kept_max: int = KEPT_MAX, kept_s: float = KEPT_S, running_s_max: float = RUNNING_S_MAX) -> None:
        self._kept_max, self._kept_s, self._running_s_max = kept_max, kept_s, running_s_max
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def claim(self, key: str, now_s: float) -> Claim | Answer:
        """See the protocol. If there is no room but for claims under way, it is ours and not remembered."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and not self._over(entry, now_s):
                self._entries.move_to_end(key)
                return entry.answer or RUNNING
            self._entries.pop(key, None)
            if len(self._entries) >= self._kept_max and not self._make_room(now_s):
                return OURS
            self._entries[key] = _Entry(now_s)
            return OURS

    def keep(self, key: str, answer: Answer, now_s: float) -> None:
        """See the protocol."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.answer is None:
                entry.answer, entry.at_s = answer, now_s

    def release(self, key: str) -> None:
        """See the protocol."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.answer is None:
                del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)

    def _over(self, entry: _Entry, now_s: float) -> bool:
        return now_s - entry.at_s > (self._running_s_max if entry.answer is None else self._kept_s)

    def _make_room(self, now_s: float) -> bool:
        for key, entry in self._entries.items():
            if entry.answer is not None or self._over(entry, now_s):
                del self._entries[key]
                return True
        return False

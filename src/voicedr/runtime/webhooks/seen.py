"""Whether a request was here before, for as long and as many as are remembered. A fact for the handler, not a verdict.

The provider tells attempts apart by ``I-Twilio-Idempotency-Token``. Whether the value stays the same over the retries
of one webhook is not documented
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11-21), so it is remembered
together with the signature, which covers URL and parameters. Without the header nobody can tell a retry from the same
event again, and the answer is None.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from voicedr.runtime.webhooks.checking import Webhook

KEPT_MAX = 50_000
KEPT_S = 3600.0


class Seen:
    """Remembers requests. Bounded; may be used from threads."""

    def __init__(
        self, kept_max: int = KEPT_MAX, kept_s: float = KEPT_S, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._kept_max, self._kept_s, self._now = kept_max, kept_s, now
        self._at: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def tell(self, webhook: Webhook, signature: str) -> Webhook:
        """The webhook with ``replayed`` said. Remembers it."""
        if not webhook.idempotency_token:
            return webhook
        key = hashlib.sha256(f"{webhook.idempotency_token}\n{signature}".encode("utf-8", "replace")).digest()
        now = self._now()
        with self._lock:
            while self._at and (len(self._at) > self._kept_max or now - next(iter(self._at.values())) > self._kept_s):
                self._at.popitem(last=False)
            before = key in self._at
            if not before:
                self._at[key] = now
        return replace(webhook, replayed=before)

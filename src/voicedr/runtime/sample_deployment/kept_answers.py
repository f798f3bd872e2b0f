"""Answers to webhooks in etcd, for instances on several machines: the kit's ``AnswerStore``.

A claim says whose it is. If the answer to a claim is lost and it is made again, it is found to be ours and not
mistaken for another instance's. Everything hangs on a lease, so that it goes by itself.
"""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import msgspec

from voicedr.runtime.sample_deployment.etcd import Etcd, absent, delete, found_in, put, read, unchanged
from voicedr.runtime.webhooks.answer_store import KEPT_S, OURS, RUNNING, RUNNING_S_MAX, Answer, Claim

PREFIX = "answers/"
LEASE_S = 600.0
"""How long new keys are hung on one lease. It lasts ``KEPT_S`` longer."""


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands in the store. ``status`` 0: the claim is under way."""

    owner: str
    at_s: float
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class EtcdAnswers:
    """See the protocol. Any method may raise ``StoreAway``; ``OnceAsgi`` then runs the handler.

    Args:
        new_owner: Gives a name that nobody else has, for each claim.
    """

    blocks = True

    def __init__(self, store: Etcd, new_owner: Callable[[], str]) -> None:
        self._store = store
        self._new_owner = new_owner
        self._lock = threading.Lock()
        self._lease, self._leased_at_s = "", 0.0

    def claim(self, key: str, now_s: float) -> Claim | Answer:
        """See the protocol."""
        key, owner = PREFIX + key, self._new_owner()
        ours = put(key, msgspec.json.encode(_Entry(owner, now_s)), self._current_lease(now_s))
        answer = self._txn([absent(key)], [ours], [read(key)])
        if answer.get("succeeded"):
            return OURS
        there = found_in(answer)
        if there is None:
            return RUNNING  # it went in between: whoever asks again gets it
        entry = _entry(there)
        if entry.owner == owner:
            return OURS  # our first try was carried out and its answer lost
        if now_s - entry.at_s <= (KEPT_S if entry.status else RUNNING_S_MAX):
            return Answer(entry.status, entry.headers, entry.body) if entry.status else RUNNING
        again = self._txn([unchanged(key, int(there["mod_revision"]))], [ours], [])
        return OURS if again.get("succeeded") else RUNNING

    def keep(self, key: str, answer: Answer, now_s: float) -> None:
        """See the protocol."""
        key = PREFIX + key
        there = found_in(self._txn([], [read(key)], []))
        if there is None or _entry(there).status:
            return
        entry = _Entry(_entry(there).owner, now_s, answer.status, answer.headers, answer.body)
        kept = put(key, msgspec.json.encode(entry), self._current_lease(now_s))
        self._txn([unchanged(key, int(there["mod_revision"]))], [kept], [])

    def release(self, key: str) -> None:
        """See the protocol."""
        key = PREFIX + key
        there = found_in(self._txn([], [read(key)], []))
        if there is not None and not _entry(there).status:
            self._txn([unchanged(key, int(there["mod_revision"]))], [delete(key)], [])

    def _txn(self, compare: list[Any], success: list[Any], failure: list[Any]) -> dict[str, Any]:
        return self._store.ask("/v3/kv/txn", {"compare": compare, "success": success, "failure": failure})

    def _current_lease(self, now_s: float) -> str:
        with self._lock:
            if not self._lease or not 0 <= now_s - self._leased_at_s < LEASE_S:
                granted = self._store.ask("/v3/lease/grant", {"TTL": str(round(LEASE_S + KEPT_S))})
                self._lease, self._leased_at_s = str(granted["ID"]), now_s
            return self._lease


def _entry(kv: dict[str, Any]) -> _Entry:
    return msgspec.json.decode(b64decode(kv["value"]), type=_Entry)

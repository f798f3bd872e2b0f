"""The list of callers who want to be called back: who waits, and at which place. It outlives every instance.

An entry is named by its call. A webhook that is retried, by the balancer or by the provider, finds the entry that is
there and gives the same place again.
"""

from __future__ import annotations

import msgspec

from voicedr.runtime.sample_deployment.etcd import Etcd, absent, found_in, put, read, text64

PREFIX, PAST = "call-backs/", "call-backs0"
"""Every key that begins with the one sorts before the other: ``0`` follows ``/``."""

EVERYBODY = {"key": text64(PREFIX), "range_end": text64(PAST), "count_only": True}

KEPT_MAX = 10_000
"""Callers on the list. Longer than that, nobody would be called back today."""


class ListFull(Exception):
    """There are so many that no more can be called back."""


class CallBack(msgspec.Struct, frozen=True):
    """One caller. ``taken_by``: the instance that noted it."""

    number: str
    taken_by: str


class CallBacks:
    """The list in the store. Methods block; call them in a thread."""

    def __init__(self, store: Etcd) -> None:
        self._store = store

    def note(self, call_sid: str, call_back: CallBack) -> int:
        """Put a caller on the list, and give the place, 1 for the first. Saying it twice is saying it once.

        Raises:
            StoreAway: If the store did not answer. The caller may be on the list.
            ListFull: If there is no room. The caller is not on the list.
        """
        key = PREFIX + call_sid
        answer = self._store.ask(
            "/v3/kv/txn",
            {
                "compare": [absent(key)],
                "success": [put(key, msgspec.json.encode(call_back)), {"request_range": EVERYBODY}],
                "failure": [read(key)],
            },
        )
        if not answer.get("succeeded"):
            there = found_in(answer)
            return self.count(int(there["create_revision"])) if there is not None else self.count()
        place = int(answer["responses"][1]["response_range"].get("count", 0))
        if place > KEPT_MAX:
            self._store.ask("/v3/kv/deleterange", {"key": text64(key)})
            raise ListFull(f"{KEPT_MAX} callers wait to be called back")
        return place

    def count(self, at: int = 0) -> int:
        """How many were on the list at a revision of the store, which keeps old ones; 0: now.

        Raises:
            StoreAway: If the store did not answer.
        """
        then = {"revision": str(at)} if at else {}
        return int(self._store.ask("/v3/kv/range", EVERYBODY | then).get("count", 0))

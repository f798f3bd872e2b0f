"""A key-value store of three etcd nodes, asked over HTTP by any of them.

A node that does not answer is left for the next, and the one that answered last is asked first. A write may be made
twice, because an answer that was lost may have been carried out; so every write here is one that may be.

The gateway takes JSON with keys and values in base64, and leaves out what is zero
(https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway/, read 2026-11-22).
"""

from __future__ import annotations

import http.client
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from voicedr.runtime.webhooks.circuit import Circuit, Rules, admit, settle

ASK_S_MAX = 0.7
"""How long one node may take. It answers in milliseconds, unless it waits for a leader."""

ALL_S_MAX = 1.2
"""How long all of them together may take: a caller hears silence meanwhile."""

LEFT_ALONE = Rules(failures_max=1, open_s=0.5)
"""A webhook asks several times, and waits for a store that is away only once."""

AGAIN_S = 0.1
"""A node without a leader refuses at once, and may have one a moment later."""

WORTH_ASKING_S = 0.01
"""In less than that no node answers."""

ANSWER_BYTES_MAX = 1024 * 1024


class StoreAway(Exception):
    """No node answered in time. What was asked may have been done all the same."""


class Etcd:
    """The nodes. May be used from threads.

    Args:
        nodes: ``127.0.1.21:2379`` and the others.
        monotonic_s: A clock that never goes back.
        sleep: Waits so many seconds of it.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not nodes:
            raise ValueError("no node of the store is known; give at least one HOST:PORT")
        self._nodes = tuple(nodes)
        self._first = 0
        self._monotonic_s, self._sleep = monotonic_s, sleep
        self._circuit = Circuit()
        self._lock = threading.Lock()

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """One request, e.g. to ``/v3/kv/txn``; the answer of the first node that gives one.

        Raises:
            StoreAway: If none did.
        """
        with self._lock:
            self._circuit, admitted = admit(self._circuit, LEFT_ALONE, self._monotonic_s())
            term = self._circuit.term
        if not admitted:
            raise StoreAway("no node of the store answered a moment ago")
        try:
            answer = self._any_node(path, msgspec.json.encode(body))
        except StoreAway:
            self._settle(term, good=False)
            raise
        self._settle(term, good=True)
        return answer

    def _settle(self, term: int, *, good: bool) -> None:
        with self._lock:
            self._circuit = settle(self._circuit, LEFT_ALONE, self._monotonic_s(), good=good, term=term)

    def _any_node(self, path: str, body: bytes) -> dict[str, Any]:
        until_s = self._monotonic_s() + ALL_S_MAX
        first, why, lives = self._first, "there was no time", True
        while lives:
            lives = False
            for turn in range(len(self._nodes)):
                at = (first + turn) % len(self._nodes)
                left_s = until_s - self._monotonic_s()
                if left_s < WORTH_ASKING_S:
                    break
                try:
                    answer = _post(self._nodes[at], path, body, min(ASK_S_MAX, left_s))
                except _Refused as exc:
                    why, lives = f"{self._nodes[at]} {exc}", True  # without a leader now, and maybe not in a moment
                except (OSError, http.client.HTTPException, msgspec.DecodeError) as exc:
                    why = f"{self._nodes[at]}: {exc or type(exc).__name__}"
                else:
                    self._first = at
                    return answer
            if lives:
                self._sleep(AGAIN_S)
        raise StoreAway(f"no node of the store answered {path} within {ALL_S_MAX:g} s (last: {why})")


class _Refused(Exception):
    """A node that answers and cannot: it has no leader, say."""


def _post(node: str, path: str, body: bytes, seconds_max: float) -> dict[str, Any]:
    connection = http.client.HTTPConnection(node, timeout=seconds_max)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read(ANSWER_BYTES_MAX + 1)
    finally:
        connection.close()
    if response.status != 200:
        raise _Refused(f"answered {response.status}: {content[:200].decode(errors='replace')}")
    if len(content) > ANSWER_BYTES_MAX:
        raise _Refused(f"answered more than {ANSWER_BYTES_MAX} bytes")
    return msgspec.json.decode(content, type=dict[str, Any])


def text64(text: str | bytes) -> str:
    """A key or a value as the gateway takes it."""
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def absent(key: str) -> dict[str, Any]:
    """The condition that nobody has written a key."""
    return {"key": text64(key), "target": "CREATE", "create_revision": "0"}


def unchanged(key: str, revision: int) -> dict[str, Any]:
    """The condition that a key is as it was at this revision of it."""
    return {"key": text64(key), "target": "MOD", "mod_revision": str(revision)}


def put(key: str, value: bytes, lease: str = "") -> dict[str, Any]:
    """Write a key; with a lease it goes when that ends."""
    return {"request_put": {"key": text64(key), "value": text64(value)} | ({"lease": lease} if lease else {})}


def read(key: str) -> dict[str, Any]:
    """Read a key."""
    return {"request_range": {"key": text64(key)}}


def delete(key: str) -> dict[str, Any]:
    """Take a key away."""
    return {"request_delete_range": {"key": text64(key)}}


def found_in(answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """The key that a transaction's only read found, or None."""
    for one in answer.get("responses", ()):
        for kv in one.get("response_range", {}).get("kvs", ()):
            return dict(kv)
    return None

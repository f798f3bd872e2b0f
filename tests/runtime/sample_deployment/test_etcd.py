"""Any node of the store will do; one that is away costs a moment, and all of them no more than a bounded wait."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from voicedr.runtime.sample_deployment.etcd import ALL_S_MAX, ASK_S_MAX, Etcd, StoreAway


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.now_s += seconds


@contextmanager
def node(status: int, answer: Any) -> Iterator[tuple[str, list[str]]]:
    """A node that gives one answer to everything, and the paths it was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def nobody() -> str:
    """An address that refuses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def test_the_next_node_is_asked_and_remembered() -> None:
    """A node that refuses is left for the next, and that one is asked first from then on."""
    with node(503, {"error": "no leader"}) as (sick, sick_asked), node(200, {"count": "2"}) as (well, well_asked):
        store = Etcd([nobody(), sick, well])
        assert store.ask("/v3/kv/range", {}) == {"count": "2"}
        assert store.ask("/v3/kv/range", {}) == {"count": "2"}
        assert (len(sick_asked), len(well_asked)) == (1, 2)


def test_a_store_without_a_leader_is_asked_again_for_a_while() -> None:
    """A node that lives and refuses may have a leader in a moment; the wait for that has an end."""
    clock = Clock()
    with node(503, {"error": "no leader"}) as (sick, asked):
        store = Etcd([nobody(), sick], monotonic_s=clock, sleep=clock.sleep)
        with pytest.raises(StoreAway, match="503"):
            store.ask("/v3/kv/range", {})
    assert len(asked) > 3
    assert ALL_S_MAX - 0.05 < clock.now_s - 100.0 < ALL_S_MAX + ASK_S_MAX


def test_a_store_that_was_away_is_left_alone_for_a_moment() -> None:
    """A webhook asks several times and waits only once; half a second later the store is asked again."""
    clock = Clock()
    with node(200, {}) as (well, asked):
        store = Etcd([nobody()], monotonic_s=clock, sleep=clock.sleep)
        with pytest.raises(StoreAway):
            store.ask("/v3/kv/txn", {})
        store._nodes = (well,)
        with pytest.raises(StoreAway, match="a moment ago"):
            store.ask("/v3/kv/txn", {})
        assert asked == []
        clock.sleep(0.6)
        assert store.ask("/v3/kv/txn", {}) == {}
    assert asked == ["/v3/kv/txn"]


def test_a_store_needs_a_node() -> None:
    """Without a node there is nothing to ask, and that is said at the start."""
    with pytest.raises(ValueError, match="at least one"):
        Etcd([])

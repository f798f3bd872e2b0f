"""What instances share is kept once in etcd: the place on the list, and the answer to a webhook."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from etcd_server import etcd_server
from voicedr.runtime.sample_deployment import call_backs
from voicedr.runtime.sample_deployment.call_backs import PREFIX, CallBack, CallBacks, ListFull
from voicedr.runtime.sample_deployment.etcd import Etcd, StoreAway, text64
from voicedr.runtime.sample_deployment.kept_answers import EtcdAnswers
from voicedr.runtime.webhooks import Answer
from voicedr.runtime.webhooks.answer_store import KEPT_S, OURS, RUNNING

pytestmark = pytest.mark.slow

CALLER = CallBack("+16465550001", "us1-a")
ANSWER = Answer(200, (("content-type", "text/xml"),), b"<Response/>")
OWNERS = itertools.count()


@pytest.fixture(scope="module")
def node() -> Iterator[str]:
    with etcd_server() as server:
        yield f"127.0.0.1:{server.port}"


@pytest.fixture
def store(node: str) -> Etcd:
    store = Etcd([node])
    store.ask("/v3/kv/deleterange", {"key": text64("a"), "range_end": text64("z")})
    return store


def answers(store: Etcd) -> EtcdAnswers:
    return EtcdAnswers(store, lambda: f"owner {next(OWNERS)}")


class ForgetsOneAnswer(Etcd):
    """A store whose next transaction is carried out and made again, as after an answer that was lost."""

    lost = False

    def ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        if path == "/v3/kv/txn" and not self.lost:
            self.lost = True
            super().ask(path, body)
        return super().ask(path, body)


def test_a_caller_has_one_place_whoever_asks_again(store: Etcd, node: str) -> None:
    """A webhook that is retried at another instance is told the same place, and the list is no longer for it."""
    here, there = CallBacks(store), CallBacks(Etcd([node]))
    assert here.note("CA1", CALLER) == 1
    assert there.note("CA2", CALLER) == 2
    assert there.note("CA1", CallBack("+16465550001", "us1-b")) == 1
    assert (here.count(), there.count()) == (2, 2)


def test_a_lost_answer_puts_nobody_on_the_list_twice(node: str, store: Etcd) -> None:
    """A write that was carried out and is made again finds itself there."""
    forgets = CallBacks(ForgetsOneAnswer([node]))
    assert (forgets.note("CA1", CALLER), forgets.note("CA2", CALLER), forgets.count()) == (1, 2, 2)


def test_the_list_has_an_end(store: Etcd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes after it is full is not on it; who was on it keeps the place."""
    monkeypatch.setattr(call_backs, "KEPT_MAX", 2)
    here = CallBacks(store)
    here.note("CA1", CALLER)
    here.note("CA2", CALLER)
    with pytest.raises(ListFull):
        here.note("CA3", CALLER)
    assert (here.count(), here.note("CA1", CALLER)) == (2, 1)
    assert not store.ask("/v3/kv/range", {"key": text64(PREFIX + "CA3")}).get("kvs")


def test_first_wins_and_its_answer_stays(store: Etcd) -> None:
    """The first claim is ours, the next waits, and once it is answered all get that answer until it is old."""
    kept = answers(store)
    assert kept.claim("a", 100.0) is OURS
    assert kept.claim("a", 101.0) is RUNNING
    kept.keep("a", ANSWER, 102.0)
    kept.keep("a", Answer(200, (), b"another"), 103.0)
    kept.release("a")
    assert answers(store).claim("a", 104.0) == ANSWER
    assert answers(store).claim("a", 103.0 + KEPT_S) is OURS


def test_what_is_released_or_left_behind_can_be_claimed(store: Etcd) -> None:
    """A handler that failed, and one whose process died, are followed by another attempt."""
    kept = answers(store)
    kept.claim("a", 100.0)
    kept.release("a")
    assert kept.claim("a", 100.0) is OURS
    assert kept.claim("a", 114.0) is RUNNING
    assert kept.claim("a", 116.0) is OURS


def test_a_claim_made_twice_is_still_ours(store: Etcd, node: str) -> None:
    """If the answer to a claim was lost, the second try finds our own name and not somebody else's."""
    assert answers(ForgetsOneAnswer([node])).claim("a", 100.0) is OURS
    assert answers(store).claim("a", 100.0) is RUNNING


def test_of_many_at_once_one_wins(store: Etcd) -> None:
    """Eight threads claim ten keys at the same time: each key is won once."""
    kept, won, gate = answers(store), [], threading.Barrier(8)

    def race() -> None:
        gate.wait()
        for at in range(10):
            if kept.claim(f"key-{at}", 100.0) is OURS:
                won.append(at)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == list(range(10))


def test_everything_goes_by_itself(store: Etcd) -> None:
    """Every answer hangs on a lease that ends."""
    answers(store).claim("a", 100.0)
    kvs = store.ask("/v3/kv/range", {"key": text64("answers/a")})["kvs"]
    granted = store.ask("/v3/lease/timetolive", {"ID": kvs[0]["lease"]})
    assert KEPT_S <= int(granted["grantedTTL"]) <= 2 * KEPT_S


def test_a_store_that_is_away_is_said() -> None:
    """Nothing is noted on a guess."""
    with pytest.raises(StoreAway):
        CallBacks(Etcd(["127.0.0.1:1"])).note("CA1", CALLER)

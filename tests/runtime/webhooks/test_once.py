"""A retry of a webhook gets the first attempt's answer; of several at once exactly one runs the handler."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asgi_caller import BASE, ask
from postgres_server import Server
from voicedr.runtime.webhooks import Answer, AnswerStore, MemoryStore, OnceAsgi, PostgresStore, SqliteStore
from voicedr.runtime.webhooks.answer_store import OURS, RUNNING

ANSWER = Answer(200, (("content-type", "text/xml"),), b"<Response/>")


class StorePromises:
    """What every store promises."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[..., AnswerStore]:
        raise NotImplementedError("a store's tests say how it is made")  # Each store's class below says its own.

    def test_first_wins_and_its_answer_stays(self, make: Callable[..., AnswerStore]) -> None:
        """The first claim is ours, the next waits, and once it is answered all get that answer."""
        store = make()
        assert store.claim("a", 100.0) is OURS
        assert store.claim("a", 101.0) is RUNNING
        store.keep("a", ANSWER, 102.0)
        store.keep("a", Answer(200, (), b"another"), 103.0)
        store.release("a")
        assert store.claim("a", 104.0) == ANSWER
        assert store.claim("b", 104.0) is OURS

    def test_what_is_released_or_left_behind_can_be_claimed(self, make: Callable[..., AnswerStore]) -> None:
        """A handler that failed, and one whose process died, are followed by another attempt."""
        store = make()
        store.claim("a", 100.0)
        store.release("a")
        assert store.claim("a", 100.0) is OURS
        assert store.claim("a", 114.0) is RUNNING
        assert store.claim("a", 116.0) is OURS

    def test_answers_age(self, make: Callable[..., AnswerStore]) -> None:
        """After their time answers are forgotten."""
        store = make(kept_s=60.0)
        store.claim("a", 100.0)
        store.keep("a", ANSWER, 100.0)
        assert store.claim("a", 159.0) == ANSWER
        assert store.claim("a", 161.0) is OURS

    def test_of_many_at_once_one_wins(self, make: Callable[..., AnswerStore]) -> None:
        """Sixteen threads claim twenty keys at the same time: each key is won once."""
        store, won = make(), []
        gate = threading.Barrier(16)

        def race() -> None:
            gate.wait()
            for at in range(20):
                if store.claim(f"key-{at}", 100.0) is OURS:
                    won.append(at)

        threads = [threading.Thread(target=race) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == list(range(20))


class TestMemoryStore(StorePromises):
    """In memory."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[..., AnswerStore]:
        return MemoryStore

    def test_bounded(self) -> None:
        """The ones used longest ago go; those under way stay, and beyond them nothing is remembered."""
        store = MemoryStore(kept_max=3)
        for key in "abc":
            store.claim(key, 100.0)
        assert store.claim("d", 100.0) is OURS
        assert len(store) == 3
        store.keep("b", ANSWER, 100.0)
        assert store.claim("d", 100.0) is OURS
        assert (store.claim("d", 100.0), store.claim("a", 100.0), len(store)) == (RUNNING, RUNNING, 3)


class TestSqliteStore(StorePromises):
    """In a file."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Callable[..., AnswerStore]:
        return lambda **how: SqliteStore(tmp_path / "answers.db", **how)

    def test_processes_share_it(self, tmp_path: Path) -> None:
        """Four processes claim the same fifty keys at the same time: each key is won once."""
        program = (
            "import sys\nfrom voicedr.runtime.webhooks import SqliteStore\n"
            "from voicedr.runtime.webhooks.answer_store import OURS\n"
            "store = SqliteStore(sys.argv[1]); sys.stdin.readline()\n"
            "print(*[at for at in range(50) if store.claim(f'k{at}', 100.0) is OURS])"
        )
        SqliteStore(tmp_path / "answers.db").close()
        racers = [
            subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "answers.db")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]  # fmt: skip
        won = " ".join(racer.communicate("go\n", timeout=30)[0] for racer in racers).split()
        assert sorted(map(int, won)) == list(range(50))

    def test_bounded(self, tmp_path: Path) -> None:
        """Old answers are thrown away now and then."""
        store = SqliteStore(tmp_path / "answers.db", kept_max=5)
        for at in range(1001):
            store.claim(f"k{at}", 100.0 + at / 1000)
            store.keep(f"k{at}", ANSWER, 100.0 + at / 1000)
        rows = sqlite3.connect(tmp_path / "answers.db").execute("SELECT count(*) FROM voicedr_webhook_answers")
        assert rows.fetchone()[0] <= 10


@pytest.mark.slow
class TestPostgresStore(StorePromises):
    """In PostgreSQL."""

    @pytest.fixture
    def make(self, postgres: Server) -> Callable[..., AnswerStore]:
        address = postgres.database()
        return lambda **how: PostgresStore(address, **how)


class Handler:
    """Counts how often it runs."""

    def __init__(self, status: int = 200, takes_s: float = 0.0) -> None:
        self.runs, self.status, self.takes_s = 0, status, takes_s

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.runs += 1
        run = self.runs
        await asyncio.sleep(self.takes_s)
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"content-type", b"text/xml")]})
        await send({"type": "http.response.body", "body": f"<Response><Say>{run}</Say></Response>".encode()})


def request(token: str = "T1", body: bytes = b"a=1", path: str = "/voice") -> tuple[str, str, Any, bytes]:
    """A webhook with the provider's token for it."""
    return "POST", BASE + path, [("I-Twilio-Idempotency-Token", token)] if token else [], body


def test_a_retry_gets_the_first_answer() -> None:
    """The same token, URL and body is the same webhook; anything else is another."""

    async def play() -> list[str]:
        handler = Handler()
        app = OnceAsgi(handler, MemoryStore())
        asked = [request(), request(), request(body=b"a=2"), request(path="/next"), request("T2"), request("")]
        return [(await ask(app, *one)).text for one in [*asked, request("")]]

    said = asyncio.run(play())
    assert [text.split("<Say>")[1][0] for text in said] == ["1", "1", "2", "3", "4", "5", "6"]


def test_a_retry_waits_for_the_attempt_under_way() -> None:
    """Ten attempts at once: the handler runs once, and all get its answer."""

    async def play() -> tuple[int, set[str]]:
        handler = Handler(takes_s=0.2)
        app = OnceAsgi(handler, MemoryStore())
        answers = await asyncio.gather(*(ask(app, *request()) for _ in range(10)))
        return handler.runs, {answer.text for answer in answers}

    assert asyncio.run(play()) == (1, {"<Response><Say>1</Say></Response>"})


def test_whoever_waits_too_long_is_sent_to_the_fallback() -> None:
    """A handler that hangs does not hold up its retries for ever."""

    async def play() -> int:
        app = OnceAsgi(Handler(takes_s=2.0), MemoryStore(), wait_s_max=0.1)
        first = asyncio.ensure_future(ask(app, *request()))
        await asyncio.sleep(0.01)
        late = await ask(app, *request())
        first.cancel()
        return late.status

    assert asyncio.run(play()) == 503


def test_errors_are_not_kept() -> None:
    """After a 500, and after a handler that raised, the next attempt runs."""

    async def play() -> int:
        handler = Handler(500)
        app = OnceAsgi(handler, MemoryStore())
        await ask(app, *request())
        await ask(app, *request())
        return handler.runs

    assert asyncio.run(play()) == 2


def test_a_broken_store_costs_no_caller() -> None:
    """If the store fails the handler runs, and somebody is told."""

    class Broken(MemoryStore):
        blocks = True

        def claim(self, key: str, now_s: float) -> Any:
            raise sqlite3.OperationalError("disk I/O error")

    told: list[Exception] = []
    answer = asyncio.run(ask(OnceAsgi(Handler(), Broken(), failed=told.append), *request()))
    assert (answer.status, len(told)) == (200, 1)

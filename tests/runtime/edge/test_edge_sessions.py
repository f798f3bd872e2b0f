"""Over real sockets, sync and async alike: reads find an edge that answers, and a write is sent twice only if it was
not delivered or not executed."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from edge_stand_in import CLOSE, RESET, SILENT, URL, Asking, Does, Edge, answer, black_hole, closed_port
from voicedr.runtime.edge import AsyncEdgeSession, EdgeSession, Limits, MayHaveTakenEffect, NotAnswered, NotDelivered
from voicedr.twin.server.certificates import Authority

KINDS = ("sync", "async")
BUSY = b'{"code": 20429, "message": "Too Many Requests", "status": 429}'


@pytest.fixture
def good() -> Iterator[Edge]:
    """The second edge, which works."""
    with Edge() as edge:
        yield edge


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_edge_that_refuses_is_passed_over_by_reads_and_writes(kind: str, method: str, good: Edge) -> None:
    """Nothing was delivered, so a write goes to the next edge as well; it arrives there once."""
    with Asking(kind, closed_port(), good.plain) as ask:
        assert ask.request(method, data={"A": "b"} if method == "POST" else None).edge == "umatilla"
    assert [sent.line for sent in good.sent] == [f"{method} /2010-04-01/Accounts.json HTTP/1.1"]
    assert good.sent[0].fields["host"] == "api.umatilla.us1.twilio.com"
    assert ask.told() == [
        ("attempt_lost", "ashburn", "refused"),
        ("edge_changed", "ashburn", "open"),
        ("failed_over", "umatilla", "refused"),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_an_edge_that_says_nothing_costs_one_connect_budget_once(kind: str, good: Edge) -> None:
    """The first request waits for it; the next hundred do not touch it."""
    with black_hole() as hole, Asking(kind, hole, good.plain, connect_timeout=0.3) as ask:
        begun_s = time.monotonic()
        assert ask.request("POST").edge == "umatilla"
        assert 0.3 <= time.monotonic() - begun_s < 2.0
        begun_s = time.monotonic()
        for _ in range(100):
            ask.request()
        assert time.monotonic() - begun_s < 3.0
    assert ask.session.metrics.value("voicedr_edge_attempts_total", edge="ashburn") < 5
    assert ask.told()[0] == ("attempt_lost", "ashburn", "connect_late")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("does", [RESET, CLOSE, SILENT, answer(500), answer(503, b"<html>"), b"nonsense\r\n\r\n"])
def test_a_read_that_was_delivered_in_vain_goes_to_the_next_edge(kind: str, does: Does, good: Edge) -> None:
    """5xx, a reset, closing, silence and nonsense."""
    with Edge(lambda _: does) as bad, Asking(kind, bad.plain, good.plain, read_timeout=0.2) as ask:
        assert ask.request().status_code == 200
        assert (len(bad.sent), len(good.sent)) == (1, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("does", [RESET, CLOSE, SILENT, b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"])
def test_a_write_that_may_have_been_executed_is_not_repeated(kind: str, method: str, does: Does, good: Edge) -> None:
    """It is sent once, and the error says what is known and what to do."""
    with Edge(lambda _: does) as bad, Asking(kind, bad.plain, good.plain, timeout=0.4, connect_timeout=0.2) as ask:
        if isinstance(does, bytes) and does.endswith(b"-Le"):
            bad.close_idle = True
        with pytest.raises(MayHaveTakenEffect, match=r"It may have taken effect\. Look whether it did"):
            ask.request(method)
        assert (len(bad.sent), len(good.sent)) == (1, 0)
        assert ("not_repeated", "ashburn") in [one[:2] for one in ask.told()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_is_answered_5xx_is_that_answer(kind: str, good: Edge) -> None:
    """That it was not executed is documented nowhere, so nobody repeats it."""
    with Edge(lambda _: answer(503)) as bad, Asking(kind, bad.plain, good.plain) as ask:
        assert ask.request("POST").status_code == 503
        assert (len(bad.sent), len(good.sent)) == (1, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_reads_that_no_edge_answers_end_with_the_last_answer_or_an_error(kind: str) -> None:
    """An answer is better than an error of ours: the official library makes its own of it."""
    with Edge(lambda _: answer(502)) as one, Edge(lambda _: RESET) as two:
        with Asking(kind, one.plain, two.plain) as ask:
            assert ask.request().status_code == 502
        with Asking(kind, two.plain, closed_port()) as ask, pytest.raises(NotAnswered, match=r"ashburn.*umatilla"):
            ask.request()
        with Asking(kind, closed_port(), closed_port()) as ask, pytest.raises(NotDelivered, match="nothing changed"):
            ask.request("POST")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_429_is_obeyed_on_the_same_edge(kind: str, method: str, good: Edge) -> None:
    """The limit is the account's, so another edge has the same; it was not executed, so a write is sent again, too."""
    with Edge(lambda n: answer(429, BUSY) if n < 2 else answer()) as busy:
        with Asking(kind, busy.plain, good.plain) as ask:
            begun_s = time.monotonic()
            assert ask.request(method).status_code == 200
            assert 0.09 + 0.18 <= time.monotonic() - begun_s < 5.0
        assert (len(busy.sent), len(good.sent)) == (3, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_429_says_when_to_come_back_and_has_an_end(kind: str) -> None:
    """Retry-After is kept to; what lies beyond the deadline or the number of tries is the caller's."""
    with (
        Edge(lambda n: answer(429, b"", "Retry-After: 1") if n < 1 else answer()) as busy,
        Asking(kind, busy.plain) as ask,
    ):
        begun_s = time.monotonic()
        assert ask.request("POST").status_code == 200
        assert time.monotonic() - begun_s >= 1.0
    with Edge(lambda _: answer(429, BUSY, "Retry-After: 60")) as busy, Asking(kind, busy.plain) as ask:
        assert ask.request("GET").status_code == 429
    with Edge(lambda _: answer(429, BUSY)) as busy, Asking(kind, busy.plain, throttled_tries=2) as ask:
        assert ask.request("GET").status_code == 429
        assert len(busy.sent) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_429_that_is_not_the_concurrency_limit_is_not_repeated_for_a_write(kind: str) -> None:
    """Only that one is documented as not executed."""
    with Edge(lambda _: answer(429, b'{"code": 63038}')) as busy, Asking(kind, busy.plain) as ask:
        assert ask.request("POST").status_code == 429
        assert len(busy.sent) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_edge_that_is_back_is_found_by_a_probe_and_tried_by_a_read(kind: str, good: Edge) -> None:
    """No request waits for it meanwhile, and none is sent to it before a connection got through."""
    with Edge() as first, Asking(kind, first.plain, good.plain, circuit=Limits(wait_s=0.05, spread=0)) as ask:
        first.down()
        assert ask.request().edge == "umatilla"
        first.up()
        until_s = time.monotonic() + 5
        while ask.request("POST").edge == ask.request().edge == "umatilla" and time.monotonic() < until_s:
            time.sleep(0.02)
        assert ask.request("POST").edge == "ashburn"
        assert first.sent[0].line.startswith("GET")
        states = [reason for name, edge, reason in ask.told() if (name, edge) == ("edge_changed", "ashburn")]
        assert states[-2:] == ["half_open", "closed"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_idle_connection_that_the_edge_closed_is_not_an_outage(kind: str) -> None:
    """A read and a write after it find a new connection to the same edge."""
    with Edge(close_idle=True) as edge, Asking(kind, edge.plain) as ask:
        for number, method in enumerate(("GET", "GET", "POST"), 1):
            assert ask.request(method).status_code == 200
            while edge.closed < number:
                time.sleep(0.01)
        assert [sent.line[:4] for sent in edge.sent] == ["GET ", "GET ", "POST"]
        assert ask.told() == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_deadline_is_for_all_attempts_together_and_drops_do_not_stretch_it(kind: str) -> None:
    """Two silent edges, and one that sends a byte now and then."""
    with (
        Edge(lambda _: SILENT) as one,
        Edge(lambda _: SILENT) as two,
        Asking(kind, one.plain, two.plain, read_timeout=0.3) as ask,
    ):
        begun_s = time.monotonic()
        with pytest.raises(NotAnswered):
            ask.request(timeout=0.5)
        assert 0.5 <= time.monotonic() - begun_s < 2.0
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_drip, args=(listening,), daemon=True).start()
        with Asking(kind, f"http://127.0.0.1:{listening.getsockname()[1]}", timeout=0.5, connect_timeout=0.2) as ask:
            begun_s = time.monotonic()
            with pytest.raises(NotAnswered):
                ask.request()
            assert time.monotonic() - begun_s < 3.0


def _drip(listening: socket.socket) -> None:
    sock, _ = listening.accept()
    try:
        for byte in answer() * 100:
            sock.send(bytes([byte]))
            time.sleep(0.05)
    except OSError:
        pass


@pytest.mark.parametrize("kind", KINDS)
def test_tls_is_checked_and_an_edge_with_another_name_is_passed_over(kind: str, tmp_path: Path) -> None:
    """A certificate of other names says that it is no edge of this Region; an untrusted one is told apart."""
    authority = Authority(tmp_path)
    right = authority.server("right", ["*.umatilla.us1.twilio.com"])
    stranger = (tmp_path / "other").mkdir() or Authority(tmp_path / "other").server("a", ["*.ashburn.us1.twilio.com"])
    for context, reason in ((right, "tls_name_mismatch"), (stranger, "tls_untrusted")):
        with Edge(context=context) as wrong, Edge(context=right) as good:
            to = ("127.0.0.1", wrong.port), ("127.0.0.1", good.port)
            with Asking(kind, *to, ca_file=str(authority.file)) as ask:
                assert ask.request("POST").edge == "umatilla"
                assert ask.told()[0] == ("attempt_lost", "ashburn", reason)
            assert (len(wrong.sent), len(good.sent)) == (0, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_handshake_that_hangs_is_within_the_connect_budget(kind: str, good: Edge) -> None:
    """TCP works and TLS does not begin: still nothing was delivered."""
    with (
        socket.create_server(("127.0.0.1", 0)) as mute,
        Asking(kind, mute.getsockname(), good.plain, connect_timeout=0.2) as ask,
    ):
        begun_s = time.monotonic()
        assert ask.request("POST").edge == "umatilla"
        assert time.monotonic() - begun_s < 3.0


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_hangs_is_within_the_connect_budget(kind: str, good: Edge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's resolver has no time limit of its own; a name that there is not is told apart."""
    hang = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hang.wait(5) and [])
    with Asking(kind, None, good.plain, connect_timeout=0.2) as ask:
        begun_s = time.monotonic()
        assert ask.request("POST").edge == "umatilla"
        assert time.monotonic() - begun_s < 3.0
        assert ask.told()[0] == ("attempt_lost", "ashburn", "name_late")
    hang.set()

    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with Asking(kind, None, None, connect_to=None) as ask, pytest.raises(NotDelivered, match="us1 does not have this"):
        ask.request(url="https://sync.twilio.com/v1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_late_read_is_sent_to_a_second_edge_and_a_late_write_is_not(kind: str, good: Edge) -> None:
    """The first answer wins; at most one more request is sent."""
    with (
        Edge(lambda _: (1.0, answer(200, b"late"))) as slow,
        Asking(kind, slow.plain, good.plain, hedge_after=0.05) as ask,
    ):
        begun_s = time.monotonic()
        won = ask.request()
        assert (won.edge, won.text) == ("umatilla", '{"sid": "AC1"}')
        assert time.monotonic() - begun_s < 0.95
        assert (len(slow.sent), len(good.sent)) == (1, 1)
        assert ("hedged", "umatilla", "late") in ask.told()
        assert ("hedge_won", "umatilla", "") in ask.told()
        assert ask.request("POST").text == "late"
        assert len(good.sent) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("does", [answer(503), RESET, SILENT])
def test_a_second_request_that_fails_does_not_spoil_the_first(kind: str, does: Does) -> None:
    """The late answer is still an answer."""
    with (
        Edge(lambda _: (0.2, answer(200, b"late"))) as slow,
        Edge(lambda _: does) as bad,
        Asking(kind, slow.plain, bad.plain, hedge_after=0.05) as ask,
    ):
        assert ask.request().text == "late"


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_request_that_fails_late_leaves_the_second_one(kind: str) -> None:
    """Both are on their way; the one that answers counts."""
    with (
        Edge(lambda _: (0.2, answer(503))) as bad,
        Edge(lambda _: (0.3, answer(200, b"second"))) as good,
        Asking(kind, bad.plain, good.plain, hedge_after=0.05) as ask,
    ):
        assert ask.request().text == "second"
        assert (len(bad.sent), len(good.sent)) == (1, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sent_cannot_be_split_into_two_requests(kind: str, good: Edge) -> None:
    """Line ends in a path are encoded, in a header they are refused; nothing else can write a line."""
    with Asking(kind, good.plain) as ask:
        ask.request(url="https://api.twilio.com/x\r\nEvil: 1\r\n\r\nGET /y HTTP/1.1")
        with pytest.raises(ValueError, match="one line"):
            ask.request(headers={"X-A": "1\r\nEvil: 2"})
        with pytest.raises(ValueError, match="not a method"):
            ask.request("GET /z HTTP/1.1\r\nX:")
    assert [sent.line for sent in good.sent] == ["GET /x%0D%0AEvil:%201%0D%0A%0D%0AGET%20/y%20HTTP/1.1 HTTP/1.1"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_and_no_path_is_logged_told_or_raised(
    kind: str, good: Edge, caplog: pytest.LogCaptureFixture
) -> None:
    """Paths have telephone numbers in them."""
    caplog.set_level(0)
    asked = {
        "url": "https://api.twilio.com/+15551234567",
        "auth": ("SKuser", "hunter2"),
        "data": {"To": "+15557654321"},
    }
    with (
        Edge(lambda _: RESET) as bad,
        Asking(kind, closed_port(), bad.plain) as ask,
        pytest.raises(MayHaveTakenEffect) as raised,
    ):
        ask.request("POST", **asked)
    told = repr(ask.events) + caplog.text + str(raised.value) + ask.session.prometheus()
    assert "umatilla" in told
    assert not [secret for secret in ("hunter2", "SKuser", "5551234567", "5557654321", "aHVud") if secret in told]


@pytest.mark.parametrize("kind", KINDS)
def test_a_listener_that_raises_does_not_break_a_request(kind: str, good: Edge) -> None:
    """Watching must not hurt calls."""
    with Asking(kind, closed_port(), good.plain, on_event=lambda event: 1 / 0) as ask:
        assert ask.request().status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_counted_is_prometheus_text(kind: str, good: Edge) -> None:
    """Every counter has its Region, product, edge and reason."""
    with Asking(kind, closed_port(), good.plain) as ask:
        ask.request()
        ask.request()
        text = ask.session.prometheus()
        metrics = ask.session.metrics
    assert metrics.value("voicedr_edge_requests_total", outcome="answered") == 2
    assert metrics.value("voicedr_edge_attempts_total", edge="ashburn", outcome="refused") == 1
    assert 'voicedr_edge_failovers_total{region="us1",edge="umatilla",product="api",reason="refused"} 1' in text
    assert 'voicedr_edge_open{region="us1",edge="ashburn",product="api"} 1' in text
    assert 'voicedr_edge_attempt_seconds_count{region="us1",edge="umatilla",product="api"} 2' in text


def test_many_threads_share_one_memory_of_a_dead_edge(good: Edge) -> None:
    """Once it is known, no thread touches it; everything is answered."""
    with black_hole() as hole, Asking("sync", hole, good.plain, connect_timeout=0.2, connections_max=8) as ask:
        begun_s = time.monotonic()
        with ThreadPoolExecutor(8) as threads:
            edges = list(threads.map(lambda _: ask.request().edge, range(400)))
        assert set(edges) == {"umatilla"}
        assert time.monotonic() - begun_s < 8.0
        assert good.connections <= 8
        assert 1 <= ask.session.metrics.value("voicedr_edge_attempts_total", edge="ashburn") <= 8


def test_many_tasks_share_one_memory_and_a_cancelled_one_leaves_no_half_read_answer(good: Edge) -> None:
    """A task that is cancelled in the middle takes its connection with it."""
    good.does = lambda n: (0.3, answer(200, b"late")) if n == 0 else answer(200, b"%d" % n)

    async def run() -> list[str]:
        to = {"api.ashburn.us1.twilio.com": closed_port(), "api.umatilla.us1.twilio.com": good.plain}
        async with AsyncEdgeSession("us1", ("ashburn", "umatilla"), connect_to=to, connections_max=8) as session:
            task = asyncio.create_task(session.request("GET", URL))
            await asyncio.sleep(0.1)
            task.cancel()
            while good.left == 0:  # noqa: ASYNC110 - its connection is closed; the server counts in a thread
                await asyncio.sleep(0.02)
            answers = await asyncio.gather(*(session.request("GET", URL) for _ in range(200)))
            return [one.text for one in answers]

    texts = asyncio.run(asyncio.wait_for(run(), 10))
    assert "late" not in texts
    assert len(set(texts)) == 200


def test_an_async_session_may_be_made_before_its_loop_and_outlives_it(good: Edge) -> None:
    """The official library's own needs a running loop to be made; a script with two loops breaks it."""
    session = AsyncEdgeSession("us1", ("ashburn",), connect_to={"api.ashburn.us1.twilio.com": good.plain})

    async def once() -> int:
        return (await session.request("GET", URL)).status_code

    assert [asyncio.run(once()), asyncio.run(once())] == [200, 200]


def test_waiting_for_a_turn_is_not_taken_for_a_dead_edge(good: Edge) -> None:
    """A pool that is too small says nothing about the edge."""
    good.does = lambda _: (0.3, answer())
    options: dict[str, Any] = {"connections_max": 1, "connect_timeout": 0.1}
    with Asking("sync", good.plain, good.plain, **options) as ask, ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask.request)
        time.sleep(0.05)
        with pytest.raises(NotDelivered, match="no connection of the pool was free"):
            ask.request()
        assert first.result().status_code == 200
        assert ask.session.core.health.states() == {}


def test_importing_the_edge_client_imports_no_other_package() -> None:
    """It works when it is installed alone: without aiohttp, requests, urllib3 and the official library."""
    import subprocess
    import sys

    program = (
        "import sys\n"
        "for name in ('aiohttp', 'requests', 'urllib3', 'twilio', 'certifi', 'msgspec'): sys.modules[name] = None\n"
        "from voicedr.runtime.edge import EdgeSession, AsyncEdgeSession\n"
        "EdgeSession('us1', ('ashburn',)).core.context\n"
        "try:\n    from voicedr.runtime.edge import EdgeHttpClient\n"
        "except ImportError as exc: print(exc)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert "needs the package twilio" in done.stdout


def test_a_session_is_closed_with_its_connections(good: Edge) -> None:
    """Nothing stays open."""
    with EdgeSession("us1", ("ashburn",), connect_to={"api.ashburn.us1.twilio.com": good.plain}) as session:
        session.request("GET", URL)
        assert session._pool._idle["api.ashburn.us1.twilio.com"]
    assert not session._pool._idle["api.ashburn.us1.twilio.com"]


@pytest.mark.parametrize("kind", KINDS)
def test_p95_hedges_only_when_it_is_known_what_is_late(kind: str, good: Edge) -> None:
    """The first answers are waited for; once enough are known, one that is later than nearly all is hedged."""
    with (
        Edge(lambda number: (0.5, answer(200, b"late")) if number in (0, 60) else answer()) as slow,
        Asking(kind, slow.plain, good.plain, hedge_after="p95") as ask,
    ):
        assert ask.request().text == "late"
        for _ in range(59):
            ask.request()
        assert ask.request().edge == "umatilla"
        assert ("hedged", "umatilla", "late") in ask.told()

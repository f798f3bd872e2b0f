"""Kamailio's JSON-RPC behind the port of dispatchers: the promises, where it is asked, and what a message may say."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ports.dispatcher_promises import ACTIVE, ASHBURN, DISABLED, DUBLIN, DispatcherPromises, Reached
from voicedr.bootstrap_dispatcher import KamailioDispatcher
from voicedr.ports.dispatcher import DispatcherUnreachable, DispatcherUnsettled
from voicedr.program.execution.actions import STEER_S_MAX, SteerDispatcher
from voicedr.program.scope.sbc import KAMAILIO_WORDS, TargetState
from voicedr.runtime.sipkit.dispatcher import State
from voicedr.runtime.sipkit.kamailio_rpc import RPC_S
from voicedr.runtime.sipkit.steer import READ_BACK_EVERY_S, READ_BACKS_MAX

FLAGS = {"ap": "AP", "dx": "DX", "ix": "IX", "ip": "IP"}


class SmallKamailio(ThreadingHTTPServer):
    """The two commands that are used, answered in the form that Kamailio 5.6 answers them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.targets = {ASHBURN: "AP", DUBLIN: "AP"}
        self.silent_after_set = False
        self.deaf = False
        self.sets = 0

    def answer(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """A result; None: the connection is closed without a word."""
        if self.deaf:
            return None
        if asked["method"] == "dispatcher.set_state":
            word, _, uri = asked["params"]
            self.sets += 1
            self.targets[uri] = FLAGS[word]
            if self.silent_after_set:
                self.deaf = True
                return None
            return {"jsonrpc": "2.0", "id": asked["id"], "result": {}}
        listed = [{"DEST": {"URI": uri, "FLAGS": flags, "PRIORITY": 0}} for uri, flags in self.targets.items()]
        result = {"NRSETS": 1, "RECORDS": [{"SET": {"ID": 1, "TARGETS": listed}}]}
        return {"jsonrpc": "2.0", "id": asked["id"], "result": result}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer one command."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert isinstance(self.server, SmallKamailio)
        answer = self.server.answer(asked)
        if answer is None:
            self.close_connection = True
            return
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def small_kamailio() -> Iterator[tuple[SmallKamailio, str]]:
    """One that runs, and where it is asked."""
    with SmallKamailio() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}/RPC"
        finally:
            server.shutdown()
            thread.join()


class TestKamailioDispatcher(DispatcherPromises):
    """Over a socket. A Kamailio that is real keeps them in ``runtime/sipkit`` and at the end to end."""

    @contextmanager
    def reached(self) -> Iterator[Reached]:
        """One SBC; killed, its port is closed."""
        with small_kamailio() as (server, rpc):

            def lose() -> None:
                # The read-back right after it is answered again: only the change's own answer is lost.
                original = server.answer

                def once(asked: dict[str, Any]) -> dict[str, Any] | None:
                    answer = original(asked)
                    if asked["method"] == "dispatcher.set_state":
                        server.answer = original  # type: ignore[method-assign]
                        return None
                    return answer

                server.answer = once  # type: ignore[method-assign]

            def kill() -> None:
                server.socket.close()

            yield Reached(KamailioDispatcher(), rpc, lose, kill)


def action(rpc: str) -> SteerDispatcher:
    """Take Ashburn out."""
    return SteerDispatcher("sbc-1", rpc, 1, ASHBURN, ACTIVE, DISABLED)


def test_a_change_that_is_neither_answered_nor_read_back_is_unsettled_and_said_once() -> None:
    """It may have taken effect, and nobody says it again."""
    with small_kamailio() as (server, rpc):
        server.silent_after_set = True
        with pytest.raises(DispatcherUnsettled, match="may have taken effect"):
            asyncio.run(KamailioDispatcher().steer(action(rpc)))
        assert server.sets == 1
        assert server.targets[ASHBURN] == "DX"


def test_what_a_reference_stands_for_is_not_in_a_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A path may be as good as a password."""
    monkeypatch.setenv("SBC_RPC", "http://127.0.0.1:9/very-secret")
    with pytest.raises(DispatcherUnreachable) as told:
        asyncio.run(KamailioDispatcher().targets("env:SBC_RPC"))
    assert "env:SBC_RPC" in str(told.value)
    assert "very-secret" not in str(told.value)
    with pytest.raises(DispatcherUnreachable, match="not known"):
        asyncio.run(KamailioDispatcher().targets(f"file:{tmp_path}/nothing"))


@pytest.mark.parametrize("address", ["http://8.8.8.8:8080/RPC", "http://sbc.example:8080/RPC", "env:OTHER", "words"])
def test_a_reference_leads_nowhere_that_the_workbook_could_not_name(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """The same rules hold for what it stands for, and nobody is asked."""
    monkeypatch.setenv("SBC_RPC", address)
    with pytest.raises(DispatcherUnreachable, match=r"env:SBC_RPC.*Nothing changed"):
        asyncio.run(KamailioDispatcher().steer(action("env:SBC_RPC")))


def test_a_process_that_may_have_lost_its_lease_sends_nothing() -> None:
    """Somebody else may have the execution by now."""
    with small_kamailio() as (server, rpc):
        with pytest.raises(DispatcherUnreachable, match="not sent: lost the lease"):
            asyncio.run(KamailioDispatcher(lambda: "lost the lease").steer(action(rpc)))
        assert server.sets == 0


def test_a_flag_that_a_ping_changed_is_no_reason_to_refuse() -> None:
    """In an outage the primary's target is on trial one moment and inactive the next; it is still taken out."""
    with small_kamailio() as (server, rpc):
        for flags in ("TP", "IP", "AX"):
            server.targets[ASHBURN] = flags
            assert asyncio.run(KamailioDispatcher().steer(action(rpc))) is DISABLED


def test_the_words_and_the_longest_time_are_those_of_the_kit() -> None:
    """What the program says by hand is what the kit sends; a kit that took longer would be cut off in the middle."""
    assert {state.value: word for state, word in KAMAILIO_WORDS.items()} == {one.value: one.word for one in State}
    assert {one.value for one in TargetState} == {one.value for one in State}
    assert RPC_S * (2 + READ_BACKS_MAX) + READ_BACK_EVERY_S * READ_BACKS_MAX <= STEER_S_MAX

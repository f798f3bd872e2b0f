"""What cannot work is refused when a client is made, with what, how it stands and the next step."""

from __future__ import annotations

import math
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from edge_stand_in import URL, Edge, answer
from voicedr.runtime.edge import AsyncEdgeSession, EdgeSession, Limits
from voicedr.runtime.edge.latency import ENOUGH, KEPT, Latency

HOST = "api.ashburn.us1.twilio.com"


@pytest.mark.parametrize("kind", [EdgeSession, AsyncEdgeSession])
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"timeout": 0}, "timeout=0: say seconds, more than 0, or None for the default of 30"),
        ({"timeout": -1.0}, "more than 0"),
        ({"timeout": math.nan}, "more than 0"),
        ({"timeout": math.inf}, "more than 0"),
        ({"timeout": "5"}, "timeout='5': say seconds"),
        ({"connect_timeout": True}, "connect_timeout=True: say seconds"),
        ({"connect_timeout": None}, "connect_timeout=None: say seconds"),
        ({"connect_timeout": 5, "timeout": 3}, "no second edge would ever be tried"),
        ({"hedge_after": -0.1}, 'for never, or "p95"'),
        ({"hedge_after": "p99"}, 'or "p95"'),
        ({"throttled_tries": -1}, "at least 0"),
        ({"connections_max": 0}, "at least 1"),
        ({"body_bytes_max": 1.5}, "whole number"),
        ({"circuit": Limits(wait_s=5, wait_s_max=1)}, "0 < wait_s <= wait_s_max"),
        ({"connect_to": {HOST: ("localhost", 80)}}, "is not an IP address"),
        ({"connect_to": {HOST: ("127.0.0.1", 0)}}, "port 0 is not one"),
        ({"connect_to": {HOST: "http://10.0.0.1:80"}}, "credentials go in clear"),
        ({"connect_to": {HOST: "https://127.0.0.1:80"}}, "say \\(ip, port\\)"),
        ({"connect_to": {HOST: "http://127.0.0.1"}}, "say \\(ip, port\\)"),
        ({"connect_to": {HOST: ("127.0.0.1",)}}, "say \\(ip, port\\)"),
        ({"connect_to": {HOST: ("127.0.0.1", "80")}}, "port '80' is not one"),
        ({"connect_to": 5}, "connect_to=5: say addresses by host"),
        ({"on_event": 5}, "on_event=5: say a function"),
        ({"circuit": {"wait_s": 1}}, "say Limits"),
        ({"proxy": "socks5://user:hunter2@127.0.0.1:1"}, "say an HTTP proxy"),
        ({"proxy": "http://127.0.0.1:x"}, "not http://HOST:PORT"),
        ({"ca_file": "/there/is/none.pem"}, "ca_file=/there/is/none.pem: cannot be used"),
    ],
)
def test_options_that_cannot_be(kind: type[Any], options: dict[str, Any], says: str) -> None:
    """Before any request, and without showing a secret."""
    with pytest.raises(ValueError, match=says) as raised:
        kind("us1", ("ashburn",), **options)
    assert "hunter2" not in str(raised.value)


def test_a_misspelt_option_is_told_with_those_that_there_are() -> None:
    """Nothing is ignored."""
    with pytest.raises(TypeError, match=r"no such option: max_retries\. There are: timeout, connect_timeout"):
        EdgeSession("us1", ("ashburn",), max_retries=3)  # type: ignore[call-arg]


def test_an_authorities_file_of_the_environment_is_named_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever set it finds it; and without trust in the environment it does not count."""
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(empty))
    with pytest.raises(ValueError, match="REQUESTS_CA_BUNDLE="):
        EdgeSession("us1", ("ashburn",))
    EdgeSession("us1", ("ashburn",), trust_env=False).close()


def test_late_is_what_nineteen_of_twenty_are_not() -> None:
    """The 95th centile of the last answers; unknown as long as there are too few."""
    latency = Latency()
    for _ in range(ENOUGH - 1):
        latency.add(0.1)
    assert latency.p95_s is None
    for number in range(2 * KEPT):
        latency.add(1.0 if number % 10 == 0 else 0.1)
    assert latency.p95_s == 1.0
    for _ in range(2 * KEPT):
        latency.add(0.2)
    assert latency.p95_s == 0.2


def test_a_forked_process_does_not_speak_on_its_parents_connections() -> None:
    """Preforking servers make a client first and fork then; two that share a connection read each other's answers."""
    with Edge(lambda number: answer(200, b"%d" % number)) as edge:
        with EdgeSession("us1", ("ashburn",), connect_to={HOST: edge.plain}) as session:
            assert session.request("GET", URL).text == "0"
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    status = int(session.request("GET", URL).text != "1")
                finally:
                    os._exit(status)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert session.request("GET", URL).text == "2"
        assert edge.connections == 2


def test_a_vanished_edge_is_told_from_a_slow_one() -> None:
    """What nobody acknowledges is given up before the time for an answer is over, where the system can do that."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        pytest.skip("this system has no TCP_USER_TIMEOUT")
    with Edge() as edge, EdgeSession("us1", ("ashburn",), connect_to={HOST: edge.plain}) as session:
        connection = session.core.reached(HOST, 443, 1.0)
        with socket.socket(fileno=os.dup(connection.fileno())) as same:
            assert same.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 4_000
        connection.close()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"timeout": "5"}, "timeout='5': say seconds"),
        ({"timeout": (1, 2)}, "It is one number, for all attempts together"),
        ({"timeout": math.nan}, "more than 0"),
        ({"url": None}, "url=None: say https"),
        ({"auth": ("hunter2",)}, "say \\(user, secret\\)"),
        ({"auth": "hunter2"}, "say \\(user, secret\\)"),
        ({"data": 5}, "int cannot be sent as fields"),
        ({"headers": {"X-A": "💩"}}, "not Latin-1"),
        ({"data": {"a": math.nan}, "headers": {"Content-Type": "application/json"}}, "JSON"),
    ],
)
def test_requests_that_cannot_be(asked: dict[str, Any], says: str) -> None:
    """They are refused before anything is sent, and no secret is shown."""
    with Edge() as edge, EdgeSession("us1", ("ashburn",), connect_to={HOST: edge.plain}) as session:
        with pytest.raises(ValueError, match=says) as raised:
            session.request("POST", **{"url": URL, **asked})
        assert not edge.connections
    assert "hunter2" not in str(raised.value)

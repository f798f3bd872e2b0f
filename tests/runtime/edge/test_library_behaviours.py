"""Behind our client, and with its first edge dead, the official library behaves as its own tests say of its own client.

Each behaviour that its tests of the HTTP clients hold (release 9.13), in our words, and where it is held here. All run
against real sockets; the first edge refuses every connection.

| the library's tests say | here |
| --- | --- |
| the last request and response are kept, the method in capitals | `test_the_last_request_and_response_are_kept` |
| a failure leaves no last response | `test_a_failure_leaves_no_last_response` |
| text that is not ASCII arrives | `test_text_arrives_in_any_charset` |
| a timeout for a request, for the client, or both; 0 and less are refused | `test_timeouts_are_honoured_and_checked` |
| a proxy by argument or by the environment is used | `test_a_proxy_is_used` |
| an error answer becomes an exception with code and details | `test_an_error_answer_becomes_the_librarys_exception` |
| connections are used again | `test_connections_are_used_again` |
| user and secret are sent as basic authentication | `test_what_goes_over_the_wire_is_what_the_library_sends` |
| JSON types put the data in a JSON body, the form type in a form | the same |
| 5xx is tried again until an answer, at most so often (async) | `test_5xx_is_tried_on_the_next_edge_for_reads_only` |
| edge and Region of client and URL make the host | `test_the_host_is_made_of_edge_and_region` |
| an async method needs an async client | `test_an_async_method_needs_an_async_client` |
| pages follow each other | `test_pages_follow_each_other` |

Does not apply: ``pool_connections=False`` (connections are always kept), ``request_hooks`` and ``trace_configs`` (of
requests and aiohttp, which are not used), ``max_retries`` (it repeats writes, which is what this client is there
against).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import AsyncHttpClient, HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from edge_stand_in import RESET, SILENT, URL, Edge, answer
from voicedr.runtime.edge import AsyncEdgeHttpClient, EdgeHttpClient, MayHaveTakenEffect, NotAnswered, NotDelivered

SID = "AC" + "0" * 32
NUMBER = "PN" + "0" * 32


class Places:
    """Every host of the first edge is dead; every other one is the given server."""

    def __init__(self, edge: Edge | None = None) -> None:
        self.edge = edge
        self.asked: list[str] = []

    def __call__(self, host: str) -> str:
        self.asked.append(host)
        if self.edge is None or ".ashburn." in host or ".dublin." in host:
            return "http://127.0.0.1:1"
        return self.edge.plain


@pytest.fixture
def good() -> Iterator[Edge]:
    """The second edge."""
    with Edge() as edge:
        yield edge


def http(edge: Edge | None, **options: Any) -> EdgeHttpClient:
    """The client, its first edge dead."""
    return EdgeHttpClient("us1", ("ashburn", "umatilla"), connect_to=Places(edge), **options)


def library(client: HttpClient, **more: Any) -> Client:
    """The official library with it."""
    return Client(SID, "secret", http_client=client, environment={"NOTHING": ""}, **more)


def test_it_is_what_the_library_takes() -> None:
    """Callers who check types find the library's own classes, and what it reads of a response."""
    assert isinstance(http(None), HttpClient)
    assert isinstance(AsyncEdgeHttpClient("us1", ("ashburn",)), AsyncHttpClient)
    assert not http(None).is_async


def test_the_last_request_and_response_are_kept(good: Edge) -> None:
    """As tests of callers use them."""
    client = http(good)
    client.request("get", URL, {"p": "1"}, None, {"X-H": "2"}, ("a", "b"))
    asked = client._test_only_last_request
    assert (asked.method, asked.url, asked.params, asked.headers, asked.auth) == (
        "GET", URL, {"p": "1"}, {"X-H": "2"}, ("a", "b"),
    )  # fmt: skip
    assert client._test_only_last_response.text == '{"sid": "AC1"}'


def test_a_failure_leaves_no_last_response(good: Edge) -> None:
    """Not that of the request before."""
    client = http(good)
    client.request("GET", URL)
    good.down()
    with pytest.raises(NotDelivered):
        client.request("POST", URL)
    assert client._test_only_last_request is not None
    assert client._test_only_last_response is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [("Ω≈ç√, 💩".encode(), "application/json"), ("ü".encode("latin-1"), "text/plain; charset=ISO-8859-1")],
)
def test_text_arrives_in_any_charset(good: Edge, body: bytes, kind: str) -> None:
    """As the answer says, and UTF-8 if it does not say."""
    good.does = lambda _: answer(200, body).replace(b"application/json", kind.encode())
    assert http(good).request("GET", URL).content == body.decode("latin-1" if "8859" in kind else "utf-8")


@pytest.mark.parametrize("timeout", [0, -1])
def test_timeouts_are_honoured_and_checked(good: Edge, timeout: float) -> None:
    """For a request, for the client, and changed afterwards; also where its own client ignores it."""
    good.does = lambda _: SILENT
    with pytest.raises(ValueError):
        http(good, timeout=timeout)
    client = http(good)
    with pytest.raises(ValueError, match="more than 0"):
        client.request("GET", URL, timeout=timeout)
    client.timeout = timeout
    with pytest.raises(ValueError, match="more than 0"):
        client.request("GET", URL)
    client.timeout = 0.2
    with pytest.raises(requests.exceptions.Timeout):
        client.request("GET", URL)

    async def late() -> None:
        options: dict[str, Any] = {"connect_to": Places(good), "timeout": 0.2, "connect_timeout": 0.1}
        async with AsyncEdgeHttpClient("us1", ("ashburn", "umatilla"), **options) as asynchronous:
            with pytest.raises(TimeoutError) as raised:
                await library(asynchronous).api.accounts(SID).fetch_async()
            assert isinstance(raised.value, aiohttp.ServerTimeoutError | NotAnswered)
            with pytest.raises(ValueError):
                await asynchronous.request("GET", URL, timeout=timeout)

    asyncio.run(late())


def _proxy(said: list[str]) -> tuple[socket.socket, str]:
    """A proxy that refuses the first edge and lets nobody else through but says whom it was asked for."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            said.append(sock.recv(4096).decode())
            sock.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")
            sock.close()

    threading.Thread(target=serve, daemon=True).start()
    return listening, f"http://user:pass@127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("how", ["argument", "schemes", "environment"])
def test_a_proxy_is_used(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for one edge after the other; what it refuses was not delivered. NO_PROXY is kept to."""
    said: list[str] = []
    listening, url = _proxy(said)
    options: dict[str, Any] = {}
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    if how == "environment":
        monkeypatch.setenv("HTTPS_PROXY", url)
    else:
        options = {"proxy": url if how == "argument" else {"https": url}}
    with listening, pytest.raises(NotDelivered, match=r"the proxy did not let it through .* status 502"):
        EdgeHttpClient("us1", ("ashburn", "umatilla"), **options).request("POST", URL)
    assert [one.split(" ")[1] for one in said] == [
        "api.ashburn.us1.twilio.com:443", "api.umatilla.us1.twilio.com:443",
    ]  # fmt: skip
    assert "Proxy-Authorization: Basic dXNlcjpwYXNz" in said[0]
    if how == "environment":
        monkeypatch.setenv("NO_PROXY", "twilio.com")
        assert EdgeHttpClient("us1", ("ashburn",)).session.core.proxies.of("api.ashburn.us1.twilio.com") is None


def test_an_error_answer_becomes_the_librarys_exception(good: Edge) -> None:
    """With its code, message and details; a list's, too."""
    said = {"code": 20001, "message": "Bad request", "more_info": "x", "status": 400, "details": {"foo": "bar"}}
    good.does = lambda _: answer(400, json.dumps(said).encode())
    client = library(http(good))
    with pytest.raises(TwilioRestException, match="Bad request") as raised:
        client.api.accounts(SID).fetch()
    assert (raised.value.status, raised.value.code, raised.value.details) == (400, 20001, {"foo": "bar"})
    with pytest.raises(TwilioException) as page:
        client.incoming_phone_numbers.list(limit=1)
    assert page.value.args[1].status_code == 400


def test_connections_are_used_again(good: Edge) -> None:
    """Ten requests, one connection."""
    client = http(good)
    for _ in range(10):
        client.request("GET", URL)
    assert good.connections == 1


def test_5xx_is_tried_on_the_next_edge_for_reads_only() -> None:
    """The library's own retries repeat writes as well, which can place a call twice."""
    with Edge(lambda _: answer(500)) as bad, Edge() as good:
        for method, status in (("GET", 200), ("POST", 500)):
            to = {"api.ashburn.us1.twilio.com": bad.plain, "api.umatilla.us1.twilio.com": good.plain}
            assert (
                EdgeHttpClient("us1", ("ashburn", "umatilla"), connect_to=to).request(method, URL).status_code == status
            )
        assert (len(bad.sent), len(good.sent)) == (2, 1)


@pytest.mark.parametrize(
    ("region", "edge", "host"),
    [
        (None, None, "api.umatilla.us1.twilio.com"),
        ("us1", None, "api.umatilla.us1.twilio.com"),
        (None, "sydney", "api.umatilla.us1.twilio.com"),
        ("us1", "ashburn", "api.umatilla.us1.twilio.com"),
        ("ie1", "dublin", None),
        ("ie1", None, None),
    ],
)
def test_the_host_is_made_of_edge_and_region(
    region: str | None, edge: str | None, host: str | None, good: Edge
) -> None:
    """The library's edge is replaced by ours; its Region must be ours, or nothing is sent."""
    client = library(http(good), region=region, edge=edge)
    if host is None:
        with pytest.raises(ValueError, match="names Region ie1, and this client was made for us1"):
            client.api.accounts(SID).fetch()
        assert not good.sent
    else:
        client.api.accounts(SID).fetch()
        assert good.sent[0].fields["host"] == host


def test_an_async_method_needs_an_async_client(good: Edge) -> None:
    """The library says so itself."""
    with pytest.raises(RuntimeError, match="must be asynchronous"):
        asyncio.run(library(http(good)).api.accounts(SID).fetch_async())


def test_pages_follow_each_other(good: Edge) -> None:
    """The next page is asked from the edge that works, whatever host the page before named."""
    rest = {
        "page": 0,
        "page_size": 1,
        "first_page_uri": "/x",
        "previous_page_uri": None,
        "uri": "/x",
        "start": 0,
        "end": 0,
    }
    follows = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json?Page=1"
    page = {**rest, "next_page_uri": follows, "incoming_phone_numbers": [{"sid": NUMBER}]}
    last = {**rest, "next_page_uri": None, "incoming_phone_numbers": [{"sid": NUMBER}]}
    good.does = lambda n: answer(200, json.dumps(page if n == 0 else last).encode())
    assert len(library(http(good)).incoming_phone_numbers.list()) == 2
    assert [sent.line.split("/")[-1] for sent in good.sent] == ["1.1", "1.1"]
    assert "Page=1" in good.sent[1].line


OPERATIONS: dict[str, Callable[[Client], Any]] = {
    "booleans and lists": lambda client: client.api.account.calls.create(
        to="+15551234567", from_="+15557654321", url="https://e.x/?a=b&c=ü", record=True,
        status_callback_event=["initiated", "answered"],
    ),
    "a field that is cleared": lambda client: client.api.account.incoming_phone_numbers(NUMBER).update(
        voice_url="", friendly_name="Ω & co"
    ),
    "an inequality filter": lambda client: client.api.account.calls.list(
        start_time_after=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), status="completed", limit=1
    ),
    "a DELETE": lambda client: client.api.account.incoming_phone_numbers(NUMBER).delete(),
    "a read": lambda client: client.api.account.fetch(),
    "JSON": lambda client: client.request(
        "POST", f"{client.api.base_url}/v1/x", data={"a": [1, None, "ü"]}, headers={"Content-Type": "application/json"}
    ),
    "SCIM": lambda client: client.request(
        "POST", f"{client.api.base_url}/v1/x", data={"a": {"b": 1}}, headers={"Content-Type": "application/scim+json"}
    ),
    "a number in a path": lambda client: client.request("POST", f"{client.api.base_url}/v2/PhoneNumbers/+15551234567"),
    "a path with a blank": lambda client: client.request("GET", f"{client.api.base_url}/v2/a b/ü", params={"a": None}),
    "no account": lambda client: client.request("GET", f"{client.api.base_url}/v2/a?x=1", params={"y": ["1", "2"]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_goes_over_the_wire_is_what_the_library_sends(operation: str, kind: str, good: Edge) -> None:
    """Line, body and fields, byte for byte; only Host and what names the transport differ."""

    def run(client: Client) -> None:
        with contextlib.suppress(TwilioException):  # the stand-in's answer fits few; what was sent is what counts
            OPERATIONS[operation](client)

    good.does = lambda _: answer(200, b'{"calls": []}')
    own = library(TwilioHttpClient())
    own.http_client.session.trust_env = False
    own.api.base_url = good.plain
    run(own)
    if kind == "sync":
        run(library(http(good)))
    else:
        asynchronous = AsyncEdgeHttpClient("us1", ("ashburn", "umatilla"), connect_to=Places(good))
        run(library(_Awaited(asynchronous)))
    theirs, ours = good.sent
    assert (ours.line, ours.body) == (theirs.line, theirs.body)
    transport = {"host", "accept-encoding", "connection", "accept"} if operation == "a DELETE" else {
        "host", "accept-encoding", "connection",
    }  # fmt: skip
    assert _without(ours.fields, transport) == _without(theirs.fields, transport)


def _without(fields: dict[str, str], names: set[str]) -> dict[str, str]:
    # requests says that a DELETE or GET without body has length 0, or nothing; both mean the same (RFC 9110, 8.6).
    left = {name: value for name, value in fields.items() if name not in names}
    return {name: value for name, value in left.items() if (name, value) != ("content-length", "0")}


class _Awaited(HttpClient):  # type: ignore[misc]
    """The async client behind the library's sync methods, so that one table serves both."""

    def __init__(self, client: AsyncEdgeHttpClient) -> None:
        self.client = client
        self.is_async = False

    def request(self, *arguments: Any, **more: Any) -> Any:
        return asyncio.run(self.client.request(*arguments, **more))


def test_what_callers_catch_today_they_still_catch(good: Edge) -> None:
    """Our errors are also the transport's own, sync and async."""
    good.does = lambda _: RESET
    with pytest.raises(requests.exceptions.ConnectionError) as lost:
        http(good).request("POST", URL)
    assert isinstance(lost.value, MayHaveTakenEffect)
    assert lost.value.response is None

    async def reset() -> None:
        async with AsyncEdgeHttpClient("us1", ("ashburn", "umatilla"), connect_to=Places(good)) as client:
            with pytest.raises(aiohttp.ClientConnectionError) as lost:
                await client.request("POST", URL)
            assert isinstance(lost.value, MayHaveTakenEffect)

    asyncio.run(reset())


def test_redirects_are_refused_with_the_way_on(good: Edge) -> None:
    """They would lead out of the Region with its credentials."""
    with pytest.raises(ValueError, match="read the Location"):
        http(good).request("GET", URL, allow_redirects=True)
    good.does = lambda _: answer(302, b"", "Location: https://evil.example/")
    assert http(good).request("GET", URL).headers["location"] == "https://evil.example/"


def test_the_librarys_own_log_is_kept_and_has_no_secret(good: Edge, caplog: pytest.LogCaptureFixture) -> None:
    """At INFO, as its own client writes it."""
    caplog.set_level("INFO", "twilio.http_client")
    http(good).request("GET", URL, headers={"Authorization": "Bearer hunter2", "X-H": "seen"})
    assert "GET Request: https://api.twilio.com" in caplog.text
    assert "X-H : seen" in caplog.text
    assert "Response Status Code: 200" in caplog.text
    assert "hunter2" not in caplog.text

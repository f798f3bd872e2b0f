"""Only what the provider signed gets through, by every rule about URLs, ports, bodies and proxies."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from asgi_caller import BASE, CALL, FORM, Came, ask, signed
from voicedr.runtime.webhooks import PublicUrl, Seen, SignedAsgi, SignedWsgi, Webhook, webhook_of
from voicedr.runtime.webhooks.forms import read_form
from voicedr.wire.signatures import body_sha256, sign

TOKENS = {"us1": "token-of-us1", "ie1": "token-of-ie1"}


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Says what it was handed."""
    webhook = webhook_of(scope)
    read = (await receive())["body"]
    told = {"token": webhook.token, "fields": webhook.fields, "replayed": webhook.replayed, "read": read.decode()}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def came(request: tuple[str, str, Any, bytes], app: SignedAsgi | None = None, **how: Any) -> Came:
    """What an application behind the check answers."""
    return asyncio.run(ask(app or SignedAsgi(application, TOKENS), *request, **how))


@pytest.mark.parametrize("region", ["us1", "ie1"])
def test_the_token_that_fits_is_told(region: str) -> None:
    """Each Region signs with its own token; the handler is told whose it was, and reads the body as it came."""
    told = json.loads(came(signed(TOKENS[region], f"{BASE}/voice?line=1")).text)
    assert told["token"] == region
    assert told["fields"] == [["line", "1"], *([name, value] for name, value in CALL.items())]
    assert told["read"] == urlencode(CALL)


@pytest.mark.parametrize(
    ("signs", "sees"),
    [
        ("https://spare.example/voice", "https://spare.example:443/voice"),
        ("https://spare.example:8443/voice", "https://spare.example:8443/voice"),
        ("https://spare.example/voice", "https://spare.example:8443/voice"),
        ("http://spare.example:8080/voice", "http://spare.example:8080/voice"),
        ("https://user:pw@spare.example/voice", "https://spare.example/voice"),
        ("https://spare.example/voice#rc=2&rp=all", "https://spare.example/voice"),
        ("https://spare.example/a%20b?x=%2B1&x=2&empty=", "https://spare.example/a%20b?x=%2B1&x=2&empty="),
    ],
)
def test_what_the_official_library_signs_is_taken(signs: str, sees: str) -> None:
    """Ports, credentials, fragment and escapes: a signature that the official library makes is found good."""
    bare = signs.partition("#")[0].replace("user:pw@", "")
    signature = RequestValidator(TOKENS["us1"]).compute_signature(bare, CALL)
    headers = [("Content-Type", FORM), ("X-Twilio-Signature", signature)]
    assert came(("POST", sees, headers, urlencode(CALL).encode())).status == 200


def test_parameters_that_come_again() -> None:
    """A name with several values is signed once for each distinct one, and all of them are handed on."""
    body = urlencode([("A", "2"), ("A", "1"), ("A", "2")]).encode()
    url = f"{BASE}/voice"
    signature = RequestValidator(TOKENS["us1"]).compute_signature(url, MultiDict([("A", "2"), ("A", "1"), ("A", "2")]))
    answer = came(("POST", url, [("Content-Type", FORM), ("X-Twilio-Signature", signature)], body))
    assert json.loads(answer.text)["fields"] == [["A", "2"], ["A", "1"], ["A", "2"]]


def test_get_and_json() -> None:
    """A GET is signed by its URL; a JSON body by its hash in the URL, and another body is refused."""
    url = f"{BASE}/voice?{urlencode(CALL)}"
    assert came(("GET", url, [("X-Twilio-Signature", sign(TOKENS["us1"], url))], b"")).status == 200
    body = b'{"CallSid": "CA1"}'
    hashed = f"{BASE}/events?bodySHA256={body_sha256(body)}"
    headers = [("Content-Type", "application/json"), ("X-Twilio-Signature", sign(TOKENS["us1"], hashed))]
    assert came(("POST", hashed, headers, body)).status == 200
    assert came(("POST", hashed, headers, b'{"CallSid": "CA2"}')).status == 403


URL = f"{BASE}/voice"
GOOD = sign(TOKENS["us1"], URL)
SIGNED = ("X-Twilio-Signature", sign(TOKENS["us1"], URL, CALL.items()))
BODY = urlencode(CALL).encode()
MANY = urlencode([(f"p{at}", "x") for at in range(600)]).encode()


@pytest.mark.parametrize(
    ("why", "request_", "status"),
    [
        ("another token", signed("not-a-token", URL), 403),
        ("another URL", ("POST", f"{BASE}/other", [("Content-Type", FORM), SIGNED], BODY), 403),
        ("a parameter more", ("POST", URL, [("Content-Type", FORM), SIGNED], BODY + b"&Extra=1"), 403),
        ("no signature", ("POST", URL, [("Content-Type", FORM)], BODY), 403),
        ("two signatures", ("POST", URL, [("Content-Type", FORM), SIGNED, SIGNED], BODY), 403),
        ("a body beside a signed GET", ("GET", URL, [("X-Twilio-Signature", GOOD), ("Content-Type", FORM)], BODY), 400),
        ("a body that no signature covers",
         ("POST", URL, [("X-Twilio-Signature", GOOD), ("Content-Type", "text/plain")], BODY), 415),
        ("a form of parts",
         ("POST", URL, [("X-Twilio-Signature", GOOD), ("Content-Type", "multipart/form-data; boundary=x")], BODY), 415),
        ("no type", ("POST", URL, [("X-Twilio-Signature", GOOD)], BODY), 415),
        ("not UTF-8", ("POST", URL, [("Content-Type", FORM), SIGNED], b"From=\xff\xfe"), 400),
        ("escaped, not UTF-8", ("POST", URL, [("Content-Type", FORM), SIGNED], b"From=%ff%fe"), 403),
        ("too many parameters", ("POST", URL, [("Content-Type", FORM), SIGNED], MANY), 400),
        ("too long", ("POST", URL, [("Content-Type", FORM), SIGNED], b"x" * 70_000), 413),
        ("said to be too long", ("POST", URL, [("Content-Type", FORM), ("Content-Length", "104857600"), SIGNED], b"x"),
         413),
        ("a length without end", ("POST", URL, [("Content-Length", "9" * 4000), SIGNED], b"x"), 413),
        ("a Host that is none", ("POST", f"{URL}?a=b", [("Host", "[a"), ("Content-Type", FORM), SIGNED], BODY), 400),
        ("another method", ("PUT", URL, [("Content-Type", FORM), SIGNED], BODY), 405),
    ],
)  # fmt: skip
def test_what_is_refused(why: str, request_: tuple[str, str, Any, bytes], status: int) -> None:
    """Whatever the signature does not cover is refused, each with its status, and the application is not asked."""
    answer = came(request_)
    assert (answer.status, answer.headers["connection"]) == (status, "close"), why
    assert TOKENS["us1"] not in answer.text


def test_a_body_that_never_ends_in_time() -> None:
    """A body that trickles in is given up after the budget, however small it is."""
    method, url, headers, body = signed(TOKENS["us1"], URL)
    app = SignedAsgi(application, TOKENS, body_s_max=0.05)
    pieces = [body[at : at + 1] for at in range(len(body))]
    assert asyncio.run(ask(app, method, url, headers, pieces, pause_s=0.01)).status == 408


@pytest.mark.parametrize(
    ("public", "peer", "more", "status"),
    [
        (PublicUrl.of(BASE), "198.51.100.1", [], 200),
        (PublicUrl.of(), "10.0.0.7", [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "spare.example")], 403),
        (PublicUrl.of(trusted_proxies=["10.0.0.0/8"]), "10.0.0.7",
         [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "spare.example")], 200),
        (PublicUrl.of(trusted_proxies=["10.0.0.0/8"]), "10.0.0.7",
         [("X-Forwarded-Proto", "http, https"), ("X-Forwarded-Host", "evil.example, spare.example")], 200),
        (PublicUrl.of(trusted_proxies=["10.0.0.0/8"]), "10.0.0.7",
         [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "spare.example"), ("X-Forwarded-Port", "8443")], 200),
        (PublicUrl.of(trusted_proxies=["10.0.0.0/8"]), "203.0.113.9",
         [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "spare.example")], 403),
        (PublicUrl.of(trusted_proxies=["unix"]), None,
         [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "spare.example")], 200),
    ],
)  # fmt: skip
def test_behind_a_proxy(public: PublicUrl, peer: str | None, more: list[tuple[str, str]], status: int) -> None:
    """The public URL is as set, or as a listed proxy says; nobody else's headers count."""
    _, url, headers, body = signed(TOKENS["us1"], URL)
    app = SignedAsgi(application, TOKENS, public=public)
    request = ("POST", url, [*headers, *more], body)
    assert came(request, app, peer=peer, server_sees="http://127.0.0.1:8088/voice").status == status


def test_settings_that_are_none() -> None:
    """A public URL, a proxy or a token that cannot be meant is refused when the application is built."""
    for wrong in ({"base": "spare.example"}, {"base": "https://a/?x=1"}, {"trusted_proxies": ["proxy.example"]}):
        with pytest.raises(ValueError, match="write"):
            PublicUrl.of(**wrong)  # type: ignore[arg-type]
    for tokens in ({}, {"us1": ""}):
        with pytest.raises(ValueError, match="Auth Token"):
            SignedAsgi(application, tokens)
        with pytest.raises(ValueError, match="Auth Token"):
            SignedWsgi(wsgi, tokens)


def test_replays_are_told() -> None:
    """The same request again is told as such; without the provider's token for it nobody can tell."""
    app = SignedAsgi(application, TOKENS, seen=Seen())
    method, url, headers, body = signed(TOKENS["us1"], URL)
    token = ("I-Twilio-Idempotency-Token", "T1")
    told = [
        json.loads(came((method, url, more, body), app).text)["replayed"]
        for more in (headers, headers, [*headers, token], [*headers, token], [*headers, (token[0], "T2")])
    ]
    assert told == [None, None, False, True, False]


def test_what_is_remembered_is_bounded() -> None:
    """The oldest are forgotten first, and all of them after their time."""
    clock = [0.0]
    seen = Seen(kept_max=10, kept_s=60, now=lambda: clock[0])

    def again(at: int) -> bool | None:
        return seen.tell(Webhook("us1", "POST", URL, idempotency_token=f"T{at}"), "s").replayed

    assert [again(at) for at in range(100)] == [False] * 100
    assert again(99) is True
    assert again(0) is False
    clock[0] = 61.0
    assert again(99) is False


@pytest.mark.parametrize("slash", ["", "/"])
def test_media_streams_are_checked_too(slash: str) -> None:
    """A WebSocket's handshake is taken with its URL signed with or without a slash at its end, and closed if forged."""
    sent: list[Any] = []

    async def accepts(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept", "token": webhook_of(scope).token})

    async def send(event: Any) -> None:
        sent.append(event)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    def scope(signature: str) -> dict[str, Any]:
        headers = [(b"host", b"spare.example"), (b"x-twilio-signature", signature.encode())]
        return {"type": "websocket", "scheme": "wss", "path": "/media", "query_string": b"", "headers": headers}

    app = SignedAsgi(accepts, TOKENS)
    asyncio.run(app(scope(sign(TOKENS["ie1"], f"wss://spare.example/media{slash}")), receive, send))
    asyncio.run(app(scope("forged"), receive, send))
    assert [event["type"] for event in sent] == ["websocket.accept", "websocket.close"]
    assert sent[0]["token"] == "ie1"


def wsgi(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Says what it was handed."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["voicedr.webhook"].token.encode(), b" ", environ["wsgi.input"].read()]


def by_wsgi(request: tuple[str, str, Any, bytes], **more: Any) -> tuple[str, bytes]:
    """Status and body that a WSGI application behind the check gives."""
    method, url, headers, body = request
    scheme, _, rest = url.partition("://")
    host, _, target = rest.partition("/")
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method, "wsgi.url_scheme": scheme, "HTTP_HOST": host, "PATH_INFO": f"/{path}",
        "QUERY_STRING": query, "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "REMOTE_ADDR": "::1",
    }  # fmt: skip
    for name, value in headers:
        key = name.upper().replace("-", "_")
        environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    started: list[str] = []
    parts = SignedWsgi(wsgi, TOKENS)(environ | more, lambda status, _: started.append(status))
    return started[0], b"".join(parts)


def test_wsgi() -> None:
    """The same under WSGI: a signed form is handed on whole, everything else has its status."""
    assert by_wsgi(signed(TOKENS["ie1"], f"{BASE}/voice?a=1")) == ("200 OK", b"ie1 " + BODY)
    assert by_wsgi(signed("another", URL))[0] == "403 Forbidden"
    assert by_wsgi(signed(TOKENS["us1"], URL), CONTENT_LENGTH="104857600")[0] == "413 Content Too Large"
    assert by_wsgi(signed(TOKENS["us1"], URL), CONTENT_LENGTH="-1")[0] == "400 Bad Request"
    quoted = signed(TOKENS["us1"], f"{BASE}/a%20b")
    assert by_wsgi(quoted, PATH_INFO="/a b")[0] == "200 OK"
    assert by_wsgi(quoted, PATH_INFO="/x", RAW_URI="/a%20b")[0] == "200 OK"


def test_the_kit_needs_nothing_but_the_standard_library() -> None:
    """Importing the kit loads no package besides itself and the wire formats."""
    program = (
        "import sys; before = set(sys.modules); import voicedr.runtime.webhooks\n"
        "tops = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(tops - set(sys.stdlib_module_names) - {'voicedr'}))\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('voicedr.')}\n"
        "print(sorted(rooms - {'runtime', 'wire'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


@given(st.text(alphabet="ab=&+%20fFé\x00", max_size=40) | st.text(max_size=40))
def test_forms_are_read_as_everywhere(text: str) -> None:
    """Whatever a form looks like, its pairs are those that the standard library finds."""
    assert read_form(text, 500) == parse_qsl(text, keep_blank_values=True)

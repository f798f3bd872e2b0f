"""Of requests to a webhook only what was signed is handed on, and a form is the pairs that others read."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

from voicedr.runtime.webhooks.checking import Asked, Refused, Webhook, check
from voicedr.runtime.webhooks.forms import read_form
from voicedr.runtime.webhooks.public_url import PublicUrl
from voicedr.wire.signatures import sign, sign_json

_TOKEN = "0123456789abcdef0123456789abcdef"
_HOST, _PORTS = "app.example", ("", ":443")
_FORM = b"CallSid=CA1&To=%2B14155550100&From=%2B1415&Digits=&Digits=1&Name=J+%C3%BC%26"
_PROXIED = PublicUrl.of(trusted_proxies=["10.0.0.0/8", "unix"])


def _request(method: str, target: str, body: bytes, content_type: str, signature: str, more: str = "") -> bytes:
    return f"{method} {target}\n{content_type}\n{signature}\n{more}\n\n".encode() + body


_URL = f"https://{_HOST}/voice?a=b"
_SIGNED = sign(_TOKEN, _URL, parse_qsl(_FORM.decode(), keep_blank_values=True))
_JSON = b'{"a": 1}'
_JSON_URL, _JSON_SIGNED = sign_json(_TOKEN, _URL, _JSON)
SEEDS = [
    _request("POST", "/voice?a=b", _FORM, "application/x-www-form-urlencoded", _SIGNED),
    _request("GET", "/voice?a=b", b"", "", sign(_TOKEN, _URL)),
    _request("POST", _JSON_URL.removeprefix(f"https://{_HOST}"), _JSON, "application/json", _JSON_SIGNED),
    _request("POST", "/voice?a=b", b"", "", sign(_TOKEN, _URL), "app.example, evil.example"),
    _request("GET", "/x?%zz=%ff&&=&a", b"", "", "x", "[::1]:99"),
    _request("GET", "//[/?a=b", b"", "", sign(_TOKEN, f"https://{_HOST}//[/?a=b")),
]


def one(data: bytes) -> None:
    """Check it as a request that came by a proxy."""
    head, _, body = data.partition(b"\n\n")
    lines = [*head.decode("latin-1").split("\n"), "", "", "", ""]
    method, _, target = lines[0].partition(" ")
    forwarded = lines[3]
    for peer in ("10.0.0.1", "192.0.2.1", None, "no address"):
        url = _PROXIED.url("https", _HOST, target, peer, {"x-forwarded-host": forwarded, "x-forwarded-proto": "https"})
        if peer in ("192.0.2.1", "no address"):
            assert url == f"https://{_HOST}{target}", "a header of anybody's was believed"
    url = f"https://{_HOST}{target}"
    text = body.decode("utf-8", "replace")
    if text.count("&") < 500:
        assert read_form(text, 500) == parse_qsl(text, keep_blank_values=True), "others read another form"
    asked = Asked(method, url, (lines[2],) if lines[2] else (), lines[1], body=body, socket=lines[4] == "socket")
    found = check(asked, {"us1": _TOKEN})
    if isinstance(found, Refused):
        assert 400 <= found.status < 500
        assert found.why
        return
    assert _covered(found, lines[2], socket=asked.socket), f"{found.url} {found.fields} was not signed"
    if found.method == "GET":
        assert not found.body


def _covered(found: Webhook, signature: str, *, socket: bool) -> bool:
    """Whether the signature is over all that is handed on; the provider's rule, written down once more."""
    target = found.url.removeprefix(f"https://{_HOST}").partition("#")[0]
    query = target.partition("?")[2]
    form = list(found.fields)[len(read_form(query, 500)) :]
    if found.body and not form:
        digests = [value for name, value in parse_qsl(query) if name == "bodySHA256"]
        if not (digests and digests[0] == hashlib.sha256(found.body).hexdigest()) and found.body.strip(b"&"):
            return False
    rest = "".join(name + value for name, value in sorted(set(form)))
    path, question, after = target.partition("?")
    targets = {target, f"{path}/{question}{after}"} if socket else {target}
    return any(_mac(f"https://{_HOST}{port}{one}{rest}") == signature for port in _PORTS for one in targets)


def _mac(text: str) -> str:
    return base64.b64encode(hmac.digest(_TOKEN.encode(), text.encode("utf-8", "replace"), "sha1")).decode()

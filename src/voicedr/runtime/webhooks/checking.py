"""Whether a request is the provider's: a decision about values, for every kind of server.

What the signature does not cover is refused rather than handed on: a body beside a GET, a body that is no form and has
no ``bodySHA256`` in the URL, a form of several parts. Otherwise somebody who has seen one signed request could send it
again with a body of his own (https://www.twilio.com/docs/usage/security#validating-requests, read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from voicedr.runtime.webhooks.forms import read_form
from voicedr.wire.signatures import validate

BODY_BYTES_MAX = 64 * 1024
"""A webhook's form is two kilobytes or so."""

BODY_S_MAX = 5.0
"""From the head of a request to the last byte of its body; what is slower uses up the caller's 15 s."""

FIELDS_MAX = 500
"""A webhook has some thirty parameters; SIP headers and verbs add a few."""

FORM = "application/x-www-form-urlencoded"
SIGNATURE, IDEMPOTENCY = "x-twilio-signature", "i-twilio-idempotency-token"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came.

    Attributes:
        url: As the provider asked for it (see ``public_url``).
        signatures: Every value of the signature's header.
        socket: Whether it asks for a WebSocket, as Media Streams do.
    """

    method: str
    url: str
    signatures: tuple[str, ...]
    content_type: str = ""
    idempotency_token: str = ""
    body: bytes = b""
    socket: bool = False


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that the provider signed.

    Attributes:
        token: The name of the Auth Token that fits; of a Region, if each has its own name.
        fields: Parameters of the query, then those of the form, in order. A name may come again.
        body: The body as it came.
        idempotency_token: What tells retries apart; empty: the request has none.
        replayed: Whether this very request was here before; None: nobody can tell.
    """

    token: str
    method: str
    url: str
    fields: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    idempotency_token: str = ""
    replayed: bool | None = None

    def get(self, name: str, default: str = "") -> str:
        """The last value of a parameter, or the default."""
        return next((value for key, value in reversed(self.fields) if key == name), default)


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that is not handed on. ``reason`` is a word for counters; ``why`` is for a person."""

    status: int
    reason: str
    why: str


def check(asked: Asked, tokens: Mapping[str, str]) -> Webhook | Refused:
    """The webhook, or why it is none.

    Args:
        tokens: Auth Tokens by name. Give each Region's, and both while one is being changed; all of them are tried.
    """
    if asked.method not in ("GET", "POST"):
        return Refused(405, "method", f"a webhook is a GET or a POST, not a {asked.method[:20]}")
    if not asked.signatures:
        return Refused(403, "unsigned", "the request has no X-Twilio-Signature")
    if len(asked.signatures) > 1:
        return Refused(403, "forged", "the request has several X-Twilio-Signature headers")
    media_type = asked.content_type.partition(";")[0].strip().lower()
    form: list[tuple[str, str]] = []
    raw: bytes | None = None
    try:
        query = urlsplit(asked.url).query if "?" in asked.url else ""
    except ValueError:
        return Refused(400, "url", "its Host header is none, so that there is no URL that could have been signed")
    try:
        fields = read_form(query, FIELDS_MAX)
        if asked.method == "GET" or not asked.body:
            if asked.body:
                return Refused(400, "body", "a GET has no body: the signature would not cover it")
        elif media_type == FORM:
            form = read_form(asked.body.decode(), FIELDS_MAX)
        elif any(name == "bodySHA256" for name, _ in fields):
            raw = asked.body
        else:
            return Refused(415, "content-type", f"a body that is no form ({FORM}) needs bodySHA256 in the URL")
    except ValueError:
        return Refused(400, "form", f"the parameters cannot be read: not UTF-8, or more than {FIELDS_MAX}")
    urls = (asked.url, _slashed(asked.url)) if asked.socket else (asked.url,)
    for name, token in tokens.items():
        if any(validate(token, asked.signatures[0], url, form, raw) for url in urls):
            return Webhook(name, asked.method, asked.url, (*fields, *form), asked.body, asked.idempotency_token)
    return Refused(403, "forged", f"not signed with a known Auth Token; known are those of {', '.join(tokens) or '-'}")


def _slashed(url: str) -> str:
    """With a slash at the end of the path: a Media Stream's handshake may be signed so."""
    bare, question, query = url.partition("?")
    return f"{bare}{'' if bare.endswith('/') else '/'}{question}{query}"

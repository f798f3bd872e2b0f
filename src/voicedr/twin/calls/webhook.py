"""One webhook: the request with its parameters and signature, redirects, logins, and what a failure is called.

A URL is tried as its connection overrides say (``attempts``); 10 redirects, 15 s in all, 64 kB
(https://www.twilio.com/docs/voice/twiml, https://www.twilio.com/docs/api/errors/11205,
https://www.twilio.com/docs/api/errors/11215).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import assert_never
from urllib.parse import unquote, urljoin, urlsplit

import msgspec

from voicedr.twin.calls.attempts import Result, Sending, send
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.delivery import Delivery, delivery_of
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.session import Session
from voicedr.wire.addresses import names_no_public_host
from voicedr.wire.forms import form_body
from voicedr.wire.http import Failure, Request, Response
from voicedr.wire.overrides import BadOverrides
from voicedr.wire.signatures import HEADER, sign
from voicedr.wire.twiml import BODY_BYTES_MAX

REDIRECTS_MAX = 10
USER_AGENT = "TwilioProxy/1.1"
"""Not documented; what receivers of webhooks report to have seen."""

Sign = Callable[[str, str, Iterable[tuple[str, str]], str], str]
"""Secret, URL, form fields and hash to signature: voice and messages are signed differently."""

CODES: dict[Failure, int] = {
    Failure.NAME_NOT_FOUND: 11210,
    Failure.CONNECT_REFUSED: 11205,
    Failure.CONNECT_TIMEOUT: 11205,
    Failure.TLS_HANDSHAKE: 11220,
    Failure.TLS_NAME_MISMATCH: 11235,
    Failure.TLS_EXPIRED: 11236,
    Failure.TLS_UNTRUSTED: 11237,
    Failure.PROTOCOL: 11206,
    # The page of 11200 names network trouble and no answer within 15 s; that of 11205 names the second too.
    Failure.RESET: 11200,
    Failure.READ_TIMEOUT: 11200,
    Failure.TOO_LARGE: 11750,
}
"""The error code of each way to get no response (https://www.twilio.com/docs/api/errors)."""


class Answer(msgspec.Struct, frozen=True):
    """How a webhook ended.

    Attributes:
        url: The last URL asked, without fragment and credentials.
        method: How it was asked.
        response: What came, if anything did.
        code: The provider's error code; 0 if a 2xx came.
        text: What went wrong, for a person.
    """

    url: str
    method: str
    response: Response | None = None
    code: int = 0
    text: str = ""


def parameters(line: Line) -> dict[str, str]:
    """The parameters of every webhook about this leg (https://www.twilio.com/docs/voice/twiml)."""
    call = line.call
    fields = {
        "AccountSid": line.office.world.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Called": call.to,
        "Caller": call.from_,
        "Direction": call.direction if call.direction.startswith("outbound") else "inbound",
        "From": call.from_,
        "To": call.to,
    }
    if call.parent_sid:
        fields["ParentCallSid"] = call.parent_sid
    if call.forwarded_from:
        fields["ForwardedFrom"] = call.forwarded_from
    if call.caller_name:
        fields["CallerName"] = call.caller_name
    fields.update(line.extra)
    return fields


def deliver(
    office: Office,
    region: str,
    session: Session,
    url: str,
    method: str,
    fields: Mapping[str, str],
    signed: Sign = sign,
    *,
    body_bytes_max: int = BODY_BYTES_MAX,
) -> Script[Answer]:
    """Ask a URL, following redirects, until there is an answer or a failure. The Region's primary Auth Token signs.

    A redirect by 301, 302 or 303 is followed with GET, one by 307 or 308 with the method it was; the parameters go
    along. (Assumption: whether the provider keeps the method is not documented.) The overrides of the URL that is
    configured hold for the whole chain, and each URL of it has their retries. (Assumption, too.)

    All attempts at a configured URL share one idempotency token. Whether they do is not documented
    (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
    """
    world = office.world
    token = world.mint("")
    method = "GET" if method.upper() == "GET" else "POST"
    redirects = 0
    tried: set[str] = set()
    credentials: dict[str, tuple[str, str]] = {}
    try:
        delivery = delivery_of(office, region, url)
    except BadOverrides as refused:
        # Assumption: a URL with overrides that are refused is not asked at all.
        return Answer(_bare(url), method, None, refused.code, refused.message)
    overrides = delivery.overrides
    terms = Sending(office, region, session, overrides, url, office.now, body_bytes_max)
    if delivery.login is not None:
        credentials[urlsplit(_bare(url)).netloc] = delivery.login
    while True:
        asked = _asked(url, credentials)
        if asked is None:
            code = 11216 if redirects else 11100
            return Answer(_bare(url), method, None, code, f"{_bare(url)[:200]!r} is not an absolute http(s) URL")
        url, host = asked
        if delivery.public_only and names_no_public_host(urlsplit(url).hostname or ""):
            # https://www.twilio.com/docs/api/errors/11205
            text = f"{host} is localhost or a private address, which the provider does not ask"
            return Answer(url, method, None, 11205, text)

        def may_log_in(response: Response, host: str = host) -> bool:
            known = host in credentials or host in session.logins
            return response.status == 401 and host not in tried and known

        request = _request(office, region, session, delivery, host, url, method, fields, token, signed)
        result = yield from send(terms, request, url, may_log_in)
        if isinstance(result.came, Failure):
            return Answer(url, method, None, CODES[result.came], _meaning(result.came, result, terms))
        response = session.reuse(request.url, result.came) if method == "GET" else result.came
        session.keep_cookies(url, response, office.now)
        status = response.status
        if may_log_in(response):
            tried.add(host)
            login = session.logins.get(host)
            user_password = credentials[host] if login is None else (login.user, login.password)
            if session.log_in(host, user_password, response):
                continue
        if 300 <= status < 400:
            redirects += 1
            location = response.header("Location")
            if not location or status == 304:
                return Answer(url, method, response, 11216, f"status {status} that leads nowhere")
            if redirects > REDIRECTS_MAX:
                return Answer(url, method, response, 11215, f"more than {REDIRECTS_MAX} redirects")
            url = urljoin(url, location)
            terms = Sending(office, region, session, overrides, url, terms.begun, body_bytes_max)
            method = method if status in {307, 308} else "GET"
        elif status >= 400:
            return Answer(url, method, response, 11200, f"the response has status {status}{_tries(result)}")
        else:
            return Answer(url, method, response)


def _bare(url: str) -> str:
    """As much of a URL as may be shown: no fragment, no credentials."""
    bare = url.partition("#")[0]
    scheme, separator, rest = bare.partition("://")
    authority = rest.partition("/")[0].partition("?")[0]
    return f"{scheme}{separator}{rest[len(authority.rpartition('@')[0]) + 1 :]}" if "@" in authority else bare


def _asked(url: str, credentials: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The URL without fragment and credentials, and its host and port; None if it cannot be asked.

    The fragment (connection overrides) is for the client and never sent. User and password are kept for a 401.
    """
    apart = _apart(url)
    if apart is None:
        return None
    bare, host, login = apart
    if login is not None:
        credentials[host] = login
    return bare, host


@lru_cache(maxsize=512)
def _apart(url: str) -> tuple[str, str, tuple[str, str] | None] | None:
    """A URL without fragment and credentials, its host and port, and the credentials; None if it cannot be asked."""
    bare = url.partition("#")[0]
    try:
        parts = urlsplit(bare)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    if not usable or any(character.isspace() for character in bare):
        return None
    user_password, at, host = parts.netloc.rpartition("@")
    if not at:
        return bare, host, None
    user, _, password = user_password.partition(":")
    return bare.replace(f"{user_password}@", "", 1), host, (unquote(user), unquote(password))


def _request(
    office: Office,
    region: str,
    session: Session,
    delivery: Delivery,
    host: str,
    url: str,
    method: str,
    fields: Mapping[str, str],
    token: str,
    signed: Sign,
) -> Request:
    encoded = form_body(fields)
    headers = [
        ("User-Agent", USER_AGENT),
        ("Accept", "*/*"),
        ("I-Twilio-Idempotency-Token", token),
        # Not on a page of the provider's; receivers of webhooks report it.
        ("X-Home-Region", region),
        *delivery.headers,
    ]
    if method == "GET":
        if encoded:
            url = f"{url}{'&' if '?' in url else '?'}{encoded}"
        body = b""
        headers.append((HEADER, signed(delivery.secret, url, (), delivery.digest)))
        headers += session.conditions(url)
    else:
        body = encoded.encode()
        headers.append((HEADER, signed(delivery.secret, url, fields.items(), delivery.digest)))
        headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
    if cookies := session.cookie_header(url, office.now):
        headers.append(("Cookie", cookies))
    login = session.logins.get(host)
    if login is not None:
        headers.append(("Authorization", login.header(method, url, token if login.challenge else "")))
    return Request(
        method,
        url,
        tuple(headers),
        body,
        sni=delivery.overrides.sni,
        verified=delivery.verified,
        public_only=delivery.public_only,
    )


def _meaning(failure: Failure, result: Result, terms: Sending) -> str:
    """A failure in words, with the limits that held."""
    overrides = terms.overrides
    match failure:
        case Failure.NAME_NOT_FOUND:
            what = "the host name does not resolve"
        case Failure.CONNECT_REFUSED:
            what = "the connection was refused"
        case Failure.CONNECT_TIMEOUT:
            what = f"no connection within {overrides.connect_s:g} s"
        case Failure.TLS_HANDSHAKE:
            what = "the TLS handshake failed"
        case Failure.TLS_NAME_MISMATCH:
            what = "the certificate is for another name"
        case Failure.TLS_EXPIRED:
            what = "the certificate has expired"
        case Failure.TLS_UNTRUSTED:
            what = "the certificate leads to no known authority"
        case Failure.PROTOCOL:
            what = "the server does not speak HTTP"
        case Failure.RESET:
            what = "the connection was cut off"
        case Failure.READ_TIMEOUT:
            what = f"no whole response within {min(overrides.read_s, overrides.total_s):g} s"
        case Failure.TOO_LARGE:
            what = f"the response is larger than {terms.body_bytes_max} bytes"
        case _:
            assert_never(failure)
    return what + _tries(result)


def _tries(result: Result) -> str:
    return f", tried {result.attempts} times" if result.attempts > 1 else ""

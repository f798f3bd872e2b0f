"""One webhook: the request with its parameters and signature, redirects, retries, and what a failure is called.

Limits: 5 s to connect, tried twice; 15 s in all; 10 redirects; 64 kB
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, https://www.twilio.com/docs/api/errors/11205,
https://www.twilio.com/docs/api/errors/11215).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from voicedr.twin import faults
from voicedr.twin.calls.commands import Exchange, Script, Wait
from voicedr.twin.calls.line import Line, Session
from voicedr.twin.calls.office import Office
from voicedr.wire.http import Failure, Request, Response, Timeouts
from voicedr.wire.signatures import HEADER, sign
from voicedr.wire.twiml import BODY_BYTES_MAX

CONNECT_S = 5.0
TOTAL_S = 15.0
ATTEMPTS_MAX = 2
REDIRECTS_MAX = 10
USER_AGENT = "TwilioProxy/1.1"
"""Not documented; what receivers of webhooks report to have seen."""

RETRIED = frozenset({Failure.CONNECT_REFUSED, Failure.CONNECT_TIMEOUT, Failure.TLS_HANDSHAKE})
"""The default retry policy ``rp=ct``: TCP connect or TLS handshake."""

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

MEANING: dict[Failure, str] = {
    Failure.NAME_NOT_FOUND: "the host name does not resolve",
    Failure.CONNECT_REFUSED: "the connection was refused",
    Failure.CONNECT_TIMEOUT: f"no connection within {CONNECT_S:g} s, tried {ATTEMPTS_MAX} times",
    Failure.TLS_HANDSHAKE: "the TLS handshake failed",
    Failure.TLS_NAME_MISMATCH: "the certificate is for another name",
    Failure.TLS_EXPIRED: "the certificate has expired",
    Failure.TLS_UNTRUSTED: "the certificate leads to no known authority",
    Failure.PROTOCOL: "the server does not speak HTTP",
    Failure.RESET: "the connection was cut off",
    Failure.READ_TIMEOUT: f"no whole response within {TOTAL_S:g} s",
    Failure.TOO_LARGE: f"the response is larger than {BODY_BYTES_MAX} bytes",
}


@dataclass(frozen=True, slots=True)
class Answer:
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
    office: Office, region: str, session: Session, url: str, method: str, fields: Mapping[str, str]
) -> Script[Answer]:
    """Ask a URL, following redirects, until there is an answer or a failure. The Region's auth token signs.

    A redirect by 301, 302 or 303 is followed with GET, one by 307 or 308 with the method it was; the parameters go
    along. (Assumption: whether the provider keeps the method is not documented.)
    """
    begun = office.now
    token = office.world.mint("")
    configured = url
    method = "GET" if method.upper() == "GET" else "POST"
    redirects = 0
    asked_to_log_in: set[str] = set()
    credentials: dict[str, str] = {}
    while True:
        bare = _asked(url, credentials)
        if bare is None:
            code = 11216 if redirects else 11100
            return Answer(url.partition("#")[0], method, None, code, f"{url[:200]!r} is not an absolute http(s) URL")
        url, host = bare
        request = _request(office.store(region).auth_token, session, host, url, method, fields, token)
        result = yield from _attempts(office, region, configured, request, begun)
        if isinstance(result, Failure):
            return Answer(url, method, None, CODES[result], MEANING[result])
        _keep_cookies(session, host, result)
        status = result.status
        if status == 401 and host in credentials and host not in asked_to_log_in and _wants_basic(result):
            asked_to_log_in.add(host)
            session.logins[host] = credentials[host]
        elif 300 <= status < 400:
            redirects += 1
            location = result.header("Location")
            if not location or status == 304:
                return Answer(url, method, result, 11216, f"status {status} that leads nowhere")
            if redirects > REDIRECTS_MAX:
                return Answer(url, method, result, 11215, f"more than {REDIRECTS_MAX} redirects")
            configured = url = urljoin(url, location)
            method = method if status in {307, 308} else "GET"
        elif status >= 400:
            return Answer(url, method, result, 11200, f"the response has status {status}")
        else:
            return Answer(url, method, result)


def _asked(url: str, credentials: dict[str, str]) -> tuple[str, str] | None:
    """The URL without fragment and credentials, and its host and port; None if it cannot be asked.

    The fragment (connection overrides) is for the client and never sent. User and password are kept for a 401.
    """
    bare = url.partition("#")[0]
    try:
        parts = urlsplit(bare)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    if not usable or any(character.isspace() for character in bare):
        return None
    user_password, at, host = parts.netloc.rpartition("@")
    if at:
        credentials[host] = "Basic " + base64.b64encode(unquote(user_password).encode()).decode()
        bare = bare.replace(f"{user_password}@", "", 1)
    return bare, host


def _request(
    auth_token: str, session: Session, host: str, url: str, method: str, fields: Mapping[str, str], token: str
) -> Request:
    encoded = urlencode(fields)
    headers = [("User-Agent", USER_AGENT), ("Accept", "*/*"), ("I-Twilio-Idempotency-Token", token)]
    if method == "GET":
        url = f"{url}{'&' if '?' in url else '?'}{encoded}"
        body = b""
        headers.append((HEADER, sign(auth_token, url)))
    else:
        body = encoded.encode()
        headers.append((HEADER, sign(auth_token, url, fields.items())))
        headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
    if host in session.cookies:
        headers.append(("Cookie", "; ".join(f"{name}={value}" for name, value in session.cookies[host].items())))
    if host in session.logins:
        headers.append(("Authorization", session.logins[host]))
    return Request(method, url, tuple(headers), body)


def _attempts(
    office: Office, region: str, configured: str, request: Request, begun: float
) -> Script[Response | Failure]:
    """Send one request, once more if no connection came about, inside what is left of the 15 s."""
    result: Response | Failure = Failure.READ_TIMEOUT
    for _ in range(ATTEMPTS_MAX):
        left_s = begun + TOTAL_S - office.now
        if left_s <= 0:
            break
        result = yield from _attempt(office, region, configured, request, left_s)
        if isinstance(result, Response) or result not in RETRIED:
            break
    return result


def _attempt(
    office: Office, region: str, configured: str, request: Request, left_s: float
) -> Script[Response | Failure]:
    effect = faults.webhook(office.world, region, configured, office.now)
    if effect is not None:
        took_s = effect.delay_s
        if effect.failure is Failure.CONNECT_TIMEOUT:
            took_s = CONNECT_S
        elif effect.failure is Failure.READ_TIMEOUT:
            took_s = left_s
        if took_s > 0:
            yield Wait(min(took_s, left_s))
        left_s -= took_s
        if effect.failure is not None:
            return effect.failure
        if left_s <= 0:
            return Failure.READ_TIMEOUT
        if effect.status is not None:
            return Response(effect.status, (("Content-Type", "text/plain"),), b"")
    timeouts = Timeouts(min(CONNECT_S, left_s), left_s, BODY_BYTES_MAX)
    result: Response | Failure = yield Exchange(request, timeouts)
    return result


def _keep_cookies(session: Session, host: str, response: Response) -> None:
    for name, value in response.headers:
        if name.lower() == "set-cookie":
            key, equals, content = value.split(";", 1)[0].partition("=")
            jar = session.cookies.setdefault(host, {})
            if equals and len(jar) < 50 and len(content) <= 4096:
                jar[key.strip()] = content.strip()


def _wants_basic(response: Response) -> bool:
    return (response.header("WWW-Authenticate") or "").lower().startswith("basic")

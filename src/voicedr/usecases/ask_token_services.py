"""Ask token services for a token of a Region, as a client would once the flow has moved, and read what it says.

The convention is a GET with ``identity`` and ``region`` in the query, and the Region's token in the answer: as text, or
as ``token`` in a JSON object. The token is read, checked and forgotten; it is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Response, Send, Timeouts
from voicedr.program.readiness.facts import Fact, Observed
from voicedr.program.readiness.outside.access_token import AccessToken, NoToken, read_access_token
from voicedr.program.readiness.outside.application import TokenAnswer
from voicedr.program.readiness.urls import host_of, shown
from voicedr.program.readiness.views.forms import can_be_asked
from voicedr.program.vocabulary import Region
from voicedr.usecases.probe_webhooks import USER_AGENT

IDENTITY = "voicedr-readiness"
"""Who the token is for. Nobody ever uses it."""

ANSWER = Timeouts(connect_s=5.0, total_s=10.0, body_bytes_max=64 * 1024)
"""Somebody waits for the token with a telephone at the ear. A limit of ours."""

_NAMES = ("token", "access_token", "accessToken", "jwt")


async def ask_token_service(
    url: str, bearer: str | None, region: Region, keys: Mapping[Region, tuple[str, str]], send: Send, clock: Clock
) -> Fact[TokenAnswer]:
    """What one service said. Never raises for a dead one.

    Args:
        url: Where it mints.
        bearer: The secret that it wants to see, or None.
        region: Which Region's token is asked for.
        keys: The workbook's keys, by Region, with which a signature is checked.
        send: How the request goes out.
        clock: For the time of the observation.
    """
    source = f"GET {shown(url)} from this machine"
    if not can_be_asked(url):
        return Observed(TokenAnswer(None, 0.0, problem="is not a URL that can be asked for"), clock.now(), source)
    if bearer is not None and not _is_private(url):
        return Observed(TokenAnswer(None, 0.0, problem="is not https: no secret is sent to it"), clock.now(), source)
    query = urlencode({"identity": IDENTITY, "region": region})
    headers = [("User-Agent", USER_AGENT), ("Accept", "application/json, text/plain, application/jwt")]
    if bearer is not None:
        headers.append(("Authorization", f"Bearer {bearer}"))
    asked = f"{url.partition('#')[0]}{'&' if '?' in url else '?'}{query}"
    started_s = clock.monotonic_s()
    try:
        response = await send(Request("GET", asked, tuple(headers)), ANSWER)
    except NoResponse as exc:
        seconds = clock.monotonic_s() - started_s
        answer = TokenAnswer(None, round(seconds, 3), problem=f"did not answer: {exc.failure.value}")
        return Observed(answer, clock.now(), source)
    seconds = round(clock.monotonic_s() - started_s, 3)
    if response.status != 200:
        answer = TokenAnswer(response.status, seconds, problem=f"answered {response.status}")
        return Observed(answer, clock.now(), source)
    try:
        token = _token(response, keys)
    except NoToken as exc:
        answer = TokenAnswer(200, seconds, problem=f"gave no access token: {exc}")
        return Observed(answer, clock.now(), source)
    return Observed(TokenAnswer(200, seconds, token), clock.now(), source)


def _is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there: over TLS, or to this very machine."""
    return url.lower().startswith("https://") or host_of(url) in {"localhost", "127.0.0.1", "::1"}


def _token(response: Response, keys: Mapping[Region, tuple[str, str]]) -> AccessToken:
    text = response.text.strip()
    if text.startswith(("{", '"')):
        try:
            value = msgspec.json.decode(response.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise NoToken("the answer is broken JSON") from exc
        if isinstance(value, dict):
            value = next((value[name] for name in _NAMES if isinstance(value.get(name), str)), None)
        if not isinstance(value, str):
            raise NoToken(f"the JSON answer has none of {', '.join(_NAMES)}")
        text = value
    return read_access_token(text, keys)

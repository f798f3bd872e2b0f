"""Requests that ask for no TwiML: is anybody there, which Region does an instance use, does the REST API answer."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import urlsplit

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Response, Send
from voicedr.program.readiness.facts import Fact, Observed
from voicedr.program.readiness.outside.web import ContextSeen, InstanceSaid, Reached
from voicedr.program.readiness.urls import shown, without_fragment
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.usecases.probe_webhooks import USER_AGENT
from voicedr.usecases.web_budget import ANSWER

_HEADERS = (("User-Agent", USER_AGENT), ("Accept", "*/*"))


async def reach(method: str, url: str, send: Send, clock: Clock, *, well: bool) -> Fact[Reached]:
    """Whether a URL answers.

    Args:
        method: GET or HEAD: neither changes anything (RFC 9110 §9.2.1).
        well: Only 2xx counts; otherwise everything below 500 does: a callback need not know HEAD.
    """
    source = f"{method} {shown(without_fragment(url))} from this machine"
    started_s = clock.monotonic_s()
    answer = await _ask(Request(method, without_fragment(url), _HEADERS), send)
    seconds = round(clock.monotonic_s() - started_s, 3)
    if isinstance(answer, NoResponse):
        return Observed(Reached(None, seconds, f"did not answer: {answer.failure.value}"), clock.now(), source)
    good = 200 <= answer.status < 300 if well else answer.status < 500
    return Observed(Reached(answer.status, seconds, None if good else f"answered {answer.status}"), clock.now(), source)


async def reach_api(
    edge: str, region: Region, account_sid: str, key: tuple[str, str], address: str | None, send: Send, clock: Clock
) -> Fact[Reached]:
    """Whether the REST API answers under the name of one edge: one page of what any key may list.

    Args:
        key: The API key and its secret, which go into the request and nowhere else.
        address: Send it there, Host kept; None: where the name says.
    """
    host = f"api.{edge}.{region}.twilio.com"
    path = f"/2010-04-01/Accounts/{account_sid}/Applications.json?PageSize=1"
    token = b64encode(":".join(key).encode()).decode()
    headers: tuple[tuple[str, str], ...] = (*_HEADERS, ("Authorization", f"Basic {token}"))
    url = f"https://{host}{path}"
    if address is not None:
        url, headers = address.rstrip("/") + path, (*headers, ("Host", host))
    started_s = clock.monotonic_s()
    answer = await _ask(Request("GET", url, headers), send)
    seconds = round(clock.monotonic_s() - started_s, 3)
    if isinstance(answer, NoResponse):
        said = Reached(None, seconds, f"did not answer ({answer.failure.value})")
    else:
        good = 200 <= answer.status < 300 or _is_refusal(answer)
        said = Reached(answer.status, seconds, None if good else f"answered {answer.status}")
    return Observed(said, clock.now(), f"GET {host} Applications from this machine")


class _ApiError(msgspec.Struct, frozen=True):
    code: int


def _is_refusal(answer: Response) -> bool:
    """Whether the API itself refused the key: then it is there under this name. A proxy's 403 has no code in JSON
    (https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions)."""
    if answer.status not in (401, 403):
        return False
    try:
        msgspec.json.decode(answer.body, type=_ApiError)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return True


class _Health(msgspec.Struct, frozen=True):
    active_region: str | None = None
    epoch: int | None = None


async def ask_instance(url: str, send: Send, clock: Clock) -> Fact[InstanceSaid]:
    """Which Region an instance says that it uses. A URL without a path means its ``/health``."""
    full = url.rstrip("/") + "/health" if urlsplit(url).path in ("", "/") else url
    answer = await _ask(Request("GET", full, _HEADERS), send)
    source = f"GET {shown(full)} from this machine"
    if isinstance(answer, NoResponse):
        said = InstanceSaid(None, None, f"it did not answer ({answer.failure.value})")
    elif answer.status != 200:
        said = InstanceSaid(None, None, f"it answered {answer.status}")
    else:
        said = _said(answer.body)
    return Observed(said, clock.now(), source)


def _said(body: bytes) -> InstanceSaid:
    try:
        health = msgspec.json.decode(body, type=_Health)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return InstanceSaid(None, None, "it answered with something else than its health")
    if health.active_region not in REGIONS:
        return InstanceSaid(None, health.epoch, "it says no Region")
    return InstanceSaid(Region(str(health.active_region)), health.epoch)


class _Context(msgspec.Struct, frozen=True):
    region: str
    epoch: int


def context_in(content: bytes) -> ContextSeen:
    """What a context document says."""
    try:
        document = msgspec.json.decode(content, type=_Context)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ContextSeen(None, None, "is no context document")
    if document.region not in REGIONS or document.epoch < 1:
        return ContextSeen(None, None, "names no Region and epoch that there can be")
    return ContextSeen(Region(document.region), document.epoch)


async def _ask(request: Request, send: Send) -> Response | NoResponse:
    try:
        return await send(request, ANSWER)
    except NoResponse as broken:
        return broken

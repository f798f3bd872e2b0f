"""Getting the next document of a call: from its URL, or else from the fallback, or nowhere.

Whatever URL fails, at the start or in the middle of a call, its place is taken by the fallback of the entity that
started the call, which is told ``ErrorCode`` and ``ErrorUrl``. There is no memory: the next event tries its own URL
first (https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Line, Unrunnable
from voicedr.twin.calls.webhook import deliver, parameters
from voicedr.wire.http import Response
from voicedr.wire.twiml import Document, TwimlError, parse

INLINE_MAX = 4000
"""Characters of TwiML in a REST request (https://www.twilio.com/docs/api/errors/32018)."""

DOCUMENTS_PER_INSTANT_MAX = 100
"""Documents that may be loaded without any time passing. Only a loop with nothing in it needs more."""

_parse = lru_cache(maxsize=256)(parse)


@dataclass(frozen=True, slots=True)
class Page:
    """A document and where it came from: the base for relative URLs and the default of ``action``."""

    document: Document
    url: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why there is no document. ``url`` is the one that failed; the alert is written."""

    code: int
    url: str


def load(line: Line, url: str, method: str, extra: Mapping[str, str]) -> Script[Page | None]:
    """The document of this URL or, failing that, of the fallback; None if both fail or there is no fallback."""
    page = yield from load_without_fallback(line, url, method, extra)
    if isinstance(page, Page):
        return page
    return (yield from _from_fallback(line, page, extra))


def load_after(line: Line, failed: Unrunnable) -> Script[Page | None]:
    """The fallback's document after one that turned out, while it ran, not to be executable."""
    return (yield from _from_fallback(line, Unusable(failed.code, failed.url), {}))


def load_inline(line: Line, twiml: str) -> Script[Page | None]:
    """The document that came in a REST request or, if it cannot be executed, that of the fallback."""
    try:
        if len(twiml) > INLINE_MAX:
            raise TwimlError(32018, f"the TwiML has {len(twiml)} characters; {INLINE_MAX} are allowed")
        document = _parse(twiml.encode(), "text/xml")
    except TwimlError as error:
        line.office.alert(line.region, error.code, error.message, resource_sid=line.call.sid)
        return (yield from _from_fallback(line, Unusable(error.code, ""), {}))
    _tell_warnings(line, document, "")
    return Page(document, "")


def load_without_fallback(line: Line, url: str, method: str, extra: Mapping[str, str]) -> Script[Page | Unusable]:
    """The document of this URL, or why there is none."""
    if _loops(line):
        return _failed(line, 12400, url, method, "documents lead to each other without any time passing")
    line.hears("silence")
    fields = parameters(line) | dict(extra)
    answer = yield from deliver(line.office, line.region, line.session, url, method, fields)
    response = answer.response
    if answer.code or response is None:
        return _failed(line, answer.code, answer.url, answer.method, answer.text, fields, response)
    try:
        if not response.body and "chunked" in (response.header("Transfer-Encoding") or "").lower():
            raise TwimlError(11770, "the response is chunked and its body empty")
        document = _parse(response.body, response.header("Content-Type"))
    except TwimlError as error:
        return _failed(line, error.code, answer.url, answer.method, error.message, fields, response)
    _tell_warnings(line, document, answer.url)
    return Page(document, answer.url)


def _from_fallback(line: Line, failed: Unusable, extra: Mapping[str, str]) -> Script[Page | None]:
    handler = line.handler
    if not handler.fallback_url:
        return None
    told = dict(extra) | {"ErrorCode": str(failed.code), "ErrorUrl": failed.url}
    # Whether the fallback has 15 s of its own is not documented; here it has.
    page = yield from load_without_fallback(line, handler.fallback_url, handler.fallback_method, told)
    return page if isinstance(page, Page) else None


def _loops(line: Line) -> bool:
    if line.office.now > line.instant:
        line.instant, line.documents = line.office.now, 0
    line.documents += 1
    return line.documents > DOCUMENTS_PER_INSTANT_MAX


def _failed(
    line: Line,
    code: int,
    url: str,
    method: str,
    text: str,
    fields: Mapping[str, str] | None = None,
    came: Response | None = None,
) -> Unusable:
    line.office.alert(
        line.region,
        code,
        f"{url}: {text}",
        resource_sid=line.call.sid,
        url=url,
        method=method,
        variables=urlencode(fields or {}),
        response_headers="\n".join(f"{name}: {value}" for name, value in came.headers) if came else "",
        response_body=came.text[:4096] if came else "",
    )
    return Unusable(code, url)


def _tell_warnings(line: Line, document: Document, url: str) -> None:
    if document.warnings:
        text = "; ".join(message for _, message in document.warnings[:10])
        line.office.alert(line.region, 12200, text, resource_sid=line.call.sid, url=url, level="warning", method="POST")

"""One request to one Region's hosts: authenticated, paced, retried where that is safe, and its errors told apart.

    answer                       to a read                       to a write
    2xx                          the answer                      the answer
    429                          repeat slower, then Throttled   the same: it was not executed
    5xx, 408                     repeat, then Unreachable        Unsettled, never repeated
    connection broken or reset   repeat, then Unreachable        Unsettled, never repeated
    no answer in time            Unreachable                     Unsettled
    larger than we take          TooLarge                        Unsettled
    not delivered                Unreachable                     Unreachable
    401, or code 20003           WrongCredential                 WrongCredential
    any other 4xx                Refused                         Refused
    anything else                Unreachable                     Unsettled

Sources: https://www.twilio.com/docs/usage/twilios-response, https://www.twilio.com/docs/api/errors/20429 (a request
that got a 429 was not executed), https://www.twilio.com/docs/api/errors/20003 (read 2026-11-21).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping

import msgspec

from voicedr.adapters.pace import Turns
from voicedr.adapters.providers.twilio.shapes import ErrorShape
from voicedr.ports.clock import Clock
from voicedr.ports.provider import Refused, Throttled, TooLarge, Unreachable, Unsettled, WrongCredential
from voicedr.program.vocabulary import Region
from voicedr.wire.http import (
    AnswerLost,
    Failure,
    NoResponse,
    NotDelivered,
    Request,
    Response,
    Send,
    Timeouts,
    form_request,
)

TRIES_MAX = 5
"""Tries of one request. https://github.com/twilio/ai, reliability skill: 100 ms, times 2, ±10 %, 30 s, 5 tries."""

BACKOFF_S, BACKOFF_FACTOR, BACKOFF_S_MAX, BACKOFF_JITTER = 0.1, 2.0, 30.0, 0.1

ANSWER_SHOWN_CHARS_MAX = 200
"""How much of the provider's own words goes into a message."""

_NOTHING_CHANGED = "Nothing changed."

_UNSERVED = "not supported in realm"
"""What a Region says of a resource that it does not have: seen in the field, not documented."""


class Ask(msgspec.Struct, frozen=True):
    """One request and how to speak about it.

    Attributes:
        what: What it does and to which thing, as the beginning of a message: ``"routing +1415… to ie1"``.
        check: For a write: how to find out whether it took effect, as the end of a message.
        absent_is_answer: 404 is an answer, not a refusal.
        accept: What form of answer is asked for.
        body_bytes_max: A larger answer is TooLarge; None: as always.
        body_s: So much longer than always the answer may take.
        hidden: What is in the fields and may be in no message.
    """

    method: str
    url: str
    what: str
    fields: Mapping[str, str] = {}
    check: str = ""
    absent_is_answer: bool = False
    accept: str = "application/json"
    body_bytes_max: int | None = None
    body_s: float = 0.0
    hidden: tuple[str, ...] = ()

    @property
    def writes(self) -> bool:
        """True if it may change something."""
        return self.method != "GET"

    @property
    def host(self) -> str:
        """The host it goes to."""
        return self.url.split("/")[2]


class Exchange:
    """Sends requests with one Region's key. See the table at the top of the module."""

    def __init__(
        self,
        *,
        region: Region,
        api_key: str,
        api_secret: str,
        send: Send,
        clock: Clock,
        pace: Turns,
        timeouts: Timeouts,
        chance: Callable[[], float],
    ) -> None:
        self._region = region
        self._api_key = api_key
        self._send = send
        self._clock = clock
        self._pace = pace
        self._timeouts = timeouts
        self._chance = chance
        token = b64encode(f"{api_key}:{api_secret}".encode()).decode()
        self._secrets = (token, api_secret) if api_secret else (token,)
        self._headers = (("Authorization", f"Basic {token}"),)

    @property
    def region(self) -> Region:
        """The Region whose key it is."""
        return self._region

    async def ask(self, ask: Ask) -> Response:
        """The answer, 2xx (or 404 where that is an answer).

        Raises:
            ProviderError: As in the table.
        """
        headers = (*self._headers, ("Accept", ask.accept))
        request = form_request(ask.method, ask.url, ask.fields, headers)
        tries = 0
        while True:
            await self._pace.turn()
            tries += 1
            outcome = await self._once(ask, request)
            if isinstance(outcome, Response) and 200 <= outcome.status < 300:
                return outcome
            if isinstance(outcome, Response) and outcome.status == 404 and self._is_absence(ask, outcome):
                return outcome
            wait_s = self._wait_s(ask, outcome, tries)
            if wait_s is None:
                raise self._error(ask, outcome, tries) from (None if isinstance(outcome, Response) else outcome)
            await self._clock.sleep(wait_s)

    def unreadable(self, ask: Ask, answer: Response, why: str) -> Unreachable | Unsettled:
        """The error for an answer that is a success and cannot be understood."""
        what = f"{ask.what} through {ask.host}: answered {answer.status} with something else than documented"
        if ask.writes:
            return Unsettled(f"{what} ({self._clean(why, ask)}); it may have taken effect. {ask.check}")
        return Unreachable(
            f"{what} ({self._clean(why, ask)}). {_NOTHING_CHANGED} See whether a proxy answers in the provider's place."
        )

    async def _once(self, ask: Ask, request: Request) -> Response | NoResponse:
        try:
            answer = await self._send(request, self._timeouts_for(ask))
        except NoResponse as broken:
            return broken
        if answer.status == 429:
            self._pace.slow_down()
        return answer

    def _timeouts_for(self, ask: Ask) -> Timeouts:
        if ask.body_bytes_max is None:
            return self._timeouts
        return msgspec.structs.replace(
            self._timeouts,
            total_s=self._timeouts.total_s + ask.body_s,
            body_bytes_max=ask.body_bytes_max,
            read_s=self._timeouts.total_s,
        )

    def _is_absence(self, ask: Ask, answer: Response) -> bool:
        """True if a 404 says that the thing is not there.

        A Region that does not serve an endpoint also answers 404 ("Endpoint is not supported in realm 'ie1'"), and so
        does a proxy, in HTML. Neither has looked.
        """
        return ask.absent_is_answer and _UNSERVED not in answer.text and not answer.text.lstrip().startswith("<")

    def _wait_s(self, ask: Ask, outcome: Response | NoResponse, tries: int) -> float | None:
        """How long to wait before the next try; None if there is none."""
        asked_s = _retry_after_s(outcome) if isinstance(outcome, Response) else None
        if tries >= TRIES_MAX or not _may_repeat(ask, outcome) or (asked_s or 0.0) > BACKOFF_S_MAX:
            return None
        jitter = 1 + BACKOFF_JITTER * (2 * self._chance() - 1)
        return max(asked_s or 0.0, min(BACKOFF_S_MAX, BACKOFF_S * BACKOFF_FACTOR ** (tries - 1) * jitter))

    def _error(
        self, ask: Ask, outcome: Response | NoResponse, tries: int
    ) -> Refused | Throttled | TooLarge | Unreachable | Unsettled:
        what = f"{ask.what} through {ask.host}"
        times = "" if tries == 1 else f", {tries} times in a row"
        if isinstance(outcome, NotDelivered):
            how = f"not delivered ({self._clean(str(outcome), ask)})"
            return Unreachable(f"{what}: {how}. {_NOTHING_CHANGED} {_next_step(outcome.failure)}")
        if isinstance(outcome, NoResponse) and outcome.failure is Failure.TOO_LARGE and not ask.writes:
            return TooLarge(f"{what}: {self._clean(str(outcome), ask)}. {_NOTHING_CHANGED} Ask for more bytes.")
        if isinstance(outcome, NoResponse):
            how = f"no answer ({self._clean(str(outcome), ask)}){times}"
            if ask.writes:
                return Unsettled(f"{what}: {how}; it may have taken effect. {ask.check}")
            return Unreachable(f"{what}: {how}. {_NOTHING_CHANGED} Ask again later, or look at the Region's state.")
        code, said = _error_of(outcome)
        how = f"answered {outcome.status}{'' if code is None else f'/{code}'}{times}: {self._clean(said, ask)}"
        if outcome.status == 401 or code == 20003:
            return WrongCredential(
                f"{what}: {how}. {_NOTHING_CHANGED} Check that the key {self._api_key} was made in {self._region} and"
                " has not been revoked: keys belong to one Region, and another Region's key looks like a wrong one.",
                status=outcome.status,
                code=code,
            )
        if outcome.status == 429:
            return Throttled(
                f"{what}: {how}. {_NOTHING_CHANGED} Repeat later and slower; see what else uses the account.",
                retry_after_s=_retry_after_s(outcome),
            )
        if 400 <= outcome.status < 500 and outcome.status != 408:
            return Refused(
                f"{what}: {how}. {_NOTHING_CHANGED} {_refusal_step(outcome.status, code, said, self._region)}",
                status=outcome.status,
                code=code,
                unserved=_UNSERVED in said,
            )
        if ask.writes:
            return Unsettled(f"{what}: {how}; it may have taken effect. {ask.check}")
        return Unreachable(f"{what}: {how}. {_NOTHING_CHANGED} Ask again later, or look at the Region's state.")

    def _clean(self, text: str, ask: Ask) -> str:
        """Text from outside, on one line, of bounded length, and without a secret of ours in it."""
        for secret in (*self._secrets, *ask.hidden):
            text = text.replace(secret, "…")
        line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        return line if len(line) <= ANSWER_SHOWN_CHARS_MAX else line[: ANSWER_SHOWN_CHARS_MAX - 1] + "…"


def _may_repeat(ask: Ask, outcome: Response | NoResponse) -> bool:
    if isinstance(outcome, Response):
        return outcome.status == 429 or (not ask.writes and (outcome.status >= 500 or outcome.status == 408))
    # A time-out has already taken its time; a broken connection says nothing about the next one.
    return not ask.writes and isinstance(outcome, AnswerLost) and outcome.failure is Failure.RESET


def _error_of(answer: Response) -> tuple[int | None, str]:
    """The provider's code, if there is one, and its words."""
    try:
        error = msgspec.json.decode(answer.body, type=ErrorShape)
    except (msgspec.DecodeError, UnicodeDecodeError):
        if answer.text.lstrip().startswith("<"):
            return None, "a page for people, not the API's own answer"
        return None, answer.text.strip() or "an empty body"
    code = str(error.code or "")
    return (int(code) if code.isdecimal() else None), error.message or "no reason given"


def _retry_after_s(answer: Response) -> float | None:
    """The seconds that Retry-After asks for. The provider does not document it; it is honoured where it comes."""
    text = (answer.header("Retry-After") or "").strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _next_step(failure: Failure) -> str:
    match failure:
        case Failure.NAME_NOT_FOUND:
            return "Check the Region and edge in the host name, and this machine's name resolution."
        case Failure.TLS_NAME_MISMATCH:
            return "Check the Region and edge in the host name: a pair that does not exist has no certificate."
        case Failure.TLS_EXPIRED | Failure.TLS_UNTRUSTED:
            return "Check this machine's clock and certificates, and whether a proxy stands between."
        case _:
            return "Check this machine's network, or wait for the Region."


def _refusal_step(status: int, code: int | None, said: str, region: Region) -> str:
    if _UNSERVED in said:
        return f"{region} does not serve this; use us1 for it."
    if code == 70051 or status == 403:
        return "Give the key the permission for this, or use a standard key."
    if status == 404:
        return f"Check the name and the account, and that it exists in {region}."
    return "Correct what it names; see https://www.twilio.com/docs/api/errors" + (f"/{code}" if code else "") + "."

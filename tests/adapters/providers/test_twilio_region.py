"""TwilioRegion keeps the provider's promises against a small Twilio, and tells every answer apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from ports.provider_promises import NUMBER, SUBJECT, ProviderPromises
from ports.small_twilio import EDGES, SmallTwilio, answer, error, key_of
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.adapters.providers.twilio.shapes import ShapeError, moment
from voicedr.ports.clock import Clock
from voicedr.ports.provider import (
    ProviderError,
    Refused,
    RegionalProvider,
    Throttled,
    Unreachable,
    Unsettled,
    WrongCredential,
)
from voicedr.program.readiness.resources import Routable
from voicedr.program.vocabulary import IE1, Region
from voicedr.testing.fake_provider import FakeAccount, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.wire.http import Failure, NoResponse, Request, Response, Send, Timeouts, no_response

T = TypeVar("T")
ACCOUNT_SID = "AC" + "0" * 31 + "1"


def region_of(send: Send, clock: Clock, region: Region = IE1, rate: float = 200) -> TwilioRegion:
    """An adapter for one Region with the key that SmallTwilio knows."""
    key, secret = key_of(region)
    pace, call_pace = Pace(rate, clock), Pace(10, clock)
    return TwilioRegion(
        ACCOUNT_SID, region, EDGES[region], key, secret, send, clock, pace, call_pace, chance=lambda: 0.5
    )


class TestTwilioRegion(ProviderPromises):
    """The adapter over an in-process Send."""

    def make(self, account: FakeAccount, region: Region, clock: Clock) -> RegionalProvider:
        """An adapter of one Region; the small Twilio behind it is made with the first one."""
        small = SmallTwilio(account, clock)
        provider = region_of(InProcessSend({}, clock, otherwise=small), clock, region)
        self.small = small
        return provider

    def break_it(self, provider: RegionalProvider, method: str, fault: Fault) -> None:
        """At the provider's end of the wire."""
        self.small.faults[method] = fault


class Scripted:
    """A Send that gives the answers of a script in turn, the last one for ever."""

    def __init__(self, *script: Response | NoResponse) -> None:
        self.script = list(script)
        self.requests: list[Request] = []

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """The next answer."""
        self.requests.append(request)
        step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(step, NoResponse):
            raise step
        return step


def ask(
    send: Scripted, question: Callable[[TwilioRegion], Awaitable[T]], rate: float = 200
) -> tuple[T | ProviderError, float]:
    """The result or the error of one question, and the virtual seconds it took."""

    async def main(clock: VirtualClock) -> tuple[T | ProviderError, float]:
        provider = region_of(send, clock, rate=rate)
        try:
            result: T | ProviderError = await question(provider)
        except ProviderError as exc:
            result = exc
        return result, clock.monotonic_s()

    return run_virtual(main)


def set_route(provider: TwilioRegion) -> Awaitable[object]:
    """A write."""
    return provider.set_route(SUBJECT, IE1)


def read_route(provider: TwilioRegion) -> Awaitable[object]:
    """A read."""
    return provider.route(SUBJECT)


ROUTE = answer(200, {"phone_number": NUMBER, "voice_region": "ie1", "sid": "QQ1", "friendly_name": None})
HTML_503 = Response(503, (("Content-Type", "text/html"),), b"<html><h1>503 Service Unavailable</h1></html>")


def test_the_request_is_what_the_provider_documents() -> None:
    """POST to routes v2 on the Region's own host, edge and Region in its name, form encoded, Basic auth."""
    send = Scripted(ROUTE)
    ask(send, set_route)
    (request,) = send.requests
    assert request.method == "POST"
    assert request.url == "https://routes.dublin.ie1.twilio.com/v2/PhoneNumbers/%2B14155550100"
    assert request.form() == [("VoiceRegion", "ie1")]
    assert (request.header("Authorization") or "").startswith("Basic ")
    assert (request.header("Content-Type") or "").startswith("application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("answers", "question", "error_type", "requests", "words"),
    [
        ([error(401, 20003, "Authenticate")], set_route, WrongCredential, 1, "keys belong to one Region"),
        ([error(403, 20003, "Permission Denied")], read_route, WrongCredential, 1, "Permission Denied"),
        ([error(403, 70051, "Authorization Failed")], set_route, Refused, 1, "permission"),
        ([error(400, 20001, "Invalid VoiceRegion")], set_route, Refused, 1, "Invalid VoiceRegion"),
        ([error(404, 20404, "not found")], set_route, Refused, 1, "404/20404"),
        ([error(404, 20404, "Endpoint is not supported in realm 'ie1'")], read_route, Refused, 1, "does not serve"),
        ([Response(404, (), b"<html>proxy</html>")], read_route, Refused, 1, "page for people"),
        ([error(429, 20429, "Too Many Requests")], set_route, Throttled, 5, "5 times in a row"),
        ([error(429, 20429, "Too Many Requests")], read_route, Throttled, 5, "Repeat later and slower"),
        ([HTML_503], read_route, Unreachable, 5, "503"),
        ([HTML_503], set_route, Unsettled, 1, "Read the route back before repeating."),
        ([error(500, 20500, "Internal")], set_route, Unsettled, 1, "may have taken effect"),
        ([Response(302, (("Location", "https://evil.example/"),))], set_route, Unsettled, 1, "302"),
        ([Response(302, (("Location", "https://evil.example/"),))], read_route, Unreachable, 1, "302"),
        ([Response(200, (), b"<html>login</html>")], set_route, Unsettled, 1, "something else than documented"),
        ([Response(200, (), b"<html>login</html>")], read_route, Unreachable, 1, "something else than documented"),
        ([Response(200, (), b"\xff")], read_route, Unreachable, 1, "something else"),
        ([answer(200, {"voice_region": None})], set_route, Unsettled, 1, "names no voice_region"),
        ([answer(200, {"voice_region": ""})], read_route, Unreachable, 1, "names no voice_region"),
        ([answer(200, {"voice_region": "ie1", "phone_number": "+1"})], set_route, Unsettled, 1, "is about '+1'"),
        ([no_response(Failure.CONNECT_TIMEOUT)], set_route, Unreachable, 1, "not delivered"),
        ([no_response(Failure.NAME_NOT_FOUND)], read_route, Unreachable, 1, "Region and edge"),
        ([no_response(Failure.TLS_NAME_MISMATCH)], read_route, Unreachable, 1, "no certificate"),
        ([no_response(Failure.READ_TIMEOUT)], set_route, Unsettled, 1, "may have taken effect"),
        ([no_response(Failure.READ_TIMEOUT)], read_route, Unreachable, 1, "no answer"),
        ([no_response(Failure.RESET)], read_route, Unreachable, 5, "5 times in a row"),
        ([no_response(Failure.RESET)], set_route, Unsettled, 1, "may have taken effect"),
    ],
)
def test_every_answer_has_its_error(
    answers: Sequence[Response | NoResponse],
    question: Callable[[TwilioRegion], Awaitable[object]],
    error_type: type[ProviderError],
    requests: int,
    words: str,
) -> None:
    """Each way to fail is one error, asked as often as is safe, and says what, to which thing, and the next step."""
    send = Scripted(*answers)
    result, _ = ask(send, question)
    assert type(result) is error_type, result
    assert len(send.requests) == requests
    message = str(result)
    assert words in message
    assert NUMBER in message
    assert "routes.dublin.ie1.twilio.com" in message
    assert ("Nothing changed." in message) is not isinstance(result, Unsettled)
    assert message.endswith(".")


def test_no_message_holds_the_secret() -> None:
    """Not even where the provider, or what stands in its place, says it back."""
    _, secret = key_of(IE1)
    send = Scripted(ROUTE)
    ask(send, set_route)
    token = (send.requests[0].header("Authorization") or "").removeprefix("Basic ")
    for said in (secret, token, f"line\r\n{secret}\x1b[31m"):
        for question in (set_route, read_route):
            for reply in (
                error(400, 20001, said),
                error(401, 20003, said),
                error(503, 1, said),
                Response(200, (), said.encode()),
                Response(418, (), said.encode()),
                no_response(Failure.RESET, said),
                no_response(Failure.CONNECT_REFUSED, said),
            ):
                message = str(ask(Scripted(reply), question)[0])
                assert secret not in message
                assert token not in message
                assert message.isprintable()


def test_throttling_backs_off_and_slows_the_pace() -> None:
    """0.1 s, doubled each time; then it goes well, and the whole account goes slower for a while."""
    busy = error(429, 20429, "Too Many Requests")

    async def main(clock: VirtualClock) -> None:
        send = Scripted(busy, busy, busy, ROUTE)
        pace = Pace(100, clock)
        key, secret = key_of(IE1)
        provider = TwilioRegion(ACCOUNT_SID, IE1, "dublin", key, secret, send, clock, pace, pace, chance=lambda: 0.5)
        assert (await provider.set_route(SUBJECT, IE1)).region == IE1
        assert clock.monotonic_s() == pytest.approx(0.1 + 0.2 + 0.4, abs=0.01)
        assert pace.rate_per_second < 60
        await clock.sleep(20)
        assert pace.rate_per_second == 100

    run_virtual(main)


def test_what_the_provider_asks_to_wait_is_waited_up_to_the_limit() -> None:
    """Retry-After is honoured; one that is longer than we wait is handed to the caller."""
    busy = Response(429, (("Retry-After", "7"),), b"")
    _, seconds = ask(Scripted(busy, ROUTE), set_route)
    assert seconds == pytest.approx(7, abs=0.1)
    result, seconds = ask(Scripted(Response(429, (("Retry-After", "3600"),), b"")), set_route)
    assert isinstance(result, Throttled)
    assert result.retry_after_s == 3600
    assert seconds < 1


def test_jitter_is_a_tenth_either_way() -> None:
    """Chance moves a wait by at most ten per cent."""
    waits = []
    for chance in (0.0, 0.999999):

        async def main(clock: VirtualClock, chance: float = chance) -> float:
            send, pace = Scripted(HTML_503, answer(404, {})), Pace(1000, clock)
            provider = TwilioRegion(
                ACCOUNT_SID, IE1, "dublin", "SK1", "s", send, clock, pace, pace, chance=lambda: chance
            )
            await provider.route(SUBJECT)
            return clock.monotonic_s()

        waits.append(run_virtual(main))
    assert waits == [pytest.approx(0.09, abs=0.002), pytest.approx(0.11, abs=0.002)]


def page(next_uri: str | None, numbers: int = 1) -> Response:
    """A page of numbers."""
    items = [{"sid": f"PN{n}", "phone_number": f"+1415555{n:04d}"} for n in range(numbers)]
    return answer(200, {"incoming_phone_numbers": items, "next_page_uri": next_uri, "page": 0})


NUMBERS = f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json"


def test_pages_are_followed_on_the_same_host() -> None:
    """A relative link, page size 1000 at first, then whatever the link says."""
    send = Scripted(page(f"{NUMBERS}?PageSize=1000&Page=1&PageToken=PAx"), page(None))
    result, _ = ask(send, lambda provider: provider.numbers())
    assert not isinstance(result, ProviderError)
    assert len(result) == 2
    assert [request.url for request in send.requests] == [
        f"https://api.dublin.ie1.twilio.com{NUMBERS}?PageSize=1000",
        f"https://api.dublin.ie1.twilio.com{NUMBERS}?PageSize=1000&Page=1&PageToken=PAx",
    ]


def test_a_link_to_the_global_host_stays_in_the_region() -> None:
    """A next page on trunking.twilio.com is asked of the Region's own host: its key is valid nowhere else."""
    first = {"meta": {"key": "trunks", "next_page_url": "https://trunking.twilio.com/v1/Trunks?Page=1"}, "trunks": []}
    last = {"meta": {"key": "trunks", "next_page_url": None}, "trunks": []}
    send = Scripted(answer(200, first), answer(200, last))
    ask(send, lambda provider: provider.trunks())
    assert send.requests[1].url == "https://trunking.dublin.ie1.twilio.com/v1/Trunks?Page=1"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example" + NUMBERS + "?Page=1",
        "//evil.example" + NUMBERS + "?Page=1",
        "https://api.twilio.com.evil.example" + NUMBERS,
        "https://api-twilio.com" + NUMBERS,
        "https://user@evil.example/x.twilio.com" + NUMBERS,
        "http://api.dublin.ie1.twilio.com" + NUMBERS + "?Page=1",
        "/2010-04-01/Accounts/AC2/IncomingPhoneNumbers.json?Page=1",
        NUMBERS + "?PageSize=1000",
    ],
)
def test_a_link_that_leads_elsewhere_or_in_a_circle_is_not_followed(link: str) -> None:
    """The key goes to no other host, and a list that does not end is an error, not half a list."""
    send = Scripted(page(link), page(None))
    result, _ = ask(send, lambda provider: provider.numbers())
    assert isinstance(result, Unreachable)
    assert len(send.requests) == 1


def test_a_list_without_end_is_ended() -> None:
    """A million items and no more."""

    class Endless(Scripted):
        async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
            self.requests.append(request)
            return page(f"{NUMBERS}?Page={len(self.requests)}", 0)

    send = Endless(ROUTE)
    result, _ = ask(send, lambda provider: provider.numbers(), rate=1000)
    assert isinstance(result, Unreachable)
    assert len(send.requests) == 1000


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"incoming_phone_numbers": {}}', b'{"incoming_phone_numbers": [{"sid": "PN1"}]}', b"\x00"],
)
def test_a_page_of_another_shape_is_no_empty_page(body: bytes) -> None:
    """A list that cannot be read is unreachable; it is never taken for an account without numbers."""
    result, _ = ask(Scripted(Response(200, (), body)), lambda provider: provider.numbers())
    assert isinstance(result, Unreachable)


def test_calls_ask_by_day_and_stop_where_the_log_is_older() -> None:
    """The provider filters by day, so the first page on which everything is older is the last one read."""
    calls = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)

    def log(next_uri: str | None, *minutes: int | None) -> Response:
        items = [
            {
                "sid": f"CA{n}",
                "status": "completed",
                "from": "+1",
                "to": NUMBER,
                "start_time": n if n is None else (noon + timedelta(minutes=n)).strftime("%a, %d %b %Y %H:%M:%S +0000"),
                "duration": "",
            }
            for n in minutes
        ]
        return answer(200, {"calls": items, "next_page_uri": next_uri})

    send = Scripted(log(f"{calls}?Page=1", None, 3, 2), log(f"{calls}?Page=2", 1, -1), log(f"{calls}?Page=3", -2, -3))
    result, _ = ask(send, lambda provider: provider.calls(to=NUMBER, started_after=noon))
    assert not isinstance(result, ProviderError)
    assert [call.sid for call in result] == ["CA3", "CA2", "CA1"]
    assert result[0].duration_s is None
    assert len(send.requests) == 3
    assert "To=%2B14155550100" in send.requests[0].url
    assert "StartTime%3E=2026-06-01" in send.requests[0].url


def test_a_placed_call_is_sent_once_and_says_how_to_find_out() -> None:
    """A 500 to a call is unsettled: somebody's telephone may ring."""
    send = Scripted(error(500, 20500, "Internal"))
    result, _ = ask(send, lambda provider: provider.place_call(from_="+1", to=NUMBER, twiml="<Response/>"))
    assert isinstance(result, Unsettled)
    assert "call log" in str(result)
    assert len(send.requests) == 1
    assert send.requests[0].form() == [("From", "+1"), ("To", NUMBER), ("Twiml", "<Response/>")]


def test_calls_are_placed_at_their_own_pace() -> None:
    """Eleven calls at ten a second take a second, however quick other requests may go."""
    send = Scripted(answer(201, {"sid": "CA1"}))

    async def calls(provider: TwilioRegion) -> None:
        for _ in range(11):
            await provider.place_call(from_="+1", to=NUMBER, twiml="<Response/>")

    _, seconds = ask(send, calls)
    assert seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    "value", [("AC/../x", IE1, "dublin", "SK1"), ("AC1", Region("ie1.evil"), "dublin", "SK1"), ("AC1", IE1, "", "SK1")]
)
def test_names_that_would_change_the_host_are_refused(value: tuple[str, Region, str, str]) -> None:
    """An account SID, a Region or an edge that is none is refused before anything is sent."""

    async def main(clock: VirtualClock) -> None:
        pace = Pace(1, clock)
        account, region, edge, key = value
        TwilioRegion(account, region, edge, key, "s", Scripted(ROUTE), clock, pace, pace)

    with pytest.raises(ValueError, match="check it"):
        run_virtual(main)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Fri, 20 Aug 2010 01:13:42 +0000", "2010-08-20T01:13:42+00:00"),
        ("2015-07-30T20:00:00Z", "2015-07-30T20:00:00+00:00"),
        ("2015-07-30T22:00:00+02:00", "2015-07-30T20:00:00+00:00"),
        ("2015-07-30T20:00:00", "2015-07-30T20:00:00+00:00"),
        ("", None),
        (None, None),
    ],
)
def test_dates_of_both_families_are_read(text: str | None, iso: str | None) -> None:
    """RFC 2822 and ISO 8601, as aware UTC; an empty one is none."""
    when = moment(text)
    assert (when and when.isoformat()) == iso
    assert when is None or when.tzinfo is UTC


@pytest.mark.parametrize("text", ["yesterday", "2015-13-01T00:00:00Z", "Fri, 40 Aug 2010 01:13:42 +0000"])
def test_what_is_no_date_is_said(text: str) -> None:
    """A date that cannot be read is an error, never None: None means that there is none."""
    with pytest.raises(ShapeError):
        moment(text)


def test_a_routable_name_cannot_leave_its_place_in_the_path() -> None:
    """A slash in a name is a character of the name."""
    send = Scripted(answer(404, {}))
    result, _ = ask(send, lambda provider: provider.route(Routable("sip-domain", "a/../b?c#d")))
    assert result is None
    assert send.requests[0].url.endswith("/v2/SipDomains/a%2F..%2Fb%3Fc%23d")

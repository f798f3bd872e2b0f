"""Calls: the log of the Region that processed them, newest first, and the way to place and to change one.

Source: https://www.twilio.com/docs/voice/api/call-resource (read 2026-11-21). Another Region's call is not found.
The From of a call must be a number of the account, or in us1 a verified caller id: elsewhere there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import QUEUED_S_MAX, Ask, Endpoint, ModifyCall, PlaceCall
from voicedr.twin.api.dates import instant, span
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.voice_fields import checked_method
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.world.account import is_e164, is_url
from voicedr.twin.world.countries import may_be_called
from voicedr.twin.world.model import Call
from voicedr.wire.http import Response

LIVE = ("queued", "ringing", "in-progress")
_DIGITS_MIN = 3


def show(ask: Ask, call: Call) -> dict[str, Any]:
    """A line of the call log."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Calls/{call.sid}"
    duration = None
    if call.status == "completed" and call.ended_at is not None:
        began = call.answered_at if call.answered_at is not None else call.started_at
        duration = str(int(call.ended_at - (began if began is not None else call.ended_at)))
    elif call.status in ("busy", "failed", "no-answer", "canceled"):
        duration = "0"
    return {
        "sid": call.sid,
        "account_sid": ask.world.account_sid,
        "parent_call_sid": call.parent_sid or None,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": call.phone_number_sid or None,
        "status": call.status,
        "direction": call.direction,
        "start_time": rfc2822(call.started_at),
        "end_time": rfc2822(call.ended_at),
        "duration": duration,
        "price": None,
        "price_unit": "USD" if ask.region == "us1" else None,
        "answered_by": None,
        "api_version": "2010-04-01",
        "forwarded_from": call.forwarded_from or None,
        "group_sid": None,
        "caller_name": call.caller_name or None,
        "queue_time": str(call.queue_time_ms),
        "trunk_sid": call.trunk_sid or None,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.ended_at or call.answered_at or call.started_at or call.created_at),
        "uri": uri + ".json",
        "subresource_uris": {
            name.lower(): f"{uri}/{name}.json" for name in ("Notifications", "Recordings", "Events", "Payments")
        },
    }


def list_(ask: Ask) -> Response:
    """The Region's calls by To, From, Status, ParentCallSid and times."""
    return page_2010(ask, "calls", _matching(ask), lambda call: show(ask, call))


def fetch(ask: Ask) -> Response:
    """One call."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """Place a call. It is queued until the account's calls per second allow it."""
    to, from_, number_sid = checked_ends(ask)
    instructions = _instructions(ask)
    call = ask.new_call(to, from_, number_sid)
    ask.orders.append(PlaceCall(ask.region, call.sid, instructions))
    return resource(show(ask, call), 201)


def update(ask: Ask) -> Response:
    """End a live call, or give it new instructions."""
    call = _one(ask)
    status = ask.given("Status") or ""
    url, twiml = ask.given("Url") or "", ask.given("Twiml") or ""
    if status not in ("", "completed", "canceled"):
        raise Refused(400, 20001, f"Status is {status!r}; give completed or canceled")
    if url and not is_url(url):
        raise Refused(400, 21205, f"Url is not a valid URL: {url}")
    if not (status or url or twiml):
        return resource(show(ask, call))
    if call.status not in LIVE or ((url or twiml) and not status and call.status != "in-progress"):
        raise Refused(400, 21220, f"Unable to update record. Call is not in-progress: it is {call.status}")
    ask.orders.append(ModifyCall(ask.region, call.sid, Change(status, url, checked_method(ask, "Method"), twiml)))
    return resource(show(ask, call))


def delete(ask: Ask) -> Response:
    """Forget a call that has ended."""
    call = _one(ask)
    if call.status in LIVE:
        raise Refused(400, 21220, f"Call {call.sid} is {call.status}; only a call that has ended can be deleted")
    del ask.store.calls[call.sid]
    return NO_CONTENT


def checked_ends(ask: Ask) -> tuple[str, str, str]:
    """Who is called, what is shown as the caller, and the SID of that number if it is the account's own.

    Raises:
        Refused: If either cannot be, or the country may not be called.
    """
    to, from_ = ask.given("To") or "", ask.given("From") or ""
    if not to:
        raise Refused(400, 21201, "No 'To' number is specified")
    if not from_:
        raise Refused(400, 21213, "No 'From' number is specified")
    if not is_dialable(to):
        raise Refused(400, 21211, f"The phone number you are attempting to call, {to}, is not valid")
    if not is_e164(from_) and not from_.startswith(("sip:", "client:")):
        raise Refused(400, 21212, f"The phone number you provided in From, {from_}, is not valid")
    number = ask.world.numbers.get(from_)
    # Verified caller ids are in us1's store alone.
    verified = any(one.phone_number == from_ for one in ask.store.caller_ids.values())
    if is_e164(from_) and number is None and not verified:
        raise Refused(400, 21210, f"The source phone number provided, {from_}, is not a number of this account")
    if not may_be_called(ask.world, to):
        raise Refused(400, 21215, f"Account not authorized to call {to}: its country is not enabled for low-risk calls")
    return to, from_, number.sid if number is not None else ""


def is_dialable(to: str) -> bool:
    """True for a number, a SIP address or a client."""
    if to.startswith(("sip:", "sips:", "client:")):
        return len(to.partition(":")[2]) > 0
    digits = to.removeprefix("+")
    return digits.isascii() and digits.isdigit() and _DIGITS_MIN <= len(digits) <= 15


def _instructions(ask: Ask) -> Instructions:
    url, twiml, application_sid = ask.given("Url") or "", ask.given("Twiml") or "", ask.given("ApplicationSid") or ""
    if application_sid and application_sid not in ask.store.applications:
        raise Refused(400, 21218, f"ApplicationSid {application_sid} is invalid in {ask.region}")
    if not (url or twiml or application_sid):
        raise Refused(400, 21205, "Url parameter is required: give Url, Twiml or ApplicationSid")
    for name in ("Url", "FallbackUrl", "StatusCallback"):
        if (value := ask.given(name)) and not is_url(value):
            raise Refused(400, 21205 if name == "Url" else 21402, f"{name} is not a valid URL: {value}")
    timeout = ask.given("Timeout") or "60"
    if not timeout.isascii() or not timeout.isdigit() or not 1 <= int(timeout) <= 600:
        raise Refused(400, 21208, f"Timeout is {timeout!r}; give whole seconds from 1 to 600")
    events = ask.form.get("StatusCallbackEvent", [])
    username = ask.given("SipAuthUsername") or ""
    return Instructions(
        url=url,
        method=checked_method(ask, "Method"),
        twiml=twiml,
        application_sid=application_sid,
        fallback_url=ask.given("FallbackUrl") or "",
        fallback_method=checked_method(ask, "FallbackMethod"),
        status_callback=ask.given("StatusCallback") or "",
        status_callback_method=checked_method(ask, "StatusCallbackMethod"),
        # Some clients send one field with the events in a row, others a field for each.
        status_callback_events=tuple(event for each in events for event in each.split()),
        timeout_s=float(timeout),
        sip_login=(username, ask.given("SipAuthPassword") or "") if username else None,
    )


def _one(ask: Ask) -> Call:
    call = ask.store.calls.get(ask.ids["sid"])
    if call is None:
        raise ask.not_found()
    return call


def _matching(ask: Ask) -> Iterator[Call]:
    to, from_, status, parent = (ask.wanted(name) for name in ("To", "From", "Status", "ParentCallSid"))
    started, ended = span(ask, "StartTime"), span(ask, "EndTime")
    started_least, started_most = instant(ask, "StartTime>"), instant(ask, "StartTime<")
    ended_least, ended_most = instant(ask, "EndTime>"), instant(ask, "EndTime<")
    by_start = started is not None or started_least is not None or started_most is not None
    by_end = ended is not None or ended_least is not None or ended_most is not None
    oldest = max(started_least or 0.0, started[0] if started else 0.0)
    for call in reversed(ask.store.calls.values()):
        if by_start and call.created_at < oldest - QUEUED_S_MAX:
            return
        if to not in (None, call.to) or from_ not in (None, call.from_):
            continue
        if status not in (None, call.status) or parent not in (None, call.parent_sid):
            continue
        if by_start and not _within(call.started_at, started, started_least, started_most):
            continue
        if by_end and not _within(call.ended_at, ended, ended_least, ended_most):
            continue
        yield call


def _within(at: float | None, exact: tuple[float, float] | None, least: float | None, most: float | None) -> bool:
    if at is None or (exact is not None and not exact[0] <= at < exact[1]):
        return False
    return (least is None or at >= least) and (most is None or at <= most)


endpoints = (
    Endpoint("api", "2010-04-01", "Calls", {"GET": list_, "POST": create}),
    Endpoint("api", "2010-04-01", "Calls/{sid}", {"GET": fetch, "POST": update, "DELETE": delete}),
)

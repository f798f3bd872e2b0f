"""Notifications: what went wrong in a Region, or in one of its calls, in the older form. Newest first.

Source: https://www.twilio.com/docs/usage/api/notification (read 2026-11-21). They are the alerts of the Region that
are an error (log 0) or a warning (log 1); what is on the Call resource itself has no error code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import window
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.model import Alert
from voicedr.wire.http import Response

LOGS = {"error": "0", "warning": "1"}


def show(ask: Ask, alert: Alert) -> dict[str, Any]:
    """A notification, as it stands in a list."""
    account = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    call_sid = alert.resource_sid if alert.resource_sid[:2] == "CA" else None
    of_call = f"/Calls/{call_sid}" if "call" in ask.ids else ""
    at = rfc2822(alert.at)
    return {
        "sid": alert.sid,
        "account_sid": ask.world.account_sid,
        "call_sid": call_sid,
        "api_version": "2010-04-01",
        "error_code": alert.error_code,
        "log": LOGS[alert.log_level],
        "message_date": at,
        "message_text": alert.alert_text,
        "more_info": f"https://www.twilio.com/docs/errors/{alert.error_code}",
        "request_method": alert.request_method or None,
        "request_url": alert.request_url or None,
        "date_created": at,
        "date_updated": at,
        "uri": f"{account}{of_call}/Notifications/{alert.sid}.json",
    }


def list_(ask: Ask) -> Response:
    """By log level and day."""
    return page_2010(ask, "notifications", _matching(ask), lambda alert: show(ask, alert))


def fetch(ask: Ask) -> Response:
    """One notification, with what was sent and what came back."""
    for alert in _of_this(ask):
        if alert.sid == ask.ids["sid"]:
            bodies = {
                "request_variables": alert.request_variables,
                "response_headers": alert.response_headers,
                "response_body": alert.response_body,
            }
            return resource({**show(ask, alert), **bodies})
    raise ask.not_found()


def _matching(ask: Ask) -> Iterator[Alert]:
    log, at = ask.wanted("Log"), window(ask, "MessageDate")
    if log not in (None, *LOGS.values()):
        raise Refused(400, 20001, f"Log is {log!r}; give 0 for errors or 1 for warnings")
    for alert in _of_this(ask):
        if at.has(alert.at) and log in (None, LOGS[alert.log_level]):
            yield alert


def _of_this(ask: Ask) -> Iterator[Alert]:
    call = ask.ids.get("call")
    if call is not None and call not in ask.store.calls:
        raise ask.not_found()
    for alert in reversed(ask.store.alerts):
        if alert.log_level in LOGS and call in (None, alert.resource_sid):
            yield alert


endpoints = tuple(
    Endpoint("api", "2010-04-01", path, {"GET": does})
    for path, does in (
        ("Notifications", list_),
        ("Notifications/{sid}", fetch),
        ("Calls/{call}/Notifications", list_),
        ("Calls/{call}/Notifications/{sid}", fetch),
    )
)

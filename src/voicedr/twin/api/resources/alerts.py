"""Monitor Alerts: what went wrong in a Region, newest first.

Source: https://www.twilio.com/docs/usage/monitor-alert (read 2026-11-21). Whether ``monitor`` has regional hosts is not
documented; here each Region's host shows its own feed.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import instant
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.world.model import Alert
from voicedr.wire.http import Response

KEPT_S = 30 * 86_400
"""Older ones are not shown."""


def show(ask: Ask, alert: Alert) -> dict[str, Any]:
    """An alert, as it stands in a list."""
    at = iso(alert.at)
    return {
        "sid": alert.sid,
        "account_sid": ask.world.account_sid,
        "resource_sid": alert.resource_sid,
        "service_sid": None,
        "error_code": alert.error_code,
        "log_level": alert.log_level,
        "alert_text": alert.alert_text,
        "request_url": alert.request_url,
        "request_method": alert.request_method,
        "more_info": f"https://www.twilio.com/docs/errors/{alert.error_code}",
        "api_version": "2010-04-01",
        "date_created": at,
        "date_generated": at,
        "date_updated": at,
        "url": f"https://{ask.host.name}/v1/Alerts/{alert.sid}",
    }


def list_(ask: Ask) -> Response:
    """The Region's alerts of the last 30 days, by level and time."""
    level = ask.wanted("LogLevel")
    if level not in (None, "error", "warning", "notice", "debug"):
        raise Refused(400, 20001, f"LogLevel is {level!r}; give error, warning, notice or debug")
    oldest = max(instant(ask, "StartDate") or 0.0, ask.now - KEPT_S)
    newest = instant(ask, "EndDate")
    found = (
        alert
        for alert in reversed(ask.store.alerts)
        if alert.at >= oldest and (newest is None or alert.at <= newest) and level in (None, alert.log_level)
    )
    return page_of_product(ask, "alerts", found, lambda alert: show(ask, alert))


def fetch(ask: Ask) -> Response:
    """One alert, with what was sent and what came back."""
    for alert in reversed(ask.store.alerts):
        if alert.sid == ask.ids["sid"]:
            return resource(
                {
                    **show(ask, alert),
                    "request_headers": None,
                    "request_variables": alert.request_variables,
                    "response_headers": alert.response_headers,
                    "response_body": alert.response_body,
                }
            )
    raise ask.not_found()


endpoints = (
    Endpoint("monitor", "v1", "Alerts", {"GET": list_}),
    Endpoint("monitor", "v1", "Alerts/{sid}", {"GET": fetch}),
)

"""Telling the account's debugger webhook of each error and warning, beside whatever it happened to.

Source: https://www.twilio.com/docs/usage/troubleshooting/debugging-event-webhooks (read 2026-11-21): a POST with Sid,
AccountSid, Timestamp, Level, PayloadType and Payload. It works in every Region
(https://www.twilio.com/docs/usage/troubleshooting/debugging-your-application). Assumptions: the names within the
payload, the words of Level, and that the Region's Auth Token signs it like every webhook. What becomes of it is told to
nobody: an error of its own would be told to it again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl

import msgspec

from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.session import Session
from voicedr.twin.calls.webhook import deliver
from voicedr.twin.world.model import Alert

UNDER_WAY_MAX = 1000
"""Reports at once; more errors than these at a time are in the alert feed only."""


def report(office: Office, region: str, alert: Alert) -> Script[None]:
    """Tell the debugger webhook of one alert, unless too many are being told."""
    if office.reports >= UNDER_WAY_MAX:
        return
    office.reports += 1
    try:
        url = office.world.settings.debugger_webhook
        yield from deliver(office, region, Session(), url, "POST", fields_of(office.world.account_sid, alert))
    finally:
        office.reports -= 1


def fields_of(account_sid: str, alert: Alert) -> dict[str, str]:
    """What is posted of an alert."""
    return {
        "Sid": alert.sid,
        "AccountSid": account_sid,
        "Timestamp": datetime.fromtimestamp(alert.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Level": alert.log_level.capitalize(),
        "PayloadType": "application/json",
        "Payload": _payload(alert),
    }


def _payload(alert: Alert) -> str:
    webhook = None
    if alert.request_url:
        headers = dict(line.partition(": ")[::2] for line in alert.response_headers.splitlines())
        request = {
            "url": alert.request_url,
            "method": alert.request_method,
            "parameters": dict(parse_qsl(alert.request_variables, keep_blank_values=True)),
        }
        response = {"headers": headers, "body": alert.response_body}
        webhook = {"type": "application/json", "request": request, "response": response}
    told = {
        "resource_sid": alert.resource_sid,
        "service_sid": None,
        "error_code": alert.error_code,
        "more_info": {"Msg": alert.alert_text},
        "webhook": webhook,
    }
    return msgspec.json.encode(told).decode()

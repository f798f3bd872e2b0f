"""Events of a call: its exchanges with the application, attempt by attempt, in their order.

Source: https://www.twilio.com/docs/voice/api/call-event-resource (read 2026-11-21). What was sent and what came back is
in the Region's alerts when it failed; here are address, method, status and time. An attempt without an answer has no
``response_code`` (assumption).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_2010
from voicedr.twin.world.model import WebExchange
from voicedr.wire.http import Response


def show(exchange: WebExchange) -> dict[str, Any]:
    """One attempt."""
    return {
        "request": {"url": exchange.url, "method": exchange.method, "parameters": {}},
        "response": {
            "response_code": exchange.status or None,
            "request_duration": round(exchange.seconds * 1000),
            "date_created": rfc2822(exchange.at),
            "content_type": None,
            "response_body": None,
        },
    }


def list_(ask: Ask) -> Response:
    """The call's exchanges."""
    call = ask.store.calls.get(ask.ids["call"])
    if call is None:
        raise ask.not_found()
    found = [Row(str(index), exchange) for index, exchange in enumerate(call.exchanges)]
    return page_2010(ask, "events", found, lambda row: show(row.what))


endpoints = (Endpoint("api", "2010-04-01", "Calls/{call}/Events", {"GET": list_}),)

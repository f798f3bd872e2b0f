"""Text messages that came in. They are read only: the twin sends none by REST.

Source: https://www.twilio.com/docs/messaging/api/message-resource (read 2026-11-21). That au1 does not serve them was
seen in the field (``Endpoint is not supported in realm 'au1'``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voicedr.twin.api.answers import realm, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.dates import window
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.model import Message
from voicedr.wire.http import Response

_NOT_SERVED = "au1"


def show(ask: Ask, message: Message) -> dict[str, Any]:
    """A message that came in."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Messages/{message.sid}"
    at = rfc2822(message.received_at)
    return {
        "sid": message.sid,
        "account_sid": ask.world.account_sid,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": "received",
        "direction": "inbound",
        "num_segments": "1",
        "num_media": "0",
        "date_created": at,
        "date_sent": at,
        "date_updated": at,
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "error_message": None,
        "uri": uri + ".json",
        "subresource_uris": {"media": uri + "/Media.json", "feedback": uri + "/Feedback.json"},
    }


def list_(ask: Ask) -> Response:
    """The Region's messages, newest first, by the two numbers and by day."""
    _refuse_au1(ask)
    return page_2010(ask, "messages", _matching(ask), lambda message: show(ask, message))


def fetch(ask: Ask) -> Response:
    """One message."""
    _refuse_au1(ask)
    message = ask.store.messages.get(ask.ids["sid"])
    if message is None:
        raise ask.not_found()
    return resource(show(ask, message))


def _matching(ask: Ask) -> Iterator[Message]:
    to, from_, sent = ask.wanted("To"), ask.wanted("From"), window(ask, "DateSent")
    for message in reversed(list(ask.store.messages.values())):
        if to in (None, message.to) and from_ in (None, message.from_) and sent.has(message.received_at):
            yield message


def _refuse_au1(ask: Ask) -> None:
    if ask.region == _NOT_SERVED:
        raise realm(ask.region)


endpoints = (
    Endpoint("api", "2010-04-01", "Messages", {"GET": list_}),
    Endpoint("api", "2010-04-01", "Messages/{sid}", {"GET": fetch}),
)

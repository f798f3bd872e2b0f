"""Messaging services of a Region and the numbers in them: whom a text message is handed to, and their fallback.

Sources: https://www.twilio.com/docs/messaging/api/service-resource and
https://www.twilio.com/docs/messaging/api/phonenumber-resource (read 2026-11-21). Services are in us1 and ie1; a number
is in one service at most (21710), and one that is not the account's is 21701 or, here, not found. A service whose
messages follow the number (``UseInboundWebhookOnNumber``) leaves the number's own URLs in force.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_of_product
from voicedr.twin.api.voice_fields import checked_method, checked_url
from voicedr.twin.world.holdings import MessagingService
from voicedr.twin.world.model import Number
from voicedr.wire.http import Response

VALIDITY_S_MAX = 36_000
_FLAGS = {
    "StickySender": ("sticky_sender", True),
    "MmsConverter": ("mms_converter", True),
    "SmartEncoding": ("smart_encoding", True),
    "FallbackToLongCode": ("fallback_to_long_code", True),
    "AreaCodeGeomatch": ("area_code_geomatch", True),
    "SynchronousValidation": ("synchronous_validation", False),
}
"""Kept and shown; the twin sends no messages that they would change."""


def show(ask: Ask, service: MessagingService) -> dict[str, Any]:
    """A service."""
    url = f"https://{ask.host.name}/v1/Services/{service.sid}"
    parts = ("phone_numbers", "short_codes", "alpha_senders", "messages", "us_app_to_person")
    return {
        "sid": service.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": service.friendly_name,
        "inbound_request_url": service.inbound_request_url or None,
        "inbound_method": service.inbound_method,
        "fallback_url": service.fallback_url or None,
        "fallback_method": service.fallback_method,
        "status_callback": service.status_callback or None,
        **{name: service.flags.get(name, usual) for name, usual in _FLAGS.values()},
        "scan_message_content": "inherit",
        "validity_period": service.validity_period_s,
        "usecase": service.usecase,
        "us_app_to_person_registered": False,
        "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        "date_created": iso(service.created_at),
        "date_updated": iso(service.updated_at),
        "url": url,
        "links": {name: f"{url}/{name.title().replace('_', '')}" for name in parts},
    }


def list_(ask: Ask) -> Response:
    """The Region's services."""
    found = ask.store.holdings.messaging_services.values()
    return page_of_product(ask, "services", found, lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One service."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new service, without numbers."""
    blank = MessagingService("", ask.required("FriendlyName"), ask.now, ask.now)
    made = replace(_changed(ask, blank), sid=ask.world.mint("MG"))
    ask.store.holdings.messaging_services[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Change what is sent."""
    was = _one(ask)
    made = ask.store.holdings.messaging_services[was.sid] = _changed(ask, was)
    return resource(show(ask, made))


def delete(ask: Ask) -> Response:
    """Take it away: its numbers go by their own URLs again."""
    del ask.store.holdings.messaging_services[_one(ask).sid]
    return NO_CONTENT


def numbers(ask: Ask) -> Response:
    """The numbers in it."""
    service = _one(ask)
    found = [Row(sid, number) for sid in service.numbers if (number := ask.world.number(sid)) is not None]
    return page_of_product(ask, "phone_numbers", found, lambda row: _show_number(ask, service, row.what))


def add_number(ask: Ask) -> Response:
    """Put a number in."""
    service, sid = _one(ask), ask.required("PhoneNumberSid")
    number = ask.world.number(sid)
    if number is None:
        raise Refused(404, 20404, f"PhoneNumberSid {sid} is no number of this account")
    holder = ask.store.holdings.service_of(sid)
    if holder is not None:
        raise Refused(409, 21710, f"Phone number {number.e164} is already in messaging service {holder.sid}")
    service.numbers[sid] = ask.now
    return resource(_show_number(ask, service, number), 201)


def one_number(ask: Ask) -> Response:
    """One number in it."""
    service = _one(ask)
    return resource(_show_number(ask, service, _number(ask, service)))


def remove_number(ask: Ask) -> Response:
    """Take a number out."""
    service = _one(ask)
    del service.numbers[_number(ask, service).sid]
    return NO_CONTENT


def _changed(ask: Ask, was: MessagingService) -> MessagingService:
    """The service with what is sent; ``was`` stays as it is."""
    made = replace(was, updated_at=ask.now, flags=dict(was.flags))
    made.friendly_name = ask.given("FriendlyName") or was.friendly_name
    for field, name in (
        ("InboundRequestUrl", "inbound_request_url"),
        ("FallbackUrl", "fallback_url"),
        ("StatusCallback", "status_callback"),
    ):
        if field in ask.form:
            setattr(made, name, checked_url(ask, field))
    for field, name in (("InboundMethod", "inbound_method"), ("FallbackMethod", "fallback_method")):
        if field in ask.form:
            setattr(made, name, checked_method(ask, field))
    for field, (name, usual) in _FLAGS.items():
        if field in ask.form:
            made.flags[name] = ask.flag(field, usual)
    made.use_inbound_webhook_on_number = ask.flag("UseInboundWebhookOnNumber", was.use_inbound_webhook_on_number)
    made.validity_period_s = ask.whole("ValidityPeriod", was.validity_period_s, 1, VALIDITY_S_MAX)
    made.usecase = ask.given("Usecase") or was.usecase
    return made


def _show_number(ask: Ask, service: MessagingService, number: Number) -> dict[str, Any]:
    at = iso(service.numbers.get(number.sid, ask.now))
    return {
        "sid": number.sid,
        "account_sid": ask.world.account_sid,
        "service_sid": service.sid,
        "phone_number": number.e164,
        "country_code": "US" if number.e164.startswith("+1") else "",
        "capabilities": ["MMS", "SMS", "Voice"],
        "date_created": at,
        "date_updated": at,
        "url": f"https://{ask.host.name}/v1/Services/{service.sid}/PhoneNumbers/{number.sid}",
    }


def _number(ask: Ask, service: MessagingService) -> Number:
    number = ask.world.number(ask.ids["number"]) if ask.ids["number"] in service.numbers else None
    if number is None:
        raise ask.not_found()
    return number


def _one(ask: Ask) -> MessagingService:
    found = ask.store.holdings.messaging_services.get(ask.ids["service"])
    if found is None:
        raise ask.not_found()
    return found


endpoints = (
    Endpoint("messaging", "v1", "Services", {"GET": list_, "POST": create}),
    Endpoint("messaging", "v1", "Services/{service}", {"GET": fetch, "POST": update, "DELETE": delete}),
    Endpoint("messaging", "v1", "Services/{service}/PhoneNumbers", {"GET": numbers, "POST": add_number}),
    Endpoint(
        "messaging", "v1", "Services/{service}/PhoneNumbers/{number}", {"GET": one_number, "DELETE": remove_number}
    ),
)

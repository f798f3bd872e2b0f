"""PhoneNumbers of a trunk: which numbers are on it. In us1 only; other Regions refuse it and TrunkSid is used instead.

Sources: https://www.twilio.com/docs/sip-trunking/api/phonenumber-resource and
https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources.numbers import show as show_number
from voicedr.twin.api.resources.trunks import one_trunk
from voicedr.twin.world.model import Number, NumberVoice
from voicedr.wire.http import Response

_NOT_HERE = frozenset({
    "uri", "address_sid", "bundle_sid", "identity_sid", "emergency_status", "emergency_address_sid",
    "emergency_address_status", "origin", "status", "type", "voice_receive_mode",
})  # fmt: skip
"""What a number shows of itself and not as part of a trunk."""


def show(ask: Ask, number: Number) -> dict[str, Any]:
    """A number that is on the trunk."""
    shown = {key: value for key, value in show_number(ask, number).items() if key not in _NOT_HERE}
    url = f"https://{ask.host.name}/v1/Trunks/{ask.ids['trunk']}/PhoneNumbers/{number.sid}"
    created = iso(number.created_at)
    return {**shown, "date_created": created, "date_updated": created, "url": url, "links": {"phone_number": url}}


def list_(ask: Ask) -> Response:
    """The numbers on the trunk."""
    trunk = one_trunk(ask)
    found = (n for n in list(ask.world.numbers.values()) if _is_on(ask, n, trunk.sid))
    return page_of_product(ask, "phone_numbers", found, lambda number: show(ask, number))


def fetch(ask: Ask) -> Response:
    """One number on the trunk."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """Put a number on the trunk. An application that it had is cleared."""
    trunk = one_trunk(ask)
    number = ask.world.number(ask.given("PhoneNumberSid") or "")
    if number is None:
        raise Refused(404, 20404, f"PhoneNumberSid {ask.given('PhoneNumberSid')!r} was not found")
    configured = ask.store.numbers.setdefault(number.sid, NumberVoice())
    configured.trunk_sid, configured.voice_application_sid, configured.updated_at = trunk.sid, "", ask.now
    return resource(show(ask, number), 201)


def delete(ask: Ask) -> Response:
    """Take a number off the trunk."""
    ask.store.numbers[_one(ask).sid].trunk_sid = ""
    return NO_CONTENT


def _is_on(ask: Ask, number: Number, trunk_sid: str) -> bool:
    configured = ask.store.numbers.get(number.sid)
    return configured is not None and configured.trunk_sid == trunk_sid


def _one(ask: Ask) -> Number:
    trunk = one_trunk(ask)
    number = ask.world.number(ask.ids["sid"])
    if number is None or not _is_on(ask, number, trunk.sid):
        raise ask.not_found()
    return number


endpoints = (
    Endpoint("trunking", "v1", "Trunks/{trunk}/PhoneNumbers", {"GET": list_, "POST": create}, us1_realm=True),
    Endpoint("trunking", "v1", "Trunks/{trunk}/PhoneNumbers/{sid}", {"GET": fetch, "DELETE": delete}, us1_realm=True),
)

"""OutgoingCallerIds: numbers of others that the account may show as its caller. In us1 only.

Sources: https://www.twilio.com/docs/voice/api/outgoing-caller-ids and
https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability (read 2026-11-21). A POST
starts a validation and answers 200 with the code that has to be keyed in during a call to the number. Nobody is rung
here: whoever asks is taken to have keyed it in at once, so the caller id is there when the answer is.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.voice_fields import checked_url
from voicedr.twin.world.account import is_e164
from voicedr.twin.world.permissions import CallerId
from voicedr.wire.http import Response


def show(ask: Ask, caller_id: CallerId) -> dict[str, Any]:
    """A verified caller id."""
    return {
        "sid": caller_id.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": caller_id.friendly_name,
        "phone_number": caller_id.phone_number,
        "date_created": rfc2822(caller_id.created_at),
        "date_updated": rfc2822(caller_id.updated_at),
        "uri": f"/2010-04-01/Accounts/{ask.world.account_sid}/OutgoingCallerIds/{caller_id.sid}.json",
    }


def list_(ask: Ask) -> Response:
    """The account's caller ids; PhoneNumber and FriendlyName are exact."""
    number, name = ask.wanted("PhoneNumber"), ask.wanted("FriendlyName")
    found = [
        one
        for one in ask.store.caller_ids.values()
        if number in (None, one.phone_number) and name in (None, one.friendly_name)
    ]
    return page_2010(ask, "outgoing_caller_ids", found, lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One caller id."""
    return resource(show(ask, _one(ask)))


def validate(ask: Ask) -> Response:
    """Prove a number: 200 and the code, not 201."""
    number = ask.required("PhoneNumber", 21401)
    if not is_e164(number):
        raise Refused(400, 21401, f"PhoneNumber {number!r} is invalid; give a plus and 7 to 15 digits")
    checked_url(ask, "StatusCallback")
    name = ask.given("FriendlyName") or number
    if any(one.phone_number == number for one in ask.store.caller_ids.values()):
        raise Refused(400, 21450, f"Phone number {number} is already validated for this account")
    caller_id = CallerId(ask.world.mint("PN"), number, name, ask.now, ask.now)
    ask.store.caller_ids[caller_id.sid] = caller_id
    return resource(
        {
            "account_sid": ask.world.account_sid,
            "call_sid": ask.world.mint("CA"),
            "friendly_name": name,
            "phone_number": number,
            "validation_code": f"{int(ask.world.draw() * 1_000_000):06d}",
        }
    )


def update(ask: Ask) -> Response:
    """Rename it."""
    caller_id = _one(ask)
    if (name := ask.given("FriendlyName")) is not None:
        caller_id.friendly_name, caller_id.updated_at = name, ask.now
    return resource(show(ask, caller_id))


def delete(ask: Ask) -> Response:
    """It may be shown no more."""
    del ask.store.caller_ids[_one(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> CallerId:
    caller_id = ask.store.caller_ids.get(ask.ids["sid"])
    if caller_id is None:
        raise ask.not_found()
    return caller_id


endpoints = (
    Endpoint("api", "2010-04-01", "OutgoingCallerIds", {"GET": list_, "POST": validate}, us1_realm=True),
    Endpoint(
        "api",
        "2010-04-01",
        "OutgoingCallerIds/{sid}",
        {"GET": fetch, "POST": update, "DELETE": delete},
        us1_realm=True,
    ),
)

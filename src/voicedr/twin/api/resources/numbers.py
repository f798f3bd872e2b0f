"""IncomingPhoneNumbers: one number everywhere, its voice configuration Region by Region.

Sources: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource and
https://www.twilio.com/docs/global-infrastructure/inbound-call-processing (read 2026-11-21). Buying and releasing is for
us1 only. What a number shows in a Region where it was never configured is not documented: here every field is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.voice_fields import changed_voice, checked_method, checked_url, voice_keys
from voicedr.twin.world.account import is_e164
from voicedr.twin.world.model import Number, NumberVoice
from voicedr.wire.http import Response

_UNCONFIGURED = NumberVoice()


_SHOWN: dict[str, Any] = {
    "sid": "",
    "account_sid": "",
    "friendly_name": "",
    "phone_number": "",
    **voice_keys(_UNCONFIGURED.voice),
    "voice_application_sid": "",
    "voice_caller_id_lookup": False,
    "voice_receive_mode": "voice",
    "trunk_sid": None,
    "sms_url": "",
    "sms_method": "POST",
    "sms_fallback_url": "",
    "sms_fallback_method": "POST",
    "sms_application_sid": "",
    "address_requirements": "none",
    "address_sid": None,
    "bundle_sid": None,
    "identity_sid": None,
    "emergency_status": "Inactive",
    "emergency_address_sid": None,
    "emergency_address_status": "unregistered",
    "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
    "beta": False,
    "origin": "twilio",
    "status": "in-use",
    "type": "local",
    "api_version": "2010-04-01",
    "date_created": None,
    "date_updated": None,
    "uri": "",
}
"""Every key in the provider's order. Copying it and filling it in takes a third of the time of building it anew."""


def show(ask: Ask, number: Number) -> dict[str, Any]:
    """A number as this Region sees it."""
    configured = ask.store.numbers.get(number.sid, _UNCONFIGURED)
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/IncomingPhoneNumbers/{number.sid}"
    shown = _SHOWN.copy()
    shown["sid"] = number.sid
    shown["account_sid"] = ask.world.account_sid
    shown["friendly_name"] = number.friendly_name
    shown["phone_number"] = number.e164
    if configured is not _UNCONFIGURED:
        shown.update(voice_keys(configured.voice))
        shown["voice_application_sid"] = configured.voice_application_sid
        shown["voice_caller_id_lookup"] = configured.voice_caller_id_lookup
        shown["trunk_sid"] = configured.trunk_sid or None
        shown["sms_url"] = configured.sms_url
        shown["sms_method"] = configured.sms_method
        shown["sms_fallback_url"] = configured.sms_fallback_url
        shown["sms_fallback_method"] = configured.sms_fallback_method
        shown["sms_application_sid"] = configured.sms_application_sid
    shown["address_sid"] = number.address_sid or None
    shown["bundle_sid"] = number.bundle_sid or None
    shown["date_created"] = rfc2822(number.created_at)
    shown["date_updated"] = rfc2822(max(configured.updated_at, number.created_at))
    shown["uri"] = uri + ".json"
    return shown


def list_(ask: Ask) -> Response:
    """The account's numbers; ``PhoneNumber`` may be part of one, with ``*`` for any digit."""
    return page_2010(ask, "incoming_phone_numbers", _matching(ask), lambda number: show(ask, number))


def fetch(ask: Ask) -> Response:
    """One number."""
    return resource(show(ask, _one(ask)))


def update(ask: Ask) -> Response:
    """Change the fields that are sent, in this Region only. The friendly name is the number's, everywhere."""
    number = _one(ask)
    _write(ask, number)
    return resource(show(ask, number))


def create(ask: Ask) -> Response:
    """Buy a number. It has no route until one is written: its calls go to us1."""
    e164 = ask.given("PhoneNumber") or ""
    if not is_e164(e164):
        raise Refused(400, 21421, f"PhoneNumber is invalid: {e164!r}; give a plus and 7 to 15 digits")
    if e164 in ask.world.numbers:
        raise Refused(400, 21422, f"PhoneNumber {e164} is not available: the account has it already")
    number = Number(ask.world.mint("PN"), e164, e164, ask.now)
    _write(ask, number)
    ask.world.numbers[e164] = number
    return resource(show(ask, number), 201)


def delete(ask: Ask) -> Response:
    """Release a number: it, its route and its configuration in every Region are gone."""
    number = _one(ask)
    del ask.world.numbers[number.e164]
    ask.world.routes.pop(("PhoneNumbers", number.e164), None)
    for store in ask.world.regions.values():
        store.numbers.pop(number.sid, None)
    return NO_CONTENT


def _one(ask: Ask) -> Number:
    number = ask.world.number(ask.ids["sid"])
    if number is None:
        raise ask.not_found()
    return number


def _write(ask: Ask, number: Number) -> None:
    was = ask.store.numbers.get(number.sid, _UNCONFIGURED)
    now_ = replace(was, voice=changed_voice(ask, was.voice), updated_at=ask.now)
    if (application_sid := ask.given("VoiceApplicationSid")) is not None:
        if application_sid and application_sid not in ask.store.applications:
            raise Refused(400, 21420, f"ApplicationSid {application_sid} is not accessible in {ask.region}")
        now_.voice_application_sid = application_sid
        if application_sid:
            now_.trunk_sid = ""
    if (trunk_sid := ask.given("TrunkSid")) is not None:
        if trunk_sid and trunk_sid not in ask.store.trunks:
            # Which code the provider gives here is not documented.
            raise Refused(400, 20001, f"TrunkSid {trunk_sid} is not accessible in {ask.region}")
        now_.trunk_sid = trunk_sid
        if trunk_sid:
            now_.voice_application_sid = ""
    now_.voice_caller_id_lookup = ask.flag("VoiceCallerIdLookup", was.voice_caller_id_lookup)
    if "SmsUrl" in ask.form:
        now_.sms_url = checked_url(ask, "SmsUrl")
    if "SmsMethod" in ask.form:
        now_.sms_method = checked_method(ask, "SmsMethod")
    if "SmsFallbackUrl" in ask.form:
        now_.sms_fallback_url = checked_url(ask, "SmsFallbackUrl")
        if now_.sms_fallback_url and not now_.sms_url:
            raise Refused(400, 21406, "SmsFallbackUrl is set without SmsUrl")
    if "SmsFallbackMethod" in ask.form:
        now_.sms_fallback_method = checked_method(ask, "SmsFallbackMethod")
    if (sms_application_sid := ask.given("SmsApplicationSid")) is not None:
        if sms_application_sid and sms_application_sid not in ask.store.applications:
            raise Refused(400, 21420, f"ApplicationSid {sms_application_sid} is not accessible in {ask.region}")
        now_.sms_application_sid = sms_application_sid
    attached = _attached(ask, number)
    if (friendly_name := ask.given("FriendlyName")) is not None:
        if len(friendly_name) > 64:
            raise Refused(400, 20001, f"FriendlyName has {len(friendly_name)} characters; at most 64")
        number.friendly_name = friendly_name
    number.address_sid, number.bundle_sid = attached
    ask.store.numbers[number.sid] = now_


def _attached(ask: Ask, number: Number) -> tuple[str, str]:
    """The number's address and bundle, everywhere the same: what is sent, or what it has.

    With which code the provider refuses one that is not there was not found: here 21631 and 20001.
    """
    held = ask.world.regions["us1"].holdings
    address_sid, bundle_sid = ask.given("AddressSid"), ask.given("BundleSid")
    if address_sid and address_sid not in held.addresses:
        raise Refused(400, 21631, f"AddressSid {address_sid} is no address of this account")
    if bundle_sid:
        bundle = held.bundles.get(bundle_sid)
        if bundle is None or bundle.status != "twilio-approved":
            raise Refused(400, 20001, f"BundleSid {bundle_sid} is no approved bundle of this account")
    return (
        number.address_sid if address_sid is None else address_sid,
        number.bundle_sid if bundle_sid is None else bundle_sid,
    )


def _matching(ask: Ask) -> Iterator[Number]:
    wanted, name = ask.wanted("PhoneNumber"), ask.wanted("FriendlyName")
    if wanted is not None:
        exact = ask.world.numbers.get(wanted)
        if exact is not None:
            if name is None or exact.friendly_name == name:
                yield exact
            return
        digits = re.sub(r"[^0-9*]", "", wanted)
        pattern = re.compile(digits.replace("*", "[0-9]"))
        if not digits:
            raise Refused(400, 20001, f"PhoneNumber {wanted!r} has no digit to look for")
    for number in list(ask.world.numbers.values()):
        if name is not None and number.friendly_name != name:
            continue
        if wanted is None or pattern.search(number.e164):
            yield number


endpoints = (
    Endpoint("api", "2010-04-01", "IncomingPhoneNumbers", {"GET": list_, "POST": create}, us1_only=("POST",)),
    Endpoint(
        "api",
        "2010-04-01",
        "IncomingPhoneNumbers/{sid}",
        {"GET": fetch, "POST": update, "DELETE": delete},
        us1_only=("DELETE",),
    ),
)

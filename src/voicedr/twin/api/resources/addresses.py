"""Addresses, and the numbers that need them, in us1.

Source: https://www.twilio.com/docs/usage/api/address (read 2026-11-21). An address that a number names cannot be
deleted (its code is not documented: here 20409). Whether other Regions serve them is not documented: here they do not.
Every address counts as validated and none as verified.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.resources import numbers
from voicedr.twin.world.holdings import Address
from voicedr.twin.world.model import Number
from voicedr.wire.http import Response

_NEEDED = {
    "CustomerName": "customer_name",
    "Street": "street",
    "City": "city",
    "Region": "region",
    "PostalCode": "postal_code",
}
_NOT_SHOWN = {
    "address_sid", "bundle_sid", "identity_sid", "emergency_address_status", "voice_receive_mode", "beta", "origin",
    "status", "type",
}  # fmt: skip
"""What a dependent number lacks of a number."""


def show(ask: Ask, address: Address) -> dict[str, Any]:
    """An address."""
    return {
        "sid": address.sid,
        "account_sid": ask.world.account_sid,
        "friendly_name": address.friendly_name,
        "customer_name": address.customer_name,
        "street": address.street,
        "street_secondary": address.street_secondary or None,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "iso_country": address.iso_country,
        "emergency_enabled": address.emergency_enabled,
        "validated": True,
        "verified": False,
        "date_created": rfc2822(address.created_at),
        "date_updated": rfc2822(address.updated_at),
        "uri": f"/2010-04-01/Accounts/{ask.world.account_sid}/Addresses/{address.sid}.json",
    }


def list_(ask: Ask) -> Response:
    """Addresses by customer, name and country."""
    wanted = {
        "customer_name": ask.wanted("CustomerName"),
        "friendly_name": ask.wanted("FriendlyName"),
        "iso_country": ask.wanted("IsoCountry"),
    }
    found = [
        one
        for one in ask.store.holdings.addresses.values()
        if all(value in (None, getattr(one, name)) for name, value in wanted.items())
    ]
    return page_2010(ask, "addresses", found, lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One address."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new address."""
    given = {name: ask.required(field) for field, name in _NEEDED.items()}
    country = ask.required("IsoCountry").upper()
    if len(country) != 2 or not country.isalpha():
        raise Refused(400, 20001, f"IsoCountry is {country[:20]!r}; give two letters, e.g. US")
    made = Address(
        ask.world.mint("AD"),
        ask.given("FriendlyName") or "",
        street_secondary=ask.given("StreetSecondary") or "",
        iso_country=country,
        emergency_enabled=ask.flag("EmergencyEnabled", False),
        created_at=ask.now,
        updated_at=ask.now,
        **given,
    )
    ask.store.holdings.addresses[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Change what is sent. The country stays."""
    was = _one(ask)
    changes: dict[str, Any] = {
        name: value for field, name in _NEEDED.items() if (value := ask.given(field)) is not None
    }
    for field, name in (("FriendlyName", "friendly_name"), ("StreetSecondary", "street_secondary")):
        if (value := ask.given(field)) is not None:
            changes[name] = value
    enabled = ask.flag("EmergencyEnabled", was.emergency_enabled)
    made = replace(was, updated_at=ask.now, emergency_enabled=enabled, **changes)
    ask.store.holdings.addresses[was.sid] = made
    return resource(show(ask, made))


def delete(ask: Ask) -> Response:
    """Take it away, if no number needs it."""
    address = _one(ask)
    if using := _dependent(ask, address):
        raise Refused(409, 20409, f"Address {address.sid} is needed by {using[0].e164}; give that another one first")
    del ask.store.holdings.addresses[address.sid]
    return NO_CONTENT


def dependent(ask: Ask) -> Response:
    """The numbers that name it."""
    found = _dependent(ask, _one(ask))
    return page_2010(ask, "dependent_phone_numbers", found, lambda one: _show_number(ask, one))


def _show_number(ask: Ask, number: Number) -> dict[str, Any]:
    shown = numbers.show(ask, number)
    return {key: value for key, value in shown.items() if key not in _NOT_SHOWN}


def _dependent(ask: Ask, address: Address) -> list[Number]:
    return [number for number in ask.world.numbers.values() if number.address_sid == address.sid]


def _one(ask: Ask) -> Address:
    found = ask.store.holdings.addresses.get(ask.ids["address"])
    if found is None:
        raise ask.not_found()
    return found


endpoints = (
    Endpoint("api", "2010-04-01", "Addresses", {"GET": list_, "POST": create}, us1_realm=True),
    Endpoint(
        "api", "2010-04-01", "Addresses/{address}", {"GET": fetch, "POST": update, "DELETE": delete}, us1_realm=True
    ),
    Endpoint("api", "2010-04-01", "Addresses/{address}/DependentPhoneNumbers", {"GET": dependent}, us1_realm=True),
)

"""Dialing permissions: which countries may be called. They are the account's, seen from every Region's host.

Source: https://www.twilio.com/docs/voice/api/dialing-permissions-resources (read 2026-11-21). Whether other Regions'
hosts serve them is not documented; here they do, and all show the same. The list is called ``content``. A bulk update
takes a JSON array in one form field and changes everything in it or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from voicedr.twin.api.answers import Refused, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_of_product
from voicedr.twin.world.countries import Country, countries, permission
from voicedr.twin.world.permissions import DialingPermission
from voicedr.wire.http import Response


class _Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """One country of a bulk update. What is left out stays as it is."""

    iso_code: str
    low_risk_numbers_enabled: bool | str | None = None
    high_risk_special_numbers_enabled: bool | str | None = None
    high_risk_tollfraud_numbers_enabled: bool | str | None = None


_FLAGS = {
    "low_risk_numbers_enabled": ("LowRiskNumbersEnabled", "low_risk"),
    "high_risk_special_numbers_enabled": ("HighRiskSpecialNumbersEnabled", "high_risk_special"),
    "high_risk_tollfraud_numbers_enabled": ("HighRiskTollfraudNumbersEnabled", "high_risk_tollfraud"),
}


def show(ask: Ask, country: Country) -> dict[str, Any]:
    """A country and what may be called there."""
    allowed = permission(ask.world, country.iso_code)
    url = f"https://{ask.host.name}/v1/DialingPermissions/Countries/{country.iso_code}"
    return {
        "iso_code": country.iso_code,
        "name": country.name,
        "continent": country.continent,
        "country_codes": list(country.country_codes),
        **{key: getattr(allowed, name) for key, (_, name) in _FLAGS.items()},
        "url": url,
        "links": {"highrisk_special_prefixes": url + "/HighRiskSpecialPrefixes"},
    }


def list_(ask: Ask) -> Response:
    """Countries by code, continent, calling code and permission."""
    return page_of_product(ask, "content", _matching(ask), lambda country: show(ask, country))


def fetch(ask: Ask) -> Response:
    """One country."""
    country = countries().get(ask.ids["iso_code"].upper())
    if country is None:
        raise ask.not_found()
    return resource(show(ask, country))


def update(ask: Ask) -> Response:
    """Change many countries at once: 201, how many, and the request as it came."""
    text = ask.required("UpdateRequest")
    try:
        wanted = msgspec.json.decode(text, type=list[_Wanted])
    except (msgspec.DecodeError, msgspec.ValidationError) as exc:
        raise Refused(400, 20001, f"UpdateRequest is not a JSON array of countries: {exc}") from exc
    changed: dict[str, DialingPermission] = {}
    for one in wanted:
        if one.iso_code not in countries():
            raise Refused(400, 20001, f"UpdateRequest: iso_code {one.iso_code!r} is no country that can be called")
        was = permission(ask.world, one.iso_code)
        changed[one.iso_code] = DialingPermission(
            **{name: _flag(getattr(one, key), key, getattr(was, name)) for key, (_, name) in _FLAGS.items()}
        )
    ask.world.regions["us1"].dialing_permissions |= changed
    return resource({"update_count": len(wanted), "update_request": text}, 201)


def prefixes(ask: Ask) -> Response:
    """The high-risk special prefixes of a country. The provider's are not known here, so that the list is empty."""
    if ask.ids["iso_code"].upper() not in countries():
        raise ask.not_found()
    nothing: list[Row[dict[str, Any]]] = []
    return page_of_product(ask, "content", nothing, lambda row: row.what)


def settings(ask: Ask) -> Response:
    """Whether a subaccount takes its permissions from its parent."""
    inherited = ask.world.regions["us1"].dialing_permissions_inherited
    return resource({"dialing_permissions_inheritance": inherited, "url": f"https://{ask.host.name}/v1/Settings"})


def change_settings(ask: Ask) -> Response:
    """Change that: 202."""
    store = ask.world.regions["us1"]
    store.dialing_permissions_inherited = ask.flag("DialingPermissionsInheritance", store.dialing_permissions_inherited)
    return Response(202, settings(ask).headers, settings(ask).body)


def _matching(ask: Ask) -> Iterator[Country]:
    iso_code, continent, code = (ask.wanted(name) for name in ("IsoCode", "Continent", "CountryCode"))
    flags = {name: ask.wanted(asked) for asked, name in _FLAGS.values()}
    for country in countries().values():
        if iso_code not in (None, country.iso_code) or continent not in (None, country.continent):
            continue
        if code is not None and "+" + code.removeprefix("+") not in country.country_codes:
            continue
        allowed = permission(ask.world, country.iso_code)
        if all(asked is None or (asked == "true") == getattr(allowed, name) for name, asked in flags.items()):
            yield country


def _flag(value: bool | str | None, key: str, otherwise: bool) -> bool:
    match value:
        case None:
            return otherwise
        case bool():
            return value
        case "true" | "false":
            return value == "true"
        case _:
            raise Refused(400, 20001, f"UpdateRequest: {key} is {value!r}; give true or false")


endpoints = (
    Endpoint("voice", "v1", "DialingPermissions/Countries", {"GET": list_}),
    Endpoint("voice", "v1", "DialingPermissions/Countries/{iso_code}", {"GET": fetch}),
    Endpoint("voice", "v1", "DialingPermissions/Countries/{iso_code}/HighRiskSpecialPrefixes", {"GET": prefixes}),
    Endpoint("voice", "v1", "DialingPermissions/BulkCountryUpdates", {"POST": update}),
    Endpoint("voice", "v1", "Settings", {"GET": settings, "POST": change_settings}),
)

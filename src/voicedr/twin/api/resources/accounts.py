"""Accounts: the account itself, the same in every Region but for its Auth Token.

Source: https://www.twilio.com/docs/iam/api/account (read 2026-11-21). That other Regions refuse the list is from field
reports: their endpoint for subaccounts answers that it is not supported in the realm.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_2010
from voicedr.wire.http import Response

CREATED_AT = 1_577_836_800.0
"""2020-01-01: when the pretended account was opened."""


def show(ask: Ask) -> dict[str, Any]:
    """The account, with the Auth Token of the Region that is asked."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    return {
        "sid": ask.world.account_sid,
        "owner_account_sid": ask.world.account_sid,
        "friendly_name": "Twin",
        "status": "active",
        "type": "Full",
        "auth_token": ask.store.auth_token,
        "date_created": rfc2822(CREATED_AT),
        "date_updated": rfc2822(CREATED_AT),
        "uri": uri + ".json",
        "subresource_uris": {
            "incoming_phone_numbers": uri + "/IncomingPhoneNumbers.json",
            "applications": uri + "/Applications.json",
            "calls": uri + "/Calls.json",
            "keys": uri + "/Keys.json",
        },
    }


def fetch(ask: Ask) -> Response:
    """The account."""
    return resource(show(ask))


def list_(ask: Ask) -> Response:
    """The account and its subaccounts, of which it has none, by name and status. In us1 only."""
    name, status = ask.wanted("FriendlyName"), ask.wanted("Status")
    shown = show(ask)
    found = [Row(ask.world.account_sid, shown)]
    if name not in (None, shown["friendly_name"]) or status not in (None, shown["status"]):
        found = []
    return page_2010(ask, "accounts", found, lambda row: row.what)


endpoints = (
    Endpoint("api", "2010-04-01", "", {"GET": fetch}, token_only=True),
    Endpoint("api", "Accounts", "", {"GET": list_}, us1_realm=True, token_only=True),
)

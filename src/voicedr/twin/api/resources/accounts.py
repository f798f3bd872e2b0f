"""Accounts: the account itself, the same in every Region but for its Auth Token, and its subaccounts, in us1.

Sources: https://www.twilio.com/docs/iam/api/account and https://www.twilio.com/docs/iam/api/subaccounts (read
2026-11-21). A subaccount is made active, suspended or closed, and closed it stays (how reopening one is refused is not
documented: here 20409). There is nothing in one: the twin serves the resources of the parent only. That other Regions
refuse subaccounts is from field reports: they answer that the endpoint is not supported in the realm.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import Refused, realm, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_2010
from voicedr.twin.world.credentials import mint_token
from voicedr.twin.world.holdings import Subaccount
from voicedr.wire.http import Response

STATUSES = ("active", "suspended", "closed")
SUBACCOUNTS_MAX = 1000
"""As many as an account may have (https://www.twilio.com/docs/iam/api/subaccounts)."""

CREATED_AT = 1_577_836_800.0
"""2020-01-01: when the pretended account was opened."""


def show(ask: Ask) -> dict[str, Any]:
    """The account, with the Auth Token of the Region that is asked."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    return {
        "sid": ask.world.account_sid,
        "owner_account_sid": ask.world.account_sid,
        "friendly_name": ask.world.regions["us1"].holdings.friendly_name,
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


def show_subaccount(ask: Ask, subaccount: Subaccount) -> dict[str, Any]:
    """A subaccount."""
    uri = f"/2010-04-01/Accounts/{subaccount.sid}"
    shown = show(ask)
    return {
        **shown,
        "sid": subaccount.sid,
        "friendly_name": subaccount.friendly_name,
        "status": subaccount.status,
        "auth_token": subaccount.auth_token,
        "date_created": rfc2822(subaccount.created_at),
        "date_updated": rfc2822(subaccount.updated_at),
        "uri": uri + ".json",
        "subresource_uris": {
            name: uri + path.removeprefix(shown["uri"].removesuffix(".json"))
            for name, path in shown["subresource_uris"].items()
        },
    }


def fetch(ask: Ask) -> Response:
    """The account, or a subaccount."""
    if "account" in ask.ids:
        return resource(show_subaccount(ask, _subaccount(ask)))
    return resource(show(ask))


def list_(ask: Ask) -> Response:
    """The account and its subaccounts, by name and status. In us1 only."""
    name, status = ask.wanted("FriendlyName"), ask.wanted("Status")
    shown = [show(ask), *(show_subaccount(ask, one) for one in ask.store.holdings.subaccounts.values())]
    found = [
        Row(one["sid"], one)
        for one in shown
        if name in (None, one["friendly_name"]) and status in (None, one["status"])
    ]
    return page_2010(ask, "accounts", found, lambda row: row.what)


def create(ask: Ask) -> Response:
    """A new subaccount, with its Auth Token."""
    held = ask.store.holdings.subaccounts
    if len(held) >= SUBACCOUNTS_MAX:
        raise Refused(400, 20001, f"The account has {len(held)} subaccounts, and no more can be made")
    name = ask.given("FriendlyName") or f"SubAccount {len(held) + 1}"
    made = Subaccount(ask.world.mint("AC"), name, mint_token(ask.world), "active", ask.now, ask.now)
    held[made.sid] = made
    return resource(show_subaccount(ask, made), 201)


def update(ask: Ask) -> Response:
    """Rename an account; suspend, reopen or close a subaccount. The account itself cannot do that to itself."""
    status, name = ask.one_of("Status", "", STATUSES), ask.given("FriendlyName")
    if "account" not in ask.ids:
        if status not in ("", "active"):
            raise Refused(400, 20001, f"The account cannot make itself {status}; only a subaccount can be")
        ask.world.regions["us1"].holdings.friendly_name = name or ask.world.regions["us1"].holdings.friendly_name
        return resource(show(ask))
    subaccount = _subaccount(ask)
    if subaccount.status == "closed" and status not in ("", "closed"):
        raise Refused(409, 20409, f"Subaccount {subaccount.sid} is closed and stays so")
    subaccount.status = status or subaccount.status
    subaccount.friendly_name = name or subaccount.friendly_name
    subaccount.updated_at = ask.now
    return resource(show_subaccount(ask, subaccount))


def _subaccount(ask: Ask) -> Subaccount:
    if ask.region != "us1":
        raise realm(ask.region)
    return ask.store.holdings.subaccounts[ask.ids["account"]]


endpoints = (
    Endpoint("api", "2010-04-01", "", {"GET": fetch, "POST": update}, token_only=True),
    Endpoint("api", "Accounts", "", {"GET": list_, "POST": create}, us1_realm=True, token_only=True),
)

"""Accounts: the account itself, the same in every Region but for its Auth Token.

Source: https://www.twilio.com/docs/iam/api/account (read 2026-11-21).
"""

from __future__ import annotations

from voicedr.twin.api.answers import resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.wire.http import Response

CREATED_AT = 1_577_836_800.0
"""2020-01-01: when the pretended account was opened."""


def fetch(ask: Ask) -> Response:
    """The account, with the Auth Token of the Region that is asked."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}"
    return resource(
        {
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
    )


endpoints = (Endpoint("api", "2010-04-01", "", {"GET": fetch}, token_only=True),)

"""SigningKeys: the older name of API keys. The same keys as ``Keys``, under another path and list key.

Source: https://www.twilio.com/docs/iam/api-keys/key-resource-v2010 (read 2026-11-21). That they want the Auth Token, as
``Keys`` does, is an assumption.
"""

from __future__ import annotations

from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.api.resources.keys import create, delete, fetch, show, update
from voicedr.wire.http import Response


def list_(ask: Ask) -> Response:
    """The Region's keys."""
    return page_2010(ask, "signing_keys", [key for key in ask.store.keys.values() if not key.revoked], show)


endpoints = (
    Endpoint("api", "2010-04-01", "SigningKeys", {"GET": list_, "POST": create}, token_only=True),
    Endpoint(
        "api", "2010-04-01", "SigningKeys/{sid}", {"GET": fetch, "POST": update, "DELETE": delete}, token_only=True
    ),
)

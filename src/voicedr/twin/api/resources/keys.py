"""Keys: API keys of one Region. Its secret is shown once, when it is made.

Sources: https://www.twilio.com/docs/iam/api-keys and https://www.twilio.com/docs/usage/requests-to-twilio (read
2026-11-21): a Standard key may not use Accounts and Keys; the Region's Auth Token may.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.credentials import mint_key
from voicedr.twin.world.model import Key
from voicedr.wire.http import Response


def show(key: Key) -> dict[str, Any]:
    """A key without its secret."""
    return {
        "sid": key.sid,
        "friendly_name": key.friendly_name,
        "date_created": rfc2822(key.created_at),
        "date_updated": rfc2822(key.updated_at),
    }


def list_(ask: Ask) -> Response:
    """The Region's keys."""
    return page_2010(ask, "keys", [key for key in ask.store.keys.values() if not key.revoked], show)


def fetch(ask: Ask) -> Response:
    """One key."""
    return resource(show(one_key(ask)))


def create(ask: Ask) -> Response:
    """A new key, with its secret."""
    key = mint_key(ask.world, ask.store, ask.given("FriendlyName") or "", ask.now)
    return resource({**show(key), "secret": key.secret}, 201)


def update(ask: Ask) -> Response:
    """Rename it."""
    key = one_key(ask)
    if (name := ask.given("FriendlyName")) is not None:
        key.friendly_name, key.updated_at = name, ask.now
    return resource(show(key))


def delete(ask: Ask) -> Response:
    """Revoke it: whoever still uses it is refused with 20003."""
    del ask.store.keys[one_key(ask).sid]
    return NO_CONTENT


def one_key(ask: Ask) -> Key:
    """The key of the path.

    Raises:
        Refused: 404 if this Region has none with this id.
    """
    key = ask.store.keys.get(ask.ids["sid"])
    if key is None or key.revoked:
        raise ask.not_found()
    return key


endpoints = (
    Endpoint("api", "2010-04-01", "Keys", {"GET": list_, "POST": create}, token_only=True),
    Endpoint("api", "2010-04-01", "Keys/{sid}", {"GET": fetch, "POST": update, "DELETE": delete}, token_only=True),
)

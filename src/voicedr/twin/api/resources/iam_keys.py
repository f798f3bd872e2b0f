"""Keys of the iam product: API keys again, with a type and a policy, in pages of a product API.

Source: https://www.twilio.com/docs/iam/api-keys/key-resource-v1 (read 2026-11-21). ``AccountSid`` has to be given.
Dates are in the form of the 2010 API. Whether ``iam`` has regional hosts is not documented; here each shows its
Region's keys. What a restricted key's policy allows is looked at with each of its requests (``permitted.py``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from voicedr.twin.api.answers import Refused, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources import keys
from voicedr.twin.world.credentials import mint_key
from voicedr.twin.world.model import Key
from voicedr.wire.http import Response

TYPES = ("standard", "restricted")


def list_(ask: Ask) -> Response:
    """The Region's keys."""
    _own(ask, ask.wanted("AccountSid"))
    found = [key for key in ask.store.keys.values() if not key.revoked]
    return page_of_product(
        ask,
        "keys",
        found,
        lambda key: {**keys.show(key), "flags": ["rest_api", "signing"] if not key.policy else ["restricted"]},
    )


def fetch(ask: Ask) -> Response:
    """One key."""
    return resource(_show(keys.one_key(ask)))


def create(ask: Ask) -> Response:
    """A new key, with its secret."""
    _own(ask, ask.given("AccountSid"))
    kind, policy = ask.one_of("KeyType", "standard", TYPES), _policy(ask)
    if kind == "restricted" and not policy:
        raise Refused(400, 20001, "Policy is missing; a restricted key needs one")
    key = mint_key(ask.world, ask.store, ask.given("FriendlyName") or "", ask.now)
    key.policy = policy
    return resource({**_show(key), "secret": key.secret}, 201)


def update(ask: Ask) -> Response:
    """Rename it, or give it another policy."""
    key, policy = keys.one_key(ask), _policy(ask)
    if (name := ask.given("FriendlyName")) is not None:
        key.friendly_name = name
    key.policy, key.updated_at = policy or key.policy, ask.now
    return resource(_show(key))


def _show(key: Key) -> dict[str, Any]:
    return {**keys.show(key), "policy": msgspec.json.decode(key.policy) if key.policy else None}


def _own(ask: Ask, account_sid: str | None) -> None:
    if account_sid is None:
        raise Refused(400, 20001, "Missing required parameter AccountSid")
    if account_sid != ask.world.account_sid:
        raise ask.not_found()


def _policy(ask: Ask) -> str:
    text = ask.given("Policy") or ""
    try:
        if text and not isinstance(msgspec.json.decode(text), dict):
            raise Refused(400, 20001, "Policy is not a JSON object")
    except msgspec.DecodeError as exc:
        raise Refused(400, 20001, f"Policy is not JSON: {exc}") from exc
    return text


endpoints = (
    Endpoint("iam", "v1", "Keys", {"GET": list_, "POST": create}, token_only=True),
    Endpoint("iam", "v1", "Keys/{sid}", {"GET": fetch, "POST": update, "DELETE": keys.delete}, token_only=True),
)

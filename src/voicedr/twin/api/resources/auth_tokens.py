"""Auth Tokens: a secondary one beside a Region's primary, and its promotion.

Sources: https://www.twilio.com/docs/iam/api/secondary_authtoken and https://www.twilio.com/docs/iam/api/authtoken (read
2026-11-21). The secondary token lets clients in and signs nothing; promoted, it signs and the old primary is worth
nothing any more. Auth Tokens are a Region's own
(https://www.twilio.com/docs/global-infrastructure/manage-regional-api-credentials); that ``accounts`` has a host in
each Region, and how a promotion without a secondary token is refused, are assumptions (here 400 and 20001).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.world.credentials import mint_token
from voicedr.wire.http import Response


def create(ask: Ask) -> Response:
    """A new secondary token, in place of one that is there. Shown this once."""
    ask.store.secondary_auth_token = mint_token(ask.world)
    return resource(_show(ask, "Secondary", "secondary_auth_token", ask.store.secondary_auth_token), 201)


def delete(ask: Ask) -> Response:
    """Take the secondary token away."""
    if not ask.store.secondary_auth_token:
        raise ask.not_found()
    ask.store.secondary_auth_token = ""
    return NO_CONTENT


def promote(ask: Ask) -> Response:
    """Make the secondary token the primary one: from now on it signs webhooks."""
    if not ask.store.secondary_auth_token:
        raise Refused(400, 20001, f"{ask.region} has no secondary Auth Token to promote; create one first")
    ask.store.auth_token, ask.store.secondary_auth_token = ask.store.secondary_auth_token, ""
    return resource(_show(ask, "Promote", "auth_token", ask.store.auth_token))


def _show(ask: Ask, name: str, key: str, token: str) -> dict[str, Any]:
    return {
        "account_sid": ask.world.account_sid,
        "date_created": iso(ask.now),
        "date_updated": iso(ask.now),
        key: token,
        "url": f"https://{ask.host.name}/v1/AuthTokens/{name}",
    }


endpoints = (
    Endpoint("accounts", "v1", "AuthTokens/Secondary", {"POST": create, "DELETE": delete}, token_only=True),
    Endpoint("accounts", "v1", "AuthTokens/Promote", {"POST": promote}, token_only=True),
)

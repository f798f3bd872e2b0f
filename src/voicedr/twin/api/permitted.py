"""What a Restricted key may do: the permissions of its policy against what a request needs.

Sources: https://www.twilio.com/docs/iam/api-keys/restricted-api-keys and https://www.twilio.com/docs/api/errors/70051
(read 2026-11-21): a request that no permission of the key covers is Authorization Failed, 70051. Assumptions: the HTTP
status (403), and the names: ``/twilio/{area}/{resource}/{action}``, with the action create, list, read, update or
delete, for example ``/twilio/voice/calls/create``; the area is the product, and within the 2010 API voice, sip,
phone-numbers, messaging, usage or accounts. ``*`` at the end of a permission stands for the rest.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Endpoint
from voicedr.twin.world.model import Key

_AREAS = {
    "SIP": "sip",
    "IncomingPhoneNumbers": "phone-numbers",
    "OutgoingCallerIds": "phone-numbers",
    "Addresses": "phone-numbers",
    "Messages": "messaging",
    "Usage": "usage",
    "Balance": "usage",
    "": "accounts",
}
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def refuse_unpermitted(key: Key | None, endpoint: Endpoint, method: str) -> None:
    """Refuse a request whose key is restricted and lacks the permission. Other keys and tokens are not looked at.

    Raises:
        Refused: 70051, with the permission that is missing.
    """
    if key is None or not key.policy:
        return
    needed = permission(endpoint.product, endpoint.path, method)
    if not any(_covers(given, needed) for given in _allowed(key.policy)):
        raise Refused(403, 70051, f"Authorization Failed: the key lacks the permission {needed}")


@lru_cache(maxsize=1024)
def permission(product: str, path: str, method: str) -> str:
    """What a method of an endpoint needs."""
    steps = [step for step in path.split("/") if step and not step.startswith("{")]
    of_one = path.endswith("}")
    area = product if product != "api" else _AREAS.get(steps[0] if steps else "", "voice")
    kind = steps[-1] if steps else "Accounts"
    action = {"GET": "read" if of_one else "list", "DELETE": "delete", "PATCH": "update"}.get(method)
    if action is None:
        action = "update" if of_one else "create"
    return f"/twilio/{area}/{_WORDS.sub('-', kind).lower()}/{action}"


@lru_cache(maxsize=256)
def _allowed(policy: str) -> tuple[str, ...]:
    told = msgspec.json.decode(policy)
    allow = told.get("allow", []) if isinstance(told, dict) else []
    return tuple(str(one) for one in allow) if isinstance(allow, list) else ()


def _covers(given: str, needed: str) -> bool:
    return given == needed or (given.endswith("*") and needed.startswith(given[:-1]))

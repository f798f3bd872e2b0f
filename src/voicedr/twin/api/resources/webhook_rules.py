"""Webhook Rules: which webhook URLs get which Setting, in us1.

Sources: https://www.twilio.com/docs/usage/webhooks/webhook-rules, https://www.twilio.com/docs/api/errors/59000 and
https://www.twilio.com/docs/api/errors/59202 (read 2026-11-21), a public beta. A Rule matches a URL exactly, by its
beginning, or as the default; it applies one Setting, or two whose percentages make 100; the default Rule must not apply
Basic credentials. Assumptions: a Setting is named by ``id`` in ``settings``; a second Rule with the same match is
refused (409); which special characters a pattern must not have (here ``*`` and ``#`` and blanks).
"""

from __future__ import annotations

import re
from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.json_body import json_body, known, text, whole, word, wrong
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources.webhook_settings import DESCRIPTION_MAX, NAME_MAX, mint_id
from voicedr.twin.world.webhook_configuration import WebhookRule
from voicedr.wire.http import Response

MATCHES = ("EXACT_MATCH", "PREFIX_MATCH", "DEFAULT")
PATTERN_MAX = 2048
_PATTERN_KEYS = {"EXACT_MATCH": "value", "PREFIX_MATCH": "prefix"}
_SPECIAL = re.compile(r"[*#\s]")


def show(ask: Ask, rule: WebhookRule) -> dict[str, Any]:
    """A Rule."""
    return {
        "id": rule.sid,
        "friendlyName": rule.friendly_name,
        "description": rule.description,
        "matchType": rule.match_type,
        "value": rule.pattern if rule.match_type == "EXACT_MATCH" else None,
        "prefix": rule.pattern if rule.match_type == "PREFIX_MATCH" else None,
        "settings": [{"id": sid, "percentage": share} for sid, share in rule.settings],
        "dateCreated": iso(rule.created_at),
        "dateUpdated": iso(rule.updated_at),
        "url": f"https://{ask.host.name}/v1/Webhooks/Rules/{rule.sid}",
    }


def list_(ask: Ask) -> Response:
    """Every Rule."""
    return page_of_product(ask, "rules", ask.store.webhook_configuration.rules.values(), lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One Rule."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new Rule. It holds from now on."""
    made = _read(ask, json_body(ask), None)
    ask.store.webhook_configuration.rules[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Change what is named."""
    was = _one(ask)
    made = _read(ask, json_body(ask), was)
    ask.store.webhook_configuration.rules[was.sid] = made
    return resource(show(ask, made))


def delete(ask: Ask) -> Response:
    """Take it away: its URLs fall under the next Rule that matches."""
    del ask.store.webhook_configuration.rules[_one(ask).sid]
    return NO_CONTENT


def _one(ask: Ask) -> WebhookRule:
    found = ask.store.webhook_configuration.rules.get(ask.ids["id"])
    if found is None:
        raise ask.not_found()
    return found


def _read(ask: Ask, body: dict[str, Any], was: WebhookRule | None) -> WebhookRule:
    known(body, "", "friendlyName", "description", "matchType", "value", "prefix", "settings")
    match = word(body, "matchType", MATCHES) if was is None or "matchType" in body else was.match_type
    key = _PATTERN_KEYS.get(match, "")
    pattern = was.pattern if was is not None and was.match_type == match else ""
    if key:
        pattern = text(body, key, pattern, PATTERN_MAX)
        if not pattern or _SPECIAL.search(pattern):
            raise wrong(key, "is not a URL, or the beginning of one, without special characters")
    settings = _settings(ask, body["settings"]) if was is None or "settings" in body else was.settings
    if match == "DEFAULT":
        pattern = ""
        configuration = ask.store.webhook_configuration
        if any(configuration.settings[sid].auth_type == "BASIC" for sid, _ in settings):
            raise Refused(400, 59202, "The default rule must not send Basic credentials to every URL")
    for other in ask.store.webhook_configuration.rules.values():
        if (other.match_type, other.pattern) == (match, pattern) and (was is None or other.sid != was.sid):
            raise Refused(409, 20409, f"Rule {other.sid} matches the same URLs; change that one")
    return WebhookRule(
        mint_id(ask, "rule") if was is None else was.sid,
        text(body, "friendlyName", "" if was is None else was.friendly_name, NAME_MAX),
        text(body, "description", "" if was is None else was.description, DESCRIPTION_MAX),
        match,
        pattern,
        settings,
        ask.now if was is None else was.created_at,
        ask.now,
    )


def _settings(ask: Ask, given: Any) -> tuple[tuple[str, int], ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= 2 or not all(isinstance(one, dict) for one in given):
        raise wrong("settings", "is not a list of one or two Settings")
    read: list[tuple[str, int]] = []
    for one in given:
        known(one, "settings.", "id", "percentage")
        sid = text(one, "id", "", NAME_MAX, "settings.")
        if sid not in ask.store.webhook_configuration.settings:
            raise wrong("settings.id", f"is {sid!r}, which is no Setting")
        read.append((sid, whole(one, "percentage", 100 if len(given) == 1 else -1, 0, 100, "settings.")))
    if sum(share for _, share in read) != 100:
        raise wrong("settings.percentage", "of all Settings together is not 100")
    return tuple(read)


endpoints = (
    Endpoint("webhooks", "v1", "Webhooks/Rules", {"GET": list_, "POST": create}),
    Endpoint("webhooks", "v1", "Webhooks/Rules/{id}", {"GET": fetch, "PATCH": update, "DELETE": delete}),
)

"""Webhook Settings: authentication, signing, connection and edges of webhooks, in us1.

Source: https://www.twilio.com/docs/usage/webhooks/webhook-settings (read 2026-11-21), a public beta. Documented are
``id``, ``type``, ``friendlyName``, ``description``, ``auth`` with a ``source`` of INLINE or REFERENCE, and that there
is a ``signature`` that names a key and an algorithm, a connection and edge zones. Assumptions: every other name here
(``auth.type``, ``auth.username``, ``auth.password``, ``auth.authProfileId``, ``signature.sharedKeyId``,
``signature.algorithm``, ``connection.connectTimeout``, ``readTimeout``, ``totalTimeout``, ``retryCount``,
``retryPolicies``, ``edgeZones``), that numbers have the ranges of the connection overrides, that a change is a PATCH
which leaves alone what it does not name, and that a Setting which a Rule applies cannot be deleted (409). OAuth 2.0 is
refused: the twin fetches no tokens.
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.json_body import json_body, known, part, text, texts, whole, word, wrong
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.world.webhook_configuration import Connection, WebhookSetting
from voicedr.wire.http import Response
from voicedr.wire.overrides import EDGES, POLICIES

NAME_MAX, DESCRIPTION_MAX = 255, 1024
AUTH_TYPES = ("NONE", "BASIC", "DIGEST")
ALGORITHMS = ("HMAC_SHA1", "HMAC_SHA256")


def mint_id(ask: Ask, kind: str) -> str:
    """An id of this API: a word that tells the kind, and 26 characters."""
    return f"webhooks_{kind}_{ask.world.mint('')[:26]}"


def show(ask: Ask, setting: WebhookSetting) -> dict[str, Any]:
    """A Setting, without its password."""
    if setting.auth_profile_sid:
        auth: dict[str, Any] = {"source": "REFERENCE", "authProfileId": setting.auth_profile_sid}
    else:
        auth = {"source": "INLINE", "type": setting.auth_type, "username": setting.user or None}
    key = {"sharedKeyId": setting.shared_key_sid, "algorithm": setting.algorithm} if setting.shared_key_sid else None
    made = setting.connection
    connection = None
    if made is not None:
        connection = {
            "connectTimeout": made.connect_ms,
            "readTimeout": made.read_ms,
            "totalTimeout": made.total_ms,
            "retryCount": made.retries,
            "retryPolicies": list(made.retried),
        }
    return {
        "id": setting.sid,
        "type": "CUSTOMER",
        "friendlyName": setting.friendly_name,
        "description": setting.description,
        "auth": auth,
        "signature": key,
        "connection": connection,
        "edgeZones": list(setting.edges),
        "dateCreated": iso(setting.created_at),
        "dateUpdated": iso(setting.updated_at),
        "url": f"https://{ask.host.name}/v1/Webhooks/Settings/{setting.sid}",
    }


def list_(ask: Ask) -> Response:
    """Every Setting."""
    found = ask.store.webhook_configuration.settings.values()
    return page_of_product(ask, "settings", found, lambda one: show(ask, one))


def fetch(ask: Ask) -> Response:
    """One Setting."""
    return resource(show(ask, _one(ask)))


def create(ask: Ask) -> Response:
    """A new Setting. It does nothing until a Rule applies it."""
    body = json_body(ask)
    if "auth" not in body:
        raise wrong("auth", "is missing")
    made = WebhookSetting(mint_id(ask, "setting"), "", "", "NONE", ask.now, ask.now)
    _fill(ask, made, body)
    ask.store.webhook_configuration.settings[made.sid] = made
    return resource(show(ask, made), 201)


def update(ask: Ask) -> Response:
    """Change what is named. Everything is checked before anything is changed."""
    was = _one(ask)
    _fill(ask, was, json_body(ask))
    was.updated_at = ask.now
    return resource(show(ask, was))


def delete(ask: Ask) -> Response:
    """Take it away, if no Rule applies it."""
    setting, configuration = _one(ask), ask.store.webhook_configuration
    for rule in configuration.rules.values():
        if setting.sid in (sid for sid, _ in rule.settings):
            raise Refused(409, 20409, f"Setting {setting.sid} is applied by rule {rule.sid}; change that first")
    del configuration.settings[setting.sid]
    return NO_CONTENT


def _one(ask: Ask) -> WebhookSetting:
    found = ask.store.webhook_configuration.settings.get(ask.ids["id"])
    if found is None:
        raise ask.not_found()
    return found


def _fill(ask: Ask, setting: WebhookSetting, body: dict[str, Any]) -> None:
    known(body, "", "friendlyName", "description", "auth", "signature", "connection", "edgeZones")
    name = text(body, "friendlyName", setting.friendly_name, NAME_MAX)
    description = text(body, "description", setting.description, DESCRIPTION_MAX)
    auth, signature, connection = part(body, "auth"), part(body, "signature"), part(body, "connection")
    logged_in = _auth(ask, auth) if auth is not None else None
    signed = _signature(ask, signature) if signature is not None else None
    connected = _connection(connection) if connection is not None else None
    edges = texts(body, "edgeZones", sorted(EDGES)) if "edgeZones" in body else setting.edges
    setting.friendly_name, setting.description, setting.edges = name, description, edges
    if logged_in is not None:
        setting.auth_type, setting.user, setting.password, setting.auth_profile_sid = logged_in
    if signed is not None or ("signature" in body and signature is None):
        setting.shared_key_sid, setting.algorithm = signed or ("", "HMAC_SHA256")
    if "connection" in body:
        setting.connection = connected


def _auth(ask: Ask, given: dict[str, Any]) -> tuple[str, str, str, str]:
    """Type, user, password and profile."""
    if word(given, "source", ("INLINE", "REFERENCE"), "auth.") == "REFERENCE":
        known(given, "auth.", "source", "authProfileId")
        profile = ask.store.webhook_configuration.auth_profiles.get(str(given.get("authProfileId")))
        if profile is None:
            raise wrong("auth.authProfileId", "names no AuthProfile")
        return profile.auth_type, "", "", profile.sid
    known(given, "auth.", "source", "type", "username", "password")
    kind, user, password = credentials(given, "auth.")
    return kind, user, password, ""


def credentials(given: dict[str, Any], where: str) -> tuple[str, str, str]:
    """Type, user and password of Basic or Digest; the last two are empty for none."""
    if given.get("type") == "OAUTH2":
        raise wrong(f"{where}type", "is OAUTH2, for which the twin would have to fetch tokens; give BASIC or DIGEST")
    kind = word(given, "type", AUTH_TYPES, where) if "type" in given else "NONE"
    user = text(given, "username", "", NAME_MAX, where)
    password = text(given, "password", "", NAME_MAX, where)
    if kind != "NONE" and not (user and password):
        raise wrong(f"{where}username", f"and password have to be given for {kind}")
    return kind, user if kind != "NONE" else "", password if kind != "NONE" else ""


def _signature(ask: Ask, given: dict[str, Any]) -> tuple[str, str]:
    known(given, "signature.", "sharedKeyId", "algorithm")
    sid = text(given, "sharedKeyId", "", NAME_MAX, "signature.")
    if sid not in ask.store.webhook_configuration.shared_keys:
        raise wrong("signature.sharedKeyId", "names no SharedKey")
    return sid, word(given, "algorithm", ALGORITHMS, "signature.") if "algorithm" in given else "HMAC_SHA256"


def _connection(given: dict[str, Any]) -> Connection:
    where = "connection."
    known(given, where, "connectTimeout", "readTimeout", "totalTimeout", "retryCount", "retryPolicies")
    usual = Connection()
    return Connection(
        whole(given, "connectTimeout", usual.connect_ms, 100, 10_000, where),
        whole(given, "readTimeout", usual.read_ms, 100, 15_000, where),
        whole(given, "totalTimeout", usual.total_ms, 100, 15_000, where),
        whole(given, "retryCount", usual.retries, 0, 5, where),
        texts(given, "retryPolicies", sorted(POLICIES), where) if "retryPolicies" in given else usual.retried,
    )


endpoints = (
    Endpoint("webhooks", "v1", "Webhooks/Settings", {"GET": list_, "POST": create}),
    Endpoint("webhooks", "v1", "Webhooks/Settings/{id}", {"GET": fetch, "PATCH": update, "DELETE": delete}),
)

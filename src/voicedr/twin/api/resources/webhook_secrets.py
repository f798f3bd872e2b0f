"""AuthProfiles and SharedKeys: credentials and signing keys that Webhook Settings name, in us1.

Sources: https://www.twilio.com/docs/usage/webhooks/webhook-auth-profiles and
https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys (read 2026-11-21), a public beta. A key's secret is shown
once, when it is made; a password is never shown. Assumptions: every property name but ``friendlyName`` and a
SharedKey's ``type``, whose only word here is HMAC; and that neither can be deleted while a Setting names it (409).
"""

from __future__ import annotations

from typing import Any

from voicedr.twin.api.answers import NO_CONTENT, Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.json_body import json_body, known, text, word, wrong
from voicedr.twin.api.paging import page_of_product
from voicedr.twin.api.resources.webhook_settings import NAME_MAX, credentials, mint_id
from voicedr.twin.world.credentials import mint_secret
from voicedr.twin.world.webhook_configuration import AuthProfile, SharedKey
from voicedr.wire.http import Response


def show_profile(ask: Ask, profile: AuthProfile) -> dict[str, Any]:
    """An AuthProfile, without its password."""
    return {
        "id": profile.sid,
        "friendlyName": profile.friendly_name,
        "type": profile.auth_type,
        "username": profile.user,
        "dateCreated": iso(profile.created_at),
        "dateUpdated": iso(profile.updated_at),
        "url": f"https://{ask.host.name}/v1/Webhooks/AuthProfiles/{profile.sid}",
    }


def show_key(ask: Ask, key: SharedKey) -> dict[str, Any]:
    """A SharedKey, without its secret."""
    return {
        "id": key.sid,
        "friendlyName": key.friendly_name,
        "type": "HMAC",
        "dateCreated": iso(key.created_at),
        "dateUpdated": iso(key.updated_at),
        "url": f"https://{ask.host.name}/v1/Webhooks/SharedKeys/{key.sid}",
    }


def profiles(ask: Ask) -> Response:
    """Every AuthProfile."""
    found = ask.store.webhook_configuration.auth_profiles.values()
    return page_of_product(ask, "authProfiles", found, lambda one: show_profile(ask, one))


def one_profile(ask: Ask) -> Response:
    """One AuthProfile."""
    return resource(show_profile(ask, _profile(ask)))


def create_profile(ask: Ask) -> Response:
    """New credentials for Settings to name."""
    body = json_body(ask)
    known(body, "", "friendlyName", "type", "username", "password")
    kind, user, password = credentials(body, "")
    if kind == "NONE":
        raise wrong("type", "is missing; give BASIC or DIGEST")
    name = text(body, "friendlyName", "", NAME_MAX)
    made = AuthProfile(mint_id(ask, "authprofile"), name, kind, user, password, ask.now, ask.now)
    ask.store.webhook_configuration.auth_profiles[made.sid] = made
    return resource(show_profile(ask, made), 201)


def delete_profile(ask: Ask) -> Response:
    """Take it away, if no Setting names it."""
    profile = _profile(ask)
    _refuse_used(ask, profile.sid, "auth_profile_sid")
    del ask.store.webhook_configuration.auth_profiles[profile.sid]
    return NO_CONTENT


def keys(ask: Ask) -> Response:
    """Every SharedKey."""
    found = ask.store.webhook_configuration.shared_keys.values()
    return page_of_product(ask, "sharedKeys", found, lambda one: show_key(ask, one))


def one_key(ask: Ask) -> Response:
    """One SharedKey."""
    return resource(show_key(ask, _key(ask)))


def create_key(ask: Ask) -> Response:
    """A new key, with its secret."""
    body = json_body(ask)
    known(body, "", "friendlyName", "type")
    word(body, "type", ("HMAC",))
    name = text(body, "friendlyName", "", NAME_MAX)
    made = SharedKey(mint_id(ask, "sharedkey"), name, mint_secret(ask.world), ask.now, ask.now)
    ask.store.webhook_configuration.shared_keys[made.sid] = made
    return resource({**show_key(ask, made), "secret": made.secret}, 201)


def delete_key(ask: Ask) -> Response:
    """Take it away, if no Setting names it."""
    key = _key(ask)
    _refuse_used(ask, key.sid, "shared_key_sid")
    del ask.store.webhook_configuration.shared_keys[key.sid]
    return NO_CONTENT


def _profile(ask: Ask) -> AuthProfile:
    found = ask.store.webhook_configuration.auth_profiles.get(ask.ids["id"])
    if found is None:
        raise ask.not_found()
    return found


def _key(ask: Ask) -> SharedKey:
    found = ask.store.webhook_configuration.shared_keys.get(ask.ids["id"])
    if found is None:
        raise ask.not_found()
    return found


def _refuse_used(ask: Ask, sid: str, named: str) -> None:
    for setting in ask.store.webhook_configuration.settings.values():
        if getattr(setting, named) == sid:
            raise Refused(409, 20409, f"{sid} is named by setting {setting.sid}; change that first")


endpoints = (
    Endpoint("webhooks", "v1", "Webhooks/AuthProfiles", {"GET": profiles, "POST": create_profile}),
    Endpoint("webhooks", "v1", "Webhooks/AuthProfiles/{id}", {"GET": one_profile, "DELETE": delete_profile}),
    Endpoint("webhooks", "v1", "Webhooks/SharedKeys", {"GET": keys, "POST": create_key}),
    Endpoint("webhooks", "v1", "Webhooks/SharedKeys/{id}", {"GET": one_key, "DELETE": delete_key}),
)

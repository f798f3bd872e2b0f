"""How one webhook is delivered: its connection, who signs it, with which login, and what its server must prove.

A Rule of the webhooks configuration API that fits the URL applies its Setting, and the Setting's connection wins over
the fragment of the URL (https://www.twilio.com/docs/usage/webhooks/webhook-configuration, read 2026-11-21).
Assumptions: what such a Setting leaves out is the default and not the fragment's; a Setting that says nothing of the
connection leaves the fragment alone; the Rules are us1's and hold for the webhooks that us1 sends.
"""

from __future__ import annotations

import msgspec

from voicedr.twin.calls.office import Office
from voicedr.twin.world.webhook_configuration import Connection, WebhookConfiguration, WebhookSetting
from voicedr.wire.overrides import DEFAULTS, Overrides
from voicedr.wire.overrides import read as read_overrides

SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
"""Says which shared key signed, and how (https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys)."""

_DIGESTS = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}


class Delivery(msgspec.Struct, frozen=True):
    """The terms of one webhook.

    Attributes:
        secret: What signs: the Region's primary Auth Token, or a shared key's.
        digest: The hash of the signature.
        headers: What is said of the signature, if it is not the Auth Token's.
        login: User and password for the URL's host, if the Setting has one.
        verified: Whether the server's certificate is looked at.
        public_only: Whether a private address is refused.
    """

    overrides: Overrides
    secret: str
    digest: str = "sha1"
    headers: tuple[tuple[str, str], ...] = ()
    login: tuple[str, str] | None = None
    verified: bool = True
    public_only: bool = False


def delivery_of(office: Office, region: str, url: str) -> Delivery:
    """The terms for a URL as it is configured.

    Raises:
        BadOverrides: If its fragment is refused, and counts.
    """
    world, store = office.world, office.store(region)
    settings, configuration = world.settings, store.webhook_configuration
    setting = configuration.applied(url, world.draw)
    if setting is not None and (setting.connection is not None or setting.edges):
        overrides = _of_setting(setting)
    else:
        overrides = read_overrides(url, clamps=settings.overrides_clamped, interconnect=settings.interconnect)
    verified, public_only = settings.webhook_certificates_checked, settings.private_addresses_refused
    if setting is None:
        return Delivery(overrides, store.auth_token, verified=verified, public_only=public_only)
    secret, digest = store.auth_token, "sha1"
    headers: tuple[tuple[str, str], ...] = ()
    key = configuration.shared_keys.get(setting.shared_key_sid)
    if key is not None:
        secret, digest = key.secret, _DIGESTS[setting.algorithm]
        headers = ((SIGNATURE_SETTINGS, f"key={key.sid},algorithm={setting.algorithm}"),)
    return Delivery(overrides, secret, digest, headers, _login(configuration, setting), verified, public_only)


def _of_setting(setting: WebhookSetting) -> Overrides:
    connection = setting.connection or Connection()
    return Overrides(
        edges=setting.edges or DEFAULTS.edges,
        retries=connection.retries,
        retried=frozenset(connection.retried),
        connect_s=connection.connect_ms / 1000,
        read_s=connection.read_ms / 1000,
        total_s=connection.total_ms / 1000,
    )


def _login(configuration: WebhookConfiguration, setting: WebhookSetting) -> tuple[str, str] | None:
    profile = configuration.auth_profiles.get(setting.auth_profile_sid)
    if profile is not None:
        return profile.user, profile.password
    return (setting.user, setting.password) if setting.user else None

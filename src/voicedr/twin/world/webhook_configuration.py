"""How the account wants its webhooks delivered: Settings, the Rules that apply them, and the secrets they name.

Before a webhook is sent its URL is compared with the Rules: exact matches first, then prefixes, the longest first in
each, then the default Rule. The first that matches applies its Setting; of two Settings each gets its share by chance
(https://www.twilio.com/docs/usage/webhooks/webhook-configuration-faq, read 2026-11-21).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Connection:
    """Time limits and retries of a Setting, with the meaning and the ranges of the connection overrides."""

    connect_ms: int = 5000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    retried: tuple[str, ...] = ("ct",)


@dataclass(slots=True)
class WebhookSetting:
    """One complete way of delivery.

    Attributes:
        auth: What was given as ``auth``; a password in it is never shown.
        user, password: Of Basic or Digest, if they are in the Setting itself.
        auth_profile_sid: The AuthProfile that holds them instead; empty if none does.
        shared_key_sid: The SharedKey that signs in place of the Auth Token; empty if none does.
        connection: None if it says nothing of the connection; then the URL's own overrides hold.
        edges: Where its requests leave. Empty if it does not say.
    """

    sid: str
    friendly_name: str
    description: str
    auth_type: str
    created_at: float
    updated_at: float
    user: str = ""
    password: str = ""
    auth_profile_sid: str = ""
    shared_key_sid: str = ""
    algorithm: str = "HMAC_SHA256"
    connection: Connection | None = None
    edges: tuple[str, ...] = ()


@dataclass(slots=True)
class WebhookRule:
    """Which URLs get which Setting. ``settings`` are one or two, with percentages that make 100."""

    sid: str
    friendly_name: str
    description: str
    match_type: str
    pattern: str
    settings: tuple[tuple[str, int], ...]
    created_at: float
    updated_at: float


@dataclass(slots=True)
class AuthProfile:
    """Credentials that several Settings share."""

    sid: str
    friendly_name: str
    auth_type: str
    user: str
    password: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class SharedKey:
    """A secret that signs webhooks in place of the Auth Token."""

    sid: str
    friendly_name: str
    secret: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class WebhookConfiguration:
    """Everything that was configured, by id."""

    settings: dict[str, WebhookSetting] = field(default_factory=dict)
    rules: dict[str, WebhookRule] = field(default_factory=dict)
    auth_profiles: dict[str, AuthProfile] = field(default_factory=dict)
    shared_keys: dict[str, SharedKey] = field(default_factory=dict)

    def applied(self, url: str, draw: Callable[[], float]) -> WebhookSetting | None:
        """The Setting that a Rule applies to a URL, or None. The URL's fragment is no part of what is compared.

        Args:
            draw: Gives a number in [0, 1); asked only if a Rule shares its URLs between two Settings.
        """
        rule = self.rule_for(url.partition("#")[0]) if self.rules else None
        if rule is None:
            return None
        (sid, share), *more = rule.settings
        if more and draw() * 100 >= share:
            sid = more[0][0]
        return self.settings.get(sid)

    def rule_for(self, url: str) -> WebhookRule | None:
        """The Rule that a URL falls under, or None."""
        exact = [rule for rule in self.rules.values() if rule.match_type == "EXACT_MATCH" and rule.pattern == url]
        prefixes = [
            rule for rule in self.rules.values() if rule.match_type == "PREFIX_MATCH" and url.startswith(rule.pattern)
        ]
        default = [rule for rule in self.rules.values() if rule.match_type == "DEFAULT"]
        found = [*exact, *sorted(prefixes, key=lambda rule: -len(rule.pattern)), *default]
        return found[0] if found else None

"""What a token service needs to know, from one YAML file; secrets are references.

account: AC…
region: us1                     # where clients are as long as no context document says otherwise
context: /var/lib/voicedr/support-app.json
life: 900                       # seconds
life_away: 300                  # while clients are not in `region`: they come home soon
per_minute: 30                  # tokens for one identity, from one instance
callers: [{name: backend, secret: env:TOKENS_CALLER}]
regions:
  us1:
    application: AP…
    edges: [ashburn, umatilla]
    keys: [{sid: SK…, secret: env:US1_KEY}]     # the first one signs; the others wait for their turn
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from voicedr.runtime.fallback.places import Node, PolicyBroken, read_places
from voicedr.runtime.printable import printable
from voicedr.runtime.tokens.access_token import LIFE_S_MAX, LIFE_S_MIN

SETTINGS_BYTES_MAX = 256 * 1024

PER_MINUTE_MAX = 6000


class SettingsBroken(Exception):
    """The file cannot be used; every mistake, a line each."""

    def __init__(self, problems: list[str]) -> None:
        # Some of them quote the file: nothing of it may reach a terminal as a command.
        problems = [printable(one) for one in problems]
        super().__init__("\n".join(problems))
        self.problems = problems


class KeyReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An API key: its SID, and where its secret is."""

    sid: str
    secret: str


class Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may ask for tokens: a backend that has signed its user in and sends this secret as a bearer token."""

    name: str
    secret: str


class RegionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One Region.

    Attributes:
        keys: The first one signs. To rotate: add the new one behind, wait until every instance has it, put it first,
            wait as long as tokens live, take the old one out.
        edges: What clients shall connect through, best first.
    """

    keys: tuple[KeyReference, ...]
    edges: tuple[str, ...]
    application: str | None = None
    push_credential: str | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Times are in seconds."""

    account: str
    region: str
    regions: dict[str, RegionSettings]
    callers: tuple[Caller, ...]
    context: str | None = None
    life: int = 900
    life_away: int = 300
    per_minute: float = 30.0


_SIDS = {"account": "AC", "application": "AP", "push_credential": "CR", "key": "SK"}


def read_settings(text: str, name: str) -> Settings:
    """The settings in a file's text.

    Raises:
        SettingsBroken: With every mistake that was found.
    """
    if not text.strip():
        raise SettingsBroken([f"{name}: the file is empty. See docs/tokens.md for the form"])
    try:
        # The reader of policies has an end for everything: aliases, depth, size.
        root = read_places(text, name)
        if root.mistakes:
            raise PolicyBroken(name, root.mistakes)
    except PolicyBroken as exc:
        raise SettingsBroken(str(exc).split("\n")) from exc
    try:
        settings = msgspec.convert(_plain(root), Settings)
    except msgspec.ValidationError as exc:
        raise SettingsBroken([f"{name}: {exc}. See docs/tokens.md for the form"]) from exc
    if problems := list(_problems(settings, name)):
        raise SettingsBroken(problems)
    return settings


def _plain(node: Node) -> Any:
    """The file's values without their places."""
    if isinstance(node.value, dict):
        return {key: _plain(value) for key, (_, value) in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(one) for one in node.value]
    return node.value


def _problems(settings: Settings, name: str) -> list[str]:
    found: list[str] = []

    def sid(what: str, kind: str, value: str | None) -> None:
        if value is not None and re.fullmatch(_SIDS[kind] + "[0-9a-fA-F]{32}", value) is None:
            found.append(f"{name}: {what} is no SID of its kind: {_SIDS[kind]} and 32 hexadecimal digits are wanted")

    def reference(what: str, value: str) -> None:
        if not value.startswith(("env:", "file:")) or not value.partition(":")[2]:
            found.append(f"{name}: {what} is no reference: write env:NAME or file:/path")

    sid("account", "account", settings.account)
    if settings.region not in settings.regions:
        found.append(
            f"{name}: region {settings.region!r} is not under regions: {', '.join(settings.regions) or 'none'}"
        )
    for what, seconds in (("life", settings.life), ("life_away", settings.life_away)):
        if not LIFE_S_MIN <= seconds <= LIFE_S_MAX:
            found.append(f"{name}: {what} is {seconds} s: {LIFE_S_MIN} to {LIFE_S_MAX} s are possible")
    if not 0 < settings.per_minute <= PER_MINUTE_MAX:
        found.append(
            f"{name}: per_minute is {settings.per_minute:g}: more than 0 and up to {PER_MINUTE_MAX} are possible"
        )
    if not settings.callers:
        found.append(f"{name}: callers is empty: nobody could ask for a token. Name a backend and its secret")
    for caller in settings.callers:
        reference(f"the secret of caller {caller.name!r}", caller.secret)
    for region, of in settings.regions.items():
        sid(f"regions.{region}.application", "application", of.application)
        sid(f"regions.{region}.push_credential", "push_credential", of.push_credential)
        if not of.keys:
            found.append(f"{name}: regions.{region}.keys is empty: a token of {region} needs a key of {region}")
        if not of.edges:
            found.append(f"{name}: regions.{region}.edges is empty: name at least the edge of {region}, best two")
        for key in of.keys:
            sid(f"a key of regions.{region}", "key", key.sid)
            reference(f"the secret of {key.sid[:34]}", key.secret)
    every = [key.sid for of in settings.regions.values() for key in of.keys]
    for twice in sorted({one for one in every if every.count(one) > 1}):
        found.append(f"{name}: key {twice} stands twice. Keys belong to one Region: each Region needs its own")
    return found

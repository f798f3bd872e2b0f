"""A token service: access tokens for Voice SDK clients, in the Region that is active now."""

from __future__ import annotations

from voicedr.runtime.tokens.access_token import Grant, SigningKey, mint
from voicedr.runtime.tokens.app import create_app
from voicedr.runtime.tokens.settings import Settings, SettingsBroken, read_settings

__all__ = ["Grant", "Settings", "SettingsBroken", "SigningKey", "create_app", "mint", "read_settings"]

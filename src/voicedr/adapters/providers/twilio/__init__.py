"""Twilio as one Region shows it."""

from __future__ import annotations

from voicedr.adapters.providers.twilio.region import TwilioRegion

__all__ = ["TwilioRegion"]

"""Asking the addresses behind a SIP name whether anybody is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicedr.program.readiness.outside.sip import SipAnswer


class SipProbe(Protocol):
    """A prober."""

    async def options(self, uris: Sequence[str]) -> dict[str, tuple[SipAnswer, ...] | str]:
        """Ask every address behind each SIP URI; within a bounded time, and never raises for a dead one.

        Returns:
            By URI: an answer for each address; or, in words, why the name gave no address.
        """
        ...

"""Telling people outside that something happened which they must know."""

from __future__ import annotations

from typing import Protocol


class AlertError(Exception):
    """The alert did not go out everywhere: why, and the next step. No address is in it: addresses hold secrets."""


class Alerts(Protocol):
    """Wherever the workbook says that people are told."""

    async def send(self, title: str, text: str) -> int:
        """Tell everybody; to how many addresses it went.

        Raises:
            AlertError: If one of them did not take it in time. The others may have.
        """
        ...

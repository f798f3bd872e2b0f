"""The customer's application context: which Region is active, as their instances are told.

The document has a rising epoch, so that an old instruction never wins over a newer one.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from voicedr.program.vocabulary import Region


class ContextError(Exception):
    """The context could not be read or written: what, where, how it stands now, and the next step."""


class ContextLost(ContextError):
    """It was sent and not confirmed. Look before repeating."""


class ActiveRegion(msgspec.Struct, frozen=True):
    """What the document says now."""

    region: Region
    epoch: int


class ContextSwitch(Protocol):
    """Read and set the active Region of one application."""

    async def active(self) -> ActiveRegion | None:
        """What the document says; None if there is no document yet.

        Raises:
            ContextError: If nobody could look.
        """
        ...

    async def switch(self, to: Region) -> ActiveRegion:
        """Write the Region with the next epoch and read it back.

        Raises:
            ContextError: Nothing changed.
            ContextLost: It may have changed.
        """
        ...

    async def unconfirmed(self, region: Region) -> list[str]:
        """The instances that do not, or not yet, say that they use this Region: a line each."""
        ...

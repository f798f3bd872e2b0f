"""The customer's own SBCs: how the targets of their dispatchers stand, and one of them put otherwise.

DispatcherError
  DispatcherUnreachable   nobody could be asked: nothing changed
  DispatcherRefused       it must not be done as things stand, or the SBC said no: nothing changed
  DispatcherUnsettled     it may have taken effect; look before repeating
"""

from __future__ import annotations

from typing import Protocol

from voicedr.program.execution.actions import SteerDispatcher
from voicedr.program.scope.sbc import DispatcherTarget, TargetState


class DispatcherError(Exception):
    """It did not work: what, where, how it stands now, and the next step. No secret is in the message."""


class DispatcherUnreachable(DispatcherError):
    """Nobody could be asked. Nothing changed."""


class DispatcherRefused(DispatcherError):
    """The target stands otherwise than planned, is the last one in service, or the SBC said no. Nothing changed."""


class DispatcherUnsettled(DispatcherError):
    """Sent and not confirmed by a read-back. It may have taken effect."""


class Dispatcher(Protocol):
    """Read and steer the dispatchers of SBCs. Only the SBC that is named is asked, and nobody else."""

    async def targets(self, rpc: str) -> tuple[DispatcherTarget, ...]:
        """Every target of every set of the SBC that is asked at ``rpc``.

        Args:
            rpc: An address, or a reference to one, as in the workbook.

        Raises:
            DispatcherError: If nobody could look.
        """
        ...

    async def steer(self, action: SteerDispatcher) -> TargetState:
        """Put a target as the action says if it stands as planned, and read it back; give how it is read back.

        An inverse that has nothing to undo does nothing. It is never sent twice.

        Raises:
            DispatcherUnreachable, DispatcherRefused: Nothing changed.
            DispatcherUnsettled: It may have changed.
        """
        ...

"""A WebSocket that somebody else opens: text in, text out, and how it fails."""

from __future__ import annotations

from typing import Protocol


class SocketFailed(Exception):
    """The socket could not be opened, or is gone.

    Attributes:
        reason: ``timeout``, ``refused``, ``handshake`` (an answer other than 101), ``closed`` (by the server),
            ``broken``, ``protocol``.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class WebSocket(Protocol):
    """An open socket."""

    async def send(self, text: str) -> None:
        """Send one text message.

        Raises:
            SocketFailed: If it is closed or broken.
        """
        ...

    async def receive(self) -> str:
        """Wait for the next text message.

        Raises:
            SocketFailed: If it is closed or broken.
        """
        ...

    async def close(self) -> None:
        """Close it. Saying it twice is saying it once."""
        ...


class OpenSocket(Protocol):
    """Opens WebSockets."""

    async def __call__(self, url: str, timeout_s: float) -> WebSocket:
        """An open socket.

        Raises:
            SocketFailed: If it could not be opened within the time.
        """
        ...

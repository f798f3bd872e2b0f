"""WebSockets over TCP and TLS, for media streams."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from voicedr.wire.websocket import SocketFailed, WebSocket


class WebSockets:
    """Opens sockets. Close it when done.

    Args:
        ssl_context: The authorities to trust; None are the machine's.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self._ssl: ssl.SSLContext | bool = True if ssl_context is None else ssl_context
        self._session: ClientSession | None = None

    async def __call__(self, url: str, timeout_s: float) -> WebSocket:
        """An open socket.

        Raises:
            SocketFailed: If it could not be opened within the time.
        """
        if self._session is None:
            self._session = ClientSession()
        try:
            async with asyncio.timeout(timeout_s):
                opened = await self._session.ws_connect(url, ssl=self._ssl)
        except TimeoutError as exc:
            raise SocketFailed("timeout", f"no WebSocket at {url} within {timeout_s:g} s") from exc
        except aiohttp.WSServerHandshakeError as exc:
            raise SocketFailed("handshake", f"{url} answered {exc.status} instead of 101") from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise SocketFailed("refused", f"{url}: {exc}") from exc
        return _Opened(opened)

    async def __aenter__(self) -> WebSockets:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()


class _Opened:
    """One socket."""

    def __init__(self, opened: ClientWebSocketResponse) -> None:
        self._opened = opened

    async def send(self, text: str) -> None:
        """Send one text message."""
        try:
            await self._opened.send_str(text)
        except (aiohttp.ClientError, ConnectionError) as exc:
            raise self._gone() from exc

    async def receive(self) -> str:
        """Wait for the next text message."""
        while True:
            message = await self._opened.receive()
            if message.type is WSMsgType.TEXT:
                return str(message.data)
            if message.type is WSMsgType.BINARY:
                raise SocketFailed("protocol", "the server sent a binary message")
            if message.type in {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}:
                raise self._gone()

    async def close(self) -> None:
        """Close it."""
        await self._opened.close()

    def _gone(self) -> SocketFailed:
        """1006 is a connection that was cut off without a close frame (RFC 6455 §7.1.5)."""
        code = self._opened.close_code
        if code is None or code == 1006:
            return SocketFailed("broken", "the connection was cut off")
        return SocketFailed("closed", f"the server closed it with {code}")

"""Media streams on WebSockets: frames at the pace of speech, and what the server sends back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from voicedr.twin.calls.streaming import Streaming
from voicedr.twin.clock import Clock
from voicedr.wire import media_streams
from voicedr.wire.websocket import OpenSocket, SocketFailed, WebSocket

CONNECT_S = 5.0
"""As for webhooks. Assumption: no time limit is documented for streams, and no second attempt."""

MARKS_MAX = 1000
"""Marks of one stream that wait to be sent back; a server that sends more at once breaks the protocol."""


@dataclass(slots=True)
class _Played:
    """What the server wants to be heard: until when it lasts, and the marks in it."""

    until: float = 0.0
    marks: list[tuple[float, str]] = field(default_factory=list)


class Streamer:
    """Runs streams with a clock and a way to open sockets."""

    def __init__(self, clock: Clock, open_socket: OpenSocket | None) -> None:
        """Without a way to open sockets every stream fails, and says why."""
        self._clock = clock
        self._open = open_socket

    async def run(self, streaming: Streaming) -> None:
        """The whole stream; ``streaming`` says how it stands."""
        if self._open is None:
            streaming.becomes("over", "refused", "this twin was started without a WebSocket client")
            return
        try:
            socket = await self._open(streaming.url, CONNECT_S)
        except SocketFailed as failed:
            streaming.becomes("over", failed.reason, failed.detail)
            return
        played = _Played()
        receiving = asyncio.ensure_future(self._receive(socket, streaming, played))
        try:
            await self._send(socket, streaming, played, receiving)
            streaming.becomes("over")
        except SocketFailed as failed:
            streaming.becomes("over", failed.reason, failed.detail)
        finally:
            receiving.cancel()
            await asyncio.gather(receiving, return_exceptions=True)
            await socket.close()

    async def _send(
        self, socket: WebSocket, streaming: Streaming, played: _Played, receiving: asyncio.Future[None]
    ) -> None:
        sid, account, call = streaming.sid, streaming.account_sid, streaming.call_sid
        await socket.send(media_streams.connected())
        await socket.send(media_streams.start(1, sid, account, call, streaming.tracks, streaming.parameters))
        streaming.becomes("running")
        number, frames = 1, 0
        begun = self._clock.monotonic_s()
        while streaming.wanted:
            frames += 1
            for track in streaming.tracks:
                number += 1
                at_ms = round((frames - 1) * media_streams.FRAME_S * 1000)
                await socket.send(media_streams.media(number, sid, track, frames, at_ms))
            for due_at, name in [mark for mark in played.marks if mark[0] <= self._clock.monotonic_s()]:
                played.marks.remove((due_at, name))
                number += 1
                await socket.send(media_streams.mark(number, sid, name))
            await self._clock.sleep(begun + frames * media_streams.FRAME_S - self._clock.monotonic_s())
            if receiving.done():
                receiving.result()
        await socket.send(media_streams.stop(number + 1, sid, account, call))

    async def _receive(self, socket: WebSocket, streaming: Streaming, played: _Played) -> None:
        """Take what the server sends until the socket is closed or the protocol broken."""
        while True:
            text = await socket.receive()
            if not streaming.two_way:
                raise SocketFailed("protocol", "the server sent a message on a one-way stream")
            try:
                event, name, seconds = media_streams.read(text)
            except media_streams.NotAMessage as exc:
                raise SocketFailed("protocol", str(exc)) from exc
            now = self._clock.monotonic_s()
            if event == "media":
                played.until = max(now, played.until) + seconds
            elif event == "clear":
                played.until = now
                played.marks = [(now, waiting) for _, waiting in played.marks]
            elif len(played.marks) < MARKS_MAX:
                played.marks.append((max(now, played.until), name))
            else:
                raise SocketFailed("protocol", f"more than {MARKS_MAX} marks wait to be sent back")

"""Checkpoints at an HTTP endpoint of the customer's: a store that lets one be put and none be changed.

``PUT BASE/EXECUTION/SIZE.json`` with ``If-None-Match: *`` (RFC 9110 §13.1.2) leaves one: 200, 201 and 204 mean kept,
409 and 412 that something is there. ``GET`` of the same address gives it back. ``GET BASE/EXECUTION/`` gives all of an
execution's, one a line; 404 is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voicedr.adapters.checkpoints.line import PLACE_BYTES_MAX, in_order, is_there, path_of, read_lines, write_line
from voicedr.ports.checkpoints import Contradicted, PlaceAway, PlaceUnusable
from voicedr.ports.http import NoResponse, Request, Response, Send, Timeouts
from voicedr.program.evidence.file import Checkpoint

TIMEOUTS = Timeouts(connect_s=5.0, total_s=20.0, body_bytes_max=PLACE_BYTES_MAX)

_KEPT = frozenset({200, 201, 204})
_THERE = frozenset({409, 412})


class HttpPlace:
    """An endpoint.

    Args:
        base: Its address, without a slash at the end. It is shown in messages: no secret may be in it.
        send: HTTP.
        token: Gives what ``Authorization: Bearer`` says, each time it is needed; None: nothing is said.
    """

    def __init__(self, base: str, send: Send, token: Callable[[], str] | None = None) -> None:
        self._base = base.rstrip("/")
        self._send = send
        self._token = token

    @property
    def name(self) -> str:
        """Its address."""
        return self._base

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Put it. See the port."""
        url = f"{self._base}/{path_of(checkpoint.execution, checkpoint.size)}"
        headers = (("Content-Type", "application/json"), ("If-None-Match", "*"))
        answer = await self._ask("PUT", url, headers, write_line(checkpoint))
        if answer.status in _KEPT:
            return
        if answer.status not in _THERE:
            raise self._refusal("PUT", url, answer)
        kept = await self._ask("GET", url)
        if kept.status != 200:
            raise self._refusal("GET", url, kept)
        if not is_there(checkpoint, read_lines(kept.body, url), self._base):
            raise Contradicted(f"{url} holds a checkpoint of something else. It was left alone; look who wrote it.")

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """All of an execution's. See the port."""
        url = f"{self._base}/{path_of(execution, 0).partition('/')[0]}/"
        answer = await self._ask("GET", url)
        if answer.status == 404:
            return []
        if answer.status != 200:
            raise self._refusal("GET", url, answer)
        return in_order(read_lines(answer.body, url), execution)

    async def _ask(
        self, method: str, url: str, headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
    ) -> Response:
        if self._token is not None:
            headers = (*headers, ("Authorization", f"Bearer {self._token()}"))
        try:
            return await self._send(Request(method, url, headers, body), TIMEOUTS)
        except NoResponse as exc:
            raise PlaceAway(f"{url} did not answer a {method} ({exc.failure.value}). It is tried again.") from exc

    def _refusal(self, method: str, url: str, answer: Response) -> PlaceAway | PlaceUnusable:
        if answer.status in (408, 425, 429) or answer.status >= 500:
            return PlaceAway(f"{url} answered a {method} with {answer.status}. It is tried again.")
        return PlaceUnusable(
            f"{url} refused a {method} with {answer.status}. Look at its address and at the token's permissions."
        )

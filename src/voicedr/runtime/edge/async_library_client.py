"""`AsyncEdgeHttpClient`: what the official ``twilio`` library takes as ``http_client`` for its ``*_async`` methods.

Its own async client keeps its ``timeout`` and its proxy and uses neither; this one uses both. It may be made before
there is an event loop.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Self, Unpack

import aiohttp
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.request import Request as LibraryRequest  # type: ignore[import-untyped]

from voicedr.runtime.edge.async_session import AsyncEdgeSession
from voicedr.runtime.edge.failures import EdgeError
from voicedr.runtime.edge.library_errors import raised_as
from voicedr.runtime.edge.library_last import last_request, only_without_redirects
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.outcomes import Answer
from voicedr.runtime.edge.settings import EdgeOptions

_LOG = logging.getLogger("twilio.async_http_client")


class AsyncEdgeHttpClient(AsyncHttpClient):  # type: ignore[misc]
    """``Client(sid, token, http_client=AsyncEdgeHttpClient(region="us1", edges=("ashburn", "umatilla")))``."""

    def __init__(
        self, region: str, edges: Sequence[str], *, logger: logging.Logger = _LOG, **options: Unpack[EdgeOptions]
    ) -> None:
        """Make a client. Nothing is connected yet.

        Raises:
            ValueError: If the Region, an edge or an option cannot be.
        """
        self.session = AsyncEdgeSession(region, edges, **options)
        super().__init__(logger, True, options.get("timeout"))

    @property
    def metrics(self) -> EdgeMetrics:
        """What was counted."""
        return self.session.metrics

    def prometheus(self) -> str:
        """The counters as text for a scrape."""
        return self.session.prometheus()

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's own argument
        allow_redirects: bool = False,
    ) -> Answer:
        """The answer, as `AsyncEdgeSession.request`."""
        only_without_redirects(allow_redirects)
        if timeout is None:
            timeout = self.timeout
        self._test_only_last_response = None
        asked = last_request(method, url, params, data, headers, auth)
        self._test_only_last_request = LibraryRequest(**asked)
        logged = self.logger.isEnabledFor(logging.INFO)
        if logged:
            self.log_request(asked)
        try:
            answer = await self.session.request(method, url, params, data, headers, auth, timeout)
        except EdgeError as exc:
            again = raised_as(exc, aiohttp.ClientConnectionError, aiohttp.ServerTimeoutError)
            raise again from exc.__cause__
        if logged:
            self.log_response(answer.status_code, answer)
        self._test_only_last_response = answer
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self.session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

"""`EdgeHttpClient`: what the official ``twilio`` library takes as ``http_client``.

It behaves as the library's own client where that is documented or tested: arguments, what is sent, what is returned,
its log at INFO, the last request and response. It differs in that nothing waits for ever, and in what it does when an
edge fails.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Self, Unpack

import requests
from twilio.http import HttpClient  # type: ignore[import-untyped]
from twilio.http.request import Request as LibraryRequest  # type: ignore[import-untyped]

from voicedr.runtime.edge.failures import EdgeError
from voicedr.runtime.edge.library_errors import raised_as
from voicedr.runtime.edge.library_last import last_request, only_without_redirects
from voicedr.runtime.edge.metrics import EdgeMetrics
from voicedr.runtime.edge.outcomes import Answer
from voicedr.runtime.edge.settings import EdgeOptions
from voicedr.runtime.edge.sync_session import EdgeSession

_LOG = logging.getLogger("twilio.http_client")


class EdgeHttpClient(HttpClient):  # type: ignore[misc]
    """``Client(sid, token, http_client=EdgeHttpClient(region="us1", edges=("ashburn", "umatilla")))``."""

    def __init__(
        self, region: str, edges: Sequence[str], *, logger: logging.Logger = _LOG, **options: Unpack[EdgeOptions]
    ) -> None:
        """Make a client. Nothing is connected yet.

        Raises:
            ValueError: If the Region, an edge or an option cannot be.
        """
        self.session = EdgeSession(region, edges, **options)
        super().__init__(logger, False, options.get("timeout"))

    @property
    def metrics(self) -> EdgeMetrics:
        """What was counted."""
        return self.session.metrics

    def prometheus(self) -> str:
        """The counters as text for a scrape."""
        return self.session.prometheus()

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Answer:
        """The answer, as `EdgeSession.request`."""
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
            answer = self.session.request(method, url, params, data, headers, auth, timeout)
        except EdgeError as exc:
            again = raised_as(exc, requests.exceptions.ConnectionError, requests.exceptions.Timeout)
            raise again from exc.__cause__
        if logged:
            self.log_response(answer.status_code, answer)
        self._test_only_last_response = answer
        return answer

    def close(self) -> None:
        """Close idle connections."""
        self.session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

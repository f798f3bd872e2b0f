"""The document on a web server or in a bucket: GET, and PUT with a condition (RFC 9110 section 13.1).

A write says ``If-Match`` with the entity tag that was read, or ``If-None-Match: *`` if there was nothing. A server that
does not know conditions ignores them and lets everybody win: that is what the racing self-test finds out. Weak tags
cannot be compared for a write (section 8.8.3.2), so a server that gives only those is refused.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from voicedr.runtime.region.places.exchange import Answer, Server
from voicedr.runtime.region.places.place import Found, PlaceRefused, PlaceSilent, PlaceUnsettled

_SAFE = "/%:@!$&'()*+,;=-._~"


class WebPlace:
    """A ``Sink`` on one URL. What stands before an ``@`` is a user and a password, or ``:TOKEN`` for a bearer token."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = url
        self._server = Server(url)
        self.name = self._server.name
        self._path = quote(parts.path or "/", safe=_SAFE) + (f"?{parts.query}" if parts.query else "")
        self._last = Found(None, "")

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``. What has not changed is not sent again."""
        headers = {**self._server.login(), "Accept": "application/json"}
        if latest:
            headers["Cache-Control"] = "no-cache"
        elif self._last.version:
            headers["If-None-Match"] = self._last.version
        answer = self._server.ask("GET", self._path, None, headers)
        if answer.status == 304 and "If-None-Match" in headers:
            return self._last
        if answer.status in (404, 410):
            self._last = Found(None, "")
        elif answer.status == 200:
            self._last = Found(answer.body, answer.headers.get("etag", ""))
        else:
            raise PlaceSilent(f"{self.name}: answered {answer.status} to GET")
        return self._last

    def write(self, content: bytes, was: Found) -> bool:
        """See ``Sink``."""
        if was.content is None:
            condition = {"If-None-Match": "*"}
        elif was.version and not was.version.startswith("W/"):
            condition = {"If-Match": was.version}
        else:
            raise PlaceRefused(
                f"{self.name}: gives {'a weak' if was.version else 'no'} ETag, so a write could not be conditional;"
                " nothing was changed. Name a place that gives strong ones."
            )
        headers = {**self._server.login(), "Content-Type": "application/json", **condition}
        answer = self._server.ask("PUT", self._path, content, headers, changes=True)
        if answer.status in (409, 412):  # S3 answers 409 when two conditional writes meet
            return False
        return self._done(answer, "PUT")

    def scratch(self, name: str) -> WebPlace:
        """See ``Sink``."""
        parts = urlsplit(self._url)
        return WebPlace(parts._replace(path=f"{parts.path or '/'}.{name}").geturl())

    def remove(self) -> None:
        """See ``Sink``."""
        answer = self._server.ask("DELETE", self._path, None, self._server.login(), changes=True)
        if answer.status not in (404, 410):
            self._done(answer, "DELETE")

    def close(self) -> None:
        """See ``Source``."""
        self._server.close()

    def _done(self, answer: Answer, method: str) -> bool:
        if 200 <= answer.status < 300:
            return True
        if answer.status >= 500:
            raise PlaceUnsettled(f"{self.name}: answered {answer.status} to {method}; it may have taken effect")
        raise PlaceRefused(f"{self.name}: answered {answer.status} to {method}; nothing was changed")

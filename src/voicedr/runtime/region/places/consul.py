"""The document under a key of Consul: a write names the ``ModifyIndex`` that was read, 0 while there is no such key.

The rules are those of https://developer.hashicorp.com/consul/api-docs/kv: ``?cas=`` answers ``true`` or ``false``, and
``?stale`` lets any server answer, also one that has lost its leader. Who writes reads with ``?consistent``.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

import msgspec

from voicedr.runtime.region.places.exchange import Answer
from voicedr.runtime.region.places.place import Found, PlaceRefused, PlaceSilent, PlaceUnsettled
from voicedr.runtime.region.places.several import Cluster


class _Entry(msgspec.Struct, frozen=True):
    ModifyIndex: int
    Value: str | None = None


class ConsulPlace:
    """A ``Sink`` on one key: ``http://[:TOKEN@]HOST:PORT[,HOST:PORT]/KEY``."""

    def __init__(self, url: str) -> None:
        self._cluster = Cluster("consul", url)
        self.name = self._cluster.name
        self._path = f"/v1/kv/{quote(self._cluster.key)}"
        token = self._cluster.first.password
        self._headers = {"X-Consul-Token": token} if token else {}

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``."""
        answer = self._cluster.ask("GET", f"{self._path}?{'consistent' if latest else 'stale'}", None, self._headers)
        if answer.status == 404:
            return Found(None, "0")
        if answer.status != 200:
            raise PlaceSilent(f"{self.name}: answered {answer.status} to a read")
        try:
            entry = msgspec.json.decode(answer.body, type=tuple[_Entry, ...])[0]
            return Found(base64.b64decode(entry.Value or "", validate=True), str(entry.ModifyIndex))
        except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error, IndexError) as exc:
            raise PlaceSilent(f"{self.name}: what answers there is no Consul ({type(exc).__name__})") from exc

    def write(self, content: bytes, was: Found) -> bool:
        """See ``Sink``."""
        path = f"{self._path}?cas={was.version}"
        answer = self._cluster.ask("PUT", path, content, self._headers, changes=True)
        self._done(answer, "a write")
        match answer.body.strip():
            case b"true":
                return True
            case b"false":
                return False
            case _:
                raise PlaceUnsettled(f"{self.name}: what answers there is no Consul")

    def scratch(self, name: str) -> ConsulPlace:
        """See ``Sink``."""
        return ConsulPlace(f"{self._cluster.base}{quote(self._cluster.key)}.{name}")

    def remove(self) -> None:
        """See ``Sink``."""
        self._done(self._cluster.ask("DELETE", self._path, None, self._headers, changes=True), "a removal")

    def close(self) -> None:
        """See ``Source``."""
        self._cluster.close()

    def _done(self, answer: Answer, what: str) -> None:
        if answer.status >= 500:
            raise PlaceUnsettled(f"{self.name}: answered {answer.status} to {what}")
        if answer.status != 200:
            raise PlaceRefused(f"{self.name}: answered {answer.status} to {what}; nothing was changed")

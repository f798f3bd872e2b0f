"""The document under a key of etcd, over its HTTP/JSON gateway: no client library is needed.

A write is a transaction that compares the key's ``mod_revision``, which is 0 while there is no such key
(https://etcd.io/docs/v3.4/learning/api/#transaction). Who follows reads serializably, from the server that is asked: it
answers when the others are gone, and a copy that is behind does no harm where epochs only rise. Who writes reads
linearizably (https://etcd.io/docs/v3.4/learning/api_guarantees/).
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any
from urllib.parse import quote

import msgspec

from voicedr.runtime.region.places.exchange import Answer
from voicedr.runtime.region.places.place import Found, PlaceRefused, PlaceSilent, PlaceUnsettled
from voicedr.runtime.region.places.several import Cluster


class _KeyValue(msgspec.Struct, frozen=True):
    value: str = ""
    mod_revision: str = "0"


class _Range(msgspec.Struct, frozen=True):
    kvs: tuple[_KeyValue, ...] = ()


class _Txn(msgspec.Struct, frozen=True):
    succeeded: bool = False


class _Login(msgspec.Struct, frozen=True):
    token: str


class EtcdPlace:
    """A ``Sink`` on one key: ``http://[USER:PASSWORD@]HOST:PORT[,HOST:PORT]/KEY``."""

    def __init__(self, url: str) -> None:
        self._cluster = Cluster("etcd", url)
        self.name = self._cluster.name
        self._key = _b64(self._cluster.key.encode())
        self._token: str | None = None

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``."""
        answer = self._ask("range", {"key": self._key, "serializable": not latest}, changes=False)
        if answer.status != 200:
            raise PlaceSilent(f"{self.name}: answered {answer.status} to a read{_said(answer)}")
        try:
            found = msgspec.json.decode(answer.body, type=_Range).kvs
            if not found:
                return Found(None, "0")
            return Found(base64.b64decode(found[0].value, validate=True), found[0].mod_revision)
        except (msgspec.DecodeError, UnicodeDecodeError, binascii.Error) as exc:
            raise PlaceSilent(f"{self.name}: what answers there is no etcd ({type(exc).__name__})") from exc

    def write(self, content: bytes, was: Found) -> bool:
        """See ``Sink``."""
        compared = {"key": self._key, "target": "MOD", "result": "EQUAL", "mod_revision": was.version}
        put = {"request_put": {"key": self._key, "value": _b64(content)}}
        answer = self._ask("txn", {"compare": [compared], "success": [put]}, changes=True)
        self._done(answer, "a write")
        try:
            return msgspec.json.decode(answer.body, type=_Txn).succeeded
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise PlaceUnsettled(f"{self.name}: what answers there is no etcd ({type(exc).__name__})") from exc

    def scratch(self, name: str) -> EtcdPlace:
        """See ``Sink``."""
        return EtcdPlace(f"{self._cluster.base}{quote(self._cluster.key)}.{name}")

    def remove(self) -> None:
        """See ``Sink``."""
        self._done(self._ask("deleterange", {"key": self._key}, changes=True), "a removal")

    def close(self) -> None:
        """See ``Source``."""
        self._cluster.close()

    def _ask(self, what: str, body: dict[str, Any], *, changes: bool) -> Answer:
        """One request; with a new token if the old one has ended, which etcd tells before it acts."""
        answer = self._once(what, body, changes)
        if self._cluster.first.user and answer.status in (400, 401, 403) and self._token is not None:
            self._token = None
            answer = self._once(what, body, changes)
        return answer

    def _once(self, what: str, body: dict[str, Any], changes: bool) -> Answer:
        headers = {"Content-Type": "application/json"}
        if self._cluster.first.user:
            if self._token is None:
                self._token = self._logged_in()
            headers["Authorization"] = self._token
        return self._cluster.ask("POST", f"/v3/kv/{what}", json.dumps(body).encode(), headers, changes=changes)

    def _logged_in(self) -> str:
        login = {"name": self._cluster.first.user, "password": self._cluster.first.password}
        answer = self._cluster.ask("POST", "/v3/auth/authenticate", json.dumps(login).encode(), {})
        try:
            if answer.status == 200:
                return msgspec.json.decode(answer.body, type=_Login).token
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        raise PlaceRefused(f"{self.name}: does not let the user in (answered {answer.status})")

    def _done(self, answer: Answer, what: str) -> None:
        if answer.status == 200:
            return
        # "no leader", "too many requests": the proposal may have been taken before the answer was given up.
        if answer.status >= 500:
            raise PlaceUnsettled(f"{self.name}: answered {answer.status} to {what}{_said(answer)}")
        raise PlaceRefused(f"{self.name}: answered {answer.status} to {what}{_said(answer)}; nothing was changed")


def _said(answer: Answer) -> str:
    try:
        told = json.loads(answer.body)
        return f" ({str(told['error'])[:200]})"
    except (ValueError, KeyError, TypeError):
        return ""


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()

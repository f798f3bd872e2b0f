"""Kamailio's JSON-RPC: over HTTP (modules xhttp and jsonrpcs), or over its datagram socket on the same machine.

RpcError
  NotSent      the request was not delivered: nothing changed
  Answered     Kamailio answered with an error: nothing changed
  Unsettled    delivered and not answered: it may have taken effect; look before repeating
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import tempfile
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from voicedr.runtime.printable import printable

ANSWER_BYTES_MAX = 4 * 1024 * 1024
"""More than any dispatcher list that is steered by hand."""

DATAGRAM_BYTES_MAX = 65_536 * 2
RPC_S = 5.0
"""Kamailio answers within a millisecond; whoever takes longer than this is not serving calls either."""


class RpcError(Exception):
    """It did not work: what, how it stands now, and the next step."""


class NotSent(RpcError):
    """Nobody is there to ask. Nothing changed."""


class Answered(RpcError):
    """Kamailio refused. Nothing changed.

    Attributes:
        code: Kamailio's.
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Unsettled(RpcError):
    """It was delivered and not answered. It may have taken effect."""


class WrongPlace(ValueError):
    """This names no place where Kamailio could be asked."""


class Rpc(Protocol):
    """Somebody who answers Kamailio's commands."""

    where: str

    async def call(self, method: str, *params: str | int) -> Any:
        """What a command gives.

        Raises:
            NotSent: If it was not delivered. Nothing changed.
            Answered: If it was refused. Nothing changed.
            Unsettled: If it was delivered and not answered.
        """


def rpc_at(place: str, within_s: float = RPC_S) -> Rpc:
    """Whoever is at ``http://HOST:PORT/RPC``, ``https://…`` or ``unix:/PATH``.

    Raises:
        WrongPlace: If it is none of these.
    """
    kind, _, rest = place.partition(":")
    if kind == "unix" and rest.startswith("/"):
        return _Datagram(rest, within_s)
    if kind in ("http", "https"):
        parts = urlsplit(place)
        try:
            port = parts.port
        except ValueError as exc:
            raise WrongPlace(f"{place!r}: {exc}") from exc
        if parts.hostname and not parts.username:
            return _Http(kind, parts.hostname, port, parts.path or "/RPC", within_s)
    raise WrongPlace(
        f"{place!r} is no place to ask Kamailio: write http://127.0.0.1:8080/RPC or"
        " unix:/run/kamailio/kamailio_rpc.sock"
    )


class _Http:
    def __init__(self, scheme: str, host: str, port: int | None, path: str, within_s: float) -> None:
        self.where = f"{scheme}://{host}{'' if port is None else f':{port}'}{path}"
        self._kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._path, self._within_s = host, port, path, within_s

    async def call(self, method: str, *params: str | int) -> Any:
        """See ``Rpc.call``."""
        return await asyncio.to_thread(self._ask, method, params)

    def _ask(self, method: str, params: tuple[str | int, ...]) -> Any:
        connection = self._kind(self._host, self._port, timeout=self._within_s)
        try:
            try:
                connection.connect()
            except OSError as exc:
                raise _not_sent(self.where, exc) from exc
            try:
                connection.request("POST", self._path, _body(method, params), {"Content-Type": "application/json"})
                answer = connection.getresponse()
                data = answer.read(ANSWER_BYTES_MAX + 1)
            except (OSError, http.client.HTTPException) as exc:
                raise _unsettled(method, self.where, exc) from exc
        finally:
            connection.close()
        if answer.status != 200 and not data.lstrip().startswith(b"{"):
            raise Answered(
                f"{self.where} said {answer.status} {answer.reason} to {method}: is jsonrpc_dispatch() in its"
                " event_route[xhttp:request], for this path?",
                answer.status,
            )
        return _result(method, self.where, data)


class _Datagram:
    def __init__(self, path: str, within_s: float) -> None:
        self.where = f"unix:{path}"
        self._path, self._within_s = path, within_s

    async def call(self, method: str, *params: str | int) -> Any:
        """See ``Rpc.call``."""
        return await asyncio.to_thread(self._ask, method, params)

    def _ask(self, method: str, params: tuple[str | int, ...]) -> Any:
        with (
            tempfile.TemporaryDirectory(prefix="voicedr-rpc-") as folder,
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as asking,
        ):
            # Kamailio answers to a path, and as a user of its own: it must be able to write there.
            Path(folder).chmod(0o711)
            asking.bind(os.path.join(folder, "answer"))
            Path(folder, "answer").chmod(0o722)
            asking.settimeout(self._within_s)
            try:
                asking.connect(self._path)
                asking.send(_body(method, params))
            except OSError as exc:
                raise _not_sent(self.where, exc) from exc
            try:
                data = asking.recv(DATAGRAM_BYTES_MAX)
            except OSError as exc:
                raise _unsettled(method, self.where, exc) from exc
        return _result(method, self.where, data)


def _body(method: str, params: tuple[str | int, ...]) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": list(params), "id": 1}).encode()


def _result(method: str, where: str, data: bytes) -> Any:
    if len(data) > ANSWER_BYTES_MAX:
        raise Unsettled(f"{method} at {where}: an answer of more than {ANSWER_BYTES_MAX} bytes, which is not read")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as exc:
        raise Unsettled(f"{method} at {where}: what came back is not JSON. It may have taken effect; look") from exc
    if isinstance(said, dict) and "result" in said:
        return said["result"]
    error = said.get("error") if isinstance(said, dict) else None
    if not isinstance(error, dict):
        raise Unsettled(f"{method} at {where}: neither a result nor an error came back. It may have taken effect; look")
    code, message = error.get("code"), str(error.get("message", ""))[:200]
    hint = ""
    if "not found" in message.lower() and "method" in message.lower():
        hint = ". Kamailio is there without that command: load its module (dispatcher.so)"
    said_so = printable(f"{method} at {where}: {str(code)[:20]} {message}{hint}")
    raise Answered(said_so, code if isinstance(code, int) else 0)


def _not_sent(where: str, exc: OSError) -> NotSent:
    why = "timed out" if isinstance(exc, TimeoutError) else exc.strerror or str(exc)
    return NotSent(
        f"Kamailio cannot be asked at {where}: {why}. Nothing changed. Is it running, and are jsonrpcs and xhttp (or"
        " its datagram socket) configured?"
    )


def _unsettled(method: str, where: str, exc: Exception) -> Unsettled:
    why = "no answer in time" if isinstance(exc, TimeoutError) else str(exc) or type(exc).__name__
    return Unsettled(f"{method} at {where}: {why}; it may have taken effect. List before repeating.")

"""An HTTP answer is the same however it was cut on the way, and the same as the standard library's if both take it."""

from __future__ import annotations

import http.client
import io
from random import Random

from voicedr.runtime.edge.answer_reader import AnswerReader, Refused

BYTES_MAX = 65_536
_LINE_ENDS_OF_THEIRS = frozenset(b"\x0b\x0c\x1c\x1d\x1e\x85")
"""The library's mail parser ends a line at these, as ``str.splitlines`` does; RFC 9112 does not."""

SEEDS = [
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.0 404 Not Found\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    b"K\x04\x00C\xbe\xb7\xe8\x01\x00\x00\x00",
    b"HTTP/1.1 429 \r\nRetry-After: 3\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nA: b\rContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000000005\r\nhello\r\n0\r\n\r\n",
]


class _Socket(io.BytesIO):
    """A connection that answers with what it holds."""

    def makefile(self, *_: object, **__: object) -> io.BytesIO:
        return self


def one(data: bytes) -> None:
    """Read it whole, in random pieces, byte by byte, and with the standard library."""
    method = "HEAD" if data[-1:] == b"\x00" else "POST"
    whole = _read(method, [data])
    chance = Random(data)
    pieces, at = [], 0
    while at < len(data):
        to = at + chance.choice((1, 2, 3, 16, 64, 500))
        pieces.append(data[at:to])
        at = to
    assert _same(_read(method, pieces), whole), "the pieces are another answer than the whole"
    if len(data) < 400:
        assert _same(_read(method, [data[at : at + 1] for at in range(len(data))]), whole), "each byte alone is another"
    if isinstance(whole, str):
        return
    theirs = _with_the_library(method, data)
    if theirs is not None:
        status, fields, body = whole
        assert (status, body) == theirs[:2], f"we read {status} {body!r}, the library {theirs!r}"
        assert fields == theirs[2], f"we read {fields!r}, the library {theirs[2]!r}"


def _same(one: object, other: object) -> bool:
    """Refused is refused, for whichever of several reasons was met first."""
    return one == other or (isinstance(one, str) and isinstance(other, str) and one[:1] == other[:1])


def _read(method: str, pieces: list[bytes]) -> tuple[int, list[tuple[str, str]], bytes] | str:
    reader = AnswerReader(method, BYTES_MAX)
    try:
        for piece in pieces:
            if reader.done:
                break
            reader.feed(piece)
        if not reader.done and not reader.ended():
            return "cut off"
        assert 200 <= reader.status <= 999 or 0 <= reader.status < 100
        plain = list(reader.fields)
        try:
            body = reader.body()
        except Refused:
            body = b"cannot be unpacked"
        assert len(body) <= BYTES_MAX
        return reader.status, plain, body
    except Refused as exc:
        assert str(exc)
        return "refused"


def _with_the_library(method: str, data: bytes) -> tuple[int, bytes, list[tuple[str, str]]] | None:
    """Status, body and fields; None if it does not take it, or our body was packed."""
    if _LINE_ENDS_OF_THEIRS.intersection(data.partition(b"\r\n\r\n")[0]):
        return None
    response = http.client.HTTPResponse(_Socket(data), method=method)  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError, OSError, OverflowError):
        return None
    fields = [(name, value.strip(" \t")) for name, value in response.getheaders()]
    packed = [value.lower() for name, value in fields if name.lower() == "content-encoding"]
    interim = data.startswith((b"HTTP/1.1 1", b"HTTP/1.0 1"))  # it takes some of these for the last
    if interim or any(packed) or response.status in (204, 304):  # these have no body (RFC 9112 section 6.3)
        return None
    return response.status, body, fields

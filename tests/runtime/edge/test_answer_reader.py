"""An answer is read the same however its bytes are cut, as the standard library reads it, and doubtful ones are not."""

from __future__ import annotations

import gzip
import http.client
import io
import itertools
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.edge.answer_reader import AnswerReader, Refused, TooLarge

CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\n\r\n4;x=y\r\nabcd\r\n2\r\nef\r\n0\r\nT: u\r\n\r\n"
)
GOOD = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  b \r\n\r\nhello",
    b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201\r\nContent-Length: 0\r\n\r\n",
    CHUNKED,
    b"HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\n<html>",
    b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
]


def read(data: bytes, *cuts: int, method: str = "GET", bytes_max: int = 1000) -> AnswerReader:
    """Feed it in parts."""
    reader = AnswerReader(method, bytes_max)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for begin, end in itertools.pairwise(places):
        if begin < end:
            reader.feed(data[begin:end])
    reader.ended()
    return reader


class _Socket:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def makefile(self, *_: Any) -> io.BytesIO:
        return io.BytesIO(self.data)


@given(st.sampled_from(GOOD), st.lists(st.integers(0, 500), max_size=12))
def test_however_it_is_cut_it_is_what_the_standard_library_reads(data: bytes, cuts: list[int]) -> None:
    """Status, fields and body, for lengths, chunks, closing and interim answers."""
    peer = http.client.HTTPResponse(_Socket(data), method="GET")  # type: ignore[arg-type]
    peer.begin()
    body = peer.read()
    ours = read(data, *cuts)
    assert ours.done
    assert (ours.status, ours.body()) == (peer.status, body)
    assert ours.fields == [(name, value.strip()) for name, value in peer.getheaders()]
    assert ours.keep_alive is not peer.will_close


@given(st.sampled_from(GOOD[:4]), st.data())
def test_what_is_cut_short_is_never_taken_for_whole(data: bytes, draw: st.DataObject) -> None:
    """An answer whose length is said and not reached is no answer."""
    end = draw.draw(st.integers(0, len(data) - 1))
    assert not read(data[:end]).done


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2x0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1_0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
        b"HTTP/1.1 200 OK\r\nX: 1\r\n folded\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
        b"HTTP/1.1 100 C\r\n\r\n" * 10,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: y\rContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX\x85Y: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nhello\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\n\r\n\r\n",
    ],
)
def test_what_is_doubtful_is_refused(data: bytes) -> None:
    """Two readers must never find two answers in the same bytes."""
    with pytest.raises(Refused):
        read(data)


@pytest.mark.parametrize(
    ("data", "stays"),
    [
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: x\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: x\r\nContent-Length: 0\r\n\r\n", False),
        (b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", True),
    ],
)
def test_a_connection_is_used_again_only_if_nothing_speaks_against_it(data: bytes, stays: bool) -> None:
    """Every Connection field counts, not the last; HTTP/1.0 closes unless it says otherwise."""
    assert read(data).keep_alive is stays


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
    ],
)
def test_a_body_that_is_too_large_is_not_waited_for(data: bytes) -> None:
    """It is refused when its size is known."""
    with pytest.raises(TooLarge):
        read(data)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
    ],
)
def test_packed_bodies_are_unpacked_within_the_bound(coding: str, packed: bytes) -> None:
    """A small body cannot unpack into a large one, and a broken one is not an answer."""
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: %d\r\n\r\n"
    assert read((head % len(packed)).encode() + packed).body() == b"hello"
    bomb = gzip.compress(b"0" * 100_000)
    with pytest.raises(TooLarge):
        read((head.replace(coding, "gzip") % len(bomb)).encode() + bomb).body()
    with pytest.raises(Refused):
        read((head % 3).encode() + b"abc").body()


def test_bytes_after_an_answer_make_the_connection_useless() -> None:
    """Nobody knows whose they are."""
    assert not read(GOOD[0] + b"HTTP/1.1 200 OK\r\n").keep_alive


def test_an_answer_to_head_has_no_body() -> None:
    """Its length is that of the body that it would have."""
    assert read(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", method="HEAD").done

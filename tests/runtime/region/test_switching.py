"""Naming another Region: the next epoch, or nothing, or a clear word that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from region_places import Shelf, shelf_server
from voicedr.runtime.region import (
    Document,
    SigningKey,
    Sink,
    SwitchLost,
    SwitchRefused,
    Trust,
    offered,
    sink_of,
    switch,
)
from voicedr.runtime.region.document import EPOCH_MAX


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A web server."""
    with shelf_server() as server:
        yield server


def to(sink: Sink, region: str, name: str = "a", **options: object) -> Document:
    """Switch once."""
    return switch(sink, region, id=name, written_at="2026-11-21T14:02:11Z", **options)  # type: ignore[arg-type]


def put(shelf: Shelf, content: bytes) -> Sink:
    """A place with this in it."""
    shelf.kept["/x"] = (content, 1)
    return sink_of(f"{shelf.url}/x")


def there(sink: Sink, trust: Trust | None = None) -> object:
    """What is there, to those who trust."""
    content = sink.read(latest=True).content
    assert content is not None
    return offered(content, trust or Trust())


def test_the_epoch_rises_by_one(shelf: Shelf) -> None:
    """From nothing, from a document of another hand, and above what instances hold."""
    sink = sink_of(f"{shelf.url}/x")
    assert to(sink, "us1").epoch == 1
    assert to(sink, "ie1").epoch == 2
    assert to(sink, "ie1").epoch == 3
    assert to(sink, "us1", above=40).epoch == 41
    assert to(sink, "us1", above=7) == there(sink) == Document("us1", 42, "2026-11-21T14:02:11Z", "a")


def test_a_signed_document_follows_an_unsigned_one(shelf: Shelf) -> None:
    """The epoch that is there counts, whoever wrote it; afterwards only the signed one is believed."""
    key = SigningKey.made()
    sink = put(shelf, b'{"region": "us1", "epoch": 41}')
    assert to(sink, "ie1", key=key).epoch == 42
    assert there(sink, Trust([key.public])) == Document("ie1", 42, "2026-11-21T14:02:11Z", "a")


@pytest.mark.parametrize("content", [b"", b"{", b'{"region": "mars", "epoch": 3}', b'{"region": "us1", "epoch": 0}'])
def test_a_broken_document_is_written_over_only_on_request(shelf: Shelf, content: bytes) -> None:
    """Nobody knows which epoch the instances hold, unless somebody says it."""
    sink = put(shelf, content)
    with pytest.raises(SwitchRefused, match="--above EPOCH"):
        to(sink, "ie1")
    assert shelf.kept["/x"] == (content, 1)
    assert to(sink, "ie1", above=6).epoch == 7


def test_an_epoch_that_was_driven_to_its_end_is_overruled_on_request(shelf: Shelf) -> None:
    """There is none above it; what the instances hold counts instead."""
    sink = put(shelf, b'{"region": "us1", "epoch": %d}' % EPOCH_MAX)
    with pytest.raises(SwitchRefused, match="there is none above"):
        to(sink, "ie1")
    assert shelf.writes == 0
    assert to(sink, "ie1", above=6).epoch == 7


def test_a_write_without_an_answer_is_looked_for(shelf: Shelf) -> None:
    """500, or silence, after it took effect: it is done. Without effect: nobody knows, and it is not repeated."""
    sink = sink_of(f"{shelf.url}/x")
    for epoch, mode in ((1, "500-after"), (2, "cuts-after")):
        shelf.mode = mode
        assert to(sink, "ie1", mode).epoch == epoch
        assert shelf.writes == epoch
    shelf.mode = "500-before"
    with pytest.raises(SwitchLost, match=r"answered 500.*not there now. It may still arrive"):
        to(sink, "us1")
    assert shelf.writes == 2
    assert sum(method == "PUT" for method, _, _ in shelf.asked) == 3


def test_who_comes_second_is_told(shelf: Shelf) -> None:
    """Somebody else wrote between our look and our write: nothing of ours is there."""
    ours = sink_of(f"{shelf.url}/x")

    class Late:
        """Another one writes first."""

        name = ours.name

        def read(self, *, latest: bool = False) -> object:
            found = ours.read(latest=latest)
            if shelf.writes == 0:
                to(sink_of(f"{shelf.url}/x"), "us1", "theirs")
            return found

        def write(self, content: bytes, was: object) -> bool:
            return ours.write(content, was)  # type: ignore[arg-type]

    with pytest.raises(SwitchRefused, match="somebody else wrote"):
        to(Late(), "ie1")  # type: ignore[arg-type]
    assert there(ours) == Document("us1", 1, "2026-11-21T14:02:11Z", "theirs")


def test_a_place_that_keeps_nothing_is_told(shelf: Shelf) -> None:
    """It said yes, and something else is there."""
    shelf.mode = "forgets"
    with pytest.raises(SwitchLost, match="something else is there"):
        to(sink_of(f"{shelf.url}/x"), "ie1")

"""How a process of the application follows the context document."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.sample_customer.region_context import RegionContext


def write(path: Path, content: str) -> None:
    """Replace the document as a careful writer does."""
    new = path.with_suffix(".new")
    new.write_text(content)
    os.replace(new, path)


def document(region: str, epoch: int) -> str:
    """A good document."""
    return f'{{"region": "{region}", "epoch": {epoch}, "written_at": "2026-11-21T14:02:11Z"}}'


def test_without_a_document_no_region_is_named(tmp_path: Path) -> None:
    """Before the first document there is no active Region, and that is said."""
    context = RegionContext(tmp_path / "context.json").current()
    assert (context.region, context.epoch) == (None, 0)
    assert "cannot be read" in str(context.problem)
    assert RegionContext(None).current().problem is None


def test_a_change_is_seen_at_the_next_look(tmp_path: Path) -> None:
    """A replaced document holds from the next look on."""
    path = tmp_path / "context.json"
    reader = RegionContext(path)
    write(path, document("us1", 1))
    assert reader.current().region == "us1"
    write(path, document("ie1", 2))
    assert (reader.current().region, reader.current().epoch, reader.current().problem) == ("ie1", 2, None)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"region": "au1"}',
        '{"region": 5, "epoch": 9}',
        document("au1", 0),
        document("", 9),
        " " * 70_000,
    ],
)
def test_a_broken_document_changes_nothing(tmp_path: Path, content: str) -> None:
    """The last good document holds while the file is broken, and the next good one is taken."""
    path = tmp_path / "context.json"
    reader = RegionContext(path)
    write(path, document("ie1", 3))
    reader.current()
    write(path, content)
    broken = reader.current()
    assert (broken.region, broken.epoch) == ("ie1", 3)
    assert "ie1 (epoch 3) holds" in str(broken.problem)
    write(path, document("us1", 4))
    assert (reader.current().region, reader.current().problem) == ("us1", None)


def test_a_document_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    """A removed document leaves the last good one in force, and its return is no problem."""
    path = tmp_path / "context.json"
    reader = RegionContext(path)
    write(path, document("ie1", 3))
    reader.current()
    path.unlink()
    assert reader.current().region == "ie1"
    assert reader.current().problem is not None
    write(path, document("ie1", 3))
    assert reader.current().problem is None


@pytest.mark.parametrize("epoch", [2, 3])
def test_an_older_epoch_never_wins(tmp_path: Path, epoch: int) -> None:
    """Neither an older document nor another Region with the same epoch is obeyed."""
    path = tmp_path / "context.json"
    reader = RegionContext(path)
    write(path, document("ie1", 3))
    reader.current()
    write(path, document("us1", epoch))
    assert (reader.current().region, reader.current().epoch) == ("ie1", 3)
    assert f"epoch {epoch}" in str(reader.current().problem)


@given(st.lists(st.tuples(st.sampled_from(["us1", "ie1", "au1"]), st.integers(-1, 9)), max_size=12))
def test_the_epoch_only_rises(tmp_path_factory: pytest.TempPathFactory, documents: list[tuple[str, int]]) -> None:
    """Whatever documents come, the epoch in force never falls and an epoch never changes its Region."""
    path = tmp_path_factory.mktemp("context") / "context.json"
    reader = RegionContext(path)
    seen: dict[int, str] = {}
    last = 0
    for region, epoch in documents:
        write(path, document(region, epoch))
        now = reader.current()
        assert now.epoch >= last
        last = now.epoch
        if now.region is not None:
            assert seen.setdefault(now.epoch, now.region) == now.region

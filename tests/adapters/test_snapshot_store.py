"""What is kept comes back as it was, or not at all; the oldest go, never the newest."""

from __future__ import annotations

import gzip
import hashlib
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from readiness_scene import snapshot
from voicedr.adapters.snapshot_store import SnapshotStore
from voicedr.ports.snapshots import NoSuchSnapshot, SnapshotBroken, SnapshotsUnusable
from voicedr.program.readiness.snapshot import Snapshot


def later(seconds: float) -> Snapshot:
    """The scene's snapshot, taken later."""
    scene = snapshot()
    return msgspec.structs.replace(scene, taken_at=scene.taken_at + timedelta(seconds=seconds))


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    """Every fact, and by the beginning of its name; keeping the same twice keeps it once."""
    store = SnapshotStore(tmp_path / "snapshots")
    assert store.every() == []
    kept = store.keep(later(0))
    assert store.load(kept.name) == later(0)
    assert store.load(kept.sha256[:4].upper()) == later(0)
    assert store.keep(later(0)) == kept
    assert store.every() == [kept]
    assert (tmp_path / "snapshots").stat().st_mode & 0o077 == 0
    assert (tmp_path / "snapshots" / ".gitignore").read_text() == "*\n"


def test_the_newest_come_first_and_the_one_before_is_found(tmp_path: Path) -> None:
    """Also within one second."""
    store = SnapshotStore(tmp_path)
    for seconds in (5, 0, 0.2, 9):
        store.keep(later(seconds))
    found = [one.taken_at - later(0).taken_at for one in store.every()]
    assert [one.total_seconds() for one in found] == [9, 5, 0.2, 0]
    before = store.latest_before(later(5).taken_at)
    assert before is not None
    assert before.taken_at == later(0.2).taken_at
    assert store.latest_before(later(0).taken_at) is None


def test_the_oldest_go_and_the_one_just_kept_stays(tmp_path: Path) -> None:
    """Even if the clock was put back meanwhile."""
    store = SnapshotStore(tmp_path, kept_max=3)
    for seconds in range(1, 6):
        store.keep(later(seconds))
    assert [one.taken_at for one in store.every()] == [later(seconds).taken_at for seconds in (5, 4, 3)]
    back = store.keep(later(-100))
    assert [one.taken_at for one in store.every()] == [later(seconds).taken_at for seconds in (5, 4, -100)]
    assert store.load(back.name) == later(-100)


def test_what_is_not_what_was_kept_is_said_to_be_so(tmp_path: Path) -> None:
    """Cut off, changed, of another version, or no snapshot."""
    store = SnapshotStore(tmp_path)
    kept = store.keep(later(0))
    (path,) = tmp_path.glob("*.json.gz")
    whole = path.read_bytes()
    cases = {
        "cannot be unpacked": whole[:-20],
        r"cannot be unpacked \(Error": whole[:10] + b"\xff" * 30,
        "was changed": gzip.compress(gzip.decompress(whole).replace(b"support", b"suppurt")),
    }
    for words, body in cases.items():
        path.write_bytes(body)
        with pytest.raises(SnapshotBroken, match=words):
            store.load(kept.name)
    deep = b'{"voicedr_snapshot": 1, "more": ' + b"[" * 3000 + b"]" * 3000 + b"}"
    for text in (b'{"voicedr_snapshot": 1}', b"[]", b"\xff", deep):
        other = path.with_name(path.name.replace(kept.sha256, hashlib.sha256(text).hexdigest()))
        other.write_bytes(gzip.compress(text))
        with pytest.raises(SnapshotBroken, match="another version"):
            store.load(hashlib.sha256(text).hexdigest())
        other.unlink()


def test_names_and_places_that_are_none(tmp_path: Path) -> None:
    """Unknown, too short, several; a folder that is a file; strangers in the folder are passed over."""
    store = SnapshotStore(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    store.keep(later(0))
    for name in ("ffffffffffff", "", "ab", "../../etc"):
        with pytest.raises(NoSuchSnapshot, match="voicedr snapshot list"):
            store.load(name)
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(SnapshotsUnusable, match="What was kept before still is"):
        SnapshotStore(file).keep(later(0))
    with pytest.raises(SnapshotsUnusable, match="cannot be read"):
        SnapshotStore(file).every()
    assert (tmp_path / "notes.txt").exists()

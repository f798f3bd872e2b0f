"""A kept snapshot that was changed in any way is broken, and says so; nothing else comes of it."""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from voicedr.adapters.snapshot_store import SnapshotStore
from voicedr.ports.snapshots import SnapshotBroken
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import NumberConfig, Routable, Route, VoiceHandler
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.vocabulary import E164, IE1, US1

_AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
_NUMBER = E164("+14155550100")
_NO = Unobserved("403")
_REGION = RegionFacts(
    Observed("ok", _AT, "x"),
    Observed({_NUMBER: NumberConfig(_NUMBER, "PN1", None, VoiceHandler(voice_url="https://a.example/"))}, _AT, "x"),
    _NO,
    _NO,
    _NO,
    _NO,
)
_SUBJECT = Routable("number", _NUMBER)
_SNAPSHOT = Snapshot(
    _AT, "AC" + "0" * 32, {US1: _REGION, IE1: _REGION}, {_SUBJECT.key: Observed(Route(_SUBJECT, US1), _AT, "x")}, {}
)
_BODY = msgspec.json.encode({"voicedr_snapshot": 1, "snapshot": _SNAPSHOT})
_PACKED = gzip.compress(_BODY, 6, mtime=0)
_FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-snapshots-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
_NAME = "20261121T140200000Z-{}.json.gz"
SEEDS = [
    b"p" + _PACKED,
    b"j" + _BODY,
    b"p" + _PACKED[:-9],
    b"p" + _PACKED[:10] + b"\xff" * 30,
    b"p\x1f\x8b\x08\x04",
    b'j{"voicedr_snapshot":2,"snapshot":' + _BODY.partition(b'"snapshot":')[2],
    b'j{"voicedr_snapshot":1,"more":'
    + b"[" * 3000
    + b"]" * 3000
    + b',"snapshot":'
    + _BODY.partition(b'"snapshot":')[2],
]


def one(data: bytes) -> None:
    """The packed bytes under the whole one's name; or a body under a name that fits it."""
    kind, content = data[:1], data[1:]
    if kind == b"j":
        path = _FOLDER / _NAME.format(hashlib.sha256(content).hexdigest())
        content = gzip.compress(content, 1, mtime=0)
    else:
        path = _FOLDER / _NAME.format(hashlib.sha256(_BODY).hexdigest())
    path.write_bytes(content)
    try:
        read = SnapshotStore(_FOLDER).load(path.name.partition("-")[2][:64])
        if kind != b"j":
            assert read == _SNAPSHOT, "what was changed is taken"
    except SnapshotBroken as exc:
        assert str(exc).isprintable()
    finally:
        path.unlink()

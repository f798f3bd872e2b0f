"""What an application has: the Region now, from memory, whatever happens to the place where it is written."""

from __future__ import annotations

import asyncio
import builtins
import errno
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from region_places import Shelf, shelf_server
from voicedr.runtime.region import ActiveRegion, Current, Document, SettingsBroken, SigningKey, Trust, WrongAddress
from voicedr.runtime.region.document import plain
from voicedr.runtime.region.places.place import Found

QUICK = 0.05
SOON_S = 3.0


def put(path: Path, region: str, epoch: int, key: SigningKey | None = None) -> None:
    """Replace the document as a careful writer does."""
    document = Document(region, epoch)
    new = path.with_suffix(".new")
    new.write_bytes(plain(document) if key is None else key.sign(document))
    os.replace(new, path)


def until(true: Callable[[], bool]) -> None:
    """Wait for it, or fail."""
    ends_s = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < ends_s, "it never came true"
        time.sleep(0.01)


def once(path: Path, keep: Path, trust: Trust | None = None) -> None:
    """A process that follows, keeps what it saw, and ends."""
    with ActiveRegion(f"file:{path}", keep=keep, trust=trust or Trust()):
        until(keep.exists)


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A web server."""
    with shelf_server() as server:
        yield server


def test_what_an_application_gets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Region with its key, edges and hosts, and the other Region's after a switch; no secret is printed."""
    monkeypatch.setenv("US1_SECRET", "u" * 32)
    (tmp_path / "ie1").write_text("i" * 32 + "\n")
    regions = {
        "us1": {"api_key": "SK" + "1" * 32, "api_secret": "env:US1_SECRET", "edges": ["ashburn", "umatilla"]},
        "ie1": {"api_key": "SK" + "2" * 32, "api_secret": f"file:{tmp_path}/ie1", "hosts": {"db": "db.ie.example"}},
    }
    path = tmp_path / "context.json"
    put(path, "us1", 1)
    with ActiveRegion(f"file:{path}", regions=regions, every_s=QUICK) as active:
        now = active.current()
        assert (now.region, now.epoch, now.edges, now.problem) == ("us1", 1, ("ashburn", "umatilla"), None)
        assert now.credentials is not None
        assert now.credentials.api_secret == "u" * 32
        assert now.age_s is not None
        assert now.host("api") == "api.ashburn.us1.twilio.com"
        put(path, "ie1", 2)
        until(lambda: active.current().region == "ie1")
        now = active.current()
        assert now.credentials is not None
        assert (now.credentials.api_secret, now.hosts, now.edges) == ("i" * 32, {"db": "db.ie.example"}, ("dublin",))
        assert "i" * 32 not in repr(now)
        put(path, "au1", 3)
        until(lambda: active.current().region == "au1")
        assert (active.current().credentials, active.current().edges) == (None, ("sydney",))
        with pytest.raises(LookupError, match="no credentials for au1"):
            active.client("AC" + "0" * 32)


def test_the_call_path_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``current`` opens no file and no socket, and takes microseconds."""
    path = tmp_path / "context.json"
    put(path, "us1", 1)
    with ActiveRegion(f"file:{path}", every_s=60.0) as active:

        def never(*_: object, **__: object) -> None:
            raise AssertionError("something was asked in the path of a call")

        with monkeypatch.context() as patch:
            for where, name in ((builtins, "open"), (os, "open"), (os, "stat"), (socket, "socket"), (Path, "open")):
                patch.setattr(where, name, never)
            began_s = time.perf_counter()
            for _ in range(1000):
                assert active.current().region == "us1"
            assert time.perf_counter() - began_s < 1.0


def test_a_source_that_is_gone_changes_nothing(tmp_path: Path) -> None:
    """The Region holds, its age grows, the problem is told; when the source is back it is followed again."""
    path = tmp_path / "context.json"
    put(path, "ie1", 4)
    with ActiveRegion(f"file:{path}", every_s=QUICK) as active:
        path.unlink()
        until(lambda: active.current().problem is not None)
        time.sleep(0.3)
        now = active.current()
        assert (now.region, now.epoch) == ("ie1", 4)
        assert now.age_s is not None
        assert now.age_s > 0.2
        assert "there is no document; ie1 (epoch 4) holds" in str(now.problem)
        put(path, "us1", 5)
        until(lambda: active.current().region == "us1")
        assert active.current().problem is None


def test_a_restart_with_a_dead_source_has_the_last_region(tmp_path: Path) -> None:
    """From its own disk, and says so: age unknown. An older document that comes later does not win."""
    path, keep = tmp_path / "context.json", tmp_path / "kept.json"
    put(path, "ie1", 4)
    once(path, keep)
    path.unlink()
    with ActiveRegion(f"file:{path}", keep=keep, every_s=QUICK) as active:
        assert (active.current().region, active.current().age_s) == ("ie1", None)
        put(path, "us1", 3)
        until(lambda: "older than ours" in str(active.current().problem))
        assert (active.current().region, active.current().age_s) == ("ie1", None)


def test_what_was_kept_is_believed_by_its_signature(tmp_path: Path) -> None:
    """Whoever changes the file on the disk moves nobody; it is told."""
    path, keep, key = tmp_path / "context.json", tmp_path / "kept.json", SigningKey.made()
    trust = Trust([key.public])
    put(path, "ie1", 4, key)
    once(path, keep, trust)
    path.unlink()
    with ActiveRegion(f"file:{path}", keep=keep, trust=trust) as active:
        assert active.current().region == "ie1"
    keep.write_bytes(keep.read_bytes().replace(b"ie1", b"us1"))
    with ActiveRegion(f"file:{path}", keep=keep, trust=trust) as active:
        assert active.current().region is None
        assert "forged" in str(active.current().problem)


def test_with_a_key_an_unsigned_document_never_wins(tmp_path: Path) -> None:
    """Nor one of another key, whatever its epoch; and a new key is believed beside the old one."""
    path, old, new = tmp_path / "context.json", SigningKey.made(), SigningKey.made()
    put(path, "us1", 1, old)
    with ActiveRegion(f"file:{path}", trust=Trust([old.public, new.public]), every_s=QUICK) as active:
        for wrong in (None, SigningKey.made()):
            put(path, "ie1", 99, wrong)
            until(lambda: "sign" in str(active.current().problem))
            assert active.current().region == "us1"
            put(path, "us1", 1, old)
            until(lambda: active.current().problem is None)
        put(path, "ie1", 2, new)
        until(lambda: active.current().region == "ie1")


def test_a_keep_file_that_cannot_be_written_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    """The Region is followed all the same; when the disk takes files again it is kept."""
    path, folder = tmp_path / "context.json", tmp_path / "later"
    put(path, "ie1", 4)
    with ActiveRegion(f"file:{path}", keep=folder / "kept.json", every_s=QUICK) as active:
        assert active.current().region == "ie1"
        assert "cannot be kept for a restart (No such file or directory)" in str(active.current().problem)
        folder.mkdir()
        until(lambda: active.current().problem is None)
        assert json.loads((folder / "kept.json").read_bytes())["epoch"] == 4


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last good file stays, nothing is left lying about, and the Region is followed."""
    path, keep = tmp_path / "context.json", tmp_path / "kept.json"
    put(path, "us1", 1)
    once(path, keep)
    before = keep.read_bytes()
    put(path, "ie1", 2)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    active = ActiveRegion(f"file:{path}", keep=keep, every_s=60)
    assert active.current().region == "ie1"
    assert "cannot be kept for a restart (No space left on device)" in str(active.current().problem)
    assert keep.read_bytes() == before
    assert {one.name for one in tmp_path.iterdir()} == {"context.json", "kept.json", ".kept.json.lock"}
    active.close()


def test_the_slowest_of_several_processes_keeps_nobody_back(tmp_path: Path) -> None:
    """They share a keep file: a lower epoch never replaces a higher one."""
    one, two, keep = tmp_path / "one.json", tmp_path / "two.json", tmp_path / "kept.json"
    put(one, "ie1", 5)
    put(two, "us1", 4)
    once(one, keep)
    keep_after = ActiveRegion(f"file:{two}", keep=keep)
    assert keep_after.current().region == "ie1"
    keep_after.close()
    assert json.loads(keep.read_bytes())["epoch"] == 5


class Hanging:
    """A source whose look never ends, as a name that never resolves."""

    name = "a name that hangs"

    def __init__(self) -> None:
        self.free = threading.Event()

    def read(self, *, latest: bool = False) -> Found:
        self.free.wait(60)
        return Found(plain(Document("us1", 9)), "9")

    def close(self) -> None:
        """Nothing is open."""


def test_a_source_that_hangs_holds_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start goes on after its wait, the other source is followed, and the one that hangs is told."""
    path = tmp_path / "context.json"
    put(path, "ie1", 4)
    hanging = Hanging()
    began_s = time.monotonic()
    with ActiveRegion([hanging, f"file:{path}"], every_s=QUICK, wait_s=0.2) as active:
        until(lambda: active.current().region == "ie1")
        assert time.monotonic() - began_s < 1.5
        put(path, "us1", 5)
        until(lambda: active.current().region == "us1")
        monkeypatch.setattr("voicedr.runtime.region.following.ATTEMPT_S_MAX", 0.1)
        until(lambda: "a name that hangs: has not answered for" in str(active.current().problem))
        hanging.free.set()
        until(lambda: active.current().epoch == 9)
    began_s = time.monotonic()
    ActiveRegion(Hanging(), wait_s=0.2).close()
    assert time.monotonic() - began_s < 1.0


def test_a_source_with_a_mistake_of_ours_is_told_and_looked_at_again() -> None:
    """No exception ends the thread."""

    class Broken(Hanging):
        """Raises, and then does not."""

        times = 0

        def read(self, *, latest: bool = False) -> Found:
            self.times += 1
            if self.times < 3:
                raise RuntimeError("never foreseen")
            return Found(plain(Document("us1", 9)), "9")

    with ActiveRegion(Broken(), every_s=QUICK) as active:
        assert "RuntimeError" in str(active.current().problem)
        until(lambda: active.current().epoch == 9)


def test_of_several_sources_the_highest_epoch_holds(tmp_path: Path) -> None:
    """And the one that is behind is told."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    put(one, "us1", 4)
    put(two, "ie1", 5)
    with ActiveRegion([f"file:{one}", f"file:{two}"], every_s=QUICK) as active:
        until(lambda: active.current().region == "ie1")
        until(lambda: "one.json: epoch 4 (us1) is older" in str(active.current().problem))


def test_a_change_is_told_once_and_in_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A callback that raises, and one that never ends, keep nobody from following."""
    path = tmp_path / "context.json"
    put(path, "us1", 1)
    with ActiveRegion(f"file:{path}", every_s=QUICK) as active:
        seen: list[Current] = []
        free = threading.Event()

        @active.on_change
        def broken(_: Current) -> None:
            raise ValueError("not ours")

        active.on_change(seen.append)
        active.on_change(lambda _: free.wait(30))
        for epoch, region in ((2, "ie1"), (3, "us1"), (4, "us1")):
            put(path, region, epoch)
            until(lambda epoch=epoch: active.current().epoch == epoch)  # type: ignore[misc]
        free.set()
        until(lambda: len(seen) == 3)
        time.sleep(0.2)
        assert [(one.region, one.epoch) for one in seen] == [("ie1", 2), ("us1", 3), ("us1", 4)]
        assert caplog.text.count("ValueError: not ours") == 3


def test_a_change_is_told_in_an_event_loop(tmp_path: Path) -> None:
    """In the loop's own thread."""
    path = tmp_path / "context.json"
    put(path, "us1", 1)

    async def main() -> tuple[str | None, bool]:
        with ActiveRegion(f"file:{path}", every_s=QUICK) as active:
            told: asyncio.Future[tuple[str | None, bool]] = asyncio.get_running_loop().create_future()
            here = threading.get_ident()
            active.on_change(
                lambda now: told.set_result((now.region, threading.get_ident() == here)),
                loop=asyncio.get_running_loop(),
            )
            put(path, "ie1", 2)
            return await asyncio.wait_for(told, SOON_S)

    assert asyncio.run(main()) == ("ie1", True)


def test_a_secret_that_is_missing_is_told_before_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standby's, on an ordinary day; it is looked for again. One that goes missing later stays in force."""
    monkeypatch.setattr("voicedr.runtime.region.secrets_by_region.LOOK_EVERY_S", QUICK)
    path, secret = tmp_path / "context.json", tmp_path / "secret"
    put(path, "us1", 1)
    regions = {"ie1": {"api_key": "SK" + "2" * 32, "api_secret": f"file:{secret}"}}
    with ActiveRegion(f"file:{path}", regions=regions, every_s=QUICK) as active:
        assert f"ie1: the secret file:{secret} cannot be read" in str(active.current().problem)
        secret.write_text("i" * 32)
        until(lambda: active.current().problem is None)
        put(path, "ie1", 2)
        secret.unlink()
        until(lambda: active.current().region == "ie1" and active.current().problem is not None)
        now = active.current()
        assert now.credentials is not None
        assert now.credentials.api_secret == "i" * 32


def test_a_child_process_goes_on_following(tmp_path: Path) -> None:
    """Threads do not survive a fork, as of a server that loads the application first: they are begun again."""
    path = tmp_path / "context.json"
    put(path, "us1", 1)
    read, write = os.pipe()
    with ActiveRegion(f"file:{path}", every_s=QUICK) as active:
        child = os.fork()
        if child == 0:
            try:
                ends_s = time.monotonic() + SOON_S
                while active.current().region != "ie1" and time.monotonic() < ends_s:
                    time.sleep(0.01)
                os.write(write, str(active.current().region).encode())
            finally:
                os._exit(0)
        put(path, "ie1", 2)
        os.close(write)
        assert os.read(read, 10) == b"ie1"
        os.waitpid(child, 0)
    os.close(read)


@pytest.mark.parametrize(
    ("regions", "why"),
    [
        ({"mars": {}}, "no such Region"),
        ({"ie1": {"key": "x"}}, "unknown keys key"),
        ({"ie1": {"api_key": "SK1"}}, "belong together"),
        ({"ie1": {"api_key": "SK1", "api_secret": "hunter2"}}, "no reference"),
        ({"ie1": {"api_key": "hunter2", "api_secret": "env:X"}}, "no SID"),
        ({"ie1": {"edges": "dublin"}}, "one text"),
        ({"ie1": {"edges": ["sydney"]}}, "belongs to Region au1"),
        ({"ie1": {"hosts": {"db": 5}}}, "hosts are names"),
        ({"ie1": {"api_key": 5, "api_secret": "env:X"}}, "api_key is no text"),
    ],
)
def test_settings_that_cannot_be_are_told(regions: dict[str, dict[str, object]], why: str) -> None:
    """What and where, and no value that may be a secret."""
    with pytest.raises(SettingsBroken, match=why) as caught:
        ActiveRegion("environment:X", regions=regions)
    assert "hunter2" not in str(caught.value)


def test_numbers_and_addresses_that_cannot_be_are_told() -> None:
    """At once, and not first at a failover."""
    for wrong in ({"every_s": 0}, {"every_s": float("nan")}, {"wait_s": -1}, {"wait_s": float("inf")}):
        with pytest.raises(ValueError, match="say"):
            ActiveRegion("environment:X", **wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="1 to 8 places"):
        ActiveRegion([])
    with pytest.raises(WrongAddress):
        ActiveRegion("nowhere")


def test_a_wrong_clock_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the writer's time in the document nor this machine's decides anything."""
    monkeypatch.setattr(time, "time", lambda: -1e9)
    path = tmp_path / "context.json"
    path.write_text('{"region": "us1", "epoch": 1, "written_at": "2999-01-01T00:00:00Z"}')
    with ActiveRegion(f"file:{path}", every_s=QUICK) as active:
        path.write_text('{"region": "ie1", "epoch": 2, "written_at": "1970-01-01T00:00:00Z"}')
        until(lambda: active.current().region == "ie1")
        age_s = active.current().age_s
        assert age_s is not None
        assert 0 <= age_s < 2


def test_a_server_is_asked_little(shelf: Shelf) -> None:
    """What has not changed is not sent again; a server that breaks is told and followed when it works again."""
    shelf.kept["/x"] = (plain(Document("us1", 1)), 1)
    with ActiveRegion(f"{shelf.url}/x", every_s=QUICK) as active:
        until(lambda: len(shelf.asked) > 4)
        assert all("If-None-Match" in headers for _, _, headers in shelf.asked[1:])
        for mode, why in (("huge", "longer than"), ("403", "answered 403")):
            shelf.mode = mode
            until(lambda why=why: why in str(active.current().problem))  # type: ignore[misc]
            assert active.current().region == "us1"
        shelf.mode = ""
        shelf.kept["/x"] = (plain(Document("ie1", 2)), 2)
        until(lambda: active.current().region == "ie1")
        assert active.current().problem is None


def test_a_client_of_the_official_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the active Region's key and edges: the same one until a switch, then another."""
    pytest.importorskip("twilio")
    monkeypatch.setenv("SECRET", "s" * 32)
    regions = {one: {"api_key": f"SK{one:0<32}", "api_secret": "env:SECRET"} for one in ("us1", "ie1")}
    path = tmp_path / "context.json"
    with ActiveRegion(f"file:{path}", regions=regions, every_s=QUICK) as active:
        with pytest.raises(LookupError, match="no Region is active yet"):
            active.client("AC" + "0" * 32)
        put(path, "us1", 1)
        until(lambda: active.current().region == "us1")
        client = active.client("AC" + "0" * 32)
        assert client is active.client("AC" + "0" * 32)
        put(path, "ie1", 2)
        until(lambda: active.current().region == "ie1")
        moved = active.client("AC" + "0" * 32)
        assert (moved.username, moved.region) == (f"SK{'ie1':0<32}", "ie1")
        assert moved is not client

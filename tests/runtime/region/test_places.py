"""Every place keeps the same promises: real etcd, real PostgreSQL, files, a web server; Consul by its documentation."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from etcd_server import Etcd, etcd_server
from postgres_server import Server
from region_places import Shelf, shelf_server
from voicedr.runtime.references import SecretMissing
from voicedr.runtime.region import (
    PlaceError,
    PlaceRefused,
    PlaceSilent,
    PlaceUnsettled,
    SinkBroken,
    WrongAddress,
    prove,
    race,
    sink_of,
    source_of,
)
from voicedr.runtime.region.places.place import ATTEMPT_S_MAX

FIRST, SECOND, THIRD = (
    b'{"region": "us1", "epoch": 1}\n',
    b'{"region":"ie1","epoch":2}\n',
    b'{"region":"us1","epoch":3}',
)


@pytest.fixture(scope="module")
def etcd() -> Iterator[Etcd]:
    """One for all."""
    with etcd_server() as server:
        yield server


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A web server."""
    with shelf_server() as server:
        yield server


@pytest.fixture(params=["file", "http", "etcd", "consul", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty place of each kind."""
    match request.param:
        case "file":
            return f"file:{tmp_path}/our app/context.json".replace("our app/", "")
        case "http":
            return f"{request.getfixturevalue('shelf').url}/a b/context.json"
        case "etcd":
            etcd: Etcd = request.getfixturevalue("etcd")
            return etcd.address(f"voicedr/{tmp_path.name} ä")
        case "consul":
            return f"consul:{request.getfixturevalue('shelf').url}/voicedr/app"
        case _:
            server: Server = request.getfixturevalue("postgres")
            return f"{server.database()}#support-app"


def test_a_write_wins_only_over_what_was_read(address: str) -> None:
    """The first write, the next, and one by somebody who had read what is not there any more."""
    ours, theirs = sink_of(address), sink_of(address)
    empty = ours.read(latest=True)
    assert (empty.content, theirs.read().content) == (None, None)
    assert ours.write(FIRST, empty)
    assert not theirs.write(SECOND, empty)
    one = theirs.read(latest=True)
    assert one.content == FIRST
    assert theirs.write(SECOND, one)
    assert not ours.write(THIRD, one)
    assert ours.read(latest=True).content == ours.read().content == SECOND
    ours.close()
    assert ours.write(THIRD, ours.read(latest=True))
    assert theirs.read().content == THIRD
    ours.remove()
    assert theirs.read().content is None
    ours.remove()


def test_exactly_one_of_those_who_race_wins(address: str) -> None:
    """In every round, and nothing is left lying about; the document is not touched."""
    sink = sink_of(address)
    assert sink.write(FIRST, sink.read(latest=True))
    race(lambda: sink_of(address), "selftest-1", racers=6, rounds=4)
    assert sink.read(latest=True).content == FIRST
    assert sink.scratch("selftest-1").read().content is None


def test_bytes_arrive_as_they_were(address: str) -> None:
    """The largest document, and every byte."""
    sink = sink_of(address)
    content = bytes(range(256)) * 256
    assert sink.write(content, sink.read(latest=True))
    assert sink.read().content == content


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x", "etcd:http://127.0.0.1:1,127.0.0.1:2/k", "consul:http://127.0.0.1:1/k",
     "postgresql://nobody@127.0.0.1:1/none", "http://no-such-host.invalid/x", "file:/proc/1/mem"],
)  # fmt: skip
def test_a_place_that_is_not_there_is_silent(address: str) -> None:
    """Nothing was read, and it is told which place and why."""
    with pytest.raises(PlaceSilent, match=r"127.0.0.1|no-such-host|/proc/1/mem"):
        source_of(address).read(latest=True)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://host/secret", "no address of a place"),
        ("file:relative", "no address of a place"),
        ("etcd:http://127.0.0.1:2379", "an address of etcd is"),
        ("etcd:http://127.0.0.1:99999/key", "is no address"),
        ("http://:1/x", "is no address"),
        ("environment:", "no address of a place"),
        ("", "no address of a place"),
    ],
)
def test_what_is_no_address_is_told_and_not_shown(address: str, why: str) -> None:
    """It may have a password in it."""
    with pytest.raises(WrongAddress, match=why) as caught:
        source_of(address)
    assert "secret" not in str(caught.value)


def test_an_address_in_a_variable(monkeypatch: pytest.MonkeyPatch, shelf: Shelf) -> None:
    """A password in it is sent and never told; a variable in a variable is refused."""
    monkeypatch.setenv("PLACE", shelf.url.replace("//", "//:s3cret@") + "/x")
    sink = sink_of("env:PLACE")
    assert sink.read().content is None
    assert shelf.asked[-1][2]["Authorization"] == "Bearer s3cret"
    shelf.mode = "403"
    with pytest.raises(PlaceSilent) as caught:
        sink.read()
    assert "s3cret" not in str(caught.value) + sink.name
    monkeypatch.setenv("LOOP", "env:LOOP")
    with pytest.raises(WrongAddress):
        sink_of("env:LOOP")
    with pytest.raises(SecretMissing):
        sink_of("env:NO_SUCH_PLACE")


def test_a_variable_with_the_document_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read, and cannot be written."""
    monkeypatch.setenv("ACTIVE", FIRST.decode())
    assert source_of("environment:ACTIVE").read().content == FIRST
    monkeypatch.delenv("ACTIVE")
    assert source_of("environment:ACTIVE").read().content is None
    with pytest.raises(WrongAddress, match="cannot be written"):
        sink_of("environment:ACTIVE")


@pytest.mark.parametrize("kind", ["", "consul:"])
def test_a_server_that_lets_everybody_win_is_found_out(shelf: Shelf, kind: str) -> None:
    """Before anything is switched through it, each time until it keeps its word."""
    address = f"{kind}{shelf.url}/broken{kind}"
    shelf.mode = "ignores-conditions"
    for _ in range(2):
        with pytest.raises(SinkBroken, match=r"of 8 who wrote at once .* 8 were told that they won"):
            prove(lambda: sink_of(address), address, "selftest")
    shelf.mode = ""
    prove(lambda: sink_of(address), address, "selftest-2")
    asked = len(shelf.asked)
    prove(lambda: sink_of(address), address, "selftest-3")
    assert len(shelf.asked) == asked


def test_a_server_that_checks_first_and_writes_later_is_found_out(shelf: Shelf) -> None:
    """Who looks at the condition without a lock lets two in now and then."""

    class Careless:
        """The condition and the write are two steps."""

        def __init__(self) -> None:
            self.inner = sink_of(f"{shelf.url}/careless")
            self.name = self.inner.name

        def read(self, *, latest: bool = False) -> object:
            return self.inner.read(latest=latest)

        def write(self, content: bytes, was: object) -> bool:
            if self.inner.read() != was:
                return False
            time.sleep(0.01)
            while not self.inner.write(content, self.inner.read(latest=True)):
                pass
            return True

        def scratch(self, name: str) -> Careless:
            return self

        def remove(self) -> None:
            self.inner.remove()

        def close(self) -> None:
            self.inner.close()

    with pytest.raises(SinkBroken, match="exactly one must"):
        race(Careless, "x")  # type: ignore[arg-type]


def test_a_server_that_keeps_nothing_is_found_out(shelf: Shelf) -> None:
    """It says yes to all, and afterwards there is nothing."""
    shelf.mode = "forgets"
    with pytest.raises(SinkBroken):
        race(lambda: sink_of(f"{shelf.url}/x"), "selftest")


def test_a_race_that_cannot_be_run_proves_nothing(shelf: Shelf) -> None:
    """A server that refuses the scratch key, or fails, is not one that keeps its word."""
    for mode, kind in (
        ("403", PlaceSilent),
        ("500-after", PlaceUnsettled),
        ("weak", PlaceRefused),
        ("no-tag", PlaceError),
    ):
        shelf.mode = mode
        with pytest.raises(kind):
            race(lambda: sink_of(f"{shelf.url}/never"), f"selftest-{mode}")


@pytest.mark.parametrize("mode", ["hangs", "drips"])
def test_a_server_that_never_ends_its_answer_is_silent_in_time(shelf: Shelf, mode: str) -> None:
    """Time is for the whole answer, and not for each byte."""
    shelf.mode = mode
    began_s = time.monotonic()
    with pytest.raises(PlaceSilent, match="timed out"):
        source_of(f"{shelf.url}/x").read()
    assert ATTEMPT_S_MAX - 0.1 < time.monotonic() - began_s < ATTEMPT_S_MAX + 1.0


def test_ten_megabytes_are_not_read(shelf: Shelf, tmp_path: Path) -> None:
    """Neither from a server nor from a disk."""
    shelf.mode = "huge"
    with pytest.raises(PlaceSilent, match="longer than"):
        source_of(f"{shelf.url}/x").read()
    path = tmp_path / "huge"
    path.write_bytes(b" " * 10_000_000)
    assert len(source_of(f"file:{path}").read().content or b"") <= 64 * 1024 + 1


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("500-after", PlaceUnsettled),
        ("500-before", PlaceUnsettled),
        ("cuts-after", PlaceUnsettled),
        ("403", PlaceRefused),
    ],
)
@pytest.mark.parametrize("place", ["", "consul:"])
def test_a_write_without_an_answer_is_not_said_to_have_failed(shelf: Shelf, mode: str, kind: type, place: str) -> None:
    """500 and silence after it was sent: nobody knows. A refusal: nothing changed."""
    sink = sink_of(f"{place}{shelf.url}/x")
    was = sink.read(latest=True)
    shelf.mode = mode
    with pytest.raises(kind):
        sink.write(FIRST, was)
    assert shelf.writes == (1 if mode.endswith("after") else 0)


def test_a_kept_connection_that_the_server_has_closed_is_replaced(shelf: Shelf) -> None:
    """A read goes on; what has not changed is not sent again."""
    sink = sink_of(f"{shelf.url}/x")
    sink.write(FIRST, sink.read(latest=True))
    assert sink.read().content == FIRST
    sink._server._kept.sock._sock.shutdown(2)  # type: ignore[attr-defined]
    assert sink.read().content == FIRST
    assert shelf.asked[-1][2].get("If-None-Match") == '"11"'


def test_etcd_goes_on_with_the_next_server(etcd: Etcd, tmp_path: Path) -> None:
    """A dead one in the list costs nothing but its attempt."""
    key = f"voicedr/{tmp_path.name}"
    sink = sink_of(f"etcd:http://127.0.0.1:1,127.0.0.1:{etcd.port}/{key}")
    assert sink.write(FIRST, sink.read(latest=True))
    assert source_of(etcd.address(key)).read().content == FIRST


def test_etcd_with_users(tmp_path: Path) -> None:
    """Who is in the address is let in, again after the token has ended; others are refused."""
    import json
    import urllib.request

    with etcd_server() as server:

        def say(what: str, **body: object) -> None:
            request = urllib.request.Request(
                f"http://127.0.0.1:{server.port}/v3/auth/{what}", json.dumps(body).encode()
            )
            urllib.request.urlopen(request, timeout=5).read()

        say("user/add", name="root", password="s3cret")
        say("role/add", name="root")
        say("user/grant", user="root", role="root")
        say("enable")
        sink = sink_of(f"etcd:http://root:s3cret@127.0.0.1:{server.port}/voicedr/app")
        assert sink.write(FIRST, sink.read(latest=True))
        sink._token = "another.1"  # type: ignore[attr-defined]
        assert sink.read(latest=True).content == FIRST
        with pytest.raises(PlaceError) as caught:
            source_of(f"etcd:http://root:wr0ng@127.0.0.1:{server.port}/voicedr/app").read()
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(PlaceError):
            source_of(server.address()).read(latest=True)


def test_a_file_whose_writer_is_killed_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    """At whatever instant."""
    path = tmp_path / "context.json"
    program = (
        "import itertools\nfrom voicedr.runtime.region import sink_of\n"
        f"sink = sink_of('file:{path}')\n"
        "for n in itertools.count(1):\n"
        '    sink.write(b\'{"region": "ie1", "epoch": %d}\' % n, sink.read(latest=True))\n'
        "    if n == 1: print('on', flush=True)\n"
    )
    last = 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path)}
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05)
        process.kill()
        process.wait()
        process.stdout.close()
        found = sink_of(f"file:{path}").read(latest=True)
        assert found.content is not None
        assert found.content.endswith(b"}")
        assert found.floor >= 1
        last += 1
    assert last == 3


def test_a_writer_that_holds_the_lock_holds_nobody_for_ever(tmp_path: Path) -> None:
    """After two seconds it is told who is in the way; nothing changed."""
    import fcntl

    path = tmp_path / "context.json"
    with (tmp_path / ".context.json.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sink = sink_of(f"file:{path}")
        with pytest.raises(PlaceSilent, match="fuser"):
            sink.write(FIRST, sink.read(latest=True))
    assert not path.exists()


def test_several_who_write_postgresql_first_all_get_on(postgres: Server) -> None:
    """Two who make the table at once both get on; the row's name may have any sign."""
    address = f"{postgres.database()}#line%201"
    errors: list[BaseException] = []

    def write(n: int) -> None:
        try:
            sink = sink_of(f"{address}-{n}")
            assert sink.write(FIRST, sink.read(latest=True))
        except BaseException as exc:
            errors.append(exc)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert source_of(f"{address}-3").name.endswith("#line 1-3")

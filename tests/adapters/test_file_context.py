"""The file context: what a switch promises, and what instances say about it."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from voicedr.adapters.context import FileContext
from voicedr.ports.context import ActiveRegion, ContextError, ContextLost, ContextSwitch
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.wire.http import Failure, Request, Response, Timeouts, no_response


class StoppedClock:
    """A clock that only moves while somebody sleeps."""

    def __init__(self) -> None:
        self.slept_s = 0.0

    def now(self) -> datetime:
        """Always the same time of day."""
        return datetime(2026, 11, 21, 14, 2, 11, tzinfo=UTC)

    def monotonic_s(self) -> float:
        """What was slept so far."""
        return self.slept_s

    async def sleep(self, seconds: float) -> None:
        """Lets others run."""
        self.slept_s += seconds
        await asyncio.sleep(0)


class Instances:
    """Instances of an application by URL: a body to answer, a status, or a failure."""

    def __init__(self, **answers: str | int | Failure) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Answer as the instance does."""
        self.asked.append(request.url)
        match self.answers[request.url.split("//")[1].split("/")[0]]:
            case Failure() as failure:
                raise no_response(failure, f"{failure.value}")
            case int(status):
                return Response(status)
            case str(body):
                return Response(200, (), body.encode())


def context(path: Path, clock: StoppedClock | None = None, *, send: Instances | None = None) -> FileContext:
    """A context on this path; every instance of ``send`` is asked for confirmation."""
    instances = send or Instances()
    confirm = [f"http://{name}" for name in instances.answers]
    return FileContext(path, clock=clock or StoppedClock(), send=instances, confirm=confirm)


def switch(path: Path, to: Region) -> ActiveRegion:
    """Switch once."""
    return asyncio.run(context(path).switch(to))


def active(path: Path) -> ActiveRegion | None:
    """What the document says."""
    return asyncio.run(context(path).active())


def test_it_is_a_context_switch(tmp_path: Path) -> None:
    """The adapter is what the port asks for."""
    port: ContextSwitch = context(tmp_path / "context.json")
    assert asyncio.run(port.active()) is None


def test_a_switch_writes_the_next_epoch_and_gives_what_it_read_back(tmp_path: Path) -> None:
    """The epoch rises by one each time, also when the Region stays; nothing is left lying about but the lock."""
    path = tmp_path / "context.json"
    assert switch(path, US1) == ActiveRegion(US1, 1) == active(path)
    assert switch(path, IE1) == ActiveRegion(IE1, 2)
    assert switch(path, IE1) == ActiveRegion(IE1, 3) == active(path)
    assert json.loads(path.read_bytes()) == {"region": "ie1", "epoch": 3, "written_at": "2026-11-21T14:02:11Z"}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".context.json.lock", "context.json"]


def test_readers_of_the_old_document_can_read_the_new_one(tmp_path: Path) -> None:
    """The permissions of the document survive a switch."""
    path = tmp_path / "context.json"
    switch(path, US1)
    path.chmod(0o640)
    switch(path, IE1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_document_of_another_hand_is_read(tmp_path: Path) -> None:
    """Region and epoch are enough, and unknown keys are no mistake."""
    path = tmp_path / "context.json"
    path.write_text('{"epoch": 41, "region": "us1", "by": "an operator"}')
    assert switch(path, IE1) == ActiveRegion(IE1, 42)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"region": "us1"}', '{"region": "mars1", "epoch": 3}', '{"region": "us1", "epoch": 0}']
)
def test_a_broken_document_is_neither_believed_nor_overwritten(tmp_path: Path, content: str) -> None:
    """Nobody knows which epoch the instances hold, so nothing is written and the next step is said."""
    path = tmp_path / "context.json"
    path.write_text(content)
    for attempt in (lambda: active(path), lambda: switch(path, IE1)):
        with pytest.raises(ContextError, match=r"not a context document.*then repeat") as caught:
            attempt()
        assert not isinstance(caught.value, ContextLost)
    assert path.read_text() == content


def test_a_lost_document_does_not_reset_the_epoch(tmp_path: Path) -> None:
    """Instances that hold epoch 2 would ignore a new epoch 1; the lock file remembers."""
    path = tmp_path / "context.json"
    switch(path, US1)
    switch(path, IE1)
    path.unlink()
    assert active(path) is None
    assert switch(path, US1) == ActiveRegion(US1, 3)


@pytest.mark.parametrize("where", ["os.fsync", "os.replace"])
def test_a_crash_before_the_rename_leaves_the_old_document(tmp_path: Path, where: str) -> None:
    """Killed between write and rename, the document is the old one; the next switch works and its epoch is higher."""
    path = tmp_path / "context.json"
    switch(path, US1)
    program = f"""
import asyncio, os, pathlib, signal, sys
from datetime import UTC, datetime
from voicedr.adapters.clock import WallClock
from voicedr.adapters.context import FileContext

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{where} = die
asyncio.run(FileContext(pathlib.Path(sys.argv[1]), clock=WallClock(), send=None).switch("ie1"))
"""
    died = subprocess.run([sys.executable, "-c", program, str(path)], timeout=30, check=False)
    assert died.returncode == -9
    assert active(path) == ActiveRegion(US1, 1)
    after = switch(path, IE1)
    assert after.region == IE1
    assert after.epoch > 1
    assert not (tmp_path / ".context.json.new").exists()


def test_a_disk_that_refuses_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk or a missing directory is a ContextError, and the document stays as it was."""
    path = tmp_path / "context.json"
    switch(path, US1)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        with pytest.raises(ContextError, match="No space left on device; the document is as it was") as caught:
            switch(path, IE1)
        assert not isinstance(caught.value, ContextLost)
    assert active(path) == ActiveRegion(US1, 1)
    with pytest.raises(ContextError, match="No such file or directory"):
        switch(tmp_path / "nowhere" / "context.json", IE1)


def test_what_cannot_be_confirmed_after_the_rename_is_lost_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the rename may have happened, the answer is "look", never "nothing changed"."""
    path = tmp_path / "context.json"
    switch(path, US1)
    replace = os.replace

    def replace_and_break(source: Path, target: Path) -> None:
        replace(source, target)
        target.write_text("{")

    def replace_and_overwrite(source: Path, target: Path) -> None:
        replace(source, target)
        target.write_text('{"region": "au1", "epoch": 77}')

    monkeypatch.setattr(os, "replace", replace_and_break)
    with pytest.raises(ContextLost, match="could not be confirmed"):
        switch(path, IE1)
    path.write_text('{"region": "us1", "epoch": 9}')
    monkeypatch.setattr(os, "replace", replace_and_overwrite)
    with pytest.raises(ContextLost, match=r"says au1 \(epoch 77\): something writes it without the lock"):
        switch(path, IE1)


def test_two_writers_take_turns(tmp_path: Path) -> None:
    """Writers in one process never use an epoch twice."""
    path = tmp_path / "context.json"

    async def race() -> list[ActiveRegion]:
        return await asyncio.gather(*(context(path).switch(region) for region in (US1, IE1) * 5))

    assert sorted(result.epoch for result in asyncio.run(race())) == list(range(1, 11))


def test_writers_in_different_processes_take_turns(tmp_path: Path) -> None:
    """Neither do processes."""
    path = tmp_path / "context.json"
    program = """
import asyncio, pathlib, sys
from voicedr.adapters.clock import WallClock
from voicedr.adapters.context import FileContext

async def main():
    writer = FileContext(pathlib.Path(sys.argv[1]), clock=WallClock(), send=None, lock_wait_s_max=20)
    for _ in range(20):
        print((await writer.switch(sys.argv[2])).epoch)

asyncio.run(main())
"""
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), region], stdout=subprocess.PIPE, text=True)
        for region in ("us1", "ie1")
    ]
    epochs = [int(line) for writer in writers for line in writer.communicate(timeout=30)[0].split()]
    assert sorted(epochs) == list(range(1, 41))


def test_a_writer_that_never_lets_go_is_named_after_a_bounded_wait(tmp_path: Path) -> None:
    """After five seconds the switch gives up, nothing is changed, and the lock's path is in the message."""
    path = tmp_path / "context.json"
    switch(path, US1)
    clock = StoppedClock()
    with (tmp_path / ".context.json.lock").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ContextError, match=r"\.context\.json\.lock for 5 s; nothing was changed"):
            asyncio.run(context(path, clock).switch(IE1))
    assert 5 <= clock.slept_s < 5.2
    assert switch(path, IE1) == ActiveRegion(IE1, 2)


def test_every_instance_that_does_not_say_the_region_gets_a_line() -> None:
    """Another Region, no Region, no answer, a bad answer and an error status are each a line; a yes is none."""
    send = Instances(
        yes='{"region": "ie1", "active_region": "ie1", "epoch": 7, "instance": "standby"}',
        old='{"active_region": "us1", "epoch": 6}',
        new='{"active_region": null}',
        dead=Failure.CONNECT_REFUSED,
        odd="<html>",
        ill=500,
    )
    lines = asyncio.run(context(Path("context.json"), send=send).unconfirmed(IE1))
    for line, says in zip(
        lines,
        [
            "http://old/health: uses us1 (epoch 6), not ie1",
            "http://new/health: uses no Region, not ie1",
            "http://dead/health: no answer (connect-refused)",
            "http://odd/health: does not say which Region it uses",
            "http://ill/health: answered 500",
        ],
        strict=True,
    ):
        assert line.startswith(says)
    assert send.asked[0] == "http://yes/health"


def test_a_confirm_url_with_a_path_is_asked_as_it_is() -> None:
    """Only a bare host means its /health."""
    send = Instances(app='{"active_region": "ie1"}')
    confirm = ["http://app", "http://app/", "http://app/region?full=1"]
    asked = FileContext(Path("context.json"), clock=StoppedClock(), send=send, confirm=confirm)
    assert asyncio.run(asked.unconfirmed(IE1)) == []
    assert send.asked == ["http://app/health", "http://app/health", "http://app/region?full=1"]

"""Fifty instances follow the executor's switch within two seconds, and never back; a dead source takes nobody down."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from etcd_server import etcd_server
from region_instances import EACH, Group, groups
from voicedr.adapters.clock import WallClock
from voicedr.adapters.http.sockets import SocketSend
from voicedr.bootstrap_context import context_switch
from voicedr.ports.context import ActiveRegion as Active
from voicedr.ports.context import ContextSwitch
from voicedr.ports.http import Request, Timeouts
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.runtime.region import SigningKey, sink_of

PROCESSES = 5
FOLLOW_S_MAX = 2.0
TIMEOUTS = Timeouts(connect_s=5.0, total_s=10.0, body_bytes_max=65536)


@contextlib.contextmanager
def etcd_source(_: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A real etcd, and how it dies."""
    with etcd_server() as server:
        yield server.address(), server.kill


@contextlib.contextmanager
def file_source(folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """A file, and how it is lost."""
    path = folder / "context.json"
    yield f"file:{path}", path.unlink


def everybody(of: list[Group], path: str) -> list[str]:
    """The address of each instance."""
    return [f"{url}{path}" for group in of for url in group.urls]


async def asked(send: SocketSend, urls: list[str]) -> list[Any]:
    """What every instance answers now, all at once."""
    answers = await asyncio.gather(*(send(Request("GET", url), TIMEOUTS) for url in urls))
    assert {answer.status for answer in answers} == {200}
    return [json.loads(answer.body) for answer in answers]


async def all_tell(send: SocketSend, pages: list[str], problem: str) -> list[Any]:
    """What every instance says, as soon as all tell this problem."""
    async with asyncio.timeout(5):
        while True:
            said = await asked(send, pages)
            if all(problem in str(one["problem"]) for one in said):
                return said
            await asyncio.sleep(0.05)


async def confirmed_s(context: ContextSwitch, region: Region) -> float:
    """How long after now every instance confirms."""
    began_s = time.monotonic()
    while doubts := await context.unconfirmed(region):
        assert time.monotonic() - began_s < 10.0, doubts
        await asyncio.sleep(0.02)
    return time.monotonic() - began_s


@pytest.mark.slow
@pytest.mark.parametrize("make", [etcd_source, file_source])
def test_fifty_instances(
    make: Callable[[Path], contextlib.AbstractContextManager[tuple[str, Callable[[], None]]]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Switched by the executor's adapter, signed: all follow; an old message moves nobody; the source may die."""
    key = SigningKey.made()
    private, folder = tmp_path / "region.key", tmp_path / "kept"
    folder.mkdir()
    trust = [f"file:{key.write(private)}"]

    async def story(source: str, dies: Callable[[], None], running: list[Group]) -> None:
        pages, work = everybody(running, "/region"), everybody(running, "/work")
        async with SocketSend() as send:
            context = context_switch(source, clock=WallClock(), send=send, confirm=pages, signing_key=f"file:{private}")
            assert await context.switch(US1) == Active(US1, 1)
            await confirmed_s(context, US1)
            backup = sink_of(source).read(latest=True).content
            assert backup is not None
            took_s = []
            assert await context.switch(IE1) == Active(IE1, 2)
            took_s.append(await confirmed_s(context, IE1))
            assert await context.switch(IE1) == Active(IE1, 3)
            took_s.append(await confirmed_s(context, IE1))
            with capsys.disabled():
                rounded = [round(one, 2) for one in took_s]
                sys.stdout.write(f"\n{source.partition(':')[0]}: 50 instances follow after {rounded} s\n")
            assert max(took_s) < FOLLOW_S_MAX
            assert await asked(send, work) == [["ie1", 3, True]] * 50

            # An old message, signed and all: somebody restores a backup.
            sink = sink_of(source)
            assert sink.write(backup, sink.read(latest=True))
            said = await all_tell(send, pages, "epoch 1 (us1) is older than ours")
            assert {(one["active_region"], one["epoch"]) for one in said} == {("ie1", 3)}
            # A newer one of another hand, unsigned.
            assert sink.write(b'{"region": "us1", "epoch": 99}', sink.read(latest=True))
            await all_tell(send, pages, "is not signed")
            assert await asked(send, work) == [["ie1", 3, True]] * 50
            # The next switch is above what the instances hold, whatever the restored place says.
            assert sink.write(backup, sink.read(latest=True))
            last = (await context.switch(US1)).epoch
            assert last > 3
            assert await confirmed_s(context, US1) < FOLLOW_S_MAX

            dies()
            await all_tell(send, pages, f"us1 (epoch {last}) holds until there is a newer one")
            assert await asked(send, work) == [["us1", last, True]] * 50

            # Ten of them are started anew, with nothing to ask.
            running[0].kill()
            running[0] = Group(source, folder, 0, EACH, trust)
            await asyncio.to_thread(running[0].ready)
            assert await asked(send, everybody(running[:1], "/work")) == [["us1", last, True]] * EACH
            told = await asked(send, everybody(running[:1], "/region"))
            assert {(one["age_s"], one["problem"] is None) for one in told} == {(None, False)}

    with make(tmp_path) as (source, dies), groups(source, folder, PROCESSES, trust) as running:
        try:
            asyncio.run(story(source, dies, running))
        finally:
            running[0].kill()

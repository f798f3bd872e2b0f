"""The executor's context by its reference: which adapter it is, and what it says when something is wrong."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from region_places import Shelf, shelf_server
from voicedr.adapters.clock import WallClock
from voicedr.adapters.context import FileContext
from voicedr.bootstrap import access
from voicedr.bootstrap_context import PlaceContext, context_switch
from voicedr.ports.context import ActiveRegion, ContextError, ContextLost, ContextSwitch
from voicedr.ports.http import Request, Response, Timeouts
from voicedr.program.scope.read import read_workbook
from voicedr.program.vocabulary import IE1, US1
from voicedr.runtime.region import SigningKey, Trust, sink_of
from voicedr.runtime.sample_customer import CustomerUrls, example_workbook

T = TypeVar("T")


@pytest.fixture
def shelf() -> Iterator[Shelf]:
    """A web server."""
    with shelf_server() as server:
        yield server


class Instances:
    """Instances that say a Region and an epoch, by host."""

    def __init__(self, **said: tuple[str, int | None]) -> None:
        self.said = said

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Answer."""
        region, epoch = self.said[request.url.split("//")[1].split("/")[0]]
        if region == "slow":
            await asyncio.sleep(30)
        return Response(200, (), json.dumps({"active_region": region, "epoch": epoch}).encode())


def made(reference: str, instances: Instances | None = None, key: str | None = None) -> ContextSwitch:
    """The adapter."""
    said = instances or Instances()
    confirm = [f"http://{name}/region" for name in said.said]
    return context_switch(reference, clock=WallClock(), send=said, confirm=confirm, signing_key=key)


def run(work: Callable[[], Awaitable[T]]) -> T:
    """In a loop of its own."""

    async def main() -> T:
        return await work()

    return asyncio.run(main())


def test_an_unsigned_file_is_written_as_before(tmp_path: Path) -> None:
    """Any other address, and a file that is signed, goes through the places of the kit."""
    assert isinstance(made(f"file:{tmp_path}/x"), FileContext)
    assert isinstance(made(f"{tmp_path}/x"), FileContext)
    for reference in ("http://a/x", "etcd:http://a/x", "consul:http://a/x", "postgresql://a/x", "env:NAME"):
        assert isinstance(made(reference), PlaceContext)
    assert isinstance(made(f"file:{tmp_path}/x", key="env:KEY"), PlaceContext)


def test_a_signed_file_goes_on_where_the_unsigned_one_was(tmp_path: Path) -> None:
    """The same document, the same lock, the next epoch; and back again."""
    path, key = tmp_path / "context.json", SigningKey.made()
    key.write(tmp_path / "key")
    assert run(lambda: made(f"file:{path}").switch(US1)) == ActiveRegion(US1, 1)
    signed = made(f"file:{path}", key=f"file:{tmp_path}/key")
    with pytest.raises(ContextError, match="is not signed"):
        run(signed.active)
    assert run(lambda: signed.switch(IE1)) == ActiveRegion(IE1, 2) == run(signed.active)
    assert Trust([key.public]).read(path.read_bytes()).region == "ie1"
    assert run(lambda: made(f"file:{path}").switch(US1)) == ActiveRegion(US1, 3)


def test_the_epoch_is_above_what_instances_hold(shelf: Shelf) -> None:
    """Also of those that are silent nobody waits; a reply that is too old confirms nothing."""
    instances = Instances(one=("us1", 41), two=("us1", None), three=("slow", 1))
    context = made(f"{shelf.url}/x", instances)
    assert run(lambda: context.switch(IE1)) == ActiveRegion(IE1, 42)
    instances.said = {"one": ("ie1", 42), "two": ("ie1", None), "three": ("ie1", 7)}
    assert run(lambda: context.unconfirmed(IE1)) == ["http://three/region: uses ie1 (epoch 7), not ie1 (epoch 42)"]


def test_an_address_with_a_password_is_never_told(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither when it works nor when it does not."""
    monkeypatch.setenv("PLACE", shelf.url.replace("//", "//me:s3cret@") + "/x")
    assert run(lambda: made("env:PLACE").switch(IE1)) == ActiveRegion(IE1, 1)
    assert any(headers.get("Authorization", "").startswith("Basic ") for _, _, headers in shelf.asked)
    shelf.mode = "403"
    for act in (lambda: made("env:PLACE").active(), lambda: made("env:PLACE").switch(US1)):
        with pytest.raises(ContextError) as caught:
            run(act)  # type: ignore[arg-type]
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("mode", "kind", "why"),
    [
        ("ignores-conditions", ContextError, "exactly one must"),
        ("403", ContextError, "answered 403"),
        ("weak", ContextError, "weak ETag"),
        ("hangs", ContextError, "timed out"),
        ("huge", ContextError, "longer than"),
    ],
)
def test_a_place_that_is_no_good_changes_nothing(shelf: Shelf, mode: str, kind: type[Exception], why: str) -> None:
    """It is told, and the document is as it was."""
    context = made(f"{shelf.url}/{mode}")
    shelf.mode = mode
    with pytest.raises(kind, match=why) as caught:
        run(lambda: context.switch(IE1))
    assert not isinstance(caught.value, ContextLost)
    assert f"/{mode}" not in shelf.kept


def test_a_lost_answer_is_a_lost_answer(shelf: Shelf) -> None:
    """500 with effect: done. 500 without: nobody knows."""
    context = made(f"{shelf.url}/x")
    assert run(lambda: context.switch(US1)) == ActiveRegion(US1, 1)
    shelf.modes["/x"] = "500-after"
    assert run(lambda: context.switch(IE1)) == ActiveRegion(IE1, 2)
    shelf.modes["/x"] = "500-before"
    with pytest.raises(ContextLost, match="may still arrive"):
        run(lambda: context.switch(US1))


@pytest.mark.parametrize(
    ("reference", "key", "why"),
    [
        ("env:NO_SUCH_PLACE", None, "the environment has no NO_SUCH_PLACE"),
        ("http://127.0.0.1:1/x", "env:NO_SUCH_KEY", "NO_SUCH_KEY"),
        ("environment:ACTIVE", None, "cannot be written"),
        ("etcd:nonsense", None, "an address of etcd is"),
        ("http://127.0.0.1:1/x", None, "no connection"),
    ],
)
def test_wrong_settings_are_told_when_they_are_used(reference: str, key: str | None, why: str) -> None:
    """A workbook can be read on a machine that has none of its secrets."""
    context = made(reference, key=key)
    with pytest.raises(ContextError, match=why):
        run(lambda: context.switch(IE1))


def test_a_place_that_has_no_end_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that never resolves holds the executor for so long and no longer."""
    import time

    monkeypatch.setattr("voicedr.bootstrap_context.SWITCH_S_MAX", 0.2)
    monkeypatch.setattr("voicedr.bootstrap_context.LOOK_S_MAX", 0.2)
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(20))
    began_s = time.monotonic()
    with pytest.raises(ContextLost, match="no end after"):
        run(lambda: made("http://hangs.example/x").switch(IE1))
    with pytest.raises(ContextError, match="no end after"):
        run(lambda: made("http://hangs.example/x").active())
    assert time.monotonic() - began_s < 3.0


def test_a_document_that_is_not_there_is_none(shelf: Shelf) -> None:
    """And one that was written by hand is read."""
    context = made(f"{shelf.url}/x")
    assert run(context.active) is None
    sink = sink_of(f"{shelf.url}/x")
    sink.write(b'{"region": "au1", "epoch": 3}', sink.read(latest=True))
    found = run(context.active)
    assert found is not None
    assert (found.region, found.epoch) == ("au1", 3)


def test_a_workbooks_application_is_switched_where_and_as_it_says(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the workbook to the signed document, and what readiness reads is what was written."""
    key = SigningKey.made()
    key.write(tmp_path / "key")
    monkeypatch.setenv("CONTEXT", f"{shelf.url}/x")
    urls = CustomerUrls("http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:3")
    text = example_workbook("AC" + "0" * 32, urls=urls, context_path=tmp_path / "context.json")
    old = f'context: "file:{tmp_path}/context.json"'
    assert text.count(old) == 1
    text = text.replace(old, f"context: env:CONTEXT\n      signing_key: file:{tmp_path}/key")
    for name in re.findall(r"env:(\w+)", text):
        if name != "CONTEXT":
            monkeypatch.setenv(name, "SK" + "0" * 32)
    workbook = read_workbook(text, str(tmp_path / "workbook.yaml"))

    async def main() -> None:
        async with access(workbook) as has:
            context = has.context("env:CONTEXT", ())
            assert context is not None
            assert await context.switch(IE1) == ActiveRegion(IE1, 1)
            assert has.outside.context is not None
            assert await has.outside.context("env:CONTEXT") == ActiveRegion(IE1, 1)

    asyncio.run(main())
    assert Trust([key.public]).read(shelf.kept["/x"][0]).region == "ie1"

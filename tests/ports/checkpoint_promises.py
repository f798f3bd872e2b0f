"""What every place for checkpoints promises. Subclass ``CheckpointPromises`` and say how to reach a new, empty one."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import msgspec
import pytest

from voicedr.ports.checkpoints import CheckpointPlace, Contradicted, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def checkpoint(size: int, head: str = "a", execution: str = "run-1") -> Checkpoint:
    """A checkpoint of this size; ``head`` is one digit."""
    return Checkpoint(execution, size, head * 64, NOON + timedelta(seconds=size), "5f" * 64)


def in_a_loop(test: Callable[[Any], Coroutine[Any, Any, None]]) -> Callable[[Any], None]:
    """The test in an event loop of its own, for a minute at most."""

    @wraps(test)
    def run(self: Any) -> None:
        asyncio.run(asyncio.wait_for(test(self), 60))

    return run


class CheckpointPromises(ABC):
    """The promises."""

    @abstractmethod
    def reached(self) -> AbstractAsyncContextManager[CheckpointPlace]:
        """The place, the same one each time within a test."""

    @in_a_loop
    async def test_nothing_left_is_nothing_there(self) -> None:
        """A place where nothing was left is empty, and not an error."""
        async with self.reached() as place:
            assert list(await place.read("run-1")) == []

    @in_a_loop
    async def test_what_was_left_is_read_whole(self) -> None:
        """Every field comes back, in order of size, and of the execution that is asked for."""
        left = [checkpoint(7, "b"), checkpoint(3), checkpoint(12, "c")]
        async with self.reached() as place:
            for one in [*left, checkpoint(5, "d", "run-2")]:
                await place.leave(one)
        async with self.reached() as place:
            assert list(await place.read("run-1")) == [left[1], left[0], left[2]]
            assert list(await place.read("run-2")) == [checkpoint(5, "d", "run-2")]

    @in_a_loop
    async def test_leaving_it_twice_is_leaving_it_once(self) -> None:
        """An answer that was lost may be followed by the same again; the first one stands."""
        again = msgspec.structs.replace(checkpoint(3), at=NOON + timedelta(hours=1), signature="00")
        async with self.reached() as place:
            await place.leave(checkpoint(3))
            await place.leave(again)
            assert list(await place.read("run-1")) == [checkpoint(3)]

    @in_a_loop
    async def test_another_head_is_a_finding(self) -> None:
        """A journal that was rewritten does not get past the place, and the place stays as it was."""
        async with self.reached() as place:
            await place.leave(checkpoint(3))
            with pytest.raises(Contradicted, match="another head for record 3 of run-1"):
                await place.leave(checkpoint(3, "f"))
            assert list(await place.read("run-1")) == [checkpoint(3)]

    @in_a_loop
    async def test_two_writers_at_once(self) -> None:
        """Both writers' checkpoints are kept, whoever comes first."""
        async with self.reached() as one, self.reached() as other:
            await asyncio.gather(
                *(one.leave(checkpoint(size)) for size in range(1, 5)),
                *(other.leave(checkpoint(size)) for size in range(3, 8)),
            )
            assert list(await one.read("run-1")) == [checkpoint(size) for size in range(1, 8)]

    @in_a_loop
    async def test_an_id_that_leads_elsewhere(self) -> None:
        """An execution's id is never a way out of the place."""
        async with self.reached() as place:
            with pytest.raises(PlaceUnusable, match="no id of an execution"):
                await place.leave(checkpoint(1, execution="../../etc/passwd"))

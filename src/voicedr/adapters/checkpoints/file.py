"""Checkpoints in a file, one a line: on a share, a mounted disk, a stick."""

from __future__ import annotations

import asyncio
import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from voicedr.adapters.checkpoints.line import PLACE_BYTES_MAX, in_order, is_there, path_of, read_lines, write_line
from voicedr.ports.checkpoints import PlaceAway, PlaceUnusable
from voicedr.program.evidence.file import Checkpoint

_T = TypeVar("_T")

SLOW_S = 20.0
"""A network file system that is gone hangs; so long is waited."""


class FilePlace:
    """A file, made when the first checkpoint is left. Several processes may write to it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._path)

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Append it. See the port."""
        path_of(checkpoint.execution, checkpoint.size)
        await self._patiently(self._append, checkpoint)

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """What stands there. See the port."""
        return in_order(await self._patiently(self._all), execution)

    async def _patiently(self, step: Callable[..., _T], *given: object) -> _T:
        """Do it in a thread that nobody waits for: one that hangs must not keep the process from ending either."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[_T] = loop.create_future()

        def settle(answer: Callable[[], None]) -> None:
            if not done.done():
                answer()

        def work() -> None:
            try:
                result = step(*given)
            except Exception as exc:  # it is raised where it is waited for
                answer = partial(done.set_exception, exc)
            else:
                answer = partial(done.set_result, result)
            with suppress(RuntimeError):  # the loop is closed, so nobody waits any more
                loop.call_soon_threadsafe(settle, answer)

        threading.Thread(target=work, name=f"checkpoints {self._path}", daemon=True).start()
        try:
            async with asyncio.timeout(SLOW_S):
                return await done
        except TimeoutError as exc:
            raise PlaceAway(f"{self._path} did not answer within {SLOW_S:.0f} s. It is tried again.") from exc

    def _append(self, checkpoint: Checkpoint) -> None:
        try:
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                body = file.read(PLACE_BYTES_MAX)
                if is_there(checkpoint, read_lines(body, self.name), self.name):
                    return
                # A line that a crash cut short is ended first, so that it does not spoil this one.
                file.write((b"\n" if body and not body.endswith(b"\n") else b"") + write_line(checkpoint))
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            raise PlaceAway(f"the checkpoint cannot be added to {self._path} ({exc.strerror}).") from exc

    def _all(self) -> list[Checkpoint]:
        try:
            with self._path.open("rb") as file:
                return read_lines(file.read(PLACE_BYTES_MAX), self.name)
        except FileNotFoundError:
            return []
        except IsADirectoryError as exc:
            raise PlaceUnusable(f"{self._path} is a directory. Name a file in it.") from exc
        except OSError as exc:
            raise PlaceAway(f"{self._path} cannot be read ({exc.strerror}).") from exc
